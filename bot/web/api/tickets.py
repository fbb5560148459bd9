"""What a hotline asks of its own work orders: how the ticket stands, and by when it is due; nothing of the case."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from sqlalchemy import select

from bot.web.api.shapes import Problem
from bot.web.door import app_of, bearer, now
from bot.web.errors import Refused
from bot.workorder import Strict
from intake import handing, tickets, tokens
from intake.models import STANDING, Clock, FiledReport
from routing.lights import light
from routing.lives import life
from routing.rules import legal_day

router = APIRouter(prefix="/api/v1/tickets", tags=["tickets"])


class AskTicket(Strict):
    """The number that the caller's own platform gave the work order."""

    source_number: Annotated[str, Field(min_length=1, max_length=80)]


class TicketShape(BaseModel):
    """A ticket: `due_on` and `light` are of the hotline's limit, null once it has ended; the statute's is not told."""

    source_number: str
    case_number: str
    state: str
    state_name: str
    result: str | None
    result_name: str | None
    reopened: int
    due_on: date | None
    light: str | None


@router.post(
    "/status",
    response_model=TicketShape,
    responses={
        401: {"model": Problem, "description": "No API token, or one that was withdrawn."},
        404: {"model": Problem, "description": "This client handed over no such work order (`ticket_unknown`)."},
    },
)
def status(request: Request, asked: AskTicket) -> TicketShape:
    """How the work order that this client handed over stands; needs an API token."""
    app, moment, token = app_of(request), now(), bearer(request)
    if token is None:
        raise Refused(401, "api_token", headers={"WWW-Authenticate": "Bearer"})
    with app.database.reading() as session:
        client = tokens.client_of(session, token, vault=app.vault, now=moment)
        if client is None:
            raise Refused(401, "api_token", headers={"WWW-Authenticate": "Bearer"})
        known = handing.known(session, client.name, [asked.source_number]).get(asked.source_number)
        number = known.case_number if known else ""
        report = session.scalar(select(FiledReport).where(FiledReport.number == number))
        ticket = tickets.of_report(session, report.id) if report else None
        if ticket is None:
            raise Refused(404, "ticket_unknown")
        table = life("ticket")
        clock = session.get(Clock, ticket.clock_id) if ticket.clock_id is not None else None
        runs = clock if clock is not None and clock.state in STANDING else None
        return TicketShape(
            source_number=asked.source_number,
            case_number=number,
            state=ticket.state,
            state_name=table.state_name(ticket.state),
            result=ticket.result,
            result_name=table.table["results"][ticket.result] if ticket.result else None,
            reopened=ticket.reopened,
            due_on=runs.due_on if runs else None,
            light=light(runs.starts_on, runs.due_on, legal_day(moment), app.rules.calendar).colour if runs else None,
        )
