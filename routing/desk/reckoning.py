"""What follows when a year's calendar becomes known: provisional due dates are worked out again and told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake import audit
from intake.models import Case, Clock
from routing.desk import clocks, notices, people
from routing.rules import Rules
from routing.wording import long_day


@dataclass(frozen=True, slots=True)
class Reckoned:
    """One batch: clocks looked at, clocks whose day moved, and where to go on; None at the end."""

    clocks: int
    moved: int
    after: int | None


def reckon_year(
    session: Session, year: int, *, rules: Rules, now: datetime, after: int = 0, limit: int = 500
) -> Reckoned:
    """Work out again the running clocks that reach into `year` and were provisional; each move is an event and a notice.

    Doing it twice changes nothing the second time; the caller commits and goes on with `after`.
    """
    query = (
        select(Clock, Case)
        .join(Case, Case.id == Clock.case_id)
        .where(Clock.state == "running", Clock.due_on >= date(year, 1, 1), Clock.id > after)
        .order_by(Clock.id)
        .limit(limit)
        .with_for_update(of=Clock)
    )
    found = session.execute(query).all()
    moved = 0
    for clock, case in found:
        if not clock.derivation.get("provisional"):
            continue
        former = clocks.reckon_anew(clock, case, rules=rules, now=now)
        if former is not None:
            _tell(session, case, clock, former, rules, now)
            moved += 1
    for case in {case.id: case for _, case in found}.values():
        clocks.settle(session, case)
    return Reckoned(len(found), moved, found[-1][0].id if len(found) == limit else None)


def _tell(session: Session, case: Case, clock: Clock, former: date, rules: Rules, now: datetime) -> None:
    """The event, and a notice to whoever handles the case, or may take it up."""
    days = {"clock": clock.kind, "from": former.isoformat(), "to": clock.due_on.isoformat()}
    event = audit.append(session, case.id, "clock_reckoned", "system", days, now)
    session.flush()
    name = rules.law.kind(clock.kind).name
    body = notices.to_staff("reckoned", case, clock=name, former=long_day(former), due=long_day(clock.due_on))
    notices.tell_staff(session, people.responsible(session, case), case, notices.of(event), body, now=now)
