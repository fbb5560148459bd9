"""Who opened which case: written down before the case is shown, one row a person, case and hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake import access, viewing
from intake.db import insert
from intake.errors import NotAllowed
from intake.models import Case, Staff, Viewing


@dataclass(frozen=True, slots=True)
class Looked:
    """One line of the auditor's list."""

    name: str
    role: str
    authority: str
    case: str
    hour: datetime
    times: int


def record(session: Session, case_id: int, *, viewer: Staff, now: datetime) -> None:
    """Write down that the viewer opens the case; NotFound or NotAllowed where he may not, and then nothing is written.

    The caller commits this before it shows anything: what cannot be recorded is not shown.
    """
    viewing.case_for(session, case_id, viewer=viewer)
    note(session, case_id, staff_id=viewer.id, now=now)


def note(session: Session, case_id: int, *, staff_id: int, now: datetime) -> None:
    """The same for somebody who was found to be allowed by other means, such as the office that sent a paper out."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    row = insert(session, Viewing).values(staff_id=staff_id, case_id=case_id, hour=hour, times=1)
    again = row.on_conflict_do_update(index_elements=["staff_id", "case_id", "hour"], set_={"times": Viewing.times + 1})
    session.execute(again)


def looked(session: Session, *, viewer: Staff, number: str = "", limit: int = 50, offset: int = 0) -> Sequence[Looked]:
    """The newest openings that the auditor may see, of one case where its number is given; NotAllowed for others."""
    if not viewer.active or not access.ever(viewer.role, "viewing", "row"):
        raise NotAllowed
    query = select(Viewing, Staff, Case).join(Staff, Staff.id == Viewing.staff_id)
    query = query.join(Case, Case.id == Viewing.case_id).where(viewing.visible_to(viewer))
    if number:
        query = query.where(Case.number == number)
    query = query.order_by(Viewing.hour.desc(), Viewing.case_id, Viewing.staff_id).limit(limit).offset(offset)
    return [
        Looked(staff.name, staff.role, staff.authority, case.number, row.hour, row.times)
        for row, staff, case in session.execute(query)
        if viewing.listed(case, viewer=viewer).sees("viewing", "row")
    ]
