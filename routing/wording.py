"""The sentences of this room: read once from phrases.toml, filled with facts."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any


@cache
def phrases() -> Mapping[str, Any]:
    """The whole table of sentences."""
    return tomllib.loads(resources.files("routing").joinpath("phrases.toml").read_text(encoding="utf-8"))


def say(key: str, /, **facts: object) -> str:
    """The sentence under a dotted key such as "derivation.start", with its facts filled in."""
    found: Any = phrases()
    for part in key.split("."):
        found = found[part]
    return str(found).strip().format(**facts)


def snake(name: str) -> str:
    """A class name as a key: LawSilent becomes law_silent."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def long_day(day: date) -> str:
    """A day in full with its weekday."""
    return say("form.long_day", y=day.year, m=day.month, d=day.day, weekday=weekday(day))


def long_moment(moment: datetime) -> str:
    """A moment in full, in its own zone."""
    return say("form.long_moment", day=long_day(moment.date()), hour=moment.hour, minute=f"{moment.minute:02d}")


def short_day(day: date) -> str:
    """Month and day only."""
    return say("form.short_day", m=day.month, d=day.day)


def weekday(day: date) -> str:
    """The day of the week."""
    return str(phrases()["form"]["weekdays"][day.weekday()])
