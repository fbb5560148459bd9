"""Traffic lights and marks: pure functions."""

from __future__ import annotations

from datetime import date

import pytest

from bot.web.desk.highlight import Part, parts
from bot.web.desk.lights import lamp, working_days_between
from routing.workdays import Calendar

CALENDAR = Calendar.load()
START, DUE = date(2026, 10, 20), date(2026, 11, 10)  # 15 working days


@pytest.mark.parametrize(
    ("today", "colour", "words"),
    [
        (date(2026, 10, 20), "green", "余 15 个工作日"),
        (date(2026, 10, 30), "yellow", "余 7 个工作日"),  # 7 of 15 is below half
        (date(2026, 10, 29), "green", "余 8 个工作日"),  # 8 of 15 is above half
        (date(2026, 11, 5), "orange", "仅余 3 个工作日"),  # 3 of 15 is a fifth
        (date(2026, 11, 4), "yellow", "余 4 个工作日"),
        (date(2026, 11, 10), "orange", "今天到期"),
        (date(2026, 11, 11), "red", "逾期 1 个工作日"),
        (date(2026, 11, 16), "red", "逾期 4 个工作日"),  # Wed, Thu, Fri, Mon
    ],
)
def test_a_light_says_in_words_how_much_is_left(today: date, colour: str, words: str) -> None:
    """DOMAIN.md §8.1: green above half, yellow up to half, orange up to a fifth, red when overdue."""
    shown = lamp(START, DUE, today, CALENDAR)
    assert (shown.colour, shown.words) == (colour, words)


def test_overdue_over_a_weekend_is_overdue_by_no_working_day() -> None:
    """Due on Friday, seen on Sunday: too late, although no working day has passed."""
    assert lamp(date(2026, 10, 30), date(2026, 11, 20), date(2026, 11, 22), CALENDAR).words == "已逾期"


def test_worked_weekends_count() -> None:
    """10 October 2026 is a Saturday on which offices work."""
    assert working_days_between(date(2026, 10, 9), date(2026, 10, 11), CALENDAR) == 1


def test_marks_cut_the_text_and_lose_nothing() -> None:
    """Overlapping words of two categories make three stretches; joined, they are the text."""
    text = "床一直空着没人住"
    claims = [{"code": "F01", "words": ["一直空着"]}, {"code": "F16", "words": ["空着没人", "人"]}]
    cut = parts(text, claims)
    assert cut == (
        Part("床"),
        Part("一直", ("F01",)),
        Part("空着", ("F01", "F16")),
        Part("没人", ("F16",)),
        Part("住"),
    )
    assert "".join(part.text for part in cut) == text
    assert parts("", claims) == ()
