"""Weights, thresholds, patterns and sentences of the check, from leaks.toml."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import rjieba

from nlu import examples


@cache
def table() -> Mapping[str, Any]:
    """The table as written."""
    return tomllib.loads(resources.files("routing.leaks").joinpath("leaks.toml").read_text("utf-8"))


@cache
def pattern(name: str) -> re.Pattern[str]:
    """One pattern of the table."""
    patterns = table()["patterns"]
    return re.compile(str(patterns[name]).replace("{surnames}", patterns["surnames"]))


def weight(name: str) -> float:
    """A plain weight."""
    return float(table()["weights"][name])


def graded(name: str, size: int) -> float:
    """A weight that grows with a size: that of the largest step reached; none below the first."""
    steps = {int(step): float(value) for step, value in table()["weights"][name].items()}
    return max((value for step, value in steps.items() if step <= size), default=0.0)


def falling(name: str, size: int) -> float:
    """A weight that shrinks with a size: that of the last step reached."""
    steps = {int(step): float(value) for step, value in table()["weights"][name].items()}
    return steps[max(step for step in steps if step <= size)]


def why(kind: str) -> str:
    """Why this may give somebody away."""
    return str(table()["why"][kind])


def instead(kind: str) -> str:
    """What to write instead."""
    return str(table()["instead"][kind])


@cache
def spread() -> Mapping[str, int]:
    """In how many of the ear's packaged sentences each word stands: a word of nearly none is rare."""
    found: Counter[str] = Counter()
    for example in examples.read(examples.packaged()):
        found.update(set(rjieba.cut(example.text)))
    return found
