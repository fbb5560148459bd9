"""The clocks of a case: started with their derivation, stopped, extended; the queue's date kept with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.models import Case, Clock
from intake.report import Report
from routing import states
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
) -> list[Clock]:
    """Start a clock of each kind from the day `on`, unless one of the kind runs; `note` opens its derivation."""
    runs = {clock.kind for clock in running(session, case)}
    started = [_new(case, kind, rules, on, now, note) for kind in kinds if kind not in runs]
    session.add_all(started)
    return started


def first(case: Case, report: Report, rules: Rules, now: datetime) -> list[dict[str, Any]]:
    """The clocks that run from receipt, as rows, of a case that is not yet written; the queue's date follows at once."""
    day, place = legal_day(report.received_at), by_code(case.authority).place
    started = [_values(kind, rules, day, now, place) for kind in states.filing_clocks(report.side)]
    case.next_due = min(values["due_on"] for values in started)
    return started


def start_own(
    session: Session, case: Case, kind: str, *, rules: Rules, on: date, now: datetime, note: str = ""
) -> Clock:
    """Start a clock whether or not another of its kind runs: each teller's reward has a claim clock of its own."""
    clock = _new(case, kind, rules, on, now, note)
    session.add(clock)
    return clock


def stop(
    session: Session, case: Case, which: Callable[[str], bool], *, now: datetime, state: str = "met"
) -> list[Clock]:
    """Stop the running clocks whose kind `which` picks; `state` is met or cancelled."""
    stopped = [clock for clock in running(session, case) if which(clock.kind)]
    for clock in stopped:
        stop_own(clock, now=now, state=state)
    return stopped


def stop_own(clock: Clock, *, now: datetime, state: str = "met") -> None:
    """Stop one clock; one that has stopped stays as it stopped."""
    if clock.state == "running":
        clock.state, clock.stopped_at, clock.wake_on = state, now, None


def add(
    session: Session, case: Case, kind: str, on: date, due: DueDate, *, extended: int, rules: Rules, now: datetime
) -> Clock:
    """One clock from the day `on`, whose due date was worked out already."""
    clock = Clock(
        case_id=case.id, kind=kind, state="running", starts_on=on, due_on=due.due_on, derivation={}, extended=extended
    )
    _write(clock, due, rules, now, "", by_code(case.authority).place)
    session.add(clock)
    return clock


def extend(clock: Clock, case: Case, *, rules: Rules, now: datetime) -> DueDate:
    """Extend a clock once more from its own start, as the law book says."""
    times = clock.extended + 1
    place = by_code(case.authority).place
    due = rules.due(clock.kind, clock.starts_on, place=place, extended=times)
    clock.extended = times
    _write(clock, due, rules, now, str(clock.derivation.get("note", "")), place)
    return due


def reckon_anew(clock: Clock, case: Case, *, rules: Rules, now: datetime) -> date | None:
    """Work a running clock out again, as when a year's calendar became known; the former day where it moved."""
    place, former = by_code(case.authority).place, clock.due_on
    due = rules.due(clock.kind, clock.starts_on, place=place, extended=clock.extended)
    _write(clock, due, rules, now, str(clock.derivation.get("note", "")), place)
    return former if due.due_on != former else None


def settle(session: Session, case: Case) -> None:
    """Keep the queue's date: the earliest running clock."""
    session.flush()
    query = select(func.min(Clock.due_on)).where(Clock.case_id == case.id, Clock.state == "running")
    case.next_due = session.scalar(query)


def _new(case: Case, kind: str, rules: Rules, on: date, now: datetime, note: str = "") -> Clock:
    return Clock(case_id=case.id, **_values(kind, rules, on, now, by_code(case.authority).place, note))


def _values(kind: str, rules: Rules, on: date, now: datetime, place: str, note: str = "") -> dict[str, Any]:
    """The columns of a clock that starts."""
    due = rules.due(kind, on, place=place)
    changing = _dated(due, rules, legal_day(now), place, note)
    return {"kind": kind, "state": "running", "starts_on": on, "extended": 0, **changing}


def _write(clock: Clock, due: DueDate, rules: Rules, now: datetime, note: str, place: str) -> None:
    for name, value in _dated(due, rules, legal_day(now), place, note).items():
        setattr(clock, name, value)


@lru_cache(maxsize=4096)
def _dated(due: DueDate, rules: Rules, today: date, place: str, note: str) -> dict[str, Any]:
    """What a due date says in the columns of a clock; clocks of one day and place share it, and nobody changes it."""
    data = due.as_data()
    if note:
        data |= {"note": note, "steps": [note, *due.steps]}
    wake_on = rules.ladder.at(due.due_on, today, rules.calendar.at(place), place)[1]
    return {"due_on": due.due_on, "derivation": data, "wake_on": wake_on}
