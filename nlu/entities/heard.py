"""What every finder is given and what it gives back."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Heard:
    """A folded text and the circumstances in which it was said."""

    text: str
    today: date
    home: str | None = None
    asked: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A find in the folded text; `weight` decides between overlapping finds of rival kinds."""

    kind: str
    start: int
    end: int
    value: Mapping[str, object]
    weight: int = 0

    def overlaps(self, other: Found) -> bool:
        """Whether the two share a character."""
        return self.start < other.end and other.start < self.end

    def covers(self, other: Found) -> bool:
        """Whether the other lies inside this one."""
        return self.start <= other.start and other.end <= self.end


@cache
def lexicon(name: str) -> Mapping[str, Any]:
    """A table of words from nlu/data/lexicon."""
    file = resources.files("nlu").joinpath("data/lexicon", f"{name}.toml")
    return tomllib.loads(file.read_text("utf-8"))


def alternatives(words: list[str]) -> str:
    """The words as alternatives of a regular expression, longest first so that no shorter one hides a longer."""
    return "|".join(sorted(words, key=len, reverse=True))
