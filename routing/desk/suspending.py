"""Letting a clock stand still while the law does not count the time, and letting it go on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from intake.confidentiality import Vault
from intake.models import Case, Event, Staff
from routing import course
from routing.authorities import by_code
from routing.desk import clocks, moves, notices, people
from routing.desk.extending import people_told
from routing.rules import Rules, legal_day
from routing.wording import long_day


def suspend(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    ground: str,
    note: str,
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """Suspend, from today, every clock whose law excludes the time of this ground; `note` says by whom and what for.

    Procedure 令第4号 Art. 14 and 45: testing, appraisal, expert review, and for the decision hearing and announcement.
    """
    case, move = moves.begin(session, case_id, officer, "suspend")
    note, standing = notices.in_words(note), clocks.standing(session, case)
    found = course.suspending(standing, ground, law=rules.law, today=legal_day(now))
    for clock in found:
        clocks.suspend(clock, case, ground, rules=rules, now=now)
    data = {"ground": ground, "clocks": [clock.kind for clock in found]}
    event = moves.make(
        session, case, move, kind="suspended", actor=moves.by(officer), data=data, words=note, rules=rules, now=now
    )
    authority, named = by_code(case.authority).name, course.grounds()[ground]
    for report in people.reports_of(session, case):
        body = notices.to_teller("suspended", report, authority=authority, ground=named)
        notices.tell(session, report, notices.of(event), body, now=now)
    names = "、".join(rules.law.kind(clock.kind).name for clock in found)
    _tell_leaders(session, case, officer, event, "suspended", now, clock=names, ground=named)
    return case


def resume(
    session: Session, case_id: int, officer: Staff, *, note: str, rules: Rules, vault: Vault, now: datetime
) -> Case:
    """Let the clocks that stand still go on today; their dates move by the days excluded, step by step."""
    case, move = moves.begin(session, case_id, officer, "resume")
    note, found = notices.in_words(note), course.resuming(clocks.standing(session, case))
    for clock in found:
        clocks.resume(clock, case, rules=rules, now=now)
    data = {"clocks": {clock.kind: clock.due_on.isoformat() for clock in found}}
    event = moves.make(
        session,
        case,
        move,
        kind="clock_resumed",
        actor=moves.by(officer),
        data=data,
        words=note,
        rules=rules,
        now=now,
    )
    people_told(session, case, found[0], "resumed", event_key=notices.of(event), rules=rules, now=now)
    names = "、".join(rules.law.kind(clock.kind).name for clock in found)
    due = long_day(found[0].due_on)
    _tell_leaders(session, case, officer, event, "clock_resumed", now, clock=names, due=due)
    return case


def _tell_leaders(
    session: Session, case: Case, officer: Staff, event: Event, key: str, now: datetime, **facts: str
) -> None:
    """The leaders answer for time that is not counted: they hear of it, unless they did it."""
    leaders = [one for one in people.staff_of(session, [case.authority], "leader") if one.id != officer.id]
    body = notices.to_staff(key, case, officer=officer.name, **facts)
    notices.tell_staff(session, leaders, case, notices.of(event), body, now=now)
