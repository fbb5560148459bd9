"""Every route in one place: API, operation, pages, desk, Telegram's webhook."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from bot.channels import telegram
from bot.web import api, pages
from bot.web.api import health
from bot.web.desk import router as desk


def described() -> dict[str, Any]:
    """How the service presents itself; FastAPI's own page of documentation would load from a foreign address."""
    return {
        "title": "兼听 Jianting",
        "version": "1",
        "summary": "Conversational intake for the supervision of the health-insurance fund",
        "docs_url": None,
        "redoc_url": None,
        "openapi_url": "/api/v1/openapi.json",
    }


def mount(web: FastAPI) -> None:
    """Add every route to `web`."""
    web.include_router(api.router)
    web.include_router(health.router)
    web.include_router(pages.router)
    web.include_router(desk.router)
    web.include_router(telegram.router, include_in_schema=False)
