"""The case behind a number in an address: that somebody opens it is written down and committed before it is shown."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from bot.web import door
from bot.web.desk.labels import label
from bot.web.desk.ledger import case_id
from bot.web.desk.seat import SeatHere
from bot.web.errors import Refused
from intake import looking
from intake.errors import NotAllowed, NotFound


def opened(request: Request, number: str, here: SeatHere) -> int:
    """The row of the case; 404 where there is none for this viewer. What cannot be recorded is not shown."""
    now = door.now()

    def job(session: Session) -> int:
        found = case_id(session, number, viewer=here.staff)
        looking.record(session, found, viewer=here.staff, now=now)
        return found

    try:
        return door.app_of(request).database.write(job)
    except (NotFound, NotAllowed) as absent:
        raise absent_case() from absent


def absent_case() -> Refused:
    """The same answer for a case that is not there and for one that is not this viewer's to see."""
    return Refused(404, "not_found", label("refused", "not_found"))


OpenedCase = Annotated[int, Depends(opened)]
