"""When a clock has something to say and to whom: the ladder of reminders as data, evaluated purely."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from routing.workdays import ONE_DAY, Calendar


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder: how many working days from the due date, or from the next day on every so many."""

    stage: str
    to: tuple[str, ...]
    days: int = 0
    next_day: bool = False
    every: int = 0


@dataclass(frozen=True, slots=True)
class Stage:
    """A rung on its day."""

    rung: Rung
    on: date

    @property
    def name(self) -> str:
        """before3, before1, due, overdue."""
        return self.rung.stage


@cache
def rungs() -> tuple[Rung, ...]:
    """The ladder as written."""
    rows = tomllib.loads(resources.files("routing").joinpath("ladder.toml").read_text(encoding="utf-8"))["rung"]
    return tuple(Rung(**{**row, "to": tuple(row["to"])}) for row in rows)


def stages(due_on: date, calendar: Calendar) -> Iterator[Stage]:
    """Every reminder of a clock in order; the last rung repeats for ever."""
    for rung in rungs():
        if rung.next_day:
            day = due_on + ONE_DAY
            yield Stage(rung, day)
            while rung.every:
                day = calendar.add_working_days(day, rung.every).due_on
                yield Stage(rung, day)
        else:
            yield Stage(rung, calendar.working_days_before(due_on, -rung.days))


def at(due_on: date, today: date, calendar: Calendar) -> tuple[Stage | None, date | None]:
    """The stage reached on `today`, and the day of the next one."""
    reached: Stage | None = None
    for stage in stages(due_on, calendar):
        if stage.on > today:
            return reached, stage.on
        reached = stage
    return reached, None
