"""通报 for programs: how many cases each office of the region has been late with for long, small numbers withheld."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from bot.web.api.shapes import LongLate, Problem
from bot.web.door import app_of, bearer, now
from bot.web.errors import Refused
from intake import tokens
from routing.authorities import default_authority
from routing.reported import published_of
from routing.rules import legal_day

router = APIRouter(prefix="/api/v1", tags=["oversight"])


@router.get(
    "/reported",
    response_model=LongLate,
    responses={401: {"model": Problem, "description": "No API token, or one that was withdrawn."}},
)
def reported(request: Request) -> JSONResponse:
    """Counts by office, of the region that runs this service; needs an API token. `null` is a number that is withheld."""
    app, moment = app_of(request), now()
    token = bearer(request)
    with app.database.reading() as session:
        if token is None or tokens.client_of(session, token, vault=app.vault, now=moment) is None:
            raise Refused(401, "api_token", headers={"WWW-Authenticate": "Bearer"})
        today, office = legal_day(moment), default_authority(app.settings.home).code
        found = published_of(session, office, rules=app.rules, today=today, small=app.settings.small_cell)
    offices = [{"office": name, "cases": count} for name, count in found.offices]
    return JSONResponse({"on": today.isoformat(), "offices": offices, "total": found.total})
