"""What the words of a report tell of its way: danger, another procedure, another department. Hints, never decisions.

The lists stand in law/jurisdiction.toml; a person decides, and none of them changes who is excluded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from nlu import places
from routing.accused import table


def danger(text: str) -> bool:
    """Whether the words speak of a danger to life that goes on."""
    return any(word in text for word in table()["signals"]["danger"])


def channel(text: str) -> str | None:
    """The legal procedure that the words ask for, the first of the list."""
    return next(iter(_named(text, table()["channels"])), None)


def departments(text: str) -> tuple[str, ...]:
    """The departments outside the field whose matters the words name."""
    return tuple(_named(text, table()["departments"]))


def several_places(words: str, home: str) -> tuple[str, ...]:
    """The divisions that words such as "庆城县和西峰区" name, where they name more than one."""
    named = [one.strip() for one in re.split(table()["signals"]["between_places"], words) if one.strip()]
    found = [places.lookup(one, home=home) for one in named] if len(named) > 1 else []
    return tuple(one[0].code[:6] for one in found if one)


def _named(text: str, rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return [name for name, row in rows.items() if any(word in text for word in row["words"])]
