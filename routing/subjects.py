"""The administrative level of institutions, as the registry of institutions tells it: a municipal hospital is the city's."""

from __future__ import annotations

from collections.abc import Mapping

from intake.names import normal_form
from routing.accused import table

_levels: dict[str, str] = {}
"""province or city by the name's normal form."""


def know(levels: Mapping[str, str]) -> None:
    """Let the registry say which institutions are of a higher level; called by the composition root alone.

    `levels` is what it writes of each, such as 市级; most say nothing of the kind and are left out.
    """
    marks = {level: row["words"] for level, row in table()["levels"].items()}
    _levels.clear()
    for subject, written in levels.items():
        if found := next((level for level, words in marks.items() if any(one in written for one in words)), None):
            _levels[subject] = found


def level_of(institution: str | None) -> str | None:
    """The level of an institution; None for the many that have none of their own, or are not known."""
    return _levels.get(normal_form(institution)) if institution and _levels else None
