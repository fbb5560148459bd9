"""通报: the cases that have been overdue for so long that the ladder names them publicly, and what of the list may leave.

A leader sees each case of his office and of those below it. What leaves the house is a count an office, and a count so
small that it could point to one case is withheld, with what would give it away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from intake import access, smallcells
from intake.errors import NotAllowed
from intake.models import Case, Clock, Staff
from intake.viewing import in_region, visible_to
from routing.authorities import by_code
from routing.rules import Rules
from routing.sweep import LIGHT

STAGE = "reported"
MOST = 20_000
"""So many lines are read at most: far more than any office is late with, so that counts are whole."""


@dataclass(frozen=True, slots=True)
class Late:
    """One clock of one case; `days` over its due date."""

    number: str
    authority: str
    clock: str
    due_on: date
    days: int


def reported(session: Session, *, viewer: Staff, rules: Rules, today: date) -> list[Late]:
    """The overdue cases of the viewer's region that the ladder of their place reports, the oldest first; NotAllowed."""
    if viewer.role != "leader" or not access.ever(viewer.role, "statistics", "exact"):
        raise NotAllowed
    return _list(session, visible_to(viewer), rules, today)


def published_of(session: Session, authority: str, *, rules: Rules, today: date, small: int) -> Published:
    """What may leave of the list of an authority and those below it: for whoever is told only counts."""
    return published(_list(session, in_region(authority), rules, today), small)


def _list(session: Session, which: ColumnElement[bool], rules: Rules, today: date) -> list[Late]:
    query = select(Clock, Case).options(*LIGHT).join(Case, Case.id == Clock.case_id)
    query = query.where(which, Case.closed_at.is_(None), Case.next_due < today)
    query = query.where(Clock.state == "running", Clock.due_on < today).order_by(Clock.due_on, Clock.id)
    found = session.execute(query.limit(MOST)).all()
    return [_late(clock, case, rules, today) for clock, case in found if _is_reported(clock, case, rules, today)]


def _is_reported(clock: Clock, case: Case, rules: Rules, today: date) -> bool:
    place = by_code(case.authority).place
    stage, _ = rules.ladder.at(clock.due_on, today, rules.calendar.at(place), place)
    return stage is not None and stage.name == STAGE


def _late(clock: Clock, case: Case, rules: Rules, today: date) -> Late:
    return Late(case.number, case.authority, rules.law.kind(clock.kind).name, clock.due_on, (today - clock.due_on).days)


@dataclass(frozen=True, slots=True)
class Published:
    """The list as it may leave: cases by the name of their office, None where withheld; so the total."""

    offices: tuple[tuple[str, int | None], ...]
    total: int | None


def published(lines: Iterable[Late], small: int) -> Published:
    """Counted by office, each case once, without what is small and without what would give it away."""
    cases = {line.number: by_code(line.authority).name for line in lines}
    counts = Counter(cases.values())
    shown = smallcells.suppress_line(dict(sorted(counts.items())), small)
    total = sum(counts.values())
    return Published(
        tuple(shown.counts.items()), total if shown.total_stays and (total == 0 or total >= small) else None
    )
