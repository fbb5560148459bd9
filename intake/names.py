"""Names of institutions and organs: their normal form, and how far two of them agree."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from nlu.similarity import same_sound

SAME = 0.85
"""From here on two names are taken for one institution."""

_NUMERALS = str.maketrans("0123456789", "零一二三四五六七八九")
_NUMERAL = "[一二三四五六七八九十百零两〇]+"
# 第一人民医院 and 一人民医院 stay apart on purpose, and so do 一店 and 二店: a number is part of the name.
_ORDINALS = re.compile(f"第{_NUMERAL}|{_NUMERAL}(?=号|店|部|院|分|门|所|区|药)")


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart: the division before it (庆城县), what is left (康宁医院南街店), and the parts of that."""

    place: str
    core: str
    ordinals: tuple[str, ...]
    own: str
    """What tells which one it is: 康宁."""
    kind: str
    """What it is: 医院; nothing where it is not said."""
    branch: str
    """Which house of it: 南街店."""


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Any]:
    """The words of names.toml."""
    return tomllib.loads(resources.files("intake").joinpath("names.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def _division() -> re.Pattern[str]:
    """A division at the head of a name: province, city and county in turn, each optional."""
    city, county = _table()["not_after_city"], _table()["not_after_county"]
    return re.compile(
        r"^(?:中国)?(?:[^()省市县区]{2,7}?(?:省|自治区))?"
        rf"(?:[^()省市县区]{{2,6}}?(?:市(?![{city}])|自治州|地区|盟))?"
        rf"(?:[^()省市县区]{{1,8}}?(?:县|区(?![{county}])|旗|市(?![{city}])))?"
    )


@lru_cache(maxsize=1)
def _kind() -> re.Pattern[str]:
    """The first word for a kind that stands behind a name, and what follows it."""
    table = _table()
    kinds = sorted({*table["kinds"], *table["more_kinds"]}, key=len, reverse=True)
    return re.compile(f"(.{{2,}}?)({'|'.join(kinds)})(.*)$")


def _plain(name: str) -> str:
    """Half-width, lower case, without spaces and punctuation but brackets; figures as Chinese numerals."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    kept = (sign for sign in folded if sign in "()" or unicodedata.category(sign)[0] in "LN")
    return "".join(kept).translate(_NUMERALS)


@lru_cache(maxsize=4096)
def take_apart(name: str) -> Name:
    """The parts by which two names are compared."""
    plain = _plain(name)
    for form in _table()["company"]:
        plain = plain.replace(form, "")
    found = _division().match(plain)
    place = found.group(0) if found else ""
    core = plain[len(place) :]
    if len(core) < 3 or core in _table()["kinds"]:
        # 庆城县医院 without its county would be any hospital.
        place, core = "", plain
    core = core.replace("(", "").replace(")", "")
    parts = _kind().match(core)
    own, kind, branch = parts.groups() if parts else (core, "", "")
    return Name(place, core, tuple(_ORDINALS.findall(core)), own, kind, branch)


_FOLLOWS = re.compile(r"^[^的了在里是有把和与去来就都也刷收卖被让给办住,.，。、（(]{1,3}?(?:分店|分院|店|院区)")


def as_told(name: str, text: str) -> str:
    """The name with the branch that stands behind it in the text: the ear may stop at 大药房 where 城关店 follows."""
    at = text.find(name)
    if at < 0 or take_apart(name).branch:
        return name
    found = _FOLLOWS.match(text[at + len(name) : at + len(name) + 6])
    return name + found.group(0) if found else name


@lru_cache(maxsize=1)
def _after_place() -> re.Pattern[str]:
    """A name behind a division: 南开区济世大药房; not 南开区一家药店."""
    table = _table()
    kinds = sorted({*table["kinds"], *table["more_kinds"]} - {"中心", "医药"}, key=len, reverse=True)
    return re.compile(
        f"(?:[省市县区旗州])(?!{'|'.join(table['nobody'])})([^省市县区旗州的,，。：:、]{{2,6}}?(?:{'|'.join(kinds)}))"
    )


def name_in(text: str) -> str | None:
    """The first name that stands in the text behind a division, for where the ear heard none."""
    found = _after_place().search(text)
    return found.group(1) if found else None


def mentions(text: str, name: str) -> bool:
    """Whether the text names the institution, though it was not heard as its name."""
    core = take_apart(name).core
    return len(core) > 3 and core in text and not stands_everywhere(name)


def normal_form(name: str) -> str:
    """The form under which a name is looked up: 庆阳市康宁医院有限公司 and 康宁医院 give the same."""
    return take_apart(name).core[:100]


def skeletons(name: Name) -> tuple[str, ...]:
    """Parts of the name's own words, one of which outlives a wrong sign or a shortening.

    Of a short one each sign by its place, of a long one its beginning and its end.
    """
    own = name.own
    if len(own) < 4:
        return tuple(own[:at] + "_" + own[at + 1 :] for at in range(len(own))) + ((own[:2],) if len(own) == 3 else ())
    return tuple(dict.fromkeys((own[:2], own[-2:])))


def stands_everywhere(name: str) -> bool:
    """Whether the name, as it is written, could be one in any county: 中医院, 县人民医院, 药店."""
    parts, table = take_apart(name), _table()
    return not parts.place and (parts.core in table["common"] or parts.core in table["kinds"])


@lru_cache(maxsize=2048)
def organ_form(name: str) -> str:
    """An organ's proper name without its division: 庆城县市监局 and 市场监管局 give the same."""
    plain = _plain(name)
    for proper, everyday in _table()["organs"].items():
        if any(word in plain for word in everyday):
            return str(proper)
    return take_apart(name).core[:100]


@lru_cache(maxsize=8192)
def agreement(one: str, other: str) -> float:
    """How far two names of institutions agree, between 0 and 1; SAME and above is one institution."""
    a, b = take_apart(one), take_apart(other)
    if a.ordinals != b.ordinals or (a.branch and b.branch and a.branch != b.branch):
        return 0.0
    if not _places_agree(a.place, b.place):
        return 0.0
    if a.core == b.core:
        # One says the county, the other does not: most likely the same.
        return 1.0 if bool(a.place) == bool(b.place) else 0.95
    if _with_place(a) & _with_place(b):
        return 0.9
    near = min(_own_agreement(a.own, b.own), _kind_agreement(a.kind, b.kind))
    # 康宁医院 and 康宁医院东区: perhaps a part, perhaps the same; a person decides.
    return near if a.branch == b.branch else min(near, 0.75)


def _own_agreement(one: str, other: str) -> float:
    """How far the names agree that tell which institution it is: shortened, mistyped, or another one."""
    if one == other:
        return 1.0
    shorter, longer = sorted((one, other), key=len)
    if longer.startswith(shorter) or (len(shorter) > 2 and shorter in longer):
        return 0.75
    if len(one) == len(other):
        wrong = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
        if len(wrong) == 1 and same_sound(*wrong[0]):
            return 0.8
        if len(wrong) == 1 and len(one) > 3:
            return 0.7
    return min(_shared_pairs(one, other), 0.7)


def _shared_pairs(one: str, other: str) -> float:
    """How many neighbouring signs two short names share (Dice's coefficient)."""
    a, b = ({name[i : i + 2] for i in range(len(name) - 1)} for name in (one, other))
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


def _kind_agreement(one: str, other: str) -> float:
    """How far two kinds can be of one institution: 康复医院 is also called 医院, a clinic is no pharmacy."""
    if one == other:
        return 1.0
    if not one or not other:
        return SAME
    if one.endswith(other) or other.endswith(one):
        return 0.9
    return 0.9 if any(one in family and other in family for family in _table()["families"]) else 0.4


@lru_cache(maxsize=1024)
def _last_division(place: str) -> str:
    """The most particular division of a prefix: 庆城县 of 甘肃省庆阳市庆城县."""
    return re.split(r"(?<=[省市县区州盟旗])", place.rstrip())[-2] if place else ""


def _places_agree(one: str, other: str) -> bool:
    """Whether two prefixes can name the same place: their most particular division must be the same."""
    return not one or not other or _last_division(one) == _last_division(other)


def _with_place(name: Name) -> set[str]:
    """The name as people may shorten it: 庆城县中医院, 庆城中医院, 县中医院."""
    if not name.place:
        return {name.core}
    last = _last_division(name.place)
    return {name.place + name.core, last + name.core, last[:-1] + name.core, last[-1] + name.core}


def conflict(interests: str, institution: str | None) -> bool:
    """Whether one of the names in `interests`, one a line, may be the institution; in doubt, yes."""
    if not institution:
        return False
    concerned = normal_form(institution)
    return any(one in concerned or concerned in one for one in interest_forms(interests))


def interest_forms(interests: str) -> tuple[str, ...]:
    """The normal forms of the names in `interests`."""
    return tuple(form for line in interests.splitlines() if line.strip() and (form := normal_form(line)))
