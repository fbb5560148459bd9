"""What time does: clocks that are near their end or past it write notices; nothing else is touched.

It reads only clocks whose day has come, through an index, so its work grows with what is due and not with what
is open. One stage is said once: after days of standstill only the stage reached now, not all that were missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.db import insert
from intake.models import Case, Clock, Notice, Staff
from routing import ladder
from routing.authorities import by_code, superior_of
from routing.desk import notices, people
from routing.ladder import Stage
from routing.rules import Rules, legal_day
from routing.wording import long_day, say

ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Swept:
    """What one batch did: clocks looked at, notices written, clocks nobody could be told of, and whether more wait."""

    clocks: int
    notices: int
    unheard: int
    more: bool


def sweep(session: Session, *, rules: Rules, now: datetime, limit: int = 500) -> Swept:
    """Write the reminders of up to `limit` clocks that are due today or were due before; the caller commits."""
    today = legal_day(now)
    query = (
        select(Clock, Case)
        .join(Case, Case.id == Clock.case_id)
        .where(Clock.state == "running", Clock.wake_on <= today)
        .order_by(Clock.wake_on, Clock.id)
        .limit(limit)
        .with_for_update(of=Clock, skip_locked=True)  # PostgreSQL: two sweepers never take one clock
    )
    found = session.execute(query).all()
    staff = _Staff(session)
    reached: dict[date, tuple[Stage | None, date | None]] = {}
    rows: list[dict[str, Any]] = []
    unheard = 0
    for clock, case in found:
        if clock.due_on not in reached:
            reached[clock.due_on] = ladder.at(clock.due_on, today, rules.calendar)
        stage, clock.wake_on = reached[clock.due_on]
        if stage is None or case.closed_at is not None:
            continue
        said = list(_reminders(staff, clock, case, stage, rules, now))
        unheard += not said
        rows += said
    written = sum(_write(session, rows[i : i + ROWS_AT_ONCE]) for i in range(0, len(rows), ROWS_AT_ONCE))
    session.flush()
    return Swept(clocks=len(found), notices=written, unheard=unheard, more=len(found) == limit)


@dataclass(slots=True)
class _Staff:
    """Who hears what, each authority asked for once in a batch."""

    session: Session
    known: dict[tuple[str, str], list[Staff]] = field(default_factory=dict)

    def of(self, authority: str, role: str) -> list[Staff]:
        """The active staff of one role in one authority."""
        if (authority, role) not in self.known:
            self.known[authority, role] = people.staff_of(self.session, [authority], role)
        return self.known[authority, role]

    def handler(self, case: Case) -> list[Staff]:
        """The handler; without one the officers, without those the leaders, without those the superior's."""
        if case.handler_id is not None:
            handler = self.session.get(Staff, case.handler_id)
            if handler is not None and handler.active:
                return [handler]
        for role in ("officer", "leader"):
            if found := _free(self.of(case.authority, role), case):
                return found
        return self.superior(case)

    def leader(self, case: Case) -> list[Staff]:
        """The leaders of the authority."""
        return _free(self.of(case.authority, "leader"), case)

    def superior(self, case: Case) -> list[Staff]:
        """The leaders of the nearest authority above that has any and is not complained of."""
        current = superior_of(by_code(case.authority))
        while current is not None:
            if current.code not in people.excluded(case) and (found := _free(self.of(current.code, "leader"), case)):
                return found
            current = superior_of(current)
        return []

    def supervisors(self, case: Case) -> list[Staff]:
        """The social supervisors of the region: appointed by the authority or by the one above it."""
        authority = by_code(case.authority)
        regions = [code for code in (authority.code, authority.superior) if code]
        return [one for code in regions for one in _free(self.of(code, "supervisor"), case)]


def _reminders(
    staff: _Staff, clock: Clock, case: Case, stage: Stage, rules: Rules, now: datetime
) -> Iterator[dict[str, Any]]:
    """One notice for each person on the rung, each person once."""
    to: dict[int, str] = {}
    for rung in stage.rung.to:
        for one in _on_rung(staff, case, rung):
            to.setdefault(one.id, rung)
    for staff_id, rung in to.items():
        yield {
            "key": f"clock-{clock.id}-{stage.name}-{stage.on.isoformat()}-staff-{staff_id}",
            "body": _body(clock, case, stage, rung, rules, now),
            "staff_id": staff_id,
            "report_id": None,
            "case_id": case.id,
            "state": "waiting",
            "attempts": 0,
            "created_at": now,
            "next_try_at": now,
        }


def _on_rung(staff: _Staff, case: Case, rung: str) -> Iterable[Staff]:
    return {
        "handler": staff.handler,
        "leader": staff.leader,
        "superior": staff.superior,
        "supervisors": staff.supervisors,
    }[rung](case)


def _body(clock: Clock, case: Case, stage: Stage, rung: str, rules: Rules, now: datetime) -> str:
    key = stage.name
    if stage.name == "overdue" and rung in {"superior", "supervisors"}:
        key = f"overdue_{rung}"
    return notices.to_staff(
        f"reminders.{key}",
        case,
        clock=rules.law.kind(clock.kind).name,
        due=long_day(clock.due_on),
        authority=by_code(case.authority).name,
        over=(legal_day(now) - clock.due_on).days,
        left=_left(clock.due_on, legal_day(now), rules),
    )


def _left(due_on: date, today: date, rules: Rules) -> str:
    """How many working days remain, in words."""
    days = 0
    while rules.calendar.add_working_days(today, days + 1).due_on <= due_on:
        days += 1
    return say("staff.reminders.left", n=days)


def _free(staff: list[Staff], case: Case) -> list[Staff]:
    return [one for one in staff if not people.conflicted(one, case)]


def _write(session: Session, rows: list[dict[str, Any]]) -> int:
    """Insert what was not said before; the number of new notices."""
    statement = insert(session, Notice).values(rows).on_conflict_do_nothing(index_elements=["key"])
    return len(session.execute(statement.returning(Notice.id)).all())
