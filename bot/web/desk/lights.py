"""Traffic lights in words and signs and only then in colour; which colour it is, routing/lights.toml says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bot.web.desk.labels import label
from intake.views import ClockView
from routing import lights, standstill
from routing.course import SUSPENDED
from routing.lights import working_days_between
from routing.standstill import Span
from routing.workdays import Calendar


@dataclass(frozen=True, slots=True)
class Lamp:
    """One light: `colour` for the style sheet, `sign` and `words` for everybody; `left` is negative when overdue."""

    colour: str
    sign: str
    words: str
    left: int


def lamp(
    starts_on: date, due_on: date, today: date, calendar: Calendar, *, spans: Iterable[Span] = (), still: bool = False
) -> Lamp:
    """The light of a period that runs from `starts_on` to `due_on`, as it stands today; `still` while suspended."""
    found = lights.light(starts_on, due_on, today, calendar, spans=spans, still=still)
    if still:
        words = "suspended"
    elif today > due_on and found.left == 0:
        words = "over_rest"  # overdue over a weekend is overdue by no working day yet
    else:
        words = "today" if found.left == 0 else found.colour
    said = label("lamp", words).format(days=abs(found.left))
    return Lamp(found.colour, label("sign", found.colour), said, found.left)


def of_clock(clock: ClockView, today: date, calendar: Calendar) -> Lamp:
    """The light of a clock that has not ended."""
    spans = standstill.read(clock.spans)
    return lamp(clock.starts_on, clock.due_on, today, calendar, spans=spans, still=clock.state == SUSPENDED)


__all__ = ["Lamp", "lamp", "of_clock", "working_days_between"]
