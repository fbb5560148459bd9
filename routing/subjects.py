"""The administrative level of institutions, as the registry of institutions tells it: a municipal hospital is the city's."""

from __future__ import annotations

from collections.abc import Mapping

from intake.names import normal_form

_levels: dict[str, str] = {}
"""province or city by the name's normal form."""


def know(levels: Mapping[str, str]) -> None:
    """Let the registry say which institutions are of a higher level; called by the composition root alone."""
    _levels.clear()
    _levels.update(levels)


def level_of(institution: str | None) -> str | None:
    """The level of an institution; None for the many that have none of their own, or are not known."""
    return _levels.get(normal_form(institution)) if institution and _levels else None
