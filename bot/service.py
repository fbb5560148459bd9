"""The service as one process: web, clock and Telegram on one event loop, the core in threads."""

from __future__ import annotations

import asyncio

import uvicorn
from rich.console import Console

from bot.app import App
from bot.web.app import create_app

screen = Console(stderr=True)


def run(app: App, host: str, port: int) -> None:
    """Serve until told to stop; prints the page to open."""
    web = create_app(app)
    web.router.lifespan_context = lambda _web: _alive(app, web)
    config = uvicorn.Config(
        web, host=host, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=10
    )
    screen.print(f"兼听 → http://{host}:{port}/    desk → http://{host}:{port}/desk", highlight=False)
    try:
        asyncio.run(uvicorn.Server(config).serve())
    finally:
        app.close()
