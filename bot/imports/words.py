"""What people read about an import, and what its columns may be called, from `sentences.toml` and `fields.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any


@cache
def table(name: str) -> Mapping[str, Any]:
    """A data file of this package."""
    return tomllib.loads(resources.files("bot.imports").joinpath(name).read_text("utf-8"))


def say(section: str, key: str, /, **values: object) -> str:
    """The sentence `key` of `section`, its gaps filled."""
    return str(table("sentences.toml")[section][key]).format(**values)


class TableRefused(ValueError):
    """The file is no table that can be read; the sentence says what it is and what to do."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(say("table", key, **values))
