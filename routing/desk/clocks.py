"""The clocks of a case: started with their derivation, suspended, extended, stopped; the queue's date kept with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.models import STANDING, Case, Clock
from intake.report import Report
from routing import standstill, states
from routing.authorities import by_code
from routing.course import RUNNING, SUSPENDED
from routing.deadlines import DueDate
from routing.rules import Rules, legal_day
from routing.standstill import Span

FIXED = "fixed"
"""In the derivation of a clock whose last day was set by a person."""


def running(session: Session, case: Case) -> list[Clock]:
    """The clocks that run on a case, the earliest due first."""
    return [clock for clock in standing(session, case) if clock.state == RUNNING]


def standing(session: Session, case: Case) -> list[Clock]:
    """The clocks of a case that have not ended, also those that stand still, the earliest due first."""
    query = select(Clock).where(Clock.case_id == case.id, Clock.state.in_(STANDING))
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
    """Start a clock of each kind from the day `on`, unless one of the kind has not ended; `note` opens its derivation."""
    runs = {clock.kind for clock in standing(session, case)}
    started = [new(case, kind, rules=rules, on=on, now=now, note=note) for kind in kinds if kind not in runs]
    session.add_all(started)
    return started


def first(case: Case, report: Report, rules: Rules, now: datetime) -> list[dict[str, Any]]:
    """The clocks that run from receipt, as rows, of a case that is not yet written; the queue's date follows at once."""
    day, place = legal_day(report.received_at), by_code(case.authority).place
    started = [_values(kind, rules, day, now, place) for kind in states.filing_clocks(report.side)]
    case.next_due = min(values["due_on"] for values in started)
    return started


def start_own(
    session: Session,
    case: Case,
    kind: str,
    *,
    rules: Rules,
    on: date,
    now: datetime,
    note: str = "",
    at: datetime | None = None,
) -> Clock:
    """Start a clock whether or not another of its kind runs: each teller's reward has a claim clock of its own.

    A clock of hours runs from the moment `at`, where it is known.
    """
    clock = new(case, kind, rules=rules, on=on, now=now, note=note, at=at)
    session.add(clock)
    return clock


def stop(
    session: Session, case: Case, which: Callable[[str], bool], *, now: datetime, state: str = "met"
) -> list[Clock]:
    """Stop the clocks that have not ended and whose kind `which` picks; `state` is met or cancelled."""
    stopped = [clock for clock in standing(session, case) if which(clock.kind)]
    for clock in stopped:
        stop_own(clock, now=now, state=state)
    return stopped


def stop_own(clock: Clock, *, now: datetime, state: str = "met") -> None:
    """Stop one clock; one that has stopped stays as it stopped, and a standstill ends with its clock."""
    if clock.state in STANDING:
        if clock.state == SUSPENDED:
            _keep(clock, standstill.ended(spans(clock), legal_day(now)))
        clock.state, clock.stopped_at, clock.wake_on = state, now, None


def start_fixed(
    session: Session, case: Case, kind: str, on: date, due: DueDate, *, rules: Rules, now: datetime
) -> Clock:
    """One clock from the day `on` whose last day somebody above has set: no calendar moves it."""
    clock = Clock(case_id=case.id, kind=kind, state=RUNNING, starts_on=on, due_on=due.due_on, derivation={}, extended=0)
    _write(clock, due, rules, now, "", by_code(case.authority).place)
    clock.derivation = {**clock.derivation, FIXED: True}
    session.add(clock)
    return clock


def suspend(clock: Clock, case: Case, ground: str, *, rules: Rules, now: datetime) -> None:
    """Let a clock stand still from today: its date passes no more, and nothing is said about it."""
    _keep(clock, standstill.begun(spans(clock), ground, legal_day(now)))
    reckon(clock, case, rules=rules, now=now)
    clock.state, clock.wake_on = SUSPENDED, None


def resume(clock: Clock, case: Case, *, rules: Rules, now: datetime) -> None:
    """Let a clock go on today: its date moves by the days on which it stood still."""
    _keep(clock, standstill.ended(spans(clock), legal_day(now)))
    clock.state = RUNNING
    reckon(clock, case, rules=rules, now=now)


def extend(clock: Clock, case: Case, *, days: int = 0, rules: Rules, now: datetime) -> DueDate:
    """Extend a clock once more from its own start, as the law book says; `days` where fewer were granted."""
    clock.extended += 1
    clock.granted = [*clock.granted, days]
    return reckon(clock, case, rules=rules, now=now)


def reckon(clock: Clock, case: Case, *, rules: Rules, now: datetime) -> DueDate:
    """Work a clock out again from its start, its extensions and its standstills, and write down how."""
    place = by_code(case.authority).place
    due = due_of(clock, clock.starts_on, rules=rules, place=place)
    _write(clock, due, rules, now, str(clock.derivation.get("note", "")), place)
    return due


def reckon_anew(clock: Clock, case: Case, *, rules: Rules, now: datetime) -> date | None:
    """Work a running clock out again, as when a year's calendar became known; the former day where it moved."""
    former = clock.due_on
    if clock.derivation.get(FIXED):
        return None
    due = reckon(clock, case, rules=rules, now=now)
    return former if due.due_on != former else None


def due_of(clock: Clock, start: date, *, rules: Rules, place: str, extended: int | None = None) -> DueDate:
    """When this clock would end had it begun on the day `start`: the period of a teller who told later.

    What was excluded before that day does not move his date; `extended` where he knows of fewer extensions.
    """
    times = clock.extended if extended is None else extended
    still = standstill.after(spans(clock), start)
    granted = tuple(clock.granted[:times])
    return rules.due(clock.kind, start, place=place, extended=times, granted=granted, spans=still)


def like(clock: Clock, case: Case, start: date, *, rules: Rules, now: datetime) -> Clock:
    """Another clock that stands as `clock` does, on another case and from its own day."""
    place = by_code(case.authority).place
    due = due_of(clock, start, rules=rules, place=place)
    other = Clock(
        case_id=case.id,
        kind=clock.kind,
        state=clock.state,
        starts_on=start,
        due_on=due.due_on,
        derivation={},
        extended=clock.extended,
        granted=list(clock.granted),
        spans=[span.as_data() for span in standstill.after(spans(clock), start)],
    )
    _write(other, due, rules, now, "", place)
    if other.state == SUSPENDED:
        other.wake_on = None
    return other


def spans(clock: Clock) -> tuple[Span, ...]:
    """When a clock stood still, and why."""
    return standstill.read(clock.spans)


def _keep(clock: Clock, still: Iterable[Span]) -> None:
    clock.spans = [span.as_data() for span in still]


def settle(session: Session, case: Case) -> None:
    """Keep the queue's date: the earliest running clock."""
    session.flush()
    query = select(func.min(Clock.due_on)).where(Clock.case_id == case.id, Clock.state == RUNNING)
    case.next_due = session.scalar(query)


def new(
    case: Case,
    kind: str,
    *,
    rules: Rules,
    on: date,
    now: datetime,
    note: str = "",
    at: datetime | None = None,
) -> Clock:
    """A clock that runs from the day `on`, of hours from the moment `at`, not yet in any session."""
    return Clock(case_id=case.id, **_values(kind, rules, on, now, by_code(case.authority).place, note, at))


def _values(
    kind: str, rules: Rules, on: date, now: datetime, place: str, note: str = "", at: datetime | None = None
) -> dict[str, Any]:
    """The columns of a clock that starts."""
    due = rules.due(kind, on, place=place, at=at)
    changing = _dated(due, rules, legal_day(now), place, note)
    return {"kind": kind, "state": RUNNING, "starts_on": on, "extended": 0, "granted": [], "spans": [], **changing}


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
