"""Time that does not count: rows that a lawyer can read, and any spans at all against a walker that knows no shortcut."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.course import grounds
from routing.deadlines import due
from routing.lawbook import LawBook
from routing.standstill import Span
from routing.workdays import Calendar

LAW, CALENDAR = LawBook.load(), Calendar.load()
ROWS = tomllib.loads((Path(__file__).parent / "standstill.toml").read_text("utf-8"))["case"]
ONE = timedelta(days=1)


@pytest.mark.parametrize("row", ROWS, ids=[row["because"] for row in ROWS])
def test_a_clock_that_stood_still_ends_where_the_table_says(row: Mapping[str, Any]) -> None:
    """And its derivation tells every standstill."""
    told = row["given"]
    spans = tuple(Span(*span) for span in told["spans"])
    found = due(
        told["kind"],
        told["from"],
        law=LAW,
        calendar=CALENDAR,
        extended=told.get("extended", 0),
        granted=tuple(told.get("granted", ())),
        spans=spans,
    )
    assert (found.due_on, found.verified, found.excluded) == tuple(row["then"].values())
    for span in spans:
        assert any(grounds()[span.reason] in step and f"{span.since.day}日" in step for step in found.steps)


def walked(start: date, n: int, still: set[date], *, working: bool) -> date:
    """Day by day, as a clerk counts on a paper calendar."""
    day, left = start, n
    while left:
        day += ONE
        left -= day not in still and (not working or CALENDAR.is_working(day))
    while day in still or not CALENDAR.is_working(day):
        day += ONE
    return day


@settings(max_examples=400, deadline=None)
@given(
    start=st.dates(date(2021, 8, 1), date(2026, 6, 1)),
    kind=st.sampled_from(["clue_verify", "case_decide"]),
    waits=st.lists(st.tuples(st.integers(1, 30), st.integers(0, 40)), max_size=4),
)
def test_the_days_excluded_are_the_days_by_which_it_moves(start: date, kind: str, waits: list[tuple[int, int]]) -> None:
    """Working days and calendar days alike; what is resumed has its last day not before the day of resumption."""
    spans: list[Span] = []
    plain = due(kind, start, law=LAW, calendar=CALENDAR)
    day, ends = start, plain.due_on
    for wait, length in waits:
        since = day + ONE * wait
        if since > ends:  # what ran out cannot be suspended
            break
        day = since + ONE * length
        spans.append(Span("test", since, day))
        ends = due(kind, start, law=LAW, calendar=CALENDAR, spans=tuple(spans)).due_on
        assert ends >= day
    still = {span.since + ONE * i for span in spans for i in range((span.until - span.since).days if span.until else 0)}
    value = LAW.value(kind, start)
    assert ends == walked(start, value.value, still, working=value.unit == "working_day")
    assert ends >= plain.due_on
    if not still:
        assert ends == plain.due_on


def test_every_ground_of_the_law_has_a_name_and_every_extension_an_approval() -> None:
    """The lists of clocks.toml and of life/case.toml know one another."""
    from routing.course import approvals

    for kind in LAW.kinds.values():
        assert set(kind.exclude) <= set(grounds())
        assert set(kind.extend_by) <= set(approvals())
        times = LAW.extensions(kind.key, date(2026, 11, 20))
        assert len(kind.extend_by) == times
        assert set(kind.extend_up_to) <= set(range(1, times + 1))
