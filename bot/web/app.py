"""The web service: API, pages, desk and Telegram's webhook behind one guard."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from bot.app import App
from bot.channels import telegram
from bot.web import api, errors, pages
from bot.web.api import health
from bot.web.desk import router as desk
from bot.web.guard import Guard
from bot.web.metrics import Metrics
from bot.web.templating import STATIC

TITLE = "兼听 Jianting"


def create_app(app: App) -> FastAPI:
    """The ASGI application over `app`; starts and stops nothing of its own, opens no outside address."""
    web = FastAPI(
        title=TITLE,
        version="1",
        summary="Conversational intake for the supervision of the health-insurance fund",
        docs_url=None,  # its page would load from a foreign address
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        separate_input_output_schemas=False,
    )
    web.state.jianting = app
    web.state.metrics = Metrics()
    errors.install(web)
    web.include_router(api.router)
    web.include_router(health.router)
    web.include_router(pages.router)
    web.include_router(desk.router)
    web.include_router(telegram.router, include_in_schema=False)
    web.mount("/static", StaticFiles(directory=Path(STATIC)), name="static")
    web.add_middleware(
        Guard,
        metrics=web.state.metrics,
        file_mb=app.settings.max_file_mb,
        https=app.settings.secure_cookies,
    )
    return web
