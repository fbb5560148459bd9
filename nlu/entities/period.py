"""What a point in time means as a stretch of days, seen from today.

A report tells of what happened, so a date without a year is the latest one that is not in the future;
what is said to come (下周一, 明年) is taken at its word.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from nlu.entities.heard import lexicon
from nlu.entities.moon import moon_day, moon_year, moon_year_of, solar_term
from nlu.entities.timegrammar import Point


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day, and how finely it was told."""

    start: date
    end: date
    granularity: str


def month_of(year: int, month: int, months: int = 1) -> Period:
    """A month, or several from it on."""
    index = year * 12 + month - 1
    last = index + months - 1
    end_year, end_month = divmod(last, 12)
    end = date(end_year, end_month + 1, monthrange(end_year, end_month + 1)[1])
    return Period(date(index // 12, index % 12 + 1, 1), end, "month")


def shift_months(day: date, months: int) -> date:
    """The same day some months on, the last of the month where that one is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def year_of(year: int) -> Period:
    """A whole year."""
    return Period(date(year, 1, 1), date(year, 12, 31), "year")


def one_day(day: date) -> Period:
    """A single day."""
    return Period(day, day, "day")


def week_of(day: date) -> Period:
    """Monday to Sunday around a day."""
    monday = day - timedelta(day.weekday())
    return Period(monday, monday + timedelta(6), "week")


def _part(period: Period, part: str) -> Period:
    """上旬, 初, 底 … of a month."""
    first, last = period.start, period.end
    spans = {
        "上旬": (1, 10),
        "中旬": (11, 20),
        "下旬": (21, last.day),
        "初": (1, 5),
        "中": (11, 20),
        "底": (25, last.day),
        "末": (25, last.day),
        "尾": (25, last.day),
        "头": (1, 5),
        "头上": (1, 5),
        "十几": (11, 19),
        "二十几": (21, last.day),
    }
    start, end = spans[part.replace("月", "").rstrip("号日")]
    return Period(first.replace(day=start), first.replace(day=end), "part of month")


def _nth_weekday(year: int, month: int, nth: int, weekday: int) -> date:
    first = date(year, month, 1)
    return first + timedelta((weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _latest(make: Callable[[int], Period], year: int, today: date) -> Period:
    """The latest year's occurrence that has begun by today."""
    for candidate in (year + 1, year, year - 1, year - 2):
        try:
            period = make(candidate)
        except (LookupError, ValueError):
            continue
        if period.start <= today:
            return period
    return make(year)


class Reader:
    """Reads points from one today; `after` is the first half of a range, whose year and month the second borrows."""

    def __init__(self, today: date, after: Period | None = None) -> None:
        self.today = today
        self.after = after

    def read(self, point: Point) -> Period | None:
        """The days a point means; None where there are no such days (31 June) or nothing was said."""
        try:
            return self._read(point)
        except (LookupError, ValueError, OverflowError):
            return None

    def _read(self, point: Point) -> Period | None:
        if point.same:
            return self._same(point)
        if point.days_off is not None:
            return one_day(self.today + timedelta(point.days_off))
        if point.months_off is not None:
            start = shift_months(self.today.replace(day=1), point.months_off)
            return self._within_month(point, start.year, start.month)
        if point.nth is None and (point.weeks_off is not None or point.weekday is not None):
            return self._week(point)
        if point.festival:
            return self._yearly(point, lambda year: self._festival(point, year))
        if point.season:
            return self._yearly(point, lambda year: _season(point.season or "", year))
        if point.quarter:
            return self._quarter(point)
        if point.term:
            return self._yearly(point, lambda year: _term(point.term or "", year))
        if point.school is not None:
            return _school(self.today, point.school)
        if point.month is not None or point.day is not None:
            return self._date(point)
        year = self._said_year(point)
        return None if year is None else year_of(year)

    def _same(self, point: Point) -> Period:
        """去年这时候 is that month, 去年的今天 that day."""
        year = self._said_year(point)
        months = point.months_off or 0 if year is None else 12 * (year - self.today.year)
        there = shift_months(self.today, months)
        return one_day(there) if (point.same or "").endswith("天") else month_of(there.year, there.month)

    def _said_year(self, point: Point) -> int | None:
        if point.year is not None:
            return point.year
        return None if point.years_off is None else self.today.year + point.years_off

    def _yearly(self, point: Point, make: Callable[[int], Period]) -> Period:
        year = self._said_year(point)
        if year is not None:
            return make(year)
        if self.after:
            first = make(self.after.start.year)
            return first if first.end >= self.after.start else make(self.after.start.year + 1)
        return _latest(make, self.today.year, self.today)

    def _date(self, point: Point) -> Period | None:
        if point.lunar:
            return self._yearly(point, lambda year: self._moon(point, year))
        if point.month is not None:
            month = point.month
            return self._yearly(point, lambda year: self._within_month(point, year, month))
        base = self.after.start if self.after else self.today
        day = point.first_day or point.day or 1
        if not self.after and day > base.day:
            base = shift_months(base.replace(day=1), -1)
        return self._within_month(point, base.year, base.month)

    def _within_month(self, point: Point, year: int, month: int) -> Period:
        whole = month_of(year, month)
        if point.part == "lastdays" and point.nth:
            return Period(whole.end - timedelta(point.nth), whole.end, "day")
        if point.first_month and point.first_month <= month and point.day is None:
            return month_of(year, point.first_month, month - point.first_month + 1)
        if point.nth and point.weekday is not None:
            return one_day(_nth_weekday(year, month, point.nth, point.weekday))
        if point.nth:
            return week_of(_nth_weekday(year, month, point.nth, 0))
        if point.part:
            return _part(whole, point.part)
        if point.day is not None:
            start = date(year, point.first_month or month, point.first_day or point.day)
            return Period(start, date(year, month, point.day), "day")
        return whole

    def _moon(self, point: Point, year: int) -> Period:
        """A lunar date; `year` is the lunar year, for a day without month the month now running."""
        if point.month is None:
            start = self.after.start if self.after else self.today
            return self._moon_day_now(point.day or 1, start)
        if point.day is not None:
            start = moon_day(year, point.month, point.first_day or point.day, leap=point.leap)
            return Period(start, moon_day(year, point.month, point.day, leap=point.leap), "day")
        first, last = moon_year(year).month(point.month, leap=point.leap)
        return Period(first, last, "month")

    def _moon_day_now(self, number: int, near: date) -> Period:
        year = moon_year_of(near)
        days = [moon_day(y, m, number) for y in (year - 1, year) for m in range(1, 13)]
        past = [day for day in days if day <= near]
        later = [day for day in days if day >= near]
        return one_day(min(later) if self.after and later else max(past))

    def _festival(self, point: Point, year: int) -> Period:
        entry = lexicon("time")["festivals"][point.festival]
        start = festival_day(entry["day"], year)
        length = entry.get("days", 1) if point.festival_days else 1
        return Period(start, start + timedelta(length - 1), "day")

    def _week(self, point: Point) -> Period:
        monday = self.today - timedelta(self.today.weekday())
        if point.weeks_off is not None:
            monday += timedelta(7 * point.weeks_off)
            if point.weekday is None:
                return Period(monday, monday + timedelta(6), "week")
        elif self.after:
            monday = self.after.start - timedelta(self.after.start.weekday())
        elif point.weekday is not None and point.weekday < 7 and monday + timedelta(point.weekday) > self.today:
            monday -= timedelta(7)
        if point.weekday == 7:
            return Period(monday + timedelta(5), monday + timedelta(6), "day")
        return one_day(monday + timedelta(point.weekday or 0))

    def _quarter(self, point: Point) -> Period:
        first, last = point.quarter or (0, 0)
        if last == 0:
            index = self.today.year * 4 + (self.today.month - 1) // 3 + first
            whole = month_of(index // 4, index % 4 * 3 + 1, 3)
        else:
            whole = self._yearly(point, lambda year: month_of(year, first * 3 - 2, (last - first + 1) * 3))
        if point.part == "初":
            return month_of(whole.start.year, whole.start.month)
        if point.part:
            return month_of(whole.end.year, whole.end.month)
        return Period(whole.start, whole.end, "quarter")


def festival_day(rule: str, year: int) -> date:
    """The day of a festival by its rule (see nlu/data/lexicon/time.toml)."""
    if rule.startswith("term "):
        return solar_term(rule[5:], year)
    if rule.startswith("moon "):
        month, day = rule[5:].split("-")
        return moon_day(year, int(month), int(day))
    if rule.startswith("nth "):
        month, nth, weekday = rule[4:].split()
        return _nth_weekday(year, int(month), int(nth), int(weekday) - 1)
    month, day = rule.split("-")
    return date(year, int(month), int(day))


def _season(season: str, year: int) -> Period:
    order = ["立春", "立夏", "立秋", "立冬"]
    index = "春夏秋冬".index(season)
    start = solar_term(order[index], year)
    end = solar_term(order[index + 1], year) if index < 3 else solar_term("立春", year + 1)
    return Period(start, end - timedelta(1), "season")


def _term(term: str, year: int) -> Period:
    first, last = lexicon("time")["terms"][term]
    whole = month_of(year, first, last - first + 1)
    return Period(whole.start, whole.end, "year" if (first, last) == (1, 12) else "part of year")


def _school(today: date, off: int) -> Period:
    """School terms run from September to January and from February to July."""
    starts = [date(year, month, 1) for year in range(today.year - 2, today.year + 3) for month in (2, 9)]
    begun = [index for index, start in enumerate(starts) if start <= today][-1] + off
    start = starts[begun]
    return Period(start, month_of(start.year, start.month, 6 if start.month == 2 else 5).end, "part of year")
