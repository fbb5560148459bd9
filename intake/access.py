"""Who may see what, as one table (access.toml): every read asks here, field by field, and gives nothing else away."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any, TypeVar

from intake.masks import veiled

T = TypeVar("T")

NEVER = "-"
VEILED = "veiled"
REPORTER = "reporter"
OBJECTS = (
    "case", "clock", "crime", "event", "report", "letter", "file", "paper", "identity", "original", "handover", "held",
    "notice", "ticket", "unmasking", "viewing", "statistics",
)  # fmt: skip


@cache
def table() -> Mapping[str, Any]:
    """The table as written; a row that does not fit its columns, or an unknown condition, is refused at once."""
    found = tomllib.loads(resources.files("intake").joinpath("access.toml").read_text("utf-8"))
    for kind in OBJECTS:
        for field, cells in found[kind].items():
            words = {word for cell in cells for word in cell.split("+")} - {NEVER}
            if len(cells) != len(found["columns"]) or not words <= set(found["conditions"]):
                raise ValueError(f"access.toml: {kind}.{field} does not fit the table")
    return found


def roles() -> tuple[str, ...]:
    """Everybody the table speaks of, in its order."""
    return tuple(table()["columns"])


@cache
def needs(role: str, kind: str, field: str) -> frozenset[str] | None:
    """The conditions under which a role sees a field; None where it never does, also where the table is silent."""
    if role not in roles():
        return None
    cell = table()[kind].get(field)
    words = cell[roles().index(role)] if cell else NEVER
    return None if words == NEVER else frozenset(words.split("+"))


def ever(role: str, kind: str, field: str) -> bool:
    """Whether a role can see a field under any condition: what it never sees it cannot search for either."""
    return needs(role, kind, field) is not None


def is_settled(state: str) -> bool:
    """Whether a case in this state has a result."""
    return state in table()["settled"]


@dataclass(frozen=True, slots=True)
class Lens:
    """What one viewer sees of one case: the conditions that hold for him; none where he is kept out."""

    role: str
    holds: frozenset[str]

    def sees(self, kind: str, field: str) -> bool:
        """Whether he sees the field."""
        wanted = needs(self.role, kind, field)
        return wanted is not None and wanted - {VEILED} <= self.holds

    def give(self, kind: str, field: str, value: T, empty: T) -> T:
        """The value, or what stands for nothing."""
        return value if self.sees(kind, field) else empty

    def words(self, kind: str, field: str, text: str, names: Sequence[str], now: datetime) -> str:
        """A text as he may read it: whole, with the institutions' `names` veiled, or not at all."""
        if not self.sees(kind, field):
            return ""
        wanted = needs(self.role, kind, field) or frozenset()
        return veiled(text, names, now=now) if VEILED in wanted else text


BLIND = Lens("", frozenset())
"""The lens of somebody who is kept out."""
