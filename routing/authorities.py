"""Who is there to handle a case: by default one 医疗保障局 for every county, city and province, and the nation's above.

Fund regulation Art. 6 puts the department on county level and above; so routing works everywhere from the first
minute, without a registry. A code is a kind and a division: YB-621021 is the 医保局 of division 621021.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from nlu import places
from routing.errors import UnknownAuthority, UnknownPlace
from routing.wording import phrases, say

NATION = "000000"
BUREAU, AGENCY, DISCIPLINE, JUSTICE = "YB", "JB", "JW", "SF"
# Taiwan, Hong Kong and Macau have no 医疗保障局: what concerns them is the nation's.
BEYOND = frozenset({"71", "81", "82"})


@dataclass(frozen=True, slots=True)
class Authority:
    """One authority; `level` is nation, province, city or county, `superior` the code of the one above it."""

    code: str
    name: str
    level: str
    place: str
    superior: str | None

    @property
    def kind(self) -> str:
        """YB bureau, JB agency, JW discipline inspection, SF judicial administration."""
        return self.code[:2]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a registry says of one office; None where the default holds.

    `handled_by` bears the code of whoever does its work: some counties have no bureau of their own.
    """

    name: str
    superior: str | None = None
    handled_by: str | None = None


_registered: dict[str, Entry] = {}
"""The registry of offices, by code."""


def know(offices: Mapping[str, Mapping[str, str | None]]) -> None:
    """Let the registry of offices say who is there, besides the defaults.

    Called by the composition root when it opens a ledger or has imported a registry, and by nobody else.
    """
    entries = {
        code: Entry(str(row["name"]), row.get("superior"), row.get("handled_by")) for code, row in offices.items()
    }
    if entries != _registered:
        _registered.clear()
        _registered.update(entries)
        for cached in (_office, default_authority):
            cached.cache_clear()


@lru_cache(maxsize=8192)
def default_authority(place_code: str, kind: str = BUREAU) -> Authority:
    """The authority of this kind that answers for the division, or for the next larger one that has offices."""
    found = _office(place_code[:6], kind)
    entry = _registered.get(found.code)
    return by_code(entry.handled_by) if entry and entry.handled_by else found


@lru_cache(maxsize=8192)
def _office(place_code: str, kind: str) -> Authority:
    """The office of this division itself, whoever does its work."""
    if kind not in phrases()["authorities"]:
        raise UnknownAuthority(code=kind)
    entry = _registered.get(f"{kind}-{place_code}")
    own = entry is not None and places.by_code(place_code) is None and place_code != NATION
    place = place_code if own else office_place(place_code)
    superior = entry.superior if entry and entry.superior else _superior_code(place, kind)
    code = f"{kind}-{place}"
    name = entry.name if entry else _name(place, kind)
    return Authority(code=code, name=name, level=_level(place), place=place, superior=superior)


def _superior_code(place: str, kind: str) -> str | None:
    if kind == AGENCY:
        # The bureau oversees the agency of its own level (fund regulation Art. 36–37).
        return f"{BUREAU}-{place}"
    above = superior_place(place)
    return f"{kind}-{above}" if above is not None else None


def is_place(code: str) -> bool:
    """Whether there is such a division, or an office of the registry under a code of its own (a development zone)."""
    return code == NATION or places.by_code(code) is not None or f"{BUREAU}-{code}" in _registered


def by_code(code: str) -> Authority:
    """The authority that bears this code, such as YB-621021; UnknownAuthority where there can be none."""
    kind, dash, place = code.partition("-")
    if not dash or kind not in phrases()["authorities"]:
        raise UnknownAuthority(code=code)
    try:
        found = _office(place, kind)
    except UnknownPlace as unknown:
        raise UnknownAuthority(code=code) from unknown
    if found.code != code:
        raise UnknownAuthority(code=code)
    return found


def superior_of(authority: Authority) -> Authority | None:
    """The authority one level above; None above the nation."""
    return by_code(authority.superior) if authority.superior else None


def line_above(authority: Authority) -> Iterator[Authority]:
    """The authorities above, the nearest first."""
    current = superior_of(authority)
    while current is not None:
        yield current
        current = superior_of(current)


def is_above(high: Authority, low: Authority) -> bool:
    """Whether the one stands above the other."""
    return any(one.code == high.code for one in line_above(low))


def common_superior(*authorities: Authority, excluded: Iterable[str] = ()) -> Authority:
    """The lowest authority at or above all of them that is not complained of; at the top discipline inspection.

    Penalty Law Art. 25: who cannot agree asks the common superior. Where one of them stands above the others it is
    the superior itself, since a superior may take or hand down a case (procedure 令第4号 Art. 10–12).
    """
    first, *others = [[one, *line_above(one)] for one in authorities]
    kept_out = set(excluded)
    for one in first:
        if one.code not in kept_out and all(one in line for line in others):
            return one
    return default_authority(NATION, DISCIPLINE)


def office_place(code: str) -> str:
    """The division whose office answers for `code`: a town goes to its county or city."""
    code = code[:6]
    if code == NATION or code[:2] in BEYOND:
        return NATION
    if places.by_code(code) is None:
        raise UnknownPlace(code=code)
    return code


def superior_place(code: str) -> str | None:
    """The division one level above: county, city, province, nation; None above the nation.

    A district of 北京, 天津, 上海 or 重庆 and a county directly under its province answer to the province.
    """
    if code == NATION:
        return None
    found = places.by_code(code)
    return (found.parent if found else None) or NATION


def _level(place: str) -> str:
    if place == NATION:
        return "nation"
    if place.endswith("0000"):
        return "province"
    return "city" if place.endswith("00") else "county"


def _name(place: str, kind: str) -> str:
    """The office's name; a district bears its city's name before its own, since 鼓楼区 alone says little."""
    if place == NATION:
        return say(f"authorities.{kind}.nation")
    found = places.by_code(place)
    assert found is not None
    name = found.name
    above = superior_place(place)
    if name.endswith(phrases()["forms"]["district"]) and above and (city := places.by_code(above)):
        name = city.name + name
    return say(f"authorities.{kind}.local", place=name)
