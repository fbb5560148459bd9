"""One move of the table made true: state, clocks, queue date and event in one place, so that no verb forgets one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from intake import audit, remarks, tickets
from intake.models import Case, Event, Staff
from intake.remarks import Words
from routing import states
from routing.course import effect
from routing.desk import blocking, clocks, crimeguard, people
from routing.lives import Move, life
from routing.rules import Rules, legal_day

CLOSED = "closed"


def begin(session: Session, case_id: int, officer: Staff, verb: str, outcome: str = "") -> tuple[Case, Move]:
    """The case and the move, after every question whether this officer may make it now; `outcome` where one is decided."""
    case = people.case_for(session, case_id)
    people.may_handle(officer, case)
    blocking.check(session, case, verb)
    move = states.check(verb, case.state, officer.role, case.side)
    crimeguard.check(session, case, verb, outcome)
    return case, move


def make(
    session: Session,
    case: Case,
    move: Move,
    *,
    kind: str,
    actor: str,
    data: Mapping[str, Any],
    rules: Rules,
    now: datetime,
    cancel: bool = False,
    on: date | None = None,
    note: str = "",
    words: str = "",
) -> Event:
    """Carry the move out; `cancel` marks stopped clocks as cancelled rather than met, `on` is where new ones start.

    `words` are kept beside the event, which only commits to them: they may have to be erased, an event never is.
    """
    kinds = [clock.kind for clock in clocks.standing(session, case)]
    before = case.state
    if move.leads(before) != before:
        enter(case, move.leads(before), now)
    session.flush()
    found = effect(
        move,
        before,
        kinds,
        case.side,
        named=people.has_named_teller(session, case),
        rewarded="reward" in move.starts and bool(people.want_reward(session, case)),
    )
    stopped = clocks.stop(session, case, found.stops.__contains__, now=now, state="cancelled" if cancel else "met")
    tickets.end(session, stopped, life("ticket").table["ends"].get(move.verb, "closed"), now)
    session.flush()
    started = clocks.start(session, case, found.starts, rules=rules, on=on or legal_day(now), now=now, note=note)
    clocks.settle(session, case)
    told = dict(data)
    if stopped:
        told["stopped"] = [clock.kind for clock in stopped]
    if started:
        told["started"] = {clock.kind: clock.due_on.isoformat() for clock in started}
    said = Words.of(words) if words else None
    if said:
        told["words"] = said.commitment
    event = audit.append(session, case.id, kind, actor, told, now)
    session.flush()
    if said:
        remarks.keep(session, event, said)
    return event


def note(
    session: Session, case: Case, kind: str, officer: Staff, data: Mapping[str, Any], now: datetime, words: str = ""
) -> Event:
    """Write down what was done without a move, with its words beside the event."""
    said = Words.of(words) if words else None
    told = dict(data) | ({"words": said.commitment} if said else {})
    event = audit.append(session, case.id, kind, by(officer), told, now)
    session.flush()
    if said:
        remarks.keep(session, event, said)
    return event


def enter(case: Case, state: str, now: datetime) -> None:
    """Change the state; closing and its time go together."""
    case.state = state
    case.closed_at = now if state == CLOSED else None


def by(officer: Staff) -> str:
    """The officer as the history names him."""
    return f"staff:{officer.id}"
