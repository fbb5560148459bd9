"""Who may see what: one rule for every read, as a condition for SQL and as a question about one case.

Officers see the cases of their own authority, leaders also those of subordinate ones, supervisors those of their
region, redacted; administrators none. Whoever has an interest in an institution sees nothing of its cases.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, func, literal, not_, or_, select
from sqlalchemy.orm import Session

from intake import names
from intake.errors import NotAllowed, NotFound
from intake.models import Case, FiledReport, Staff

ACTING = frozenset({"officer", "leader"})
"""The roles that handle cases; a supervisor looks on."""


def visible_to(viewer: Staff) -> ColumnElement[bool]:
    """The condition on Case that keeps only what this member of staff may see."""
    if not viewer.active or viewer.role not in {"officer", "leader", "supervisor"}:
        return false()
    within = Case.authority == viewer.authority
    if viewer.role != "officer":
        head = _head(viewer.authority)
        # A range and not a pattern: it is answered from the index of the queue.
        within = or_(within, and_(Case.authority >= head, Case.authority <= head + "999999"))
    return and_(within, *(not_(_concerns(form)) for form in names.interest_forms(viewer.interests)))


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
    """The same rule for one case; here also the names in its single reports count."""
    if session.scalar(select(Case.id).where(Case.id == case.id, visible_to(viewer))) is None:
        return False
    if not viewer.interests.strip():
        return True
    told = session.scalars(select(FiledReport.institution).where(FiledReport.case_id == case.id).distinct())
    return not any(names.conflict(viewer.interests, name) for name in (case.institution, *told))


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


def _head(authority: str) -> str:
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
