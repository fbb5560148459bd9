"""Every period of the law book, extended or not, from every day since 2007, against a walker that knows only days off."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import chinese_calendar  # type: ignore[import-untyped]
import pytest

from routing.deadlines import due
from routing.lawbook import LawBook
from routing.workdays import Calendar, Regional

LAW, CALENDAR = LawBook.load(), Calendar.load()
ONE = timedelta(days=1)
FIRST, LAST = date(2007, 1, 1), date(2026, 12, 31)
DAYS = [FIRST + timedelta(days=i) for i in range((LAST - FIRST).days + 1)]
WORKING = [day for day in DAYS if chinese_calendar.is_workday(day)]
LATE = date(2026, 11, 20)


def periods() -> Iterator[tuple[str, int]]:
    """Every length in days that the law book knows, with its unit, extensions added one by one."""
    found: set[tuple[str, int]] = set()
    for key in LAW.kinds:
        total, unit = 0, LAW.value(key, LATE).unit
        for name in (key, *(f"{key}.extend{i}" for i in range(1, LAW.extensions(key, LATE) + 1))):
            total += LAW.value(name, LATE).value
            found.add((unit, total))
    return iter(sorted(one for one in found if one[0] in {"working_day", "calendar_day"}))


@pytest.mark.parametrize(("unit", "n"), [*periods()])
def test_from_every_day_since_2007_a_period_ends_where_the_walker_ends(unit: str, n: int) -> None:
    """The walker counts working days, or days, over the independent calendar; nothing else is asked of it."""
    for start in DAYS:
        if unit == "working_day":
            place, count = bisect_right(WORKING, start) + n - 1, CALENDAR.add_working_days
        else:
            place, count = bisect_left(WORKING, start + timedelta(days=n)), CALENDAR.add_calendar_days
        if place < len(WORKING):
            assert count(start, n).due_on == WORKING[place], start


# Invented days off of one region, as its government might set them: a feast over a weekend, one on a weekend that
# the State Council made a working day, and one at the end of the year.
FEAST = [date(2026, 3, 20), date(2026, 3, 21), date(2026, 3, 23), date(2026, 5, 9), date(2026, 12, 30)]
REGION = replace(CALENDAR, regional={day: (Regional("640000", "开斋节", "自治区人民政府通知"),) for day in FEAST})


@pytest.mark.parametrize(("unit", "n"), [*periods()])
def test_with_a_regions_own_holidays_it_counts_like_the_region_and_elsewhere_like_the_nation(unit: str, n: int) -> None:
    """Every day of the year, in a county of the region and in one elsewhere."""
    there = [day for day in WORKING if day not in FEAST]
    near, far = REGION.at("640104"), REGION.at("621021")
    for start in (date(2026, 1, 1) + timedelta(days=i) for i in range(365)):
        for calendar, working in ((near, there), (far, WORKING)):
            if unit == "working_day":
                place, found = bisect_right(working, start) + n - 1, calendar.add_working_days(start, n)
            else:
                place, found = bisect_left(working, start + timedelta(days=n)), calendar.add_calendar_days(start, n)
            if place < len(working):
                assert found.due_on == working[place], start


# The days that the law itself makes free in 2027 (放假办法 Art. 2), by hand from the lunar calendar: the eve of the
# Spring Festival is 5 February, 清明 5 April, 端午 9 June, 中秋 15 September.
FREE_2027 = {
    date(2027, 1, 1),
    *(date(2027, 2, day) for day in (5, 6, 7, 8)),
    date(2027, 4, 5),
    date(2027, 5, 1),
    date(2027, 5, 2),
    date(2027, 6, 9),
    date(2027, 9, 15),
    *(date(2027, 10, day) for day in (1, 2, 3)),
}


IN_DAYS = {"working_day", "calendar_day"}


@pytest.mark.parametrize("kind", sorted(key for key in LAW.kinds if LAW.value(key, LATE).unit in IN_DAYS))
def test_into_a_year_that_is_not_announced_every_period_is_provisional_and_counted_by_the_law_alone(kind: str) -> None:
    """From every day of the last month: weekends and the thirteen days of the law are free, and it is said so."""
    value = LAW.value(kind, LATE)
    for start in (date(2026, 12, 1) + timedelta(days=i) for i in range(31)):
        found = due(kind, start, law=LAW, calendar=CALENDAR)
        day, left = (start, value.value) if value.unit == "working_day" else (start + timedelta(days=value.value), 0)
        while left or not _works(day):
            day += ONE
            left -= _works(day) if left else 0
        assert found.due_on == day, start
        assert found.provisional is (day.year > 2026)
        assert ("尚未公布2027年" in found.prose) is found.provisional


def _works(day: date) -> bool:
    return day.weekday() < 5 and day not in FREE_2027 if day.year > 2026 else chinese_calendar.is_workday(day)
