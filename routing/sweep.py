"""What time does: clocks that are near their end or past it become reminders, and rewards nobody claimed lapse.

It reads only running clocks whose day has come, through an index, so its work grows with what is due and not with
what is open. One stage is said once: after days of standstill only the stage reached now, not all that were missed.
A reminder waits for its person's opening (`routing.hours`) and goes out with what else there is to say to him
(`routing.digest`); only clocks counted in hours are told of at once, each by a message of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, tuple_, update
from sqlalchemy.orm import Session, load_only

from intake import crime, outbox
from intake.db import bare, insert_into
from intake.models import Case, Clock, Notice, Reminder, Staff
from routing import states
from routing.authorities import by_code
from routing.desk.claiming import claim_day
from routing.desk.handover import offer_day
from routing.hours import EVERY, audience
from routing.ladder import LATE, Stage
from routing.recipients import Recipients
from routing.rules import Rules, legal_day
from routing.wording import long_day, say

LIGHT = (
    load_only(Clock.case_id, Clock.kind, Clock.state, Clock.due_on),
    load_only(Case.number, Case.authority, Case.handler_id, Case.institution, Case.routing, Case.closed_at),
)
"""What a reminder needs: derivations and summaries are long, and nobody reads them here."""
CLAIM = "reward_claim"
"""The one clock that runs against a teller: it reminds him, and its end lets his reward lapse."""

HANDED = frozenset({"send_back", "jurisdiction_dispute"})
"""The clocks of a handover: they run against the authority that was asked, not against who has the case."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What one batch did: clocks looked at, reminders written, clocks nobody could be told of, whether more wait."""

    clocks: int
    notices: int
    unheard: int
    more: bool


def sweep(session: Session, *, rules: Rules, now: datetime, limit: int = 500) -> Swept:
    """Write the reminders of up to `limit` clocks that are due today or were due before; the caller commits."""
    today = legal_day(now)
    query = (
        select(Clock, Case)
        .options(*LIGHT)
        .join(Case, Case.id == Clock.case_id)
        .where(Clock.state == "running", Clock.wake_on <= today)
        .order_by(Clock.wake_on, Clock.id)
        .limit(limit)
        .with_for_update(of=Clock, skip_locked=True)  # PostgreSQL: two sweepers never take one clock
    )
    found = session.execute(query).all()
    batch = _Batch(rules, now, Recipients(session))
    unheard = told = 0
    for clock, case in found:
        place = by_code(case.authority).place
        stage, next_on = rules.ladder.at(clock.due_on, today, rules.calendar.at(place), place)
        batch.waking.setdefault(next_on, []).append(clock.id)
        if stage is None or (case.closed_at is not None and clock.kind not in states.of_rewards()):
            continue
        if clock.kind == CLAIM:
            told += claim_day(session, clock, case, stage.name, rules=rules, now=now)
        elif clock.kind in HANDED:
            said = offer_day(session, clock, case, stage.name, rules=rules, now=now)
            if said is None:  # somebody is just answering: again in the next round
                batch.waking[next_on].remove(clock.id)
                batch.waking.setdefault(today, []).append(clock.id)
            told += said or 0
        else:
            unheard += not batch.add(clock, case, stage)
    for next_on, ids in batch.waking.items():
        session.execute(update(Clock).where(Clock.id.in_(ids)).values(wake_on=next_on))
    written = _remember(session, batch.reminders) + _call(session, batch.urgent) + told
    session.flush()
    return Swept(clocks=len(found), notices=written, unheard=unheard, more=len(found) == limit)


@dataclass(slots=True)
class _Batch:
    """What a batch has to say, as rows."""

    rules: Rules
    now: datetime
    recipients: Recipients
    reminders: list[dict[str, Any]] = field(default_factory=list)
    urgent: list[dict[str, Any]] = field(default_factory=list)
    openings: dict[tuple[str, str], datetime] = field(default_factory=dict)
    waking: dict[date | None, list[int]] = field(default_factory=dict)
    """The clocks by the day on which each has something to say again: few days, so few statements."""

    def add(self, clock: Clock, case: Case, stage: Stage) -> int:
        """One row for each person on the rung; how many."""
        # A criminal inquiry is nothing for those who only look on: their page does not show its periods either.
        rungs = [rung for rung in stage.rung.to if rung != "supervisors" or clock.kind not in crime.CLOCKS]
        to = self.recipients.of(case, rungs)
        for staff, rung in to.values():
            if clock.kind in self.rules.hours.urgent:
                self.urgent.append(self._notice(clock, case, stage, staff))
            else:
                self.reminders.append(
                    {
                        "clock_id": clock.id,
                        "staff_id": staff.id,
                        "stage": stage.name,
                        "on_day": stage.on,
                        "rung": rung,
                        "ready_at": self._opening(staff),
                    }
                )
        return len(to)

    def _opening(self, staff: Staff) -> datetime:
        """When he may be spoken to, worked out once for an authority."""
        known = (audience(staff.role), staff.authority)
        if known not in self.openings:
            place = by_code(staff.authority).place
            calendar = self.rules.calendar.at(place)
            self.openings[known] = self.rules.hours.opening(known[0], EVERY, place, self.now, calendar)
        return self.openings[known]

    def _notice(self, clock: Clock, case: Case, stage: Stage, staff: Staff) -> dict[str, Any]:
        return outbox.row(
            key=f"{outbox.URGENT}clock-{clock.id}-{stage.name}-{stage.on.isoformat()}-staff-{staff.id}",
            body=say(
                "staff.reminders.urgent_late" if stage.name in LATE else "staff.reminders.urgent",
                number=case.number,
                authority=by_code(case.authority).name,
                clock=self.rules.law.kind(clock.kind).name,
                due=long_day(clock.due_on),
            ),
            now=self.now,
            staff_id=staff.id,
            case_id=case.id,
        )


_SAID = (Reminder.clock_id, Reminder.staff_id, Reminder.stage, Reminder.on_day)


def _remember(session: Session, rows: list[dict[str, Any]]) -> int:
    """Insert what was not said before; the number of new reminders."""
    if not rows:
        return 0
    said: set[tuple[int, int, str, date]] = set()
    clocks = sorted({(row["clock_id"], row["on_day"]) for row in rows})
    for some in _pieces(clocks):
        asked = select(*_SAID).where(tuple_(Reminder.clock_id, Reminder.on_day).in_(some))
        said.update((a, b, c, d) for a, b, c, d in session.execute(asked))
    fresh = [row for row in rows if tuple(row[column.key] for column in _SAID) not in said]
    if fresh:
        # One statement for many rows, past the mapper; the constraint still guards where two sweepers meet.
        statement = insert_into(session.get_bind().dialect.name, bare(Reminder))
        session.execute(statement.on_conflict_do_nothing(index_elements=[column.key for column in _SAID]), fresh)
    return len(fresh)


def _call(session: Session, rows: list[dict[str, Any]]) -> int:
    """Put the messages that cannot wait; the number of new ones."""
    keys = [row["key"] for row in rows]
    said = {key for some in _pieces(keys) for key in session.scalars(select(Notice.key).where(Notice.key.in_(some)))}
    fresh = [row for row in rows if row["key"] not in said]
    if fresh:
        statement = insert_into(session.get_bind().dialect.name, bare(Notice))
        session.execute(statement.on_conflict_do_nothing(index_elements=["key"]), fresh)
    return len(fresh)


def _pieces(rows: list[Any], most: int = 400) -> Iterable[list[Any]]:
    """In pieces: a statement takes only so many parameters."""
    for start in range(0, len(rows), most):
        yield rows[start : start + most]
