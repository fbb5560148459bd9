"""The bell: what the desk has to tell a member of staff, newest first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.web import door
from bot.web.desk.ledger import case_numbers
from bot.web.desk.seat import PATH, SeatHere, must_be_fresh
from bot.web.templating import page
from intake import queries

NEWEST = 200
NUMBER = re.compile(r"(\d{6}-\d{4}-\d{6}-\d)")
ADDRESS = re.compile(r"\n?https?://\S*/desk/cases/\S+")

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Told:
    """One notice; `number` is empty where it concerns no case that may be opened."""

    at: datetime
    parts: tuple[tuple[str, bool], ...]
    """The text in order; true where a part is the number of a case."""
    number: str
    seen: bool


def _parts(body: str) -> tuple[tuple[str, bool], ...]:
    """A body in which numbers are links; the addresses that other channels need are left out."""
    return tuple((part, bool(NUMBER.fullmatch(part))) for part in NUMBER.split(ADDRESS.sub("", body)) if part)


@router.get(f"{PATH}/notices")
def show(request: Request, here: SeatHere) -> HTMLResponse:
    """The newest notices; being shown does not yet make them seen."""
    with door.app_of(request).database.reading() as session:
        found = queries.notices_for(session, viewer=here.staff, limit=NEWEST)
        numbers = case_numbers(session, [one.case_id for one in found], viewer=here.staff)
    notices = [
        Told(one.created_at, _parts(one.body), numbers.get(one.case_id or 0, ""), one.seen_at is not None)
        for one in found
    ]
    return page("desk/notices.html", seat=here, tab="notices", notices=notices)


@router.post(f"{PATH}/notices/seen")
def seen(request: Request, here: SeatHere, csrf: Annotated[str, Form()] = "") -> Response:
    """Mark what was shown as seen."""
    must_be_fresh(here, csrf)
    with door.app_of(request).database.transaction() as session:
        unread = queries.notices_for(session, viewer=here.staff, unseen=True, limit=NEWEST)
        queries.mark_seen(session, [one.id for one in unread], viewer=here.staff, now=door.now())
    return RedirectResponse(f"{PATH}/notices", 303)
