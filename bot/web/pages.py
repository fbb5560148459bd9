"""The pages of the public: chat, receipt, privacy; everything personal in them comes later, over the API."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from bot.web.door import app_of
from bot.web.templating import page

router = APIRouter(include_in_schema=False)


@router.get("/")
def chat(request: Request) -> HTMLResponse:
    """The conversation."""
    return page("chat.html", file_mb=app_of(request).settings.max_file_mb)


@router.get("/receipt")
def receipt(request: Request) -> HTMLResponse:
    """How a report stands, by its query code, which is typed into the page and never part of an address."""
    return page("receipt.html", file_mb=app_of(request).settings.max_file_mb)


@router.get("/privacy")
def privacy() -> HTMLResponse:
    """What happens with what people tell."""
    return page("privacy.html")
