"""The web service: every route behind one guard."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from bot.app import App
from bot.web import errors
from bot.web.guard import Guard
from bot.web.metrics import Metrics
from bot.web.routes import described, mount
from bot.web.templating import STATIC


def create_app(app: App) -> FastAPI:
    """The ASGI application over `app`; starts and stops nothing of its own, opens no outside address."""
    web = FastAPI(**described())
    web.state.jianting = app
    web.state.metrics = Metrics()
    errors.install(web)
    mount(web)
    web.mount("/static", StaticFiles(directory=STATIC), name="static")
    settings = app.settings
    web.add_middleware(Guard, metrics=web.state.metrics, file_mb=settings.max_file_mb, https=settings.secure_cookies)
    return web
