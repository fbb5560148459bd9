"""Merging cases that turned out to be one matter, and undoing it: nothing is lost, no time of receipt changes.

Both cases are held in the order of their numbers, so that two officers who merge at once wait and never block each
other. Tellers learn nothing: each keeps his number, his code and his date.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake import rewards, same, tickets
from intake.confidentiality import Vault
from intake.models import Case, Clock, Event, FiledReport, Merging, Staff
from routing import states
from routing.authorities import by_code
from routing.course import RUNNING
from routing.desk import blocking, clocks, crimeguard, moves, notices, people
from routing.desk.rewardcase import decided
from routing.errors import FurtherAlong, MergedElsewhere, NotMerged, OtherOffice, OtherSide, RewardSettled, SameCase
from routing.lives import Move
from routing.rules import Rules, legal_day
from routing.wording import long_day

_KEPT = frozenset({"extended", "granted", "spans", "derivation"})


def merge(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    into: int,
    reason: str = "",
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """Attach every report of a case to the case `into`; what was merged is closed and points there.

    The stricter date of each clock is kept. Merging what is merged already changes nothing.
    """
    if case_id == into:
        raise SameCase
    source, target = _both(session, case_id, into)
    held = same.standing(session, source.id)
    if held is not None:
        if held.target_id == target.id:
            return target
        raise MergedElsewhere(number=_number(session, held.target_id))
    move = _may_merge(session, source, target, officer)
    reports, words = _reports(session, source), reason.strip()
    # First: what runs for a teller is not stopped with the case.
    rewards.move_clocks(session, _ids(reports), target.id)
    tickets.move_clocks(session, _ids(reports), target.id)
    before = _before(session, source, target, reports)
    event = moves.make(
        session,
        source,
        move,
        kind="merged",
        actor=moves.by(officer),
        data={"into": target.number},
        rules=rules,
        now=now,
        cancel=True,
        words=words,
    )
    source.outcome = "merged"
    before["target_clocks"] = _keep_stricter(session, target, before["clocks"])
    session.add(Merging(kind="merge", source_id=source.id, target_id=target.id, before=before, at=now))
    same.settle(
        same.between(session, before["reports"], _ids(_reports(session, target))), "confirmed", by=officer.id, now=now
    )
    same.move(session, reports, target, event=event)
    _join(target, before)
    clocks.settle(session, target)
    told = {"case": source.number, "reports": before["reports"]}
    here = moves.note(session, target, "merged_in", officer, told, now, words)
    _tell(session, source, target, officer, here, "merged_in", now)
    _catch_up(session, source, target, reports, before, rules, now)
    return target


def unmerge(
    session: Session, case_id: int, officer: Staff, *, reason: str = "", rules: Rules, vault: Vault, now: datetime
) -> Case:
    """Undo the merging of a case: its reports come back, its clocks run as if they had never stopped.

    What came to the other case since stays there. Undoing what is undone changes nothing.
    """
    held = same.standing(session, case_id)
    if held is None:
        if session.scalar(select(Merging.id).where(Merging.source_id == case_id, Merging.kind == "merge")) is None:
            raise NotMerged
        return people.case_for(session, case_id)
    source, target = _both(session, case_id, held.target_id)
    session.refresh(held)
    if held.undone_at is not None:
        return source
    people.may_handle(officer, source)
    people.may_handle(officer, target)
    states.check("unmerge", source.state, officer.role)
    refuse_rewarded(session, target)
    before, words = held.before, reason.strip()
    event = moves.note(session, target, "merged_out", officer, {"case": source.number}, now, words)
    back = [report for report in _reports(session, target) if report.id in before["reports"]]
    same.move(session, back, source, event=event)
    _restore(session, source, before)
    _loosen(session, target, before)
    held.undone_at = now
    for case in (source, target):
        decided(session, case, now)
        clocks.settle(session, case)
    moves.note(session, source, "unmerged", officer, {"case": target.number}, now, words)
    _tell(session, target, source, officer, event, "unmerged", now)
    return source


def refuse_rewarded(session: Session, case: Case) -> None:
    """Refuse where the case is closed and a reward was decided: who was the first is settled then."""
    if case.closed_at is not None and rewards.decided(session, case.id):
        raise RewardSettled(number=case.number)


def _both(session: Session, one: int, other: int) -> tuple[Case, Case]:
    """Both cases, held in the order of their numbers."""
    held = {number: people.case_for(session, number) for number in sorted((one, other))}
    return held[one], held[other]


def _may_merge(session: Session, source: Case, target: Case, officer: Staff) -> Move:
    """Every question whether these two may become one."""
    if source.side != target.side:
        raise OtherSide
    if source.authority != target.authority:
        raise OtherOffice(authority=by_code(target.authority).name)
    for case in (source, target):
        people.may_handle(officer, case)
        blocking.check(session, case, "merge")
        refuse_rewarded(session, case)
    states.check("merge", target.state, officer.role)
    move = states.check("merge", source.state, officer.role)
    crimeguard.check(session, source, "merge")
    if further(source) > further(target):
        raise FurtherAlong(number=source.number)
    return move


def further(case: Case) -> tuple[bool, bool]:
    """How far along a case is: a penalty case before one that was taken up, and that before one that was not."""
    return case.state == "investigating", _taken_up(case)


def _taken_up(case: Case) -> bool:
    """Whether the case was accepted, also where a question was asked since."""
    return case.handler_id is not None


def _before(session: Session, source: Case, target: Case, reports: Sequence[FiledReport]) -> dict[str, Any]:
    """What it takes to undo the merging."""
    excluded = target.routing.get("excluded", ())
    return {
        "state": source.state,
        "outcome": source.outcome,
        "reports": _ids(reports),
        "clocks": [_kept(clock) for clock in clocks.standing(session, source)],
        "codes": [code for code in source.codes if code not in target.codes],
        "excluded": [one for one in source.routing.get("excluded", ()) if one not in excluded],
    }


def _keep_stricter(session: Session, target: Case, merged: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of each kind of clock that ran in both cases the earlier date; gives the target's clocks as they were.

    A clock that stands still has no date to compare: where one of the two does, the target's goes on as it is.
    """
    others = {kept["kind"]: kept for kept in merged if kept["state"] == RUNNING}
    before = []
    for clock in clocks.running(session, target):
        other = None if clock.kind in states.of_tellers() else others.get(clock.kind)
        if other is not None and other["due_on"] < clock.due_on.isoformat():
            before.append(_kept(clock))
            _put(clock, other)
    return before


def _kept(clock: Clock) -> dict[str, Any]:
    """A clock as it stands."""
    days = {"starts_on": clock.starts_on, "due_on": clock.due_on, "wake_on": clock.wake_on}
    written = {name: day.isoformat() if day else None for name, day in days.items()}
    columns = {name: getattr(clock, name) for name in ("id", "kind", "state", *sorted(_KEPT))}
    return {**columns, **written}


def _put(clock: Clock, kept: dict[str, Any]) -> None:
    """Let a clock stand as it was kept: what it missed meanwhile, the next sweep says."""
    clock.state, clock.stopped_at = kept.get("state", RUNNING), None
    for name in _KEPT & kept.keys():  # fewer, where it was merged under an earlier release
        setattr(clock, name, kept[name])
    for name in ("starts_on", "due_on", "wake_on"):
        setattr(clock, name, date.fromisoformat(kept[name]) if kept[name] else None)


def _join(target: Case, before: dict[str, Any]) -> None:
    """What the merged reports add: categories, and offices that may not handle the case."""
    target.codes = [*target.codes, *before["codes"]]
    if before["excluded"]:
        target.routing = {**target.routing, "excluded": [*target.routing.get("excluded", ()), *before["excluded"]]}


def _restore(session: Session, source: Case, before: dict[str, Any]) -> None:
    """The merged case as it was."""
    source.state, source.outcome, source.closed_at = before["state"], before["outcome"], None
    for kept in before["clocks"]:
        _put(session.get_one(Clock, kept["id"]), kept)


def _loosen(session: Session, target: Case, before: dict[str, Any]) -> None:
    """The target without what the merging brought: its own dates, categories and exclusions."""
    was = {kept["id"]: kept for kept in before["target_clocks"]}
    for clock in clocks.running(session, target):
        kept = was.get(clock.id)
        if kept is not None and kept["extended"] >= clock.extended:  # an extension given since stands
            _put(clock, kept)
    told = {claim["code"] for report in _reports(session, target) for claim in report.claims}
    target.codes = [code for code in target.codes if code in told or code not in before["codes"]]
    if before["excluded"]:
        rest = [one for one in target.routing.get("excluded", ()) if one not in before["excluded"]]
        target.routing = {**target.routing, "excluded": rest}


def _catch_up(
    session: Session,
    source: Case,
    target: Case,
    reports: Sequence[FiledReport],
    before: dict[str, Any],
    rules: Rules,
    now: datetime,
) -> None:
    """Tellers of a case that was not yet accepted hear the next working morning that theirs is."""
    if not _taken_up(target) or _taken_up(source):
        return
    authority = by_code(target.authority)
    for report in reports:
        due_on = report.due_on
        if target.side == "enterprise":
            due_on = rules.due("complaint_reply", legal_day(report.received_at), place=authority.place).due_on
        body = notices.accepted(report, authority.name, due=long_day(due_on))
        occasion = f"case-{target.id}-accepted"
        notices.tell(session, report, occasion, body, now=now, not_before=notices.next_morning(now, rules))


def _tell(session: Session, other: Case, case: Case, officer: Staff, event: Event, key: str, now: datetime) -> None:
    """A notice to whoever handles one of the two, except whoever did it."""
    both = (*people.responsible(session, case), *people.responsible(session, other))
    to = {one.id: one for one in both if one.id != officer.id}
    body = notices.to_staff(key, case, other=other.number, officer=officer.name)
    notices.tell_staff(session, to.values(), case, notices.of(event), body, now=now)


def _reports(session: Session, case: Case) -> list[FiledReport]:
    return list(session.scalars(select(FiledReport).where(FiledReport.case_id == case.id).order_by(FiledReport.id)))


def _ids(reports: Sequence[FiledReport]) -> list[int]:
    return [report.id for report in reports]


def _number(session: Session, case_id: int) -> str:
    return session.get_one(Case, case_id).number
