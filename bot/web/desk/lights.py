"""Traffic lights: how much of a period is left, in working days, in words and signs and only then in colour.

DOMAIN.md §8.1: green above half, yellow up to half, orange up to a fifth, red when overdue.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from bot.web.desk.labels import label
from routing.workdays import Calendar

ONE_DAY = timedelta(days=1)
HALF, FIFTH = 0.5, 0.2


@dataclass(frozen=True, slots=True)
class Lamp:
    """One light: `colour` for the style sheet, `sign` and `words` for everybody; `left` is negative when overdue."""

    colour: str
    sign: str
    words: str
    left: int


def lamp(starts_on: date, due_on: date, today: date, calendar: Calendar) -> Lamp:
    """The light of a period that runs from `starts_on` to `due_on`, as it stands today."""
    left = working_days_between(today, due_on, calendar)
    total = working_days_between(starts_on, due_on, calendar)
    if today > due_on:
        colour = "red"
    elif left > total * HALF:
        colour = "green"
    else:
        colour = "yellow" if left > total * FIFTH else "orange"
    # Overdue over a weekend is overdue by no working day yet, and today is still in time.
    words = "over_rest" if today > due_on and left == 0 else "today" if left == 0 else colour
    return Lamp(colour, label("sign", colour), label("lamp", words).format(days=abs(left)), left)


def working_days_between(after: date, until: date, calendar: Calendar) -> int:
    """Working days after the one and up to the other, negative where it lies behind."""
    if until < after:
        return -working_days_between(until, after, calendar)
    days = (after + ONE_DAY * i for i in range(1, (until - after).days + 1))
    return sum(map(calendar.is_working, days))
