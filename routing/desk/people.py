"""Who may act on a case and who hears of it; whoever has declared an interest does neither."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, object_session

from intake import names, same, viewing
from intake.models import Case, Event, FiledReport, Identity, Reward, Staff, Tombstone
from routing import states
from routing.authorities import by_code, line_above
from routing.errors import AccusedMayNotHandle, CaseNotFound, Conflicted, NotYours, ReportNotInCase, TellerErased

_AT_AUTHORITY = select(Staff).where(Staff.authority == bindparam("authority"), Staff.active).order_by(Staff.id)


def case_for(session: Session, case_id: int) -> Case:
    """The case, held against other writers until the transaction ends; rows that only point to it may still be written.

    Otherwise the sweep, which holds a clock and writes a notice, and an officer would wait for each other.
    """
    case = session.get(Case, case_id, with_for_update={"key_share": True}, populate_existing=True)
    if case is None:
        raise CaseNotFound
    return case


def own_case(session: Session, report: FiledReport) -> Case:
    """The case of a teller who acts, held against other writers; TellerErased where he is nobody any more."""
    while True:
        case = case_for(session, report.case_id)
        session.refresh(report, ["case_id"])  # it may have moved while we waited for the case
        if report.case_id == case.id:
            break
    if report.id in erased(session, case):
        raise TellerErased
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
    if barred(officer, case):
        raise Conflicted(institution=case.institution)


def may_answer(session: Session, officer: Staff, case: Case) -> None:
    """Refuse somebody of another authority who may not touch the case either: accused, with an interest, or gone."""
    if not officer.active:
        raise NotYours(authority=by_code(case.authority).name)
    if officer.authority in excluded(case):
        raise AccusedMayNotHandle(authority=by_code(officer.authority).name)
    if viewing.kept_out(session, case, viewer=officer):
        raise Conflicted(institution=case.institution)


def at_desk(session: Session, case: Case, authority: str) -> list[Staff]:
    """Who hears of a case at an authority that has not got it: its officers, without those its leaders."""
    for role in ("officer", "leader"):
        found = [one for one in staff_of(session, [authority], role) if not viewing.kept_out(session, case, viewer=one)]
        if found:
            return found
    return []


def leaders_above(session: Session, case: Case, authority: str) -> list[Staff]:
    """The leaders of this authority, or of the nearest above it that has any who may know of the case."""
    for one in (by_code(authority), *line_above(by_code(authority))):
        found = [
            leader
            for leader in staff_of(session, [one.code], "leader")
            if not viewing.kept_out(session, case, viewer=leader)
        ]
        if found:
            return found
    return []


def conflicted(staff: Staff, case: Case) -> bool:
    """Whether the person is complained of himself, or declared an interest in the institution concerned."""
    return viewing.accused(staff, case) or names.conflict(staff.interests, case.institution)


def barred(staff: Staff, case: Case, told: Iterable[str | None] = ()) -> bool:
    """The same, where the names in the single reports of the case count too, and those `told` but not yet written."""
    if any(names.conflict(staff.interests, name) for name in told):
        return True
    session = object_session(case) if case.id is not None else None
    return conflicted(staff, case) or (session is not None and viewing.kept_out(session, case, viewer=staff))


def staff_of(session: Session, authorities: Iterable[str], role: str) -> list[Staff]:
    """The active staff of one role in these authorities."""
    query = select(Staff).where(Staff.authority.in_(list(authorities)), Staff.role == role, Staff.active)
    return list(session.scalars(query.order_by(Staff.id)))


def responsible(session: Session, case: Case) -> list[Staff]:
    """The handler; without one the officers of the authority, and without those its leaders."""
    return Responsible(session).for_case(case)


class Responsible:
    """Who is responsible for cases, within one transaction: the staff of an authority are asked for once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._at: dict[str, list[Staff]] = {}

    def for_case(self, case: Case, told: Iterable[str | None] = ()) -> list[Staff]:
        """The handler; without one the officers of the authority, and without those its leaders.

        `told` are names in reports of the case that are not yet written.
        """
        if case.handler_id is not None:
            handler = self._session.get(Staff, case.handler_id)
            if handler is not None and handler.active and not barred(handler, case, told):
                return [handler]
        free = [one for one in self._everybody(case.authority) if not barred(one, case, told)]
        officers = [one for one in free if one.role == "officer"]
        return officers or [one for one in free if one.role == "leader"]

    def _everybody(self, authority: str) -> list[Staff]:
        if authority not in self._at:
            with self._session.no_autoflush:  # nothing that is pending concerns the staff
                self._at[authority] = list(self._session.scalars(_AT_AUTHORITY, {"authority": authority}))
        return self._at[authority]


def reports_of(session: Session, case: Case) -> list[FiledReport]:
    """The reports of a case whose tellers still want to hear of it."""
    query = select(FiledReport).where(FiledReport.case_id == case.id).order_by(FiledReport.id)
    gone = withdrawn(session, case) | erased(session, case)
    return [report for report in session.scalars(query) if report.id not in gone]


def want_reward(session: Session, case: Case) -> list[FiledReport]:
    """The reports whose tellers asked for a reward and did not give it up, where what came out of the case can lead to one."""
    if case.side != "citizen" or not states.may_reward(case.outcome, case.state):
        return []
    waived = select(Reward.report_id).where(Reward.state == "waived")
    gone = frozenset(
        session.scalars(
            waived.join(FiledReport, FiledReport.id == Reward.report_id).where(FiledReport.case_id == case.id)
        )
    )
    return [report for report in reports_of(session, case) if report.wants_reward and report.id not in gone]


def report_of(session: Session, case: Case, report_id: int) -> FiledReport:
    """One report of the case whose teller can be written to; ReportNotInCase, TellerErased otherwise."""
    report = session.get(FiledReport, report_id)
    if report is None or report.case_id != case.id:
        raise ReportNotInCase
    if report.id in erased(session, case):
        raise TellerErased
    return report


def erased(session: Session, case: Case) -> frozenset[int]:
    """The reports whose tellers were erased: nobody is left to write to."""
    query = select(Tombstone.report_id).join(FiledReport, FiledReport.id == Tombstone.report_id)
    return frozenset(session.scalars(query.where(FiledReport.case_id == case.id)))


def withdrawn(session: Session, case: Case) -> frozenset[int]:
    """The reports that their tellers took back."""
    query = select(Event.data).where(Event.case_id.in_(same.cases_of(session, case)), Event.kind == "withdrawn")
    return frozenset(int(data["report_id"]) for data in session.scalars(query))


def has_named_teller(session: Session, case: Case) -> bool:
    """Whether somebody told under his own name: he is owed an answer within the period of 令第5号."""
    query = select(FiledReport.id).join(Identity, Identity.id == FiledReport.identity_id)
    named = session.scalars(query.where(FiledReport.case_id == case.id, Identity.mode == "named"))
    return not withdrawn(session, case).issuperset(named)
