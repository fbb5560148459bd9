"""What the law obliges beside periods and sums: one row a provision, with its paper and what in the program keeps it.

The rows stand in law/provisions/*.toml; what was read and is not kept stands in law/left_out.toml, with the reason.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from routing.lawbook import NATION


@dataclass(frozen=True, slots=True)
class Provision:
    """One obligation: what it says, since when and where, on which paper, and what keeps it.

    `mark` lists how the text was seen (V primary, v secondary, S policy paper, M from memory, D own default); with M or
    D it is not `verified`, and `doubt` says which part. `kept_by` names clocks, values, routes, rules of rewards,
    schemes, verbs and categories ("clock clue_verify"), or a thing of the program ("routing.deadlines:due").
    """

    key: str
    says: str
    citation: str
    mark: str
    verified: bool
    since: date
    layer: str
    doubt: str
    kept_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One rule that was read and that the program does not keep, and why."""

    key: str
    says: str
    citation: str
    mark: str
    reason: str


@cache
def provisions() -> Mapping[str, Provision]:
    """Every provision by its key, file by file."""
    return {row["id"]: _provision(row) for row in _rows("provisions")}


@cache
def left_out() -> Mapping[str, LeftOut]:
    """Every rule that is left out, by its key."""
    text = resources.files("routing").joinpath("law", "left_out.toml").read_text("utf-8")
    return {
        row["id"]: LeftOut(row["id"], row["says"], row["paper"], row["mark"], row["reason"])
        for row in tomllib.loads(text)["row"]
    }


def marks(written: str) -> frozenset[str]:
    """The single marks of "V:L1, M"."""
    return frozenset(one.strip() for one in written.split(",") if one.strip())


def _rows(folder: str) -> Iterator[Mapping[str, Any]]:
    found = resources.files("routing").joinpath("law", folder)
    for file in sorted(found.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".toml"):
            yield from tomllib.loads(file.read_text("utf-8"))["provision"]


def _provision(row: Mapping[str, Any]) -> Provision:
    return Provision(
        key=row["id"],
        says=row["says"],
        citation=row["paper"],
        mark=row["mark"],
        verified=row["verified"],
        since=row["from"],
        layer=row.get("place", NATION),
        doubt=row.get("doubt", ""),
        kept_by=tuple(row["by"]),
    )
