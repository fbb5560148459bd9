"""What a report is worth: dated, regional schemes as data; every amount prints its steps and its citations.

Schemes stand in law/reward_schemes.toml and in the bureau's own law folder. The amount is counted in yuan with two
decimals, rounded half up (no paper says how). Order: rate, addition, floor of the grade, uplift, floor, cap.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from routing import schemefiles
from routing.errors import RateUnknown, SchemeFaulty, SchemeUnknown
from routing.lawbook import NATION, layers
from routing.lawfiles import Fault
from routing.wording import say

Accused = Literal["unit", "individual"]
CENT = Decimal("0.01")
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Rate:
    """One row of a scheme: for which grade and which accused, up to which case value (included; None: no end)."""

    percent: Decimal
    up_to: Decimal | None = None
    grade: int | None = None
    accused: Accused | None = None
    plus: Decimal = ZERO
    floor: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Uplift:
    """What a certain kind of reporter gets more: a share of the amount, or percentage points of every rate."""

    who: str
    how: Literal["share", "points"]
    value: Decimal


@dataclass(frozen=True, slots=True)
class Scheme:
    """How one region rewards from one day on; a scheme without rates says only floor, cap and who may be rewarded."""

    key: str
    name: str
    since: date
    until: date | None
    layer: str
    citation: str
    verified: bool
    own: bool
    example: bool
    how: Literal["whole", "progressive"]
    rates: tuple[Rate, ...]
    uplifts: tuple[Uplift, ...]
    floor: Decimal
    cap: Decimal | None
    no_amount: Decimal | None
    reporters: tuple[str, ...]
    may_fall: bool
    faulty: str = ""
    """What is wrong with a bureau's own scheme: no sum is worked out under it."""

    def in_force(self, on: date) -> bool:
        """Whether this scheme held on the day `on`."""
        return self.since <= on and (self.until is None or on <= self.until)

    def brackets(self, grade: int | None, accused: Accused | None) -> tuple[Rate, ...]:
        """The rows for one grade and one kind of accused, by rising case value; RateUnknown where there are none."""
        fits = [row for row in self.rates if row.grade in {None, grade} and row.accused in {None, accused}]
        if not fits:
            raise RateUnknown(scheme=self.name)
        return tuple(sorted(fits, key=lambda row: (row.up_to is None, row.up_to or ZERO)))


@dataclass(frozen=True, slots=True)
class Matter:
    """What the amount depends on.

    `case_value` is the loss of the fund to be recovered for the reported matter, in yuan; other breaches found in the
    same case are left out (RW-06). None: true, but no amount could be found. `kinds`: insider, competitor.
    """

    case_value: Decimal | None
    grade: int | None = None
    accused: Accused | None = None
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Amount:
    """The reward in yuan, the steps that led to it, and what they rest on."""

    yuan: Decimal
    steps: tuple[str, ...]
    citations: tuple[str, ...]
    schemes: tuple[str, ...]
    verified: bool

    @property
    def prose(self) -> str:
        """The steps, one a line."""
        return "\n".join(self.steps)


@dataclass(frozen=True, slots=True)
class RewardLaw:
    """All schemes, and what was wrong with the bureau's own files."""

    schemes: tuple[Scheme, ...]
    faults: tuple[Fault, ...] = ()

    @classmethod
    def load(cls, overrides: Path | None = None) -> RewardLaw:
        """The packaged schemes and, nearer than all of them, those in the *.toml files of `overrides`.

        A scheme of the bureau with a fault stays, and lets no sum be worked out where it would hold.
        """
        packaged = resources.files("routing").joinpath("law", "reward_schemes.toml").read_text("utf-8")
        schemes = [_scheme(row, own=False) for row in tomllib.loads(packaged)["scheme"]]
        own, faults = schemefiles.own_schemes(overrides, schemes, partial(_scheme, own=True))
        return cls((*schemes, *own), tuple(faults))

    def at(self, place: str | None, on: date) -> tuple[Scheme, ...]:
        """The newest scheme of each layer in force on a day in a division, nearest first; SchemeUnknown without any."""
        near = layers(place)
        newest: dict[tuple[bool, int], Scheme] = {}
        for one in sorted(self.schemes, key=lambda scheme: scheme.since):
            if one.in_force(on) and not one.example and one.layer in near:
                newest[one.own, near.index(one.layer)] = one
        if not newest:
            raise SchemeUnknown(day=on)
        return tuple(newest[nearness] for nearness in sorted(newest, reverse=True))

    def named(self, key: str) -> Scheme:
        """The scheme of this key, an example too; SchemeUnknown."""
        for one in self.schemes:
            if one.key == key:
                return one
        raise SchemeUnknown(day=key)


def amount(matter: Matter, schemes: Sequence[Scheme]) -> Amount:
    """What `matter` is worth under `schemes`, nearest first, as `RewardLaw.at` gives them.

    The nearest scheme that has rates gives them; the highest floor and the lowest cap of all hold. Raises RateUnknown
    where no scheme says how much: then the bureau has to enter its own scheme, nothing is guessed. Raises SchemeFaulty
    where one of the bureau's own schemes has a fault.
    """
    for one in schemes:
        if one.faulty:
            raise SchemeFaulty(why=one.faulty)
    rated = next((one for one in schemes if one.rates), None)
    if rated is None:
        raise RateUnknown(scheme=schemes[0].name)
    steps: list[str] = []
    if matter.case_value is None:
        yuan = _without_value(rated, steps)
    else:
        steps.append(say("reward.value", yuan=_plain(matter.case_value), scheme=rated.name, citation=rated.citation))
        yuan = _by_rates(rated, matter, matter.case_value, steps)
    yuan = _bounded(yuan, schemes, steps)
    used = tuple(dict.fromkeys((rated, *schemes)))
    if not all(one.verified for one in used):
        steps.append(say("reward.unverified"))
    return Amount(
        yuan=yuan,
        steps=tuple(steps),
        citations=tuple(dict.fromkeys(one.citation for one in used)),
        schemes=tuple(one.key for one in used),
        verified=all(one.verified for one in used),
    )


def shares(yuan: Decimal, people: int) -> tuple[Decimal, ...]:
    """A joint report counts as one reporter (RW-10): equal shares to the cent, the first get what is left over."""
    if people < 1:
        raise ValueError("a reward is shared by at least one person")
    cents = int(yuan / CENT)
    each, left = divmod(cents, people)
    return tuple((each + (1 if i < left else 0)) * CENT for i in range(people))


def _by_rates(scheme: Scheme, matter: Matter, value: Decimal, steps: list[str]) -> Decimal:
    """Rate, addition, floor of the grade, uplift."""
    points = sum((one.value for one in _uplifts(scheme, matter, "points")), ZERO)
    brackets = scheme.brackets(matter.grade, matter.accused)
    reached = next((row for row in brackets if row.up_to is None or value <= row.up_to), brackets[-1])
    if scheme.how == "progressive":
        yuan = _progressive(brackets, value, points, steps)
    else:
        yuan = _cents(value * (reached.percent + points) / 100)
        steps.append(say("reward.whole", percent=_plain(reached.percent + points), yuan=_plain(yuan)))
    if points:
        steps.append(say("reward.points", points=_plain(points)))
    if reached.plus:
        yuan += reached.plus
        steps.append(say("reward.plus", plus=_plain(reached.plus), yuan=_plain(yuan)))
    if yuan < reached.floor:
        yuan = reached.floor
        steps.append(say("reward.grade_floor", grade=reached.grade, yuan=_plain(yuan)))
    for uplift in _uplifts(scheme, matter, "share"):
        yuan = _cents(yuan * (100 + uplift.value) / 100)
        who = say(f"reward.who.{uplift.who}")
        steps.append(say("reward.share", who=who, percent=_plain(uplift.value), yuan=_plain(yuan)))
    return yuan


def _progressive(brackets: Sequence[Rate], value: Decimal, points: Decimal, steps: list[str]) -> Decimal:
    """Each part of the case value at the rate of its own bracket."""
    total, below = ZERO, ZERO
    for row in brackets:
        above = value if row.up_to is None else min(value, row.up_to)
        if above <= below:
            break
        part = (above - below) * (row.percent + points) / 100
        total += part
        steps.append(
            say(
                "reward.part",
                below=_plain(below),
                above=_plain(above),
                percent=_plain(row.percent + points),
                yuan=_plain(_cents(part)),
            )
        )
        below = above
    total = _cents(total)
    steps.append(say("reward.sum", yuan=_plain(total)))
    return total


def _without_value(scheme: Scheme, steps: list[str]) -> Decimal:
    """True, but without an amount: only where the scheme says what is paid then."""
    if scheme.no_amount is None:
        raise RateUnknown(scheme=scheme.name)
    steps.append(say("reward.no_amount", scheme=scheme.name, yuan=_plain(scheme.no_amount), citation=scheme.citation))
    return scheme.no_amount


def _bounded(yuan: Decimal, schemes: Sequence[Scheme], steps: list[str]) -> Decimal:
    """The highest floor, and last the lowest cap."""
    floor = max(schemes, key=lambda one: one.floor)
    if yuan < floor.floor:
        yuan = floor.floor
        steps.append(say("reward.floor", yuan=_plain(yuan), citation=floor.citation))
    caps = [(one.cap, one.citation) for one in schemes if one.cap is not None]
    if caps:
        cap, citation = min(caps)
        if yuan > cap:
            yuan = cap
            steps.append(say("reward.cap", yuan=_plain(yuan), citation=citation))
    steps.append(say("reward.result", yuan=_plain(yuan)))
    return yuan


def _uplifts(scheme: Scheme, matter: Matter, how: str) -> Iterator[Uplift]:
    return (one for one in scheme.uplifts if one.how == how and one.who in matter.kinds)


def _cents(yuan: Decimal) -> Decimal:
    return yuan.quantize(CENT, ROUND_HALF_UP)


def _plain(number: Decimal) -> str:
    """Without needless zeros and exponents, thousands apart: 12,345.6."""
    text = f"{number:,.4f}".rstrip("0")
    return text.rstrip(".")


def _scheme(row: Mapping[str, Any], *, own: bool) -> Scheme:
    return Scheme(
        key=row["key"],
        name=row["name"],
        since=row["from"],
        until=row.get("until"),
        layer=row.get("place", NATION),
        citation=row["paper"] + row.get("article", ""),
        verified=bool(row["verified"]),
        own=own,
        example=bool(row.get("example", False)),
        how=row.get("how", "whole"),
        rates=tuple(_rate(one) for one in row.get("rate", ())),
        uplifts=tuple(Uplift(one["who"], one["how"], _number(one["value"])) for one in row.get("uplift", ())),
        floor=_number(row.get("floor", 0)),
        cap=_number(row["cap"]) if "cap" in row else None,
        no_amount=_number(row["no_amount"]) if "no_amount" in row else None,
        reporters=tuple(row.get("reporters", ())),
        may_fall=bool(row.get("may_fall", False)),
    )


def _rate(row: Mapping[str, Any]) -> Rate:
    return Rate(
        percent=_number(row["percent"]),
        up_to=_number(row["up_to"]) if "up_to" in row else None,
        grade=row.get("grade"),
        accused=row.get("accused"),
        plus=_number(row.get("plus", 0)),
        floor=_number(row.get("floor", 0)),
    )


def _number(value: float | str) -> Decimal:
    """Exact as it was written: TOML's 4.5 is 4.5, not the nearest fraction of two."""
    return Decimal(str(value))
