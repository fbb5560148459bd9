"""Whose cases a member of staff may see: the table of access.toml as a condition for SQL and as a lens on one case.

Kept out whatever the table says: who has left, who is complained of, or his authority, and whoever declared an
interest.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, false, func, literal, not_, or_, select, true
from sqlalchemy.orm import Session

from intake import access, names
from intake.access import BLIND, REPORTER, Lens
from intake.errors import NotAllowed, NotFound
from intake.models import Case, FiledReport, Staff

ACTING = frozenset({"officer", "leader"})
"""The roles that handle cases; the others look on, or guard."""


def visible_to(viewer: Staff) -> ColumnElement[bool]:
    """The condition on Case that keeps only what this member of staff may know of at all: its number."""
    wanted = access.needs(viewer.role, "case", "number")
    if not viewer.active or wanted is None:
        return false()
    return and_(*(_holds(word, viewer) for word in sorted(wanted)), *_kept_in(viewer))


def _holds(word: str, viewer: Staff) -> ColumnElement[bool]:
    """One condition of the table in SQL; what depends on a request to unmask is no list of cases."""
    if word == "office":
        return Case.authority == viewer.authority
    if word == "region":
        return in_region(viewer.authority)
    if word in {"enterprise", "citizen"}:
        return Case.side == word
    if word == "settled":
        return Case.state.in_(access.table()["settled"])
    return true() if word == access.VEILED else false()


def in_region(authority: str) -> ColumnElement[bool]:
    """The cases of an authority and of those below it."""
    first = head(authority)
    # A range and not a pattern: it is answered from the index of the queue.
    below = and_(Case.authority >= first, Case.authority <= first + "999999")
    return or_(Case.authority == authority, below)


def _kept_in(viewer: Staff) -> Iterable[ColumnElement[bool]]:
    """That the viewer is not kept out of the case."""
    # The list of excluded authorities as text, on both databases: ["YB-621000", …].
    accused = func.coalesce(Case.routing["excluded"].as_string(), "")
    yield not_(accused.contains(f'"{viewer.authority}"', autoescape=True))
    persons = func.coalesce(Case.routing["persons"].as_string(), "")
    yield not_(persons.contains(f'"staff:{viewer.id}"', autoescape=True))
    for form in names.interest_forms(viewer.interests):
        yield not_(_concerns(form))


def lens(session: Session, case: Case, *, viewer: Staff, also: Iterable[str] = ()) -> Lens:
    """What this member of staff sees of a case; `also` are conditions that the caller has made sure of."""
    if kept_out(session, case, viewer=viewer):
        return BLIND
    return listed(case, viewer=viewer, also=also)


def listed(case: Case, *, viewer: Staff, also: Iterable[str] = ()) -> Lens:
    """The same for a case that `visible_to` let through: who is kept out was asked in SQL."""
    holds = {case.side, *also}
    if case.authority == viewer.authority:
        holds |= {"office", "region"}
    elif case.authority.startswith(head(viewer.authority)):
        holds.add("region")
    if access.is_settled(case.state):
        holds.add("settled")
    return Lens(viewer.role, frozenset(holds))


def of_teller(report: FiledReport, *, viewer: FiledReport) -> Lens:
    """What a teller sees of a report: his own by the column `reporter`, nothing of anybody else's."""
    return Lens(REPORTER, frozenset({"own"})) if viewer.id == report.id else BLIND


def kept_out(session: Session, case: Case, *, viewer: Staff) -> bool:
    """Whether somebody may see nothing of a case, whatever his role; here the names in its single reports count too."""
    if not viewer.active or accused(viewer, case):
        return True
    if not viewer.interests.strip():
        return False
    told = session.scalars(select(FiledReport.institution).where(FiledReport.case_id == case.id).distinct())
    return any(names.conflict(viewer.interests, name) for name in (case.institution, *told))


def accused(staff: Staff, case: Case) -> bool:
    """Whether the case complains of this person, or of the authority to which he belongs."""
    named = f"staff:{staff.id}" in case.routing.get("persons", ())
    return named or staff.authority in case.routing.get("excluded", ())


def case_for(session: Session, case_id: int, *, viewer: Staff, acting: bool = False) -> Case:
    """The case, if the viewer may see it; with `acting`, only if he may also handle it. NotFound, NotAllowed."""
    case = session.get(Case, case_id)
    if case is None:
        raise NotFound
    if acting and viewer.role not in ACTING:
        raise NotAllowed
    if not may_see(session, case, viewer=viewer):
        raise NotAllowed
    return case


def may_see(session: Session, case: Case, *, viewer: Staff) -> bool:
    """Whether the viewer may know of the case at all."""
    return lens(session, case, viewer=viewer).sees("case", "number")


def report_for(session: Session, report_id: int, *, viewer: Staff | FiledReport) -> FiledReport:
    """The report, if it is the teller's own or of a case that the member of staff may see."""
    report = session.get(FiledReport, report_id)
    if report is None:
        raise NotFound
    if isinstance(viewer, FiledReport):
        if viewer.id != report.id:
            raise NotAllowed
        return report
    case_for(session, report.case_id, viewer=viewer)
    return report


def lens_on(session: Session, report: FiledReport, *, viewer: Staff | FiledReport) -> Lens:
    """What somebody, teller or staff, sees of a report and of what belongs to it."""
    if isinstance(viewer, FiledReport):
        return of_teller(report, viewer=viewer)
    return lens(session, session.get_one(Case, report.case_id), viewer=viewer)


def above(superior: str, authority: str) -> bool:
    """Whether the one authority is the other, or stands above it, by their codes."""
    return authority == superior or authority.startswith(head(superior))


def head(authority: str) -> str:
    """What the codes of an authority and its subordinates begin with: YB-6210 of YB-621000 (GB/T 2260)."""
    kind, _, division = authority.rpartition("-")
    while division.endswith("00"):
        division = division[:-2]
    return f"{kind}-{division}"


def _concerns(form: str) -> ColumnElement[bool]:
    """Whether a case is about an institution of this normal form; either name may be the shorter one."""
    subject = func.coalesce(Case.subject, "")
    longer = literal(form).contains(subject, autoescape=False)
    return and_(subject != "", or_(subject.contains(form, autoescape=True), longer))
