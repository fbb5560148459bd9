"""Offers of cases between authorities and assignments from above, as the ledger holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from intake import remarks, viewing
from intake.access import Lens
from intake.errors import NotAllowed, NotFound
from intake.models import Assignment, Case, Clock, Event, EvidenceUse, FiledReport, Handover, Letter, Remark, Staff
from intake.viewing import ACTING

OPEN = ("offered", "disputed")


@dataclass(frozen=True, slots=True)
class Papers:
    """What goes with a case when it is handed over, counted: nothing of it is shown before."""

    reports: int
    files: int
    letters: int
    clocks: int
    reasons: int


@dataclass(frozen=True, slots=True)
class Offered:
    """A handover as one of its authorities sees it: what decides competence, the reasons, and the list of papers."""

    row: Handover
    number: str
    side: str
    authority: str
    institution: str
    organ: str
    place: str | None
    codes: tuple[str, ...]
    said: tuple[tuple[str, str], ...]
    """What each step was reasoned with: kind of event, words."""
    papers: Papers | None


def latest(session: Session, case_id: int) -> Handover | None:
    """The last offer of a case, settled or not, as it stands now: another answer may just have been waited for."""
    query = select(Handover).where(Handover.case_id == case_id).order_by(Handover.id.desc()).limit(1)
    return session.scalar(query.execution_options(populate_existing=True))


def standing(session: Session, case_id: int) -> Handover | None:
    """The offer that waits for an answer or a designation."""
    query = select(Handover).where(Handover.case_id == case_id, Handover.state.in_(OPEN))
    return session.scalar(query.execution_options(populate_existing=True))


def owed(session: Session, case_id: int) -> Assignment | None:
    """The assignment of a superior that was not reported on yet."""
    query = select(Assignment).where(Assignment.case_id == case_id, Assignment.state == "given")
    return session.scalar(query.execution_options(populate_existing=True))


def listed(session: Session, *, viewer: Staff, settled: int = 20) -> Sequence[Offered]:
    """The handovers that concern the viewer's authority: open ones, the oldest first, then the last that were settled."""
    if viewer.role not in ACTING or not viewer.active:
        raise NotAllowed
    mine = _mine(viewer)
    query = select(Handover).where(mine)
    rows = [*session.scalars(query.where(Handover.state.in_(OPEN)).order_by(Handover.id))]
    rows += session.scalars(query.where(Handover.state.not_in(OPEN)).order_by(Handover.id.desc()).limit(settled))
    shown = ((row, session.get_one(Case, row.case_id)) for row in rows)
    lenses = ((row, case, lens(session, row, case, viewer=viewer)) for row, case in shown)
    return [_offered(session, row, case, one) for row, case, one in lenses if one.sees("handover", "what")]


def waiting(session: Session, *, viewer: Staff) -> int:
    """How many handovers wait for the viewer's authority."""
    if viewer.role not in ACTING:
        return 0
    answer = (Handover.state == "offered") & (Handover.taker == viewer.authority)
    decide = (Handover.state == "disputed") & (Handover.superior == viewer.authority)
    return session.scalar(select(func.count(Handover.id)).where(or_(answer, decide))) or 0


def one(session: Session, number: int, *, viewer: Staff) -> Offered:
    """The last handover of a case by its number; NotFound also where the viewer may not see it, or a later one came."""
    row = session.get(Handover, number)
    if row is None or viewer.role not in ACTING or latest(session, row.case_id) is not row:
        raise NotFound
    case = session.get_one(Case, row.case_id)
    seen = lens(session, row, case, viewer=viewer)
    if not seen.sees("handover", "what"):
        raise NotFound
    return _offered(session, row, case, seen)


def lens(session: Session, row: Handover, case: Case, *, viewer: Staff) -> Lens:
    """What somebody sees of a handover: the two authorities and their common superior, none who is kept out."""
    party = viewer.authority in {row.giver, row.taker, row.superior, row.designated}
    return viewing.lens(session, case, viewer=viewer, also=("party",) if party else ())


def _mine(viewer: Staff) -> ColumnElement[bool]:
    return or_(*(column == viewer.authority for column in (Handover.giver, Handover.taker, Handover.superior)))


def _offered(session: Session, row: Handover, case: Case, seen: Lens) -> Offered:
    matter = seen.sees("handover", "matter")
    return Offered(
        row=row,
        number=case.number,
        side=case.side,
        authority=case.authority,
        institution=(case.institution or "") if matter else "",
        organ=(case.organ or "") if matter else "",
        place=case.place if matter else None,
        codes=tuple(case.codes) if matter else (),
        said=_said(session, row) if seen.sees("handover", "words") else (),
        papers=papers(session, case.id) if seen.sees("handover", "papers") else None,
    )


def _said(session: Session, row: Handover) -> tuple[tuple[str, str], ...]:
    words = remarks.of_events(session, row.case_id)
    events = session.scalars(select(Event).where(Event.case_id == row.case_id).order_by(Event.id))
    return tuple((one.kind, words[one.id]) for one in events if one.data.get("handover") == row.id and one.id in words)


def papers(session: Session, case_id: int) -> Papers:
    """What lies in the case: the new authority gets all of it, since it lies in the same ledger."""
    reports = select(FiledReport.id).where(FiledReport.case_id == case_id)

    def count(table: type, condition: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count()).select_from(table).where(condition)) or 0

    events = select(Event.id).where(Event.case_id == case_id)
    return Papers(
        reports=count(FiledReport, FiledReport.case_id == case_id),
        files=count(EvidenceUse, EvidenceUse.report_id.in_(reports)),
        letters=count(Letter, Letter.report_id.in_(reports)),
        clocks=count(Clock, Clock.case_id == case_id),
        reasons=count(Remark, Remark.event_id.in_(events)),
    )
