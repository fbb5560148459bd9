"""Working days against a walker that knows nothing but the days off and the days worked."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, timedelta

import chinese_calendar  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.workdays import WEEKEND, Calendar

CALENDAR = Calendar.load()
FIRST, LAST = date(2007, 1, 1), date(2026, 12, 31)
KNOWN = st.dates(FIRST, LAST)
EVERY_DAY = [FIRST + timedelta(days=i) for i in range((LAST - FIRST).days + 1)]


def walk(start: date, n: int) -> date:
    """Day by day, as a clerk with a printed calendar would."""
    day, left = start, n
    while left:
        day += timedelta(days=1)
        free = day not in CALENDAR.worked and (day in CALENDAR.off or day.weekday() >= 5)
        left -= not free
    return day


def test_every_day_since_2007_is_what_an_independent_calendar_says() -> None:
    """Worked or free, day by day over twenty years, against the tables of a library that nobody here wrote."""
    differ = [day for day in EVERY_DAY if CALENDAR.is_working(day) != chinese_calendar.is_workday(day)]
    assert differ == []


@pytest.mark.parametrize("n", [1, 5, 15, 30])
def test_from_every_day_since_2007_the_engine_counts_like_a_clerk(n: int) -> None:
    """No start day is left to chance; the clerk walks over the independent calendar."""
    working = [day for day in EVERY_DAY if chinese_calendar.is_workday(day)]
    for start in EVERY_DAY:
        place = bisect_right(working, start) + n - 1
        if place < len(working):
            assert CALENDAR.add_working_days(start, n).due_on == working[place], start


@given(KNOWN, st.integers(1, 60))
def test_the_engine_counts_like_a_clerk(start: date, n: int) -> None:
    """Within the known years the n-th working day is the clerk's; the days counted and skipped fill the period."""
    counted = CALENDAR.add_working_days(start, n)
    if counted.due_on.year <= 2026:
        assert counted.due_on == walk(start, n)
        assert not counted.provisional
    assert len(counted.counted) == n
    everything = sorted([*counted.counted, *counted.skipped])
    assert everything == [start + timedelta(days=i + 1) for i in range((counted.due_on - start).days)]
    assert all(map(CALENDAR.is_working, counted.counted))
    assert not any(map(CALENDAR.is_working, counted.skipped))


@given(KNOWN, st.integers(1, 200))
def test_a_calendar_period_never_ends_on_a_day_of_rest(start: date, n: int) -> None:
    """Civil Code Art. 203: the end moves to the day after the holiday, and not further."""
    counted = CALENDAR.add_calendar_days(start, n)
    assert CALENDAR.is_working(counted.due_on)
    plain = start + timedelta(days=n)
    between = [plain + timedelta(days=i) for i in range((counted.due_on - plain).days)]
    assert not any(map(CALENDAR.is_working, between))


@given(KNOWN, st.integers(0, 30))
def test_counting_back_undoes_counting_on(start: date, n: int) -> None:
    """The n-th working day before a due date is the day from which n working days lead to it."""
    due = CALENDAR.add_working_days(start, n + 1).due_on
    assert CALENDAR.add_working_days(CALENDAR.working_days_before(due, n), n).due_on == due


# Working days a year: 365 or 366 less weekends and holidays, plus weekends worked.
@pytest.mark.parametrize(("year", "days"), [(2024, 251), (2025, 248), (2026, 248)])
def test_a_year_has_its_known_number_of_working_days(year: int, days: int) -> None:
    """A slip in the data of a year would show here."""
    every = [date(year, 1, 1) + timedelta(days=i) for i in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    assert sum(map(CALENDAR.is_working, every)) == days


@pytest.mark.parametrize("year", range(2019, 2027))
def test_every_year_names_its_paper_and_moves_only_weekends(year: int) -> None:
    """Days worked are weekend days, and no day is both off and worked."""
    assert all("国办发明电" in paper for paper in CALENDAR.papers[year])
    worked = [day for day in CALENDAR.worked if day.year == year]
    assert all(day.weekday() >= 5 and day not in CALENDAR.off for day in worked)


def test_an_unknown_year_is_counted_provisionally_and_says_so() -> None:
    """No notice for 2027: weekends and the statutory holidays are free, nothing is guessed beyond them."""
    counted = CALENDAR.add_working_days(date(2026, 12, 25), 6)
    assert counted.provisional
    assert CALENDAR.rest(date(2027, 1, 1)) == "元旦"
    assert CALENDAR.rest(date(2027, 2, 5)) == "春节"  # the eve, a Friday
    assert CALENDAR.rest(date(2027, 2, 13)) == WEEKEND
    assert CALENDAR.is_working(date(2027, 2, 10))
    assert counted.due_on == date(2027, 1, 5)  # 28, 29, 30, 31 December, 4 and 5 January
    assert any("放假办法" in paper for paper in counted.papers)
