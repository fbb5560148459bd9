"""What the desk's pages ask of the ledger beyond its own reads; whoever asks is named, and sees no more than he may."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from intake import access, queries, shown
from intake.errors import NotAllowed, NotFound
from intake.models import STANDING, Case, Clock, FiledReport, Notice, Staff
from intake.viewing import listed, visible_to
from intake.views import CaseView, ClockView
from routing.course import RUNNING
from routing.desk.tickets import HOTLINE


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the queue is wanted; empty means everything that is open. `due` is today or soon."""

    q: str = ""
    side: str = ""
    state: str = ""
    overdue: bool = False
    mine: bool = False
    due: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One case of the queue with its earliest clock under the law, and the earliest limit of a hotline."""

    case: CaseView
    clock: ClockView | None
    reports: int | None
    handler: str
    hotline: ClockView | None = None


@dataclass(frozen=True, slots=True)
class Lines:
    """One page of the queue; `total` counts all pages."""

    lines: tuple[Line, ...]
    total: int


def queue(
    session: Session, wanted: Wanted, *, viewer: Staff, today: date, soon: date, page: int, per_page: int
) -> Lines:
    """The cases that are wanted, what is due first first; closed ones newest first."""
    if not access.ever(viewer.role, "case", "number"):
        raise NotAllowed
    where = [visible_to(viewer), *_conditions(wanted, viewer, today, soon)]
    total = session.scalar(select(func.count(Case.id)).where(*where)) or 0
    order = (Case.closed_at.desc(), Case.next_due.is_(None), Case.next_due, Case.id)
    query = select(Case).where(*where).order_by(*order).limit(per_page).offset((page - 1) * per_page)
    rows = session.scalars(query).all()
    ids = [case.id for case in rows]
    clocks, counts = _first_clocks(session, rows, viewer), _report_counts(session, ids)
    hotlines = _first_clocks(session, rows, viewer, hotline=True)
    cases = [shown.case(case, listed(case, viewer=viewer), reports=counts.get(case.id, 0)) for case in rows]
    handlers = staff_names(session, [case.handler_id for case in cases if case.handler_id is not None])
    lines = (
        Line(case, clocks.get(case.id), case.reports, handlers.get(case.handler_id or 0, ""), hotlines.get(case.id))
        for case in cases
    )
    return Lines(tuple(lines), total)


def tally(session: Session, *, viewer: Staff, today: date, soon: date) -> Mapping[str, int]:
    """How many are open, overdue, due today, due within the warning time, and not yet taken up."""
    still = (visible_to(viewer), Case.closed_at.is_(None))
    counts = select(
        func.count(Case.id),
        func.count(Case.id).filter(Case.next_due < today),
        func.count(Case.id).filter(Case.next_due == today),
        func.count(Case.id).filter(Case.next_due >= today, Case.next_due <= soon),
        func.count(Case.id).filter(Case.state == "received"),
    )
    row = session.execute(counts.where(*still)).one()
    return dict(zip(("open", "overdue", "today", "soon", "fresh"), row, strict=True))


def case_id(session: Session, number: str, *, viewer: Staff) -> int:
    """The case behind a number; NotFound also where the viewer may not see it, so that numbers tell nothing."""
    found = session.scalar(select(Case.id).where(Case.number == number, visible_to(viewer)))
    if found is None:
        raise NotFound
    return found


def likenesses(session: Session, reports: Iterable[int], *, viewer: Staff) -> Mapping[int, CaseView]:
    """The cases of the given reports, as far as the viewer may see them, by report."""
    query = select(FiledReport.id, Case).join(Case, Case.id == FiledReport.case_id)
    found = session.execute(query.where(FiledReport.id.in_(list(reports)), visible_to(viewer)))
    return {report: shown.case(case, listed(case, viewer=viewer)) for report, case in found}


def resembling(session: Session, case: int, *, viewer: Staff) -> Sequence[tuple[Mapping[str, Any], CaseView]]:
    """Other cases whose later reports were found to resemble this one, each with how it was compared."""
    query = select(FiledReport, Case).join(Case, Case.id == FiledReport.case_id)
    here = FiledReport.match["case_id"].as_integer() == case
    found = session.execute(query.where(here, FiledReport.case_id != case, visible_to(viewer)).limit(20))
    lenses = ((report.match, other, listed(other, viewer=viewer)) for report, other in found)
    return [(match, shown.case(other, one)) for match, other, one in lenses if one.sees("report", "match")]


def staff_names(session: Session, ids: Iterable[int]) -> Mapping[int, str]:
    """Names of members of staff by number."""
    found = session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(set(ids))))
    return dict(found.all())


def unseen(session: Session, *, viewer: Staff) -> int:
    """How many notices the viewer has not yet seen."""
    query = select(func.count(Notice.id)).where(Notice.staff_id == viewer.id, Notice.seen_at.is_(None))
    return session.scalar(query) or 0


def case_numbers(session: Session, ids: Iterable[int | None], *, viewer: Staff) -> Mapping[int, str]:
    """Numbers of the cases that the viewer may see."""
    wanted = {one for one in ids if one is not None}
    found = session.execute(select(Case.id, Case.number).where(Case.id.in_(wanted), visible_to(viewer)))
    return dict(found.all())


def _conditions(wanted: Wanted, viewer: Staff, today: date, soon: date) -> Iterable[ColumnElement[bool]]:
    yield Case.closed_at.is_not(None) if wanted.state == "closed" else Case.closed_at.is_(None)
    if wanted.state:
        yield Case.state == wanted.state
    if wanted.side:
        yield Case.side == wanted.side
    if wanted.mine:
        yield Case.handler_id == viewer.id
    if wanted.overdue:
        yield Case.next_due < today
    if wanted.due == "today":
        yield Case.next_due == today
    elif wanted.due == "soon":
        yield Case.next_due.between(today, soon)
    if wanted.q:
        words = [queries.found(wanted.q, viewer.role)]
        if access.ever(viewer.role, "case", "summary"):  # whoever reads a text only veiled cannot search in it
            told = FiledReport.redacted.contains(wanted.q, autoescape=True)
            words.append(Case.id.in_(select(FiledReport.case_id).where(told)))
        yield or_(*words)


def first_of(clocks: Iterable[ClockView], *, hotline: bool = False) -> ClockView | None:
    """The clock of a case that comes first, what runs before what stands still; of hotlines, or under the law."""
    found = [one for one in clocks if one.state in STANDING and (one.kind == HOTLINE) == hotline]
    return min(found, key=lambda one: (one.state != RUNNING, one.due_on, one.id), default=None)


def _first_clocks(
    session: Session, cases: Sequence[Case], viewer: Staff, *, hotline: bool = False
) -> Mapping[int, ClockView]:
    lenses = {case.id: listed(case, viewer=viewer) for case in cases}
    own = Clock.kind == HOTLINE if hotline else Clock.kind != HOTLINE
    standing = select(Clock).where(Clock.case_id.in_(lenses), Clock.state.in_(STANDING), own)
    clocks: dict[int, ClockView] = {}
    for clock in session.scalars(standing.order_by(Clock.state != RUNNING, Clock.due_on, Clock.id)):
        if clock.case_id not in clocks and (seen := shown.clocks([clock], lenses[clock.case_id])):
            clocks[clock.case_id] = seen[0]
    return clocks


def _report_counts(session: Session, ids: Sequence[int]) -> Mapping[int, int]:
    counted = select(FiledReport.case_id, func.count()).where(FiledReport.case_id.in_(ids))
    return dict(session.execute(counted.group_by(FiledReport.case_id)).all())
