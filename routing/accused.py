"""Whom a report complains of: from what people call an office ("县医保局", "西峰区医保中心") to the authority itself."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from nlu import places
from routing.authorities import AGENCY, BUREAU, NATION, Authority, default_authority, superior_place

OTHER = "other"


@dataclass(frozen=True, slots=True)
class Accused:
    """The office complained of; `named` is false where it follows only from the place.

    `excluded` are the offices that may not handle the case: it, its agency, and the bureau over an agency.
    """

    authority: Authority
    named: bool
    excluded: tuple[str, ...]


@cache
def table() -> Mapping[str, Any]:
    """The rules of jurisdiction as written."""
    return tomllib.loads(resources.files("routing").joinpath("law", "jurisdiction.toml").read_text(encoding="utf-8"))


def kind_of(organ: str | None) -> str | None:
    """BUREAU, AGENCY, OTHER department, or None where the words do not tell."""
    if organ:
        for kind, key in ((AGENCY, "agency"), (OTHER, "other"), (BUREAU, "bureau")):
            if any(word in organ for word in table()["organs"][key]):
                return kind
    return None


@lru_cache(maxsize=4096)
def accused_by_name(organ: str, base: str) -> Accused:
    """The office that `organ` means to somebody who speaks of division `base`."""
    kind = AGENCY if kind_of(organ) == AGENCY else BUREAU
    return accused_of(_place_named(organ, kind, base), kind, named=True)


def accused_of(place: str, kind: str, *, named: bool) -> Accused:
    """The office of this kind and place as the accused."""
    own = default_authority(place, kind)
    both = tuple(f"{each}-{own.place}" for each in (BUREAU, AGENCY))
    return Accused(authority=own, named=named, excluded=both)


def _place_named(organ: str, kind: str, base: str) -> str:
    """The division in front of "医保局": by level word, by name, or else `base`."""
    words = table()["organs"]["agency" if kind == AGENCY else "bureau"]
    at = min((found for word in words if (found := organ.find(word)) >= 0), default=len(organ))
    stem = organ[:at].strip()
    for filler in table()["organs"]["fillers"]:
        stem = stem.removeprefix(filler)
    if not stem:
        return base
    if level := table()["organs"]["levels"].get(stem):
        return _ancestor(base, level)
    # The longest end of the words that is a place: 庆阳市西峰区, 西峰区, …
    for start in range(len(stem) - 1):
        if candidates := places.lookup(stem[start:], home=base):
            return candidates[0].code[:6]
    return base


def _ancestor(place: str, level: str) -> str:
    """The division of this level in the line above `place`.

    Where the line has none: a city directly under its province is its own "市", and in 北京, 天津, 上海 and 重庆
    "市" is the province; "县" said of a city means the place itself.
    """
    if level == "nation":
        return NATION
    line = [place]
    while (above := superior_place(line[-1])) not in {None, NATION}:
        line.append(str(above))
    for current in line:
        if default_authority(current).level == level:
            return current
    own = places.by_code(place)
    standing = level == "county" or (own is not None and own.name.endswith("市"))
    return place if standing else line[-1]
