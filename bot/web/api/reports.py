"""Machine intake: a hotline platform files what was told to it; the same key again gives the same receipt."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from bot import wire, workorder
from bot.web.api.shapes import Held, Problem
from bot.web.door import app_of, bearer, now
from bot.web.errors import Refused
from bot.web.words import say
from bot.workorder import WorkOrder, as_report, received
from intake import handing, tokens
from routing import desk
from routing.desk import Steps, Wish

KEY_MAX = 120

router = APIRouter(prefix="/api/v1", tags=["reports"])


@router.post(
    "/reports",
    status_code=201,
    response_model=Held,
    responses={
        401: {"model": Problem, "description": "No API token, or one that was withdrawn."},
        409: {
            "model": Problem,
            "description": "The Idempotency-Key was used for another report, or the source_number was filed before.",
        },
    },
)
def file_report(
    request: Request,
    told: WorkOrder,
    key: Annotated[str | None, Header(alias="Idempotency-Key", description="Unique for each report.")] = None,
) -> Response:
    """File a report that a person made elsewhere; needs an API token and an Idempotency-Key."""
    app, moment = app_of(request), now()
    token = bearer(request)
    if token is None:
        raise Refused(401, "api_token", headers={"WWW-Authenticate": "Bearer"})
    if not key or len(key) > KEY_MAX:
        raise Refused(422, "idempotency_missing", fields={"Idempotency-Key": say("field", "missing")})
    asked = told.model_dump_json().encode()
    # What the ear hears takes time and no lock; it is heard before the ledger is held.
    with app.database.reading() as session:
        client = tokens.client_of(session, token, vault=app.vault, now=moment)
        if client is None:
            raise Refused(401, "api_token", headers={"WWW-Authenticate": "Bearer"})
        given = tokens.recall(session, client, key, asked, vault=app.vault)
    if given is None:
        heard = app.ear.parse(told.text, now=received(told, moment), home=app.settings.home)
        account = f"{client.name} {told.source_number or key}"
        report = as_report(told, heard, account=account, vault=app.vault, home=app.settings.home, now=moment)
        drafted = desk.draft(report, vault=app.vault, home=app.settings.home)

        def write(session: Session) -> Steps[bytes]:
            _must_be_new(session, client.name, told.source_number)
            (filed,) = yield Wish([drafted], moment)
            receipt = desk.receipt_of(session, filed)
            given = json.dumps(wire.receipt(receipt), ensure_ascii=False).encode()
            if told.source_number:
                content = handing.content_hash(app.vault, workorder.content(told))
                known = {told.source_number: (content, receipt.case_number)}
                handing.remember(session, client.name, known, moment)
            tokens.remember(session, client, key, asked, given, vault=app.vault, now=moment)
            return given

        given = app.counter.file(write)
    return Response(given, 201, media_type="application/json")


def _must_be_new(session: Session, source: str, number: str | None) -> None:
    """Refuse a number that this client handed over before, by this interface or in a table; the sentence names ours."""
    if number and (known := handing.known(session, source, [number])):
        sentence = say("refused", "already_filed", number=known[number].case_number)
        raise Refused(409, "already_filed", sentence, fields={"source_number": sentence})
