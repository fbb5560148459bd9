"""Working days by the State Council's calendar, and periods of law counted over them.

Civil Code Art. 201–203: the first day does not count; a period ending on a day of rest ends after it.
A weekend day that the State Council made a working day (调休) counts as one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from routing.lawbook import layers
from routing.lawfiles import Fault

ONE_DAY = timedelta(days=1)
SATURDAY = 5
WEEKEND = "weekend"


@dataclass(frozen=True, slots=True)
class Counted:
    """A period counted to its end.

    `counted` are the days that count, `skipped` those passed over, both in order;
    `moved_from` is the day on which a calendar period would have ended, had it not been a day of rest;
    `papers` are the notices used; `provisional` where a year is touched whose notice is not known.
    """

    due_on: date
    counted: tuple[date, ...]
    skipped: tuple[date, ...]
    papers: tuple[str, ...]
    provisional: bool
    moved_from: date | None = None


@dataclass(frozen=True, slots=True)
class Regional:
    """A day off in one region only: minority-region holidays, set by its government (放假办法 Art. 4)."""

    place: str
    name: str
    paper: str


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """The days off and the weekends worked, by year, each year with the paper that says so.

    `regional` holds what is free in some regions only; `at` gives the calendar of a place.
    """

    off: Mapping[date, str]
    worked: Mapping[date, str]
    papers: Mapping[int, tuple[str, ...]]
    statutory_fixed: Mapping[tuple[int, int], str]
    statutory_moving: Mapping[date, str]
    statutory_paper: str
    regional: Mapping[date, tuple[Regional, ...]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    """What was wrong with the bureau's own years."""

    @classmethod
    def load(cls, overrides: Path | None = None, without: Collection[str] = ()) -> Calendar:
        """The packaged years, and those of the folder `overrides`, which win over packaged ones of the same year.

        Files named in `without` are passed over: `yearfile.calendar` names those with a fault.
        """
        packaged = resources.files("routing").joinpath("law", "calendar")
        years = {}
        own = [file for file in sorted(overrides.glob("*.toml")) if file.name not in without] if overrides else []
        for source in [*packaged.iterdir(), *own]:
            if source.name.removesuffix(".toml").isdigit() and source.name.endswith(".toml"):
                read = tomllib.loads(source.read_text(encoding="utf-8"))
                years[int(read["year"])] = read
        return cls(
            off={day: span["name"] for year in years.values() for span in year["off"] for day in _days_of(span)},
            worked={day: span["name"] for year in years.values() for span in year["off"] for day in span["work"]},
            papers={number: tuple(_paper(paper) for paper in year["papers"]) for number, year in years.items()},
            regional=_regional(years.values()),
            **_statutory(packaged.joinpath("statutory.toml")),
        )

    def at(self, place: str | None) -> Calendar:
        """The calendar of a division: the nation's, and what its region, city or county adds."""
        return _calendar_of(self, layers(place)) if self.regional and place else self

    def knows(self, year: int) -> bool:
        """Whether the State Council's notice for this year is in the calendar."""
        return year in self.papers

    def is_working(self, day: date) -> bool:
        """Whether offices work on this day; in an unknown year weekends and statutory holidays are taken as free."""
        return self.rest(day) is None

    def rest(self, day: date) -> str | None:
        """Why the day is free: a holiday's name, WEEKEND, or None for a working day."""
        if day in self.worked:
            return None
        if day in self.off:
            return self.off[day]
        if not self.knows(day.year):
            name = self.statutory_moving.get(day) or self.statutory_fixed.get((day.month, day.day))
            if name:
                return name
        return WEEKEND if day.weekday() >= SATURDAY else None

    def add_working_days(self, start: date, n: int, standstill: Collection[date] = ()) -> Counted:
        """The n-th working day after `start`; whatever day `start` is, day one is the first working day after it.

        Days of `standstill` are neither counted nor told as skipped: the law excludes them.
        """
        counted: list[date] = []
        skipped: list[date] = []
        day = start
        while len(counted) < n:
            day += ONE_DAY
            if day not in standstill:
                (counted if self.is_working(day) else skipped).append(day)
        return self._result(start, day, counted, skipped)

    def add_calendar_days(self, start: date, n: int, standstill: Collection[date] = ()) -> Counted:
        """The n-th day after `start`; an end on a day of rest, or of `standstill`, moves to the next working day."""
        counted: list[date] = []
        last = start
        while len(counted) < n:
            last += ONE_DAY
            if last not in standstill:
                counted.append(last)
        end = last
        while end in standstill or not self.is_working(end):
            end += ONE_DAY
        passed = [last + timedelta(days=i) for i in range((end - last).days)]
        moved = last if end != last else None
        return self._result(start, end, counted, [day for day in passed if day not in standstill], moved_from=moved)

    def working_days_before(self, day: date, n: int) -> date:
        """The n-th working day before `day`: when a reminder is due."""
        for _ in range(n):
            day -= ONE_DAY
            while not self.is_working(day):
                day -= ONE_DAY
        return day

    def _result(
        self, start: date, due: date, counted: list[date], skipped: list[date], moved_from: date | None = None
    ) -> Counted:
        years = range((start + ONE_DAY).year, due.year + 1)
        papers = [paper for year in years for paper in self.papers.get(year, (self.statutory_paper,))]
        return Counted(
            due_on=due,
            counted=tuple(counted),
            skipped=tuple(skipped),
            papers=tuple(dict.fromkeys(papers)),
            provisional=not all(map(self.knows, years)),
            moved_from=moved_from,
        )


@lru_cache(maxsize=512)
def _calendar_of(calendar: Calendar, near: tuple[str, ...]) -> Calendar:
    """With the regional days off that hold in one of the layers, and the papers that say so."""
    added = {day: one for day, found in calendar.regional.items() for one in found if one.place in near}
    if not added:
        return calendar
    papers = dict(calendar.papers)
    for day, one in added.items():
        known = papers.get(day.year, ())
        if known and one.paper not in known:
            papers[day.year] = (*known, one.paper)
    off = {**calendar.off, **{day: one.name for day, one in added.items()}}
    worked = {day: name for day, name in calendar.worked.items() if day not in added}
    return replace(calendar, off=off, worked=worked, papers=papers, regional={})


def _regional(years: Iterable[Mapping[str, Any]]) -> Mapping[date, tuple[Regional, ...]]:
    found: dict[date, tuple[Regional, ...]] = {}
    for year in years:
        for span in year.get("regional", ()):
            for day in _days_of(span):
                found[day] = (*found.get(day, ()), Regional(span["place"], span["name"], span["paper"]))
    return found


def _days_of(span: Mapping[str, Any]) -> Iterator[date]:
    day = span["first"]
    while day <= span["last"]:
        yield day
        day += ONE_DAY


def _paper(paper: Mapping[str, str]) -> str:
    return f"《{paper['title']}》" + (f"（{paper['number']}）" if paper.get("number") else "")


def _statutory(file: Traversable) -> dict[str, Any]:
    read = tomllib.loads(file.read_text(encoding="utf-8"))
    moving: dict[date, str] = {}
    for year in read["moving"].values():
        for name, day in year.items():
            span = read["span"][name]
            for offset in range(span["from"], span["to"] + 1):
                moving[day + timedelta(days=offset)] = span["name"]
    fixed = {(int(key[:2]), int(key[3:])): name for key, name in read["fixed"].items()}
    return {"statutory_fixed": fixed, "statutory_moving": moving, "statutory_paper": read["paper"]}
