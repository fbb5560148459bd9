"""Who may act on a case and who hears of it; whoever has declared an interest does neither."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from intake import names, same
from intake.models import Case, Event, FiledReport, Identity, Staff
from routing.authorities import by_code
from routing.errors import AccusedMayNotHandle, CaseNotFound, Conflicted, NotYours, ReportNotInCase

_AT_AUTHORITY = select(Staff).where(Staff.authority == bindparam("authority"), Staff.active).order_by(Staff.id)


def case_for(session: Session, case_id: int) -> Case:
    """The case, held against other writers until the transaction ends."""
    case = session.get(Case, case_id, with_for_update=True, populate_existing=True)
    if case is None:
        raise CaseNotFound
    return case


def case_of(session: Session, report: FiledReport) -> Case:
    """The case in which a report lies, held against other writers; it may have moved while we waited for it."""
    while True:
        case = case_for(session, report.case_id)
        session.refresh(report, ["case_id"])
        if report.case_id == case.id:
            return case


def excluded(case: Case) -> frozenset[str]:
    """The authorities complained of, which never handle the case."""
    return frozenset(case.routing.get("excluded", ()))


def may_handle(officer: Staff, case: Case) -> None:
    """Refuse an officer of another authority, of an accused one, or with an interest of his own.

    Penalty Law Art. 43: whoever has a direct interest must withdraw.
    """
    if not officer.active or officer.authority != case.authority:
        raise NotYours(authority=by_code(case.authority).name)
    if officer.authority in excluded(case):
        raise AccusedMayNotHandle(authority=by_code(officer.authority).name)
    if conflicted(officer, case):
        raise Conflicted(institution=case.institution)


def conflicted(staff: Staff, case: Case) -> bool:
    """Whether the person declared an interest in the institution concerned."""
    return names.conflict(staff.interests, case.institution)


def staff_of(session: Session, authorities: Iterable[str], role: str) -> list[Staff]:
    """The active staff of one role in these authorities."""
    query = select(Staff).where(Staff.authority.in_(list(authorities)), Staff.role == role, Staff.active)
    return list(session.scalars(query.order_by(Staff.id)))


def responsible(session: Session, case: Case) -> list[Staff]:
    """The handler; without one the officers of the authority, and without those its leaders."""
    if case.handler_id is not None:
        handler = session.get(Staff, case.handler_id)
        if handler is not None and handler.active:
            return [handler]
    everybody = session.scalars(_AT_AUTHORITY, {"authority": case.authority})
    free = [one for one in everybody if not conflicted(one, case)]
    officers = [one for one in free if one.role == "officer"]
    return officers or [one for one in free if one.role == "leader"]


def reports_of(session: Session, case: Case) -> list[FiledReport]:
    """The reports of a case whose tellers still want to hear of it."""
    query = select(FiledReport).where(FiledReport.case_id == case.id).order_by(FiledReport.id)
    gone = withdrawn(session, case)
    return [report for report in session.scalars(query) if report.id not in gone]


def report_of(session: Session, case: Case, report_id: int) -> FiledReport:
    """One report of the case; ReportNotInCase otherwise."""
    report = session.get(FiledReport, report_id)
    if report is None or report.case_id != case.id:
        raise ReportNotInCase
    return report


def withdrawn(session: Session, case: Case) -> frozenset[int]:
    """The reports that their tellers took back."""
    query = select(Event.data).where(Event.case_id.in_(same.cases_of(session, case)), Event.kind == "withdrawn")
    return frozenset(int(data["report_id"]) for data in session.scalars(query))


def has_named_teller(session: Session, case: Case) -> bool:
    """Whether somebody told under his own name: he is owed an answer within the period of 令第5号."""
    query = select(FiledReport.id).join(Identity, Identity.id == FiledReport.identity_id)
    named = session.scalars(query.where(FiledReport.case_id == case.id, Identity.mode == "named"))
    return not withdrawn(session, case).issuperset(named)
