"""The details of a text by which somebody can be known: days, sums, numbers, beds, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from nlu.entities import find, numbers
from nlu.meaning import Entity
from routing.leaks.table import pattern, table

LONGEST = 12
"""Digits of a number that is compared as a quantity; a longer one is an identifier."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One detail: what kind, what it comes to whatever way it is written, and where it stands."""

    kind: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A text with its details and the ear's entities."""

    text: str
    details: tuple[Detail, ...]
    entities: tuple[Entity, ...]

    def values(self, kind: str) -> frozenset[str]:
        """What the details of one kind come to."""
        return frozenset(one.value for one in self.details if one.kind == kind)


def read(text: str, now: datetime) -> Reading:
    """The details of `text`, whose "yesterday" is the day before `now`."""
    entities = find(text, now=now)
    details = [*_days(entities, text), *_sums(entities), *_beds(text)]
    taken = [(one.start, one.end) for one in details]
    taken += [(one.start, one.end) for one in entities if one.kind in {"time", "money", "phone"}]
    details += [one for one in (*_identifiers(text), *_counts(text)) if not _overlaps(one, taken)]
    return Reading(text, tuple(details), entities)


def _overlaps(one: Detail, taken: list[tuple[int, int]]) -> bool:
    return any(one.start < end and start < one.end for start, end in taken)


def _days(entities: tuple[Entity, ...], text: str) -> Iterator[Detail]:
    """Single days, by month and day: whoever leaves the year out means the same. Parts of a month by their ten days."""
    for found in pattern("holiday").finditer(text):
        first = date.fromisoformat(f"2000-{table()['holidays'][found['name']]}")
        later = numbers.read(found["n"])
        day = first + timedelta(days=int(later.low) - 1 if later else 0)
        yield Detail("date", f"{day:%m-%d}", found.start(), found.end())
    for found in pattern("recurring").finditer(text):
        yield Detail("recurring", _same_days(found[0]), found.start(), found.end())
    for one in entities:
        if one.kind == "time" and one.value.get("granularity") in {"day", "hour", "minute"}:
            try:
                day = date.fromisoformat(str(one.value["from"])[:10])
            except ValueError:
                continue
            yield Detail("date", f"{day:%m-%d}", one.start, one.end)
        elif one.kind == "time" and pattern("part_of_month").search(one.text):
            first, last = (date.fromisoformat(str(one.value[end])[:10]) for end in ("from", "to"))
            middle = first + (last - first) / 2
            yield Detail("part", ten_days(middle), one.start, one.end)


def ten_days(day: date) -> str:
    """The month and which of its three parts a day lies in."""
    return f"{day.month}/{min(2, (day.day - 1) // 10)}"


def _same_days(written: str) -> str:
    """A rule of days in one spelling: 每礼拜三 is 每周三."""
    for said, one in table()["same_days"].items():
        written = written.replace(said, one)
    return written


def _sums(entities: tuple[Entity, ...]) -> Iterator[Detail]:
    for one in entities:
        if one.kind == "money" and "yuan" in one.value:
            kind = "about" if one.value.get("approximate") else "amount"
            yield Detail(kind, _plain(Decimal(str(one.value["yuan"]))), one.start, one.end)


def _beds(text: str) -> Iterator[Detail]:
    """A bed or a ward by its number; in a report the mask stands for it."""
    for found in pattern("bed").finditer(text):
        yield Detail("bed", found[0], found.start(), found.end())
    for found in pattern("bed_told").finditer(text):
        yield Detail("bed_told", "*", found.start(), found.end())


def _identifiers(text: str) -> Iterator[Detail]:
    """Numbers of papers, tills and devices; a year alone is none."""
    for found in pattern("number").finditer(text):
        if not re.fullmatch(pattern("year"), found[0]):
            yield Detail("number", found[0].upper().replace("-", ""), found.start(), found.end())


def _counts(text: str) -> Iterator[Detail]:
    """Quantities of ten and more, as figures or in Chinese."""
    refused = str(table()["words"]["not_units"])
    for found in pattern("counted").finditer(text):
        if found["unit"] in refused or len(found["n"]) > LONGEST:
            continue
        value = _quantity(found["n"])
        if value is not None and value > 10:
            yield Detail("count", _plain(value), found.start("n"), found.end("n"))


def _quantity(written: str) -> Decimal | None:
    """The number that is written; None where it is none."""
    if written.isascii():
        try:
            return Decimal(written)
        except InvalidOperation:
            return None
    known = numbers.read(written)
    return known.low if known and not known.is_range else None


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def significant(value: str) -> int:
    """How many digits say something: 3680.5 has five, 30000 has one."""
    return len(value.replace(".", "").strip("0"))
