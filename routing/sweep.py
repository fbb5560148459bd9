"""What time does: clocks that are near their end or past it write notices, and rewards nobody claimed lapse.

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

from intake.db import bare, insert_into
from intake.models import Case, Clock, Notice, Staff
from routing import ladder, states
from routing.authorities import by_code, superior_of
from routing.desk import notices, people
from routing.desk.claiming import claim_day
from routing.desk.handover import offer_day
from routing.ladder import Stage
from routing.rules import Rules, legal_day
from routing.wording import long_day, say
from routing.workdays import Calendar

KEYS_AT_ONCE = 500
CLAIM = "reward_claim"
"""The one clock that runs against a teller: it reminds him, and its end lets his reward lapse."""

HANDED = frozenset({"send_back", "jurisdiction_dispute"})
"""The clocks of a handover: they run against the authority that was asked, not against who has the case."""


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
    reached: dict[tuple[date, Calendar], _Reached] = {}
    rows: list[dict[str, Any]] = []
    unheard = told = 0
    for clock, case in found:
        calendar = rules.calendar.at(by_code(case.authority).place)
        if (clock.due_on, calendar) not in reached:
            reached[clock.due_on, calendar] = _reach(clock.due_on, today, calendar)
        now_reached = reached[clock.due_on, calendar]
        clock.wake_on = now_reached.next_on
        if now_reached.stage is None or (case.closed_at is not None and clock.kind not in states.of_rewards()):
            continue
        if clock.kind == CLAIM:
            told += claim_day(session, clock, case, now_reached.stage.name, rules=rules, now=now)
            continue
        if clock.kind in HANDED:
            told += offer_day(session, clock, case, now_reached.stage.name, rules=rules, now=now)
            continue
        said = list(_reminders(staff, clock, case, now_reached, rules, now))
        unheard += not said
        rows += said
    written = _write(session, rows) + told
    session.flush()
    return Swept(clocks=len(found), notices=written, unheard=unheard, more=len(found) == limit)


@dataclass(frozen=True, slots=True)
class _Reached:
    """How far the clocks of one due date are today: worked out once in a batch."""

    stage: Stage | None
    next_on: date | None
    left: str
    due: str
    over: int


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
            if handler is not None and handler.active and not people.barred(handler, case):
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
    staff: _Staff, clock: Clock, case: Case, reached: _Reached, rules: Rules, now: datetime
) -> Iterator[dict[str, Any]]:
    """One notice for each person on the rung, each person once."""
    stage = reached.stage
    assert stage is not None
    to: dict[int, str] = {}
    for rung in stage.rung.to:
        for one in _on_rung(staff, case, rung):
            # Who stands in from above cannot handle the case: he is asked to urge, not to act.
            stands_in = rung == "handler" and one.authority != case.authority
            to.setdefault(one.id, "superior" if stands_in else rung)
    bodies = {rung: _body(clock, case, reached, rung, rules) for rung in set(to.values())}
    for staff_id, rung in to.items():
        yield {
            "key": f"clock-{clock.id}-{stage.name}-{stage.on.isoformat()}-staff-{staff_id}",
            "body": bodies[rung],
            "staff_id": staff_id,
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


def _body(clock: Clock, case: Case, reached: _Reached, rung: str, rules: Rules) -> str:
    assert reached.stage is not None
    key = reached.stage.name
    if key == "overdue" and rung in {"superior", "supervisors"}:
        key = f"overdue_{rung}"
    return notices.to_staff(
        f"reminders.{key}",
        case,
        clock=rules.law.kind(clock.kind).name,
        due=reached.due,
        authority=by_code(case.authority).name,
        over=reached.over,
        left=reached.left,
    )


def _reach(due_on: date, today: date, calendar: Calendar) -> _Reached:
    """What is true today of every clock that ends on `due_on` under one calendar."""
    stage, next_on = ladder.at(due_on, today, calendar)
    days = 0
    while today < due_on and calendar.add_working_days(today, days + 1).due_on <= due_on:
        days += 1
    left = say("staff.reminders.left", n=days)
    return _Reached(stage, next_on, left=left, due=long_day(due_on), over=(today - due_on).days)


def _free(staff: list[Staff], case: Case) -> list[Staff]:
    return [one for one in staff if not people.barred(one, case)]


def _write(session: Session, rows: list[dict[str, Any]]) -> int:
    """Insert what was not said before; the number of new notices."""
    keys = [row["key"] for row in rows]
    said: set[str] = set()
    for i in range(0, len(keys), KEYS_AT_ONCE):
        said.update(session.scalars(select(Notice.key).where(Notice.key.in_(keys[i : i + KEYS_AT_ONCE]))))
    fresh = [row for row in rows if row["key"] not in said]
    if fresh:
        # One statement for many rows, past the mapper; the key still guards where two sweepers meet.
        statement = insert_into(session.get_bind().dialect.name, bare(Notice))
        session.execute(statement.on_conflict_do_nothing(index_elements=["key"]), fresh)
    return len(fresh)
