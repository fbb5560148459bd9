"""What of a case may be a crime and what is handed to the police with it, as data (crime.toml); pure.

A hint is never a decision: it says that a sum that somebody told or found reaches the threshold of fraud, in a case
whose acts the guidance of court, procuracy and police names (法发〔2024〕6号). Where no sum is known it is silent.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from routing.errors import PaperMissing, UnknownAnswer
from routing.lawbook import LawBook

ENCLOSED = "enclosed"
GRADES = ("fraud_threshold_extreme", "fraud_threshold_huge", "fraud_threshold")
"""Keys of the law book, the gravest first (Criminal Law Art. 266)."""


@dataclass(frozen=True, slots=True)
class Act:
    """One kind of act that the guidance treats as a crime, with the categories that speak of it."""

    id: str
    name: str
    codes: frozenset[str]
    offence: str
    citation: str
    since: date
    verified: bool


@dataclass(frozen=True, slots=True)
class Hint:
    """That a sum reaches a threshold: which, what acts, and where both are written."""

    yuan: Decimal
    found: bool
    """Whether the sum was found by a team, and not only told."""
    grade: str
    threshold: int
    citation: str
    layer: str
    verified: bool
    acts: tuple[Act, ...]


@cache
def table() -> Mapping[str, Any]:
    """The data as written."""
    return tomllib.loads(resources.files("routing").joinpath("crime.toml").read_text(encoding="utf-8"))


@cache
def acts() -> tuple[Act, ...]:
    """The acts, in the order of the table."""
    return tuple(
        Act(
            id=row["id"],
            name=row["name"],
            codes=frozenset(row["codes"]),
            offence=row["offence"],
            citation=row["paper"],
            since=row["from"],
            verified=row["verified"],
        )
        for row in table()["act"]
    )


def hint(
    codes: Collection[str],
    *,
    told: Iterable[Decimal],
    found: Iterable[Decimal],
    law: LawBook,
    on: date,
    place: str | None,
) -> Hint | None:
    """What the handler should know, or nothing: below the threshold, of other acts, or where no sum is known.

    A sum that was found counts before one that was told; sums of several tellers are never added up, since they may
    speak of the same money.
    """
    named = tuple(act for act in acts() if act.codes.intersection(codes) and act.since <= on)
    sure = max(found, default=None)
    yuan = sure if sure is not None else max(told, default=None)
    if yuan is None or not named:
        return None
    for grade in GRADES:
        value = law.value(grade, on, place)
        if yuan >= value.value:
            verified = value.verified and all(act.verified for act in named)
            return Hint(yuan, sure is not None, grade, value.value, value.citation, value.layer, verified, named)
    return None


def papers() -> tuple[Mapping[str, Any], ...]:
    """The transfer set, in the order of Art. 6."""
    return tuple(table()["paper"])


def absences() -> Mapping[str, str]:
    """Why a paper may be absent, with the words."""
    return dict(table()["absent"])


def check_papers(given: Mapping[str, str]) -> dict[str, str]:
    """The set as it is kept: each paper enclosed, or absent for a reason on the list; PaperMissing, UnknownAnswer."""
    reasons = absences()
    missing = [
        paper["name"]
        for paper in papers()
        if given.get(paper["key"], "") != ENCLOSED and (paper.get("must") or not given.get(paper["key"]))
    ]
    if missing:
        raise PaperMissing(papers="、".join(missing))
    kept = {paper["key"]: given[paper["key"]] for paper in papers()}
    for answer in kept.values():
        if answer != ENCLOSED and answer not in reasons:
            raise UnknownAnswer(answer=answer, known="、".join(reasons.values()))
    return kept
