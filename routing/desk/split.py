"""What a person says about a suggestion: it is one matter, or it is not; and a report taken out into a case of its own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake import same
from intake.confidentiality import Vault
from intake.models import Case, Clock, FiledReport, Merging, Staff, Suggestion
from routing import states
from routing.desk import clocks, moves, notices, people
from routing.desk.merge import further, merge, refuse_rewarded
from routing.desk.rewardcase import CLAIM, decided
from routing.desk.tickets import HOTLINE
from routing.errors import NothingToSplit, SuggestionNotFound
from routing.rules import Rules, legal_day


def confirm(
    session: Session, case_id: int, officer: Staff, *, suggestion: int, rules: Rules, vault: Vault, now: datetime
) -> Case:
    """It is one matter: what lies in one case already stays there for good, and two cases are merged.

    The younger case goes into the older one, unless only the younger was taken up.
    """
    found = _suggestion(session, suggestion)
    one, other = _cases(session, found)
    if case_id not in {one, other}:
        raise SuggestionNotFound
    if one != other:
        source, target = _direction(session, one, other)
        return merge(session, source, officer, into=target, rules=rules, vault=vault, now=now)
    case = people.case_for(session, one)
    session.refresh(found)
    people.may_handle(officer, case)
    if found.state == "open":
        same.settle([found], "confirmed", by=officer.id, now=now)
        told = {"reports": [found.other_id, found.report_id]}
        moves.note(session, case, "match_confirmed", officer, told, now)
    session.flush()
    return case


def refuse(
    session: Session, case_id: int, officer: Staff, *, suggestion: int, rules: Rules, vault: Vault, now: datetime
) -> Case:
    """It is not one matter: the pair is not suggested again, and a report that was attached gets a case of its own."""
    found = _suggestion(session, suggestion)
    one, other = _cases(session, found)
    if case_id not in {one, other}:
        raise SuggestionNotFound
    held = {number: people.case_for(session, number) for number in sorted({one, other})}
    session.refresh(found)
    for case in held.values():
        people.may_handle(officer, case)
    if found.state != "open":
        return held[case_id]
    if one == other:
        return split(session, one, officer, report_id=found.report_id, rules=rules, vault=vault, now=now)
    same.settle([found], "refused", by=officer.id, now=now)
    for case in held.values():
        told = {"reports": [found.other_id, found.report_id]}
        moves.note(session, case, "match_refused", officer, told, now)
    session.flush()
    return held[case_id]


def split(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    report_id: int,
    reason: str = "",
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """Take one report out into a case of its own, which stands where the case stands; its dates run from its own receipt.

    It can be merged again like any other. Gives the new case.
    """
    case = people.case_for(session, case_id)
    people.may_handle(officer, case)
    states.check("split", case.state, officer.role)
    refuse_rewarded(session, case)
    report = people.report_of(session, case, report_id)
    rest = session.scalars(select(FiledReport).where(FiledReport.case_id == case.id, FiledReport.id != report_id)).all()
    if not rest:
        raise NothingToSplit
    opened = same.own_case(session, report, case, now=now)
    told, words = {"reports": [report.id]}, reason.strip()
    event = moves.note(session, case, "split_off", officer, told | {"case": opened.number}, now, words)
    same.move(session, [report], opened, event=event)
    session.add(Merging(kind="split", source_id=opened.id, target_id=case.id, before={}, at=now))
    same.settle(same.between(session, [report.id], [one.id for one in rest]), "refused", by=officer.id, now=now)
    _own_clocks(session, opened, report, clocks.standing(session, case), rules, now)
    left = {claim["code"] for one in rest for claim in one.claims}
    brought = {claim["code"] for claim in report.claims}
    case.codes = [code for code in case.codes if code in left or code not in brought]
    decided(session, case, now)
    clocks.settle(session, case)
    begun = moves.note(session, opened, "split_from", officer, told | {"case": case.number}, now, words)
    to = [one for one in people.responsible(session, opened) if one.id != officer.id]
    body = notices.to_staff("split", opened, other=case.number, officer=officer.name)
    notices.tell_staff(session, to, opened, notices.of(begun), body, now=now)
    return opened


def _own_clocks(
    session: Session, opened: Case, report: FiledReport, standing: Iterable[Clock], rules: Rules, now: datetime
) -> None:
    """The clocks that have not ended on the case, for this report alone: from its own receipt where the case's began before."""
    for clock in standing:
        if clock.kind in {CLAIM, HOTLINE}:  # of another teller; his own has come with the report
            continue
        start = max(legal_day(report.received_at), clock.starts_on)
        session.add(clocks.like(clock, opened, start, rules=rules, now=now))
    decided(session, opened, now)
    clocks.settle(session, opened)


def _suggestion(session: Session, number: int) -> Suggestion:
    found = session.get(Suggestion, number)
    if found is None:
        raise SuggestionNotFound
    return found


def _cases(session: Session, found: Suggestion) -> tuple[int, int]:
    """The cases in which the later and the earlier report lie."""
    later, earlier = (session.get_one(FiledReport, number) for number in (found.report_id, found.other_id))
    return later.case_id, earlier.case_id


def _direction(session: Session, one: int, other: int) -> tuple[int, int]:
    """Which case goes into which: the younger into the older, but never one that is further along into one that is not."""
    younger, older = sorted((session.get_one(Case, one), session.get_one(Case, other)), key=lambda each: -each.id)
    if further(younger) > further(older):
        younger, older = older, younger
    return younger.id, older.id
