"""When a clock has something to say and to whom: the ladder of reminders as data, evaluated purely."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from routing.errors import BadLadder
from routing.lawbook import NATION, layers
from routing.workdays import ONE_DAY, Calendar

FILE = "ladder.toml"
TO = frozenset({"handler", "leader", "authority", "superior", "supervisors"})
"""Everybody a rung may name: the handler, the head of his unit, the whole authority, the one above, the region's supervisors."""
STAGES = ("before3", "before1", "due", "overdue", "reported")
"""The stages that have a sentence; each is said once for a clock and a day."""
LATE = frozenset({"overdue", "reported"})


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder: how many working days from the due date, or from the next day on every so many."""

    stage: str
    to: tuple[str, ...]
    days: int = 0
    next_day: bool = False
    every: int = 0
    place: str = NATION


@dataclass(frozen=True, slots=True)
class Stage:
    """A rung on its day."""

    rung: Rung
    on: date

    @property
    def name(self) -> str:
        """before3, before1, due, overdue, reported."""
        return self.rung.stage


@dataclass(frozen=True, slots=True, eq=False)
class Ladder:
    """The rungs of every place; the nearest place that has rungs of its own is asked, and no other."""

    by_place: Mapping[str, tuple[Rung, ...]]

    @classmethod
    def load(cls, own: Path | None = None) -> Ladder:
        """The packaged ladder; the file ladder.toml of the folder `own` replaces it for the places it names."""
        packaged = resources.files("routing").joinpath(FILE).read_text(encoding="utf-8")
        found = _read(packaged)
        file = own / FILE if own else None
        if file is not None and file.is_file():
            mine = _read(file.read_text(encoding="utf-8"))
            # A bureau's own word for the whole country wins over everything that was packaged.
            found = mine if NATION in mine else found | mine
        return cls(found)

    def rungs(self, place: str | None = None) -> tuple[Rung, ...]:
        """The ladder of a place."""
        return next(self.by_place[near] for near in reversed(layers(place)) if near in self.by_place)

    def stages(self, due_on: date, calendar: Calendar, place: str | None = None) -> Iterator[Stage]:
        """Every reminder of a clock in order; the last rung may repeat for ever."""
        for rung in self.rungs(place):
            day = _first(rung, due_on, calendar)
            yield Stage(rung, day)
            while rung.every:
                day = calendar.add_working_days(day, rung.every).due_on
                yield Stage(rung, day)

    def at(
        self, due_on: date, today: date, calendar: Calendar, place: str | None = None
    ) -> tuple[Stage | None, date | None]:
        """The stage reached on `today`, and the day of the next one; None where nothing is left to say.

        Remembered: the clocks of one authority that end on one day are asked about together.
        """
        return _at(self, due_on, today, calendar, place)


@lru_cache(maxsize=8192)
def _at(
    ladder: Ladder, due_on: date, today: date, calendar: Calendar, place: str | None
) -> tuple[Stage | None, date | None]:
    reached: Stage | None = None
    for stage in ladder.stages(due_on, calendar, place):
        if stage.on > today:
            return reached, stage.on
        reached = stage
    return reached, None


def _first(rung: Rung, due_on: date, calendar: Calendar) -> date:
    if rung.next_day:
        return due_on + ONE_DAY
    if rung.days > 0:
        return calendar.add_working_days(due_on, rung.days).due_on
    return calendar.working_days_before(due_on, -rung.days)


def _read(written: str) -> dict[str, tuple[Rung, ...]]:
    """The rungs by place, as written; BadLadder with the fault where the file is none."""
    try:
        rows = tomllib.loads(written)["rung"]
        rungs = [_rung(row) for row in rows]
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as fault:
        raise BadLadder(why=str(fault)) from fault
    places = dict.fromkeys(rung.place for rung in rungs)
    return {place: _ordered([rung for rung in rungs if rung.place == place]) for place in places}


def _rung(row: Mapping[str, Any]) -> Rung:
    rung = Rung(**{**row, "to": tuple(row["to"])})
    if rung.stage not in STAGES or not rung.to or not set(rung.to) <= TO or rung.every < 0:
        raise ValueError(rung.stage)
    return rung


def _ordered(rungs: Iterable[Rung]) -> tuple[Rung, ...]:
    """The rungs as they follow each other; only the last may repeat, or nothing behind it would ever be reached."""
    found = tuple(sorted(rungs, key=lambda rung: 0.5 if rung.next_day else rung.days))
    if len({rung.stage for rung in found}) < len(found) or any(rung.every for rung in found[:-1]):
        raise ValueError(found[0].stage)
    return found
