"""Divisions of China: codes, names old and new, and which of several places of one name is meant.

The level follows from the code (GB/T 2260): `620000` a province, `621000` a city, `621021` a county.
Divisions under no city (districts of Beijing, 济源, 仙桃, 石河子 …) have their province as parent.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

Level = Literal["province", "city", "county"]

_SUFFIX = re.compile(r"(?:特别行政区|自治区|自治州|自治县|自治旗|行政委员会|地区|林区|特区|新区|[省市区县盟旗])$")
_PEOPLES = re.compile(
    "(?:蒙古族|回族|藏族|维吾尔|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克族?|傣族|黎族|"
    "傈僳族|佤族|畲族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜|土族|达斡尔族|仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|"
    "锡伯|阿昌族|塔吉克|普米族|怒族|独龙族|裕固族|保安族|各族|蒙古)+$"
)
_ZONE_WORD = re.compile(r"(?:高新技术产业|经济技术|高技术产业|技术产业)?(?:开发区|园区|高新区|经开区)$")


@dataclass(frozen=True, slots=True)
class Place:
    """A province, city or county as it is called today."""

    code: str
    name: str
    full_name: str
    level: Level
    parent: str | None


@dataclass(frozen=True, slots=True)
class Name:
    """One way to write a place: its codes, and how much the writing alone proves.

    `full`: the official name, today's or a former one, or a zone's. `everyday`: the short form is also a common word.
    `former`: not today's name. `zone`: a development zone, told by the division that hosts it.
    """

    text: str
    codes: tuple[str, ...]
    full: bool = False
    everyday: bool = False
    former: bool = False
    zone: bool = False


def _rows(file: str) -> Iterator[list[str]]:
    text = resources.files("nlu").joinpath("data/places", file).read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return (line.split("\t") for line in lines[1:])


def level_of(code: str) -> Level:
    """The level a code speaks of."""
    return "province" if code.endswith("0000") else "city" if code.endswith("00") else "county"


def _parent(code: str, names: Mapping[str, str]) -> str | None:
    for parent in (code[:4] + "00", code[:2] + "0000"):
        if parent != code and parent in names:
            return parent
    return None


@cache
def _places() -> Mapping[str, Place]:
    names = {row[0]: row[1] for row in _rows("divisions.tsv")}
    places: dict[str, Place] = {}
    for code in sorted(names):
        parent = _parent(code, names)
        above = places[parent].full_name if parent else ""
        level = "county" if code.startswith("71") and names[code].endswith("县") else level_of(code)
        places[code] = Place(code, names[code], above + names[code], level, parent)
    return places


@cache
def _children() -> Mapping[str, tuple[Place, ...]]:
    grouped: dict[str, list[Place]] = defaultdict(list)
    for place in _places().values():
        if place.parent:
            grouped[place.parent].append(place)
    return {code: tuple(places) for code, places in grouped.items()}


def by_code(code: str) -> Place | None:
    """The place of a six-digit code, None where there is none."""
    return _places().get(code)


def children(code: str) -> tuple[Place, ...]:
    """The divisions right below, in the order of their codes; none below a county or a 直筒子市 (东莞)."""
    return _children().get(code, ())


def within(code: str, above: str) -> bool:
    """Whether a division lies in another or is it."""
    return code.startswith(above[:2] if above.endswith("0000") else above[:4] if above.endswith("00") else above)


def stems(name: str) -> tuple[str, ...]:
    """The short forms of an official name: 庆城县 → 庆城, 景宁畲族自治县 → 景宁, 景宁县; never a single character."""
    stem = _SUFFIX.sub("", name)
    short = _PEOPLES.sub("", stem)
    found = [form for form in (stem, short) if len(form) >= 2 and form != name]
    if short != stem and len(short) >= 2:
        ending = {"县": "县", "州": "州", "旗": "旗"}.get(name[-1], "")
        found += [short + ending] if ending else []
    return tuple(dict.fromkeys(found))


@cache
def everyday_words() -> frozenset[str]:
    """Short names that are also common words; with a ! before those that stay so although a prefecture bears them."""
    text = resources.files("nlu").joinpath("data/places/everyday.txt").read_text("utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


class _Index:
    """Collects the ways to write each place; codes of one writing keep their order, today's names first."""

    def __init__(self) -> None:
        self.names: dict[str, Name] = {}

    def add(self, text: str, codes: tuple[str, ...], *, full: bool, former: bool = False, zone: bool = False) -> None:
        known = self.names.get(text)
        if known is None:
            large = not full and not former and any(code.endswith("00") for code in codes)
            everyday = (not large and text in everyday_words()) or f"!{text}" in everyday_words()
            self.names[text] = Name(text, codes, full, everyday, former, zone)
            return
        if zone or (former and not known.former and not known.full):
            return
        large = not full and any(code.endswith("00") for code in codes)
        merged = tuple(dict.fromkeys((*known.codes, *codes)))
        self.names[text] = Name(
            text,
            merged,
            known.full or full,
            known.everyday and (not large or f"!{text}" in everyday_words()),
            known.former,
            known.zone,
        )


@cache
def names() -> Mapping[str, Name]:
    """Every known way to write a place."""
    index = _Index()
    places = _places()
    for code, place in places.items():
        index.add(place.name, (code,), full=True)
    for code, place in places.items():
        for stem in stems(place.name):
            index.add(stem, (code,), full=stem[-1] in "县州旗" and len(stem) > 2)
    for text, codes, _year in _rows("renamed.tsv"):
        index.add(text, tuple(codes.split(",")), full=True, former=True)
        for stem in stems(text):
            if stem not in index.names:
                index.add(stem, tuple(codes.split(",")), full=False, former=True)
    for text, codes in _rows("nicknames.tsv"):
        index.add(text, tuple(codes.split(",")), full=False)
    for text, code in _rows("zones.tsv"):
        index.add(text, (code,), full=True, zone=True)
        short = _ZONE_WORD.sub("高新区" if "高" in text else "开发区", text)
        index.add(short, (code,), full=True, zone=True)
    return index.names


def nearness(code: str, home: str | None) -> int:
    """How near a place is to the channel's home region: 3 same county, 2 same city, 1 same province, 0 elsewhere."""
    if not home or code[:2] != home[:2]:
        return 0
    if home.endswith("0000"):
        return 1
    if code[:4] != home[:4]:
        return 1
    return 3 if code == home else 2


def rank(codes: tuple[str, ...], home: str | None) -> tuple[str, ...]:
    """Candidates, best first: near home, then the larger division, then the order of the data."""
    size = {"province": 0, "city": 1, "county": 2}
    return tuple(sorted(dict.fromkeys(codes), key=lambda code: (-nearness(code, home), size[level_of(code)])))


def lookup(name: str, home: str | None = None) -> tuple[Place, ...]:
    """All places a name may mean, best first: 城关 in Lanzhou and Lhasa, 甘肃省兰州市城关区 only one."""
    from nlu.entities.place import candidates  # noqa: PLC0415  the reader of chains stands on this module

    codes = candidates(name.strip(), home)
    return tuple(place for code in rank(codes, home) if (place := by_code(code)))
