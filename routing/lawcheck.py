"""Faults of the law book: holes, overlaps, missing citations, clocks without a period; and what nobody has verified.

`grave` faults make an answer wrong or impossible; the others are told so that a lawyer can work through them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from routing.accused import table
from routing.eligibility import rules as reward_rules
from routing.lawbook import NATION, SUMS, UNITS, LawBook, LawValue
from routing.lawfiles import Fault, fault
from routing.provisions import provisions
from routing.rewards import RewardLaw, Scheme
from routing.schemefiles import faults_of
from routing.workdays import Calendar


def check(law: LawBook, rewards: RewardLaw, calendar: Calendar) -> tuple[Fault, ...]:
    """Everything that is wrong or unsure, grave faults first."""
    own = [*law.faults, *rewards.faults, *calendar.faults]
    found = {*own, *_values(law), *_schemes(rewards), *_years(calendar), *_provisions()}
    return tuple(sorted(found, key=lambda one: (not one.grave, one.kind, one.key)))


def _values(law: LawBook) -> Iterator[Fault]:
    for key in law.kinds.keys() - law.values.keys():
        yield fault("no_value", key, name=law.kinds[key].name)
    for key, values in law.values.items():
        base = key.partition(".extend")[0]
        if base not in law.kinds and any(value.unit not in SUMS for value in values):
            yield fault("no_kind", key)
        if base != key and base not in law.values:
            yield fault("extends_nothing", key)
        yield from _layers_of(key, values)
        yield from _holes(key, base, law)
        for value in values:
            if not value.citation.strip():
                yield fault("no_citation", key, since=value.since)
            if value.unit not in UNITS | SUMS or value.value <= 0:
                yield fault("no_period", key, value=value.value, unit=value.unit)
            if not value.verified:
                yield fault("unverified", key, grave=False, citation=value.citation, since=value.since)


def _layers_of(key: str, values: tuple[LawValue, ...]) -> Iterator[Fault]:
    """Two values of one layer from one day on: nobody could tell which of them holds."""
    seen = sorted((value.own, value.layer, value.since) for value in values)
    for one, other in pairwise(seen):
        if one == other:
            yield fault("overlap", key, layer=one[1], since=one[2])


def _holes(key: str, base: str, law: LawBook) -> Iterator[Fault]:
    """A place or a turn for which the book has nothing though it speaks of the matter elsewhere."""
    if not any(value.layer == NATION for value in law.values[key]):
        yield fault("no_nation", key)
    number = key.removeprefix(f"{base}.extend")
    if number.isdigit():
        if int(number) > 1 and f"{base}.extend{int(number) - 1}" not in law.values:
            yield fault("no_turn", key, before=int(number) - 1)
        units = {value.unit for value in (*law.values[key], *law.values.get(base, ()))}
        if len(units) > 1:
            yield fault("units_differ", key)


def _schemes(rewards: RewardLaw) -> Iterator[Fault]:
    real = [one for one in rewards.schemes if not one.example]
    packaged = [one.key for one in rewards.schemes if not one.own]
    for key in {key for key in packaged if packaged.count(key) > 1}:
        yield fault("twice", key)
    for one, other in pairwise(sorted(real, key=lambda scheme: (scheme.own, scheme.layer, scheme.since))):
        if (one.own, one.layer) != (other.own, other.layer):
            continue
        if one.since == other.since:
            yield fault("overlap", other.key, layer=one.layer, since=one.since)
        elif one.until is not None and one.until + timedelta(days=1) < other.since:
            yield fault("hole", other.key, grave=False, first=one.until, last=other.since)
    for one in rewards.schemes:
        yield from _scheme(one)


def _scheme(one: Scheme) -> Iterator[Fault]:
    if not one.own:  # a bureau's own were looked at when they were read
        yield from faults_of(one)
    if not one.rates and not one.example:
        yield fault("no_rates", one.key, grave=False, name=one.name)
    if not one.verified and not one.example:
        yield fault("unverified", one.key, grave=False, citation=one.citation, since=one.since)


def _provisions() -> Iterator[Fault]:
    """Rules that are kept though nobody, or not everybody, has read their text."""
    for one in provisions().values():
        if not one.citation.strip():
            yield fault("no_citation", one.key, since=one.since)
        if not one.verified:
            yield fault("doubtful", one.key, grave=False, citation=one.citation, doubt=one.doubt)
    for rule in [*table()["rule"], *reward_rules()]:
        if not rule["verified"]:
            yield fault("doubtful", rule["id"], grave=False, citation=rule.get("citation", rule.get("paper")), doubt="")


def _years(calendar: Calendar) -> Iterator[Fault]:
    """A year without notice between two that have one: periods across it would be provisional for ever."""
    known = sorted(calendar.papers)
    for one, other in pairwise(known):
        for year in range(one + 1, other):
            yield fault("year_missing", str(year))
    if known:
        yield fault("calendar_ends", str(known[-1]), grave=False)
