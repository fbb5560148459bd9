"""Due dates that explain themselves: start, days counted, days skipped, calendar paper, law."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from routing import standstill
from routing.errors import NothingToExtend
from routing.lawbook import ClockKind, LawBook, LawValue
from routing.lives import life
from routing.standstill import Span
from routing.wording import long_day, long_moment, say, short_day
from routing.workdays import ONE_DAY, WEEKEND, Calendar, Counted

WORKING, HOUR, MONTH = "working_day", "hour", "month"


@dataclass(frozen=True, slots=True)
class DueDate:
    """When a period ends and why; `counted` is the number of days counted, `skipped` those passed over.

    `due_at` is the very moment, where hours are counted from a known moment.
    """

    kind: str
    start: date
    due_on: date
    steps: tuple[str, ...]
    citation: str
    verified: bool
    provisional: bool
    counted: int = 0
    skipped: tuple[date, ...] = ()
    papers: tuple[str, ...] = ()
    layer: str = ""
    excluded: int = 0
    """Days on which the clock stood still, by the calendar."""
    due_at: datetime | None = None

    @property
    def prose(self) -> str:
        """The derivation in Chinese, one step a line."""
        return "\n".join(self.steps)

    def as_data(self) -> dict[str, object]:
        """The same as JSON, for the ledger and for machines."""
        return {
            "kind": self.kind,
            "start": self.start.isoformat(),
            "due_on": self.due_on.isoformat(),
            "days_counted": self.counted,
            "days_excluded": self.excluded,
            "days_skipped": [day.isoformat() for day in self.skipped],
            "citation": self.citation,
            "papers": list(self.papers),
            "layer": self.layer,
            "verified": self.verified,
            "provisional": self.provisional,
            "steps": list(self.steps),
            **({"due_at": self.due_at.isoformat()} if self.due_at else {}),
        }


@dataclass(frozen=True, slots=True)
class _Period:
    """What the derivation tells of: the base value first, then the extensions."""

    clock: ClockKind
    start: date
    values: tuple[LawValue, ...]
    lengths: tuple[int, ...]
    counted: Counted
    calendar: Calendar
    spans: tuple[Span, ...]
    at: datetime | None
    due_at: datetime | None

    @property
    def total(self) -> int:
        """The whole length, extensions included."""
        return sum(self.lengths)


def due(
    kind: str,
    start: date,
    *,
    law: LawBook,
    calendar: Calendar,
    place: str | None = None,
    extended: int = 0,
    granted: tuple[int, ...] = (),
    spans: tuple[Span, ...] = (),
    at: datetime | None = None,
) -> DueDate:
    """The last day of the period `kind` that runs from `start`, extended so many times.

    `granted` are the days of each extension where fewer than the law's maximum were given; `spans` do not count.
    Hours run from the moment `at` of that day where it is known, in the zone in which the law counts.
    """
    calendar = calendar.at(place)
    values = values_of(kind, start, law=law, place=place, extended=extended)
    base = values[0]
    lengths = (base.value, *lengths_of(values[1:], granted))
    counted = count(calendar, start, sum(lengths), base.unit, spans)
    cited = tuple(dict.fromkeys(value.citation for value in values))
    due_at = at + timedelta(hours=sum(lengths)) if at is not None and base.unit == HOUR else None
    if due_at is not None:
        counted = replace(counted, due_on=due_at.date())
    told = _Period(law.kind(kind), start, values, lengths, counted, calendar, spans, at, due_at)
    return DueDate(
        kind=kind,
        start=start,
        due_on=counted.due_on,
        steps=tuple(_steps(told)),
        citation="；".join(cited),
        verified=all(value.verified for value in values) and (told.clock.exclude_verified or not spans),
        provisional=counted.provisional,
        counted=len(counted.counted),
        skipped=counted.skipped,
        papers=counted.papers,
        layer=base.layer,
        excluded=len(standstill.days(spans)),
        due_at=due_at,
    )


def values_of(
    kind: str, start: date, *, law: LawBook, place: str | None = None, extended: int = 0
) -> tuple[LawValue, ...]:
    """The value of a period and those of its extensions; NothingToExtend where the law gives no such extension."""
    base = law.value(kind, start, place)
    if extended > law.extensions(kind, start, place):
        raise NothingToExtend
    return (base, *(law.value(f"{kind}.extend{i}", start, place) for i in range(1, extended + 1)))


def lengths_of(extensions: tuple[LawValue, ...], granted: tuple[int, ...]) -> tuple[int, ...]:
    """The days of each extension: those granted, and the law's where nobody named any (0)."""
    given = (*granted, *[0] * len(extensions))
    return tuple(
        min(days, value.value) if days else value.value for value, days in zip(extensions, given, strict=False)
    )


def count(calendar: Calendar, start: date, total: int, unit: str, spans: Iterable[Span] = ()) -> Counted:
    """A period counted to its end under the calendar of its place."""
    still = standstill.days(spans)
    if unit == WORKING:
        return calendar.add_working_days(start, total, still)
    if unit == HOUR:
        # Hours run through nights and holidays: the day is the latest on which they can end.
        end = start + timedelta(hours=total)
        return Counted(due_on=end, counted=(), skipped=(), papers=(), provisional=False)
    if unit == MONTH:
        # Civil Code Art. 202: the corresponding day, or the last of a month that has none.
        year, month = divmod(start.year * 12 + start.month - 1 + total, 12)
        last = date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
        total = (last - start).days
    return calendar.add_calendar_days(start, total, still)


def explain(
    kind: str,
    start: date,
    *,
    law: LawBook | None = None,
    calendar: Calendar | None = None,
    place: str | None = None,
    extended: int = 0,
) -> str:
    """The derivation as text; with the packaged law and calendar where none are given."""
    law, calendar = law or LawBook.load(), calendar or Calendar.load()
    return due(kind, start, law=law, calendar=calendar, place=place, extended=extended).prose


def _steps(told: _Period) -> Iterable[str]:
    """The derivation, step by step."""
    counted, unit = told.counted, told.values[0].unit
    opening = "start_hour" if unit == HOUR else "start"
    day = long_moment(told.at) if unit == HOUR and told.at else long_day(told.start)
    yield say(f"derivation.{opening}", event=told.clock.starts, day=day)
    if counted.counted:
        which = "first_working" if unit == WORKING else "first_day"
        yield say(f"derivation.{which}", day=long_day(counted.counted[0]))
    yield from _lengths(told)
    yield from _standstills(told)
    if counted.moved_from:
        passed = _spans(counted.skipped, told.calendar)
        yield say("derivation.moved", day=long_day(counted.moved_from), skipped=passed)
    elif counted.skipped:
        yield say("derivation.skipped", n=len(counted.skipped), skipped=_spans(counted.skipped, told.calendar))
    if unit == WORKING and (worked := [day for day in counted.counted if day in told.calendar.worked]):
        yield say("derivation.worked", days="、".join(map(short_day, worked)))
    yield say("derivation.due", day=long_moment(told.due_at) if told.due_at else long_day(counted.due_on))
    yield from _remarks(told)


def _lengths(told: _Period) -> Iterable[str]:
    """How long the law gives, and what an extension added."""
    base, *more = told.values
    length = say(f"derivation.{base.unit}", n=base.value)
    yield say("derivation.period", name=told.clock.name, length=length, citation=base.citation)
    for value, days in zip(more, told.lengths[1:], strict=True):
        yield say(
            "derivation.extended",
            length=say(f"derivation.{value.unit}", n=days),
            total=say(f"derivation.{base.unit}", n=told.total),
            citation=value.citation,
        )


def _standstills(told: _Period) -> Iterable[str]:
    """What time did not count, and for what; a standstill that lasts leaves the end open."""
    reasons, working = life("case").table["suspensions"], told.values[0].unit == WORKING
    for span in told.spans:
        reason = reasons[span.reason]
        if span.until is None:
            yield say("derivation.standing", first=long_day(span.since), reason=reason)
            continue
        days = list(span.days())
        n = sum(map(told.calendar.is_working, days)) if working else len(days)
        length = say(f"derivation.{told.values[0].unit}", n=n)
        yield say(
            "derivation.suspended",
            first=long_day(span.since),
            resumed=long_day(span.until),
            reason=reason,
            length=length,
        )


def _remarks(told: _Period) -> Iterable[str]:
    """What a careful reader also wants to know."""
    counted, calendar = told.counted, told.calendar
    if told.clock.exclude_says:
        yield say("derivation.exclude", exclude=told.clock.exclude_says)
    if told.spans and not told.clock.exclude_verified:
        yield say("derivation.exclude_unverified")
    if told.clock.both_ways:
        other = calendar.add_working_days(told.start, told.total)
        if other.due_on != counted.due_on:
            yield say("derivation.both_ways", day=long_day(other.due_on))
    if counted.papers:
        yield say("derivation.papers", papers="、".join(counted.papers))
    if counted.provisional:
        span = range((told.start + ONE_DAY).year, counted.due_on.year + 1)
        unknown = [str(year) for year in span if not calendar.knows(year)]
        yield say("derivation.provisional", years="、".join(unknown))
    if not all(value.verified for value in told.values):
        yield say("derivation.unverified")


def _spans(days: Iterable[date], calendar: Calendar) -> str:
    """Days off in words, neighbours of one reason drawn together: 9月25日至9月27日（中秋节）."""
    runs: list[list[date]] = []
    ordered = list(days)
    for before, day in pairwise([None, *ordered]):
        assert day is not None
        joined = before is not None and day - before == ONE_DAY and calendar.rest(before) == calendar.rest(day)
        if joined:
            runs[-1].append(day)
        else:
            runs.append([day])
    return "、".join(_span(run, calendar) for run in runs)


def _span(run: list[date], calendar: Calendar) -> str:
    reason = calendar.rest(run[0])
    named = say("derivation.weekend") if reason == WEEKEND else reason
    form = "derivation.one" if len(run) == 1 else "derivation.many"
    return say(form, first=short_day(run[0]), last=short_day(run[-1]), reason=named)
