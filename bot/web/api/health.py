"""Is it alive, can it serve, what did it do: for whoever runs it, outside of /api."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from sqlalchemy import func, select

from bot.web.door import app_of
from bot.web.errors import Refused
from intake.models import Case, Notice

router = APIRouter(tags=["operation"])


@router.get("/healthz")
def healthz() -> JSONResponse:
    """The process answers."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
def readyz(request: Request) -> JSONResponse:
    """The ledger answers as well; otherwise 503 through the usual error."""
    with app_of(request).database.reading() as session:
        session.execute(select(1))
    return JSONResponse({"status": "ready"})


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(request: Request) -> PlainTextResponse:
    """Counts and durations by route, open cases, waiting notices; not given through a proxy, so not to the public."""
    if "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        raise Refused(404, "not_found")
    with app_of(request).database.reading() as session:
        open_cases = session.scalar(select(func.count()).select_from(Case).where(Case.closed_at.is_(None))) or 0
        waiting = session.scalar(select(func.count()).select_from(Notice).where(Notice.state == "waiting")) or 0
    gauges = {
        "jianting_open_cases": ("Cases that are not closed.", open_cases),
        "jianting_waiting_notices": ("Notices that wait for the courier.", waiting),
    }
    return PlainTextResponse(request.app.state.metrics.text(gauges), media_type="text/plain; version=0.0.4")
