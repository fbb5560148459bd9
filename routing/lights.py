"""Traffic lights of clocks (lights.toml): how much of a period is left, in working days, as one colour.

DOMAIN.md §8.1: green above half, yellow up to half, orange up to a fifth, red when overdue; grey while it stands still.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any

from routing import standstill
from routing.standstill import Span
from routing.workdays import Calendar

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Light:
    """The colour of a clock, and the working days left; negative where its day is past."""

    colour: str
    left: int


@cache
def table() -> Mapping[str, Any]:
    """The thresholds as written."""
    return tomllib.loads(resources.files("routing").joinpath("lights.toml").read_text(encoding="utf-8"))


def light(
    starts_on: date, due_on: date, today: date, calendar: Calendar, *, spans: Iterable[Span] = (), still: bool = False
) -> Light:
    """The light today of a clock that runs from `starts_on` to `due_on`; `still` while it is suspended."""
    excluded = sum(map(calendar.is_working, standstill.days(spans)))
    left = working_days_between(today, due_on, calendar)
    total = working_days_between(starts_on, due_on, calendar) - excluded
    if still:
        return Light(table()["suspended"], left)
    if today > due_on:
        return Light(table()["overdue"], left)
    rows = table()["light"]
    return Light(next(row["colour"] for row in rows if "above" not in row or left > total * row["above"]), left)


def working_days_between(after: date, until: date, calendar: Calendar) -> int:
    """Working days after the one and up to the other, negative where it lies behind."""
    if until < after:
        return -working_days_between(until, after, calendar)
    days = (after + ONE_DAY * i for i in range(1, (until - after).days + 1))
    return sum(map(calendar.is_working, days))
