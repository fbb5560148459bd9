"""The clocks of a case: started with their derivation, stopped, extended; the queue's date kept with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.models import Case, Clock
from routing import ladder
from routing.authorities import by_code
from routing.deadlines import DueDate
from routing.rules import Rules, legal_day


def running(session: Session, case: Case) -> list[Clock]:
    """The clocks that run on a case, the earliest due first."""
    query = select(Clock).where(Clock.case_id == case.id, Clock.state == "running")
    return list(session.scalars(query.order_by(Clock.due_on, Clock.id)))


def start(
    session: Session,
    case: Case,
    kinds: Iterable[str],
    *,
    rules: Rules,
    on: date,
    now: datetime,
    note: str = "",
    first: bool = False,
) -> list[Clock]:
    """Start a clock of each kind from the day `on`, unless one of the kind runs; `note` opens its derivation.

    `first`: the case is new, nothing runs yet, and the queue's date follows at once.
    """
    runs = set() if first else {clock.kind for clock in running(session, case)}
    place = by_code(case.authority).place
    started = []
    for kind in kinds:
        if kind not in runs:
            due = rules.due(kind, on, place=place)
            clock = Clock(case_id=case.id, kind=kind, starts_on=on, due_on=due.due_on, derivation={}, extended=0)
            _write(clock, due, rules, now, note)
            session.add(clock)
            started.append(clock)
    if first:
        case.next_due = min(clock.due_on for clock in started)
    return started


def stop(
    session: Session, case: Case, which: Callable[[str], bool], *, now: datetime, state: str = "met"
) -> list[Clock]:
    """Stop the running clocks whose kind `which` picks; `state` is met or cancelled."""
    stopped = [clock for clock in running(session, case) if which(clock.kind)]
    for clock in stopped:
        clock.state, clock.stopped_at, clock.wake_on = state, now, None
    return stopped


def add(
    session: Session, case: Case, kind: str, on: date, due: DueDate, *, extended: int, rules: Rules, now: datetime
) -> Clock:
    """One clock from the day `on`, whose due date was worked out already."""
    clock = Clock(case_id=case.id, kind=kind, starts_on=on, due_on=due.due_on, derivation={}, extended=extended)
    _write(clock, due, rules, now, "")
    session.add(clock)
    return clock


def extend(clock: Clock, case: Case, *, rules: Rules, now: datetime) -> DueDate:
    """Extend a clock once more from its own start, as the law book says."""
    times = clock.extended + 1
    due = rules.due(clock.kind, clock.starts_on, place=by_code(case.authority).place, extended=times)
    clock.extended = times
    _write(clock, due, rules, now, str(clock.derivation.get("note", "")))
    return due


def settle(session: Session, case: Case) -> None:
    """Keep the queue's date: the earliest running clock."""
    session.flush()
    query = select(func.min(Clock.due_on)).where(Clock.case_id == case.id, Clock.state == "running")
    case.next_due = session.scalar(query)


def _write(clock: Clock, due: DueDate, rules: Rules, now: datetime, note: str) -> None:
    data = due.as_data()
    if note:
        data |= {"note": note, "steps": [note, *due.steps]}
    clock.due_on, clock.derivation = due.due_on, data
    clock.wake_on = ladder.at(due.due_on, legal_day(now), rules.calendar)[1]
