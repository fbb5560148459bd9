"""Extending a clock: the handler asks, and whoever the law names approves, before the last day is over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from intake.confidentiality import Vault
from intake.models import Case, Clock, Staff
from routing import course
from routing.authorities import by_code
from routing.course import Extension
from routing.desk import clocks, moves, notices, outgoing, papers, people
from routing.rules import Rules, legal_day
from routing.wording import long_day


def ask_extension(
    session: Session, case_id: int, officer: Staff, *, reason: str, rules: Rules, vault: Vault, now: datetime
) -> Case:
    """Ask the leaders for more time, with the reason: in time, and only where the law gives any."""
    case, move = moves.begin(session, case_id, officer, "ask_extension")
    words = {"reason": reason}
    reason = notices.in_words(reason)
    found = _extension(session, case, rules, now)
    outgoing.check(session, case, "ask_extension", words, reason, to=outgoing.STAFF, vault=vault, now=now)
    data = {"clock": found.clock.kind, "approval": found.approval}
    event = moves.make(
        session,
        case,
        move,
        kind="extension_asked",
        actor=moves.by(officer),
        data=data,
        words=reason,
        rules=rules,
        now=now,
    )
    leaders = people.staff_of(session, [case.authority], "leader")
    facts = {"officer": officer.name, "reason": reason, "clock": rules.law.kind(found.clock.kind).name}
    facts |= {"due": long_day(found.clock.due_on), "approval": course.approvals()[found.approval]["name"]}
    body = notices.to_staff("extension_asked", case, **facts)
    notices.tell_staff(session, leaders, case, notices.of(event), body, now=now)
    return case


def extend(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    reason: str,
    days: int = 0,
    record: str = "",
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """Extend the clock that can be extended: as often and by as much as the law book says, by whom it names.

    `days` where fewer than the law's are granted; `record` is the record of a collective discussion, where the law
    asks for one.
    """
    case, move = moves.begin(session, case_id, officer, "extend")
    given = {"reason": reason, "days": days, "record": record}
    words = {name: value for name, value in given.items() if value}
    reason, record = notices.in_words(reason), record.strip()
    found = _extension(session, case, rules, now, days)
    course.approved(found, officer.role, law=rules.law, record=record)
    said = f"{reason}\n{record}" if record else reason
    outgoing.check(session, case, "extend", words, reason, to=outgoing.STAFF, vault=vault, now=now)
    clock, before = found.clock, found.clock.due_on
    due = clocks.extend(clock, case, days=found.days, rules=rules, now=now)
    data = {"clock": clock.kind, "from": before.isoformat(), "to": due.due_on.isoformat(), "approval": found.approval}
    event = moves.make(
        session, case, move, kind="extended", actor=moves.by(officer), data=data, words=said, rules=rules, now=now
    )
    people_told(session, case, clock, "extended", event_key=notices.of(event), rules=rules, now=now)
    leaders = [one for one in people.staff_of(session, [case.authority], "leader") if one.id != officer.id]
    handler = [one for one in people.responsible(session, case) if one.id != officer.id]
    body = notices.to_staff("extended", case, officer=officer.name, due=long_day(due.due_on), reason=reason)
    to = {one.id: one for one in [*leaders, *handler]}
    notices.tell_staff(session, to.values(), case, notices.of(event), body, now=now)
    facts = {
        "clock": rules.law.kind(clock.kind).name,
        "starts": papers.day(clock.starts_on),
        "former": papers.day(before),
        "due": papers.day(due.due_on),
        "citation": due.citation,
        "reason": reason,
        "officer": (session.get_one(Staff, case.handler_id) if case.handler_id else officer).name,
        "leader": officer.name,
    }
    papers.make(session, case, "extension_approval", facts, officer=officer, vault=vault, now=now, passed=[reason])
    return case


def people_told(
    session: Session, case: Case, clock: Clock, key: str, *, event_key: str, rules: Rules, now: datetime
) -> None:
    """Tell every teller his own new date: a later one does not learn from it of an earlier one."""
    authority = by_code(case.authority)
    for report in people.reports_of(session, case):
        start = max(legal_day(report.received_at), clock.starts_on)
        own = clocks.due_of(clock, start, rules=rules, place=authority.place)
        body = notices.to_teller(key, report, authority=authority.name, due=long_day(own.due_on))
        notices.tell(session, report, event_key, body, now=now)


def _extension(session: Session, case: Case, rules: Rules, now: datetime, days: int = 0) -> Extension[Clock]:
    place = by_code(case.authority).place
    standing = clocks.standing(session, case)
    return course.extending(standing, law=rules.law, place=place, today=legal_day(now), days=days)
