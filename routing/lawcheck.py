"""Faults of the law book: holes, overlaps, missing citations, clocks without a period; and what nobody has verified.

`grave` faults make an answer wrong or impossible; the others are told so that a lawyer can work through them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from routing.lawbook import SUMS, UNITS, LawBook, LawValue
from routing.rewards import RewardLaw, Scheme
from routing.wording import say
from routing.workdays import Calendar


@dataclass(frozen=True, slots=True)
class Fault:
    """One finding: its kind, what it is about, and a sentence."""

    kind: str
    key: str
    sentence: str
    grave: bool


def check(law: LawBook, rewards: RewardLaw, calendar: Calendar) -> tuple[Fault, ...]:
    """Everything that is wrong or unsure, grave faults first."""
    found = [*_values(law), *_schemes(rewards), *_years(calendar)]
    return tuple(sorted(found, key=lambda one: (not one.grave, one.kind, one.key)))


def _values(law: LawBook) -> Iterator[Fault]:
    for key in law.kinds.keys() - law.values.keys():
        yield _fault("no_value", key, grave=True, name=law.kinds[key].name)
    for key, values in law.values.items():
        base = key.partition(".extend")[0]
        if base not in law.kinds and any(value.unit not in SUMS for value in values):
            yield _fault("no_kind", key, grave=True)
        if base != key and base not in law.values:
            yield _fault("extends_nothing", key, grave=True)
        yield from _layers_of(key, values)
        for value in values:
            if not value.citation.strip():
                yield _fault("no_citation", key, grave=True, since=value.since)
            if value.unit not in UNITS | SUMS or value.value <= 0:
                yield _fault("no_period", key, grave=True, value=value.value, unit=value.unit)
            if not value.verified:
                yield _fault("unverified", key, grave=False, citation=value.citation, since=value.since)


def _layers_of(key: str, values: tuple[LawValue, ...]) -> Iterator[Fault]:
    """Two values of one layer from one day on: nobody could tell which of them holds."""
    seen = sorted((value.own, value.layer, value.since) for value in values)
    for one, other in pairwise(seen):
        if one == other:
            yield _fault("overlap", key, grave=True, layer=one[1], since=one[2])


def _schemes(rewards: RewardLaw) -> Iterator[Fault]:
    real = [one for one in rewards.schemes if not one.example]
    keys = [one.key for one in rewards.schemes]
    for key in {key for key in keys if keys.count(key) > 1}:
        yield _fault("twice", key, grave=True)
    for one, other in pairwise(sorted(real, key=lambda scheme: (scheme.own, scheme.layer, scheme.since))):
        if (one.own, one.layer) != (other.own, other.layer):
            continue
        if one.since == other.since:
            yield _fault("overlap", other.key, grave=True, layer=one.layer, since=one.since)
        elif one.until is not None and one.until + timedelta(days=1) < other.since:
            yield _fault("hole", other.key, grave=False, first=one.until, last=other.since)
    for one in rewards.schemes:
        yield from _scheme(one)


def _scheme(one: Scheme) -> Iterator[Fault]:
    if not one.citation.strip():
        yield _fault("no_citation", one.key, grave=True, since=one.since)
    if one.until is not None and one.until < one.since:
        yield _fault("ends_before", one.key, grave=True, since=one.since, until=one.until)
    for grade, accused in sorted({(rate.grade, rate.accused) for rate in one.rates}, key=str):
        rows = [rate for rate in one.rates if (rate.grade, rate.accused) == (grade, accused)]
        if sum(rate.up_to is None for rate in rows) != 1 or len({rate.up_to for rate in rows}) != len(rows):
            yield _fault("brackets", one.key, grave=True, grade=grade or "", accused=accused or "")
    if not one.rates and not one.example:
        yield _fault("no_rates", one.key, grave=False, name=one.name)
    if not one.verified and not one.example:
        yield _fault("unverified", one.key, grave=False, citation=one.citation, since=one.since)


def _years(calendar: Calendar) -> Iterator[Fault]:
    """A year without notice between two that have one: periods across it would be provisional for ever."""
    known = sorted(calendar.papers)
    for one, other in pairwise(known):
        for year in range(one + 1, other):
            yield _fault("year_missing", str(year), grave=True)
    if known:
        yield _fault("calendar_ends", str(known[-1]), grave=False)


def _fault(kind: str, key: str, *, grave: bool, **facts: object) -> Fault:
    return Fault(kind, key, say(f"lawcheck.{kind}", key=key, **facts), grave)
