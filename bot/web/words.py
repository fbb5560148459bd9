"""The web surface's own sentences, read once from `sentences.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("sentences.toml")


@cache
def _sentences() -> dict[str, dict[str, str]]:
    with _FILE.open("rb") as file:
        return tomllib.load(file)


def say(section: str, key: str, /, **values: object) -> str:
    """The sentence `key` of `section`, its gaps filled."""
    return _sentences()[section][key].format(**values)


def knows(section: str, key: str) -> bool:
    """Whether there is such a sentence."""
    return key in _sentences()[section]
