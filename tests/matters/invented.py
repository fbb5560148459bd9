"""Invented matters, each told by as many people as wanted, in other words: the same for the same number.

The facts of a report are spoilt as ears and tellers spoil them: a name shortened or mistyped, a county left out,
a category misheard, a time not told. What is planted is known, so that finding it again can be measured.
"""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from intake.report import Claim, Period, Report, Side, Teller
from nlu.places import by_code, children

START = datetime(2024, 1, 2, 1, tzinfo=UTC)
THIS_YEAR = 2026
"""Of this year's months people leave out the year."""
DIGITS = "零一二三四五六七八九十"


@cache
def words() -> dict[str, Any]:
    """The words of matters.toml."""
    return tomllib.loads(Path(__file__).with_name("matters.toml").read_text("utf-8"))


@cache
def counties() -> tuple[str, ...]:
    """Every county, in the order of its code."""
    found, left = [], [f"{head}0000" for head in range(11, 66) if by_code(f"{head}0000")]
    while left:
        code = left.pop()
        below = [place.code for place in children(code)]
        left.extend(below)
        if not below:
            found.append(code)
    return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that happened: who did it, where, what, when, and the particulars that tellers mention."""

    side: Side
    code: str
    county: str
    brand: str
    kind: str
    branch: str
    organ: str
    first: date
    last: date
    thing: str
    n: int
    yuan: int
    detail: str

    @property
    def name(self) -> str:
        """The institution's name without its county."""
        return f"{self.brand}{self.kind}{self.branch}"


def matter(dice: random.Random, *, county: str | None = None, brand: str | None = None) -> Matter:
    """A matter by lot; somewhere and of somebody in particular where that is given."""
    told = words()
    side: Side = "citizen" if dice.random() < 0.8 else "enterprise"
    code = dice.choice(list(told[side]))
    kinds = told["pharmacies"] if code in {"F10", "F09", "F21"} or dice.random() < 0.15 else told["hospitals"]
    first = date(2023, 6, 1) + timedelta(days=dice.randrange(1080))
    length = dice.choice((0, 6, 29, 29, 29, 60, 90, 200)) if side == "citizen" else dice.choice((0, 0, 0, 1, 2))
    return Matter(
        side=side,
        code=code,
        county=county or dice.choice(counties()),
        brand=brand or dice.choice(told["brands"]),
        kind=dice.choice(kinds),
        branch=dice.choice(told["branches"]) if dice.random() < 0.15 else "",
        organ=dice.choice(told["organs"]),
        first=first,
        last=first + timedelta(days=length),
        thing=dice.choice(told[side][code]["things"]),
        n=dice.randint(2, 60),
        yuan=dice.choice((300, 480, 900, 1600, 2800, 7500, 12000, 36000, 80000)) + dice.randrange(97),
        detail=_detail(dice),
    )


def _detail(dice: random.Random) -> str:
    told = words()
    return str(dice.choice(told["details"])).format(
        a=dice.randint(1, 9), b=dice.randint(10, 99), c=dice.randint(0, 9), n=dice.randint(3, 90),
        s=dice.choice(told["surnames"]), v=dice.choice(told["villages"]), w=dice.choice("一二三四五六"),
    )  # fmt: skip


def tell(one: Matter, dice: random.Random, *, account: str, way: int | None = None, sure: bool = False) -> Report:
    """The matter as one person tells it; `sure` where every fact is heard rightly."""
    told = words()
    ways = told[one.side][one.code]["ways"]
    received = datetime.combine(one.last, START.timetz()) + timedelta(days=dice.randrange(40), hours=dice.randrange(10))
    name = _name(one, dice, sure=sure)
    place = _place(one, dice, sure=sure)
    text = _text(one, dice, ways[dice.randrange(len(ways)) if way is None else way % len(ways)], name)
    code = one.code if sure or dice.random() < 0.92 else dice.choice(list(told[one.side]))
    timed = sure or dice.random() < 0.75
    return Report(
        side=one.side,
        teller=Teller("web", account),
        conversation=account,
        text=text,
        redacted=text,
        claims=(Claim(code, 0.9),) if sure or dice.random() < 0.97 else (),
        received_at=received,
        institution=name if sure or dice.random() < 0.94 else None,
        organ=one.organ if one.side == "enterprise" and (sure or dice.random() < 0.95) else None,
        place=place,
        period=_period(one, dice) if timed else None,
    )


def _text(one: Matter, dice: random.Random, way: str, name: str) -> str:
    told, county = words(), by_code(one.county)
    ahead = county.name if county and dice.random() < 0.5 and not name.startswith(county.name) else ""
    full = f"{ahead}{name}"
    facts = {"name": full, "when": _when(one, dice), "n": one.n, "yuan": _yuan(one, dice), "thing": one.thing}
    body = way.format(organ=one.organ, **facts)
    detail = one.detail if dice.random() < 0.5 else _detail(dice) if dice.random() < 0.5 else ""
    return f"{dice.choice(told['openings'])}{body}{detail}{dice.choice(told['closings'])}"


def _name(one: Matter, dice: random.Random, *, sure: bool) -> str:
    """As people write it: in full, with its county, shortened, or with a slip of the hand."""
    county = by_code(one.county)
    lot = 0.0 if sure else dice.random()
    if lot < 0.55:
        return one.name
    if lot < 0.8 and county:
        return f"{county.name}{one.name}"
    if lot < 0.9:
        return f"{one.brand}{one.kind}"
    for pair in words()["slips"]:
        if pair[0] in one.brand:
            return f"{one.brand.replace(pair[0], pair[1])}{one.kind}{one.branch}"
    return one.name


def _place(one: Matter, dice: random.Random, *, sure: bool) -> str | None:
    lot = 0.0 if sure else dice.random()
    if lot < 0.82:
        return one.county
    return f"{one.county[:4]}00" if lot < 0.92 else None


def _period(one: Matter, dice: random.Random) -> Period:
    """The period as somebody tells it: to the day, the months, or only the last of it."""
    if one.side == "enterprise" or dice.random() < 0.4:
        return Period(one.first, one.last)
    start = one.first.replace(day=1)
    end = (one.last.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return Period(start if dice.random() < 0.7 else one.last.replace(day=1), end, "month")


def _when(one: Matter, dice: random.Random) -> str:
    """The time in words."""
    first, last = one.first, one.last
    if one.side == "enterprise" or (first == last and dice.random() < 0.7):
        return dice.choice(
            (f"{first.year}年{first.month}月{first.day}日", f"{first.year}年{first.month}月{first.day}号")
        )
    forms = [f"{first.year}年{first.month}月份"]
    if first.year >= THIS_YEAR:
        forms += [f"{first.month}月份", f"今年{_chinese(first.month)}月"]
    if (first.year, first.month) != (last.year, last.month):
        forms = [
            f"{first.year}年{first.month}月到{last.year}年{last.month}月",
            f"从{first.year}年{first.month}月到{last.year}年{last.month}月",
        ]
    return dice.choice(forms)


def _chinese(number: int) -> str:
    return DIGITS[number] if number <= 10 else f"十{DIGITS[number - 10]}"


def _yuan(one: Matter, dice: random.Random) -> str:
    if one.yuan < 1000:
        return f"{one.yuan}块钱" if dice.random() < 0.5 else f"{one.yuan}元"
    return dice.choice((f"{one.yuan}元", f"{one.yuan / 1000:.1f}千块", f"{one.yuan}多块钱"))
