"""When a message may reach a person: windows of working days and hours by audience, channel and place, as data."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from importlib import resources
from pathlib import Path
from typing import Any

from routing.errors import BadHours
from routing.lawbook import NATION, layers
from routing.workdays import ONE_DAY, Calendar

# One zone for all of China, without summer time since 1992: a fixed offset needs no zone data on the machine.
ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")
FILE = "hours.toml"
EVERY = "*"
STAFF, SUPERVISOR, TELLER = "staff", "supervisor", "teller"
OUTSIDE = frozenset({"supervisor", "federation"})
"""The roles held by people who are no officials: they are spared like citizens."""
LONGEST_REST = 30
"""Days in which every calendar opens at least once; a year that rests longer is a fault of its file."""


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when messages go to somebody over a channel; without hours the whole day."""

    who: str
    channel: str
    days: str
    first: time | None = None
    last: time | None = None
    place: str = NATION
    own: bool = False

    def opens(self, day: date, calendar: Calendar) -> datetime | None:
        """When it opens on this day; None where it stays shut."""
        if self.days == "working" and not calendar.is_working(day):
            return None
        return datetime.combine(day, self.first or time(0), ZONE)

    def shuts(self, day: date) -> datetime:
        """When it shuts on this day."""
        if self.last is None:
            return datetime.combine(day + ONE_DAY, time(0), ZONE)
        return datetime.combine(day, self.last, ZONE)


@dataclass(frozen=True, slots=True, eq=False)
class Hours:
    """All windows; without any, everything may go at once."""

    windows: tuple[Window, ...] = ()
    urgent: frozenset[str] = field(default_factory=frozenset)
    """Kinds of clocks that are counted in hours: what is said of them waits for nobody's opening."""

    @classmethod
    def load(cls, own: Path | None = None) -> Hours:
        """The packaged windows, and nearer than all of them those of the file hours.toml in the folder `own`."""
        packaged = resources.files("routing").joinpath(FILE).read_text(encoding="utf-8")
        found = _read(packaged, own=False)
        file = own / FILE if own else None
        if file is None or not file.is_file():
            return found
        mine = _read(file.read_text(encoding="utf-8"), own=True)
        return cls((*found.windows, *mine.windows), found.urgent | mine.urgent)

    def window(self, who: str, channel: str, place: str | None) -> Window | None:
        """The window that counts: the bureau's own, then the nearest place, then the very channel; None: always open."""
        near = layers(place)
        fitting = [
            one for one in self.windows if one.who == who and one.channel in {channel, EVERY} and one.place in near
        ]
        key = lambda one: (one.own, one.channel == channel, near.index(one.place))  # noqa: E731 - read once, here
        return max(fitting, key=key, default=None)

    def opening(self, who: str, channel: str, place: str | None, now: datetime, calendar: Calendar) -> datetime:
        """The next moment at which a message may go: `now` itself while the window is open."""
        window = self.window(who, channel, place)
        if window is None:
            return now
        day = now.astimezone(ZONE).date()
        for ahead in range(LONGEST_REST):
            opens = window.opens(day + ahead * ONE_DAY, calendar)
            if opens is not None and now < window.shuts(day + ahead * ONE_DAY):
                return max(opens, now)
        return now

    def after(self, who: str, place: str | None, day: date, calendar: Calendar) -> datetime:
        """The first opening behind `day`, over any channel: for what came after that day's digest."""
        begin = datetime.combine(day + ONE_DAY, time(0), ZONE)
        return self.opening(who, EVERY, place, begin, calendar)


def audience(role: str) -> str:
    """To which audience a member of staff belongs."""
    return SUPERVISOR if role in OUTSIDE else STAFF


def _read(written: str, *, own: bool) -> Hours:
    """A file of windows; BadHours with the fault where it is none."""
    try:
        table = tomllib.loads(written)
        windows = tuple(_window(row, own=own) for row in table.get("window", ()))
        return Hours(windows, frozenset(table.get("urgent", ())))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as fault:
        raise BadHours(why=str(fault)) from fault


def _window(row: Mapping[str, Any], *, own: bool) -> Window:
    first, last = row.get("from"), row.get("to")
    known = row["who"] in {STAFF, SUPERVISOR, TELLER} and row["days"] in {"working", "all"}
    hours = (first is None and last is None) or (isinstance(first, time) and isinstance(last, time) and first < last)
    if not known or not hours:
        raise ValueError(f"{row['who']} {first}-{last}")
    return Window(row["who"], row["channel"], row["days"], first, last, str(row.get("place", NATION)), own)
