"""Labelled pairs of tellings: is it one matter? Half of them for tuning, the other half only for reporting.

Hand-written ones, and ones drawn from the invented matters by several hands, hard on both sides: another branch,
another act, another county, another time, a name that is like; and a nickname, a slip, dialect, other words.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from nlu.places import by_code
from tests.matters.invented import START, Matter, _detail, _text, matter, words

DRAWN = 1000
TOLD_AT = datetime.combine(date(2026, 11, 20), START.timetz())
EACH = {
    "again": 0.42,
    "nameless": 0.06,
    "nameless_other": 0.08,
    "other_branch": 0.08,
    "other_act": 0.13,
    "other_county": 0.09,
    "other_time": 0.08,
    "like_name": 0.06,
    "own_other": 0.06,
}
"""The kinds of drawn pairs and their shares; `again` is one matter told twice."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tellings and the truth about them."""

    kind: str
    same: bool
    side: str
    texts: tuple[str, str]
    own: bool = False
    codes: tuple[str, ...] = ()
    """What each would confirm when asked; of hand-written pairs only what the ear hears is known."""


def all_pairs() -> list[Pair]:
    """Every pair, always the same in the same order."""
    return [*_by_hand(), *_drawn()]


def halves() -> tuple[list[Pair], list[Pair]]:
    """For tuning, and for reporting: every second pair of each kind."""
    pairs = sorted(all_pairs(), key=lambda one: one.kind)
    return pairs[::2], pairs[1::2]


def _by_hand() -> Iterator[Pair]:
    told = tomllib.loads(Path(__file__).with_name("by_hand.toml").read_text("utf-8"))
    for kind, group in told.items():
        for one, other in group["pairs"]:
            yield Pair(kind, group["same"], group.get("side", "citizen"), (one, other), group.get("own", False))


def _drawn() -> Iterator[Pair]:
    dice = random.Random(20261120)
    for kind, share in EACH.items():
        for _ in range(round(DRAWN * share)):
            yield _pair(kind, dice)


def _pair(kind: str, dice: random.Random) -> Pair:
    one = matter(dice)
    while kind not in {"again", "own_other"} and one.side == "enterprise":
        one = matter(dice)
    # Told this year and in whole months, as people tell them: the ear has to hear the time from the words.
    first = date(2026, dice.randint(1, 9), 1)
    one = replace(one, first=first, last=(first + timedelta(days=32)).replace(day=1) - timedelta(days=1))
    if one.side == "enterprise":
        one = replace(one, last=one.first)
    if kind == "other_branch" and not one.branch:
        one = replace(one, branch="城关店")
    other = OTHERS[kind](one, dice)
    ways = dice.sample(range(len(words()[one.side][one.code]["ways"])), 2)
    same = kind in {"again", "nameless"}
    if kind == "other_time":  # what began then and goes on is no other time
        ways = [
            way
            for way in range(len(words()[one.side][one.code]["ways"]))
            if "开始" not in words()[one.side][one.code]["ways"][way]
        ][:2]
    texts = _spoken(one, dice, ways[0], spoilt=False), _spoken(other, dice, ways[1], spoilt=kind == "again")
    if kind.startswith("nameless"):
        texts = texts[0], _without_name(texts[1], other)
    return Pair(f"drawn_{kind}", same, one.side, texts, kind == "own_other", (one.code, other.code))


def _another(one: Matter, dice: random.Random) -> Matter:
    """A quite different matter of the same person."""
    other = matter(dice)
    while other.side != one.side or other.code == one.code or other.brand == one.brand:
        other = matter(dice)
    return replace(other, first=one.first, last=one.last, county=one.county)


def _neighbour(one: Matter, dice: random.Random) -> Matter:
    """Another house of the county, of which the same is told, or something else."""
    other = matter(dice, county=one.county)
    while other.side != one.side or other.brand == one.brand:
        other = matter(dice, county=one.county)
    if dice.random() < 0.5:
        other = replace(other, code=one.code, thing=dice.choice(words()[one.side][one.code]["things"]))
    return replace(other, first=one.first, last=one.last)


def _other_act(one: Matter, dice: random.Random) -> Matter:
    code = dice.choice([code for code in words()[one.side] if code != one.code])
    return replace(
        one,
        code=code,
        thing=dice.choice(words()[one.side][code]["things"]),
        n=dice.randint(2, 60),
        yuan=one.yuan * 2 + 31,
        detail=_detail(dice),
    )


def _elsewhere(one: Matter, dice: random.Random) -> Matter:
    other = matter(dice, brand=one.brand)
    while other.side != one.side or other.county[:4] == one.county[:4]:
        other = matter(dice, brand=one.brand)
    thing = dice.choice(words()[one.side][one.code]["things"])
    facts = {"code": one.code, "kind": one.kind, "branch": one.branch, "thing": thing}
    return replace(other, **facts, first=one.first, last=one.last)


def _other_time(one: Matter, dice: random.Random) -> Matter:
    first = one.first.replace(year=one.first.year - dice.randint(1, 2))
    thing = dice.choice(words()[one.side][one.code]["things"])
    return replace(
        one,
        first=first,
        last=first + timedelta(days=27),
        thing=thing,
        n=dice.randint(2, 60),
        yuan=one.yuan * 3,
        detail=_detail(dice),
    )


def _other_branch(one: Matter, dice: random.Random) -> Matter:
    branch = dice.choice([name for name in words()["branches"] if name != one.branch])
    return replace(one, branch=branch, n=dice.randint(2, 60), yuan=one.yuan * 2, detail=_detail(dice))


def _like_name(one: Matter, dice: random.Random) -> Matter:
    brand = dice.choice([name for name in words()["brands"] if name != one.brand and len(name) == len(one.brand)])
    return replace(one, brand=brand, n=dice.randint(2, 60), yuan=one.yuan * 2, detail=_detail(dice))


OTHERS: dict[str, Callable[[Matter, random.Random], Matter]] = {
    "again": lambda one, _dice: one,
    "nameless": lambda one, _dice: one,
    "nameless_other": _neighbour,
    "other_branch": _other_branch,
    "other_act": _other_act,
    "other_county": _elsewhere,
    "other_time": _other_time,
    "like_name": _like_name,
    "own_other": _another,
}


def _spoken(one: Matter, dice: random.Random, way: int, *, spoilt: bool) -> str:
    """The matter in words, with its county; `spoilt` with a shortened or mistyped name."""
    name, county = one.name, by_code(one.county)
    if spoilt and dice.random() < 0.2:
        slips = (
            f"{one.brand.replace(*pair)}{one.kind}{one.branch}" for pair in words()["slips"] if pair[0] in one.brand
        )
        name = next(slips, name)
    elif spoilt and not one.branch and dice.random() < 0.2:
        short = "医院" if one.kind.endswith("医院") else "门诊" if one.kind.endswith("门诊部") else one.kind
        name = f"{one.brand}{'药店' if one.kind in words()['pharmacies'] else short}"
    ways = words()[one.side][one.code]["ways"]
    text = _text(one, dice, ways[way % len(ways)], name)
    return text.replace(name, f"{county.name}{name}", 1) if county and county.name not in text else text


def _without_name(text: str, one: Matter) -> str:
    """The same where nobody is named."""
    what = "药店" if one.kind in words()["pharmacies"] else "医院" if one.kind.endswith("医院") else "诊所"
    return text.replace(one.name, f"一家{what}")
