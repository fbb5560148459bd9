"""The sentences that only channels say, read once from channels.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Command:
    """An entry of a channel's menu; `says` is what it says into the conversation, empty for a new beginning."""

    name: str
    about: str
    says: str


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(resources.files("bot.channels").joinpath("channels.toml").read_text(encoding="utf-8"))


def sentence(key: str, **values: object) -> str:
    """The sentence under `key`, such as "telegram.group", with `values` filled in."""
    found: Any = _table()
    for part in key.split("."):
        found = found[part]
    return str(found).strip().format(**values)


@cache
def commands() -> tuple[Command, ...]:
    """The menu of commands, in the order in which it is shown."""
    return tuple(Command(**entry) for entry in _table()["command"])


def spelled(day: date) -> str:
    """A day as people write it."""
    return sentence("console.date", year=day.year, month=day.month, day=day.day)


def why_refused(trouble: Exception) -> str:
    """Why a file was not taken, in the words of people."""
    reasons = _table()["file"]["reason"]
    return str(reasons.get(type(trouble).__name__, reasons["other"]))
