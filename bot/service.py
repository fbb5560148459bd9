"""The service as one process: web, clock and Telegram on one event loop, the core in threads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from rich.console import Console

from bot import talk
from bot.app import App
from bot.channels import telegram
from bot.clock import ticking
from bot.web.app import create_app

GRACE_SECONDS = 10

screen = Console(stderr=True)


def run(app: App, host: str, port: int) -> None:
    """Serve until told to stop; prints the pages to open."""
    server = uvicorn.Server(configured(assembled(app), host, port))
    screen.print(f"兼听  http://{host}:{port}/  ·  http://{host}:{port}/desk", highlight=False)
    try:
        asyncio.run(server.serve())
    finally:
        app.close()


def configured(web: FastAPI, host: str, port: int) -> uvicorn.Config:
    """How the server runs: it tells nothing about itself and keeps nothing about callers."""
    return uvicorn.Config(
        web,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,  # addresses of callers are nobody's business
        server_header=False,
        proxy_headers=False,  # bot.web.door reads X-Forwarded-For itself, and only where the setting says so
        forwarded_allow_ips=[],
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def assembled(app: App) -> FastAPI:
    """The web application that also keeps the clock and listens to Telegram while it lives."""
    web = create_app(app)

    @asynccontextmanager
    async def alive(_web: FastAPI) -> AsyncIterator[None]:
        # The clock stops before the channel through which its courier speaks.
        async with telegram.listening(app, talk) as channel:
            web.state.telegram = channel
            async with ticking(app, talk, channel):
                yield

    web.router.lifespan_context = alive
    return web
