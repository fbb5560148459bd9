"""The ear over HTTP: one text in, its meaning out; nothing is stored."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from bot import wire
from bot.web.api.shapes import Hear, Heard
from bot.web.door import app_of
from bot.web.door import now as wall_clock
from bot.web.errors import Refused
from bot.web.words import say
from bot.workorder import YEARS

router = APIRouter(prefix="/api/v1", tags=["ear"])


@router.post("/understand", response_model=Heard)
def understand(request: Request, hear: Hear) -> JSONResponse:
    """Side, intents, categories with the words that spoke for them, entities with spans and normal forms."""
    if hear.now is not None and hear.now.tzinfo is None:
        raise Refused(422, "invalid", fields={"now": say("field", "timezone_aware")})
    if hear.now is not None and hear.now.year not in YEARS:
        raise Refused(422, "invalid", fields={"now": say("field", "other")})
    app = app_of(request)
    home = hear.home or app.settings.home
    heard = app.ear.parse(hear.text, now=hear.now or wall_clock(), asked=hear.asked, home=home)
    return JSONResponse(wire.understood(heard))
