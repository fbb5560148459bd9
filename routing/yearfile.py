"""A year's calendar from outside, looked at before it counts: whether it is whole, and contradicts neither itself nor the law."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from nlu import places
from routing.lawfiles import fault
from routing.wording import say
from routing.workdays import SATURDAY, Calendar


def read(text: str) -> Mapping[str, Any]:
    """The year as a table; ValueError with a sentence for everything that is not a year of ours."""
    try:
        year = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise ValueError(say("yearfile.not_toml", why=wrong)) from wrong
    spans = year.get("off")
    if not isinstance(year.get("year"), int) or not isinstance(spans, list) or not spans:
        raise ValueError(say("yearfile.no_year"))
    return year


def calendar(folder: Path | None) -> Calendar:
    """The packaged years and those of a bureau's folder; a file with a fault is set aside and told of in `faults`."""
    packaged = Calendar.load()
    wrong = {file.name: list(_wrong(file, packaged)) for file in sorted(folder.glob("*.toml"))} if folder else {}
    told = [fault("bad_year", name, why="".join(dict.fromkeys(said))) for name, said in wrong.items() if said]
    return replace(Calendar.load(folder, {one.key for one in told}), faults=tuple(told)) if folder else packaged


def _wrong(file: Path, packaged: Calendar) -> Iterator[str]:
    """What is wrong with one file of a bureau's calendar folder."""
    try:
        year = read(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as cause:
        yield str(cause)
        return
    if file.name != f"{year['year']}.toml":
        yield say("yearfile.other_name", year=year["year"])
    yield from faults(year, packaged)


def faults(year: Mapping[str, Any], known: Calendar) -> Iterator[str]:
    """What is wrong with it, a sentence each; `known` has the statutory holidays (放假办法 Art. 2)."""
    number = int(year["year"])
    if not all(paper.get("title") and paper.get("number") for paper in year.get("papers", ())) or not year.get(
        "papers"
    ):
        yield say("yearfile.no_paper", year=number)
    free: set[date] = set()
    for span in year["off"]:
        yield from _span(span, number)
        if _is_span(span):
            free |= {span["first"] + timedelta(days=i) for i in range((span["last"] - span["first"]).days + 1)}
    for span in year["off"]:
        for day in span.get("work", ()):
            if not isinstance(day, date) or day in free or day.weekday() < SATURDAY:
                yield say("yearfile.no_work", day=day)
    yield from _regional(year)
    for day, name in sorted(_statutory(known, number).items()):
        if day not in free:
            yield say("yearfile.holiday_missing", day=day, name=name)


def _regional(year: Mapping[str, Any]) -> Iterator[str]:
    """A region's own days off: where, what they are called, when, and the paper of its government."""
    for span in year.get("regional", ()):
        named = isinstance(span, dict) and _is_span(span) and bool(span.get("paper"))
        if not named or places.by_code(str(span.get("place"))) is None:
            yield say("yearfile.no_region", name=span.get("name", "") if isinstance(span, dict) else "")


def _span(span: Mapping[str, Any], number: int) -> Iterator[str]:
    if not _is_span(span):
        yield say("yearfile.no_span", name=span.get("name", ""))
    elif span["first"].year not in {number - 1, number} or span["last"].year not in {number, number + 1}:
        yield say("yearfile.other_year", name=span.get("name", ""), year=number)


def _is_span(span: Mapping[str, Any]) -> bool:
    first, last = span.get("first"), span.get("last")
    named = bool(span.get("name"))
    return named and isinstance(first, date) and isinstance(last, date) and first <= last <= first + timedelta(days=15)


def _statutory(known: Calendar, number: int) -> Mapping[date, str]:
    """The days that the law itself makes free in this year, as far as they are known."""
    moving = {day: name for day, name in known.statutory_moving.items() if day.year == number}
    fixed = {date(number, month, day): name for (month, day), name in known.statutory_fixed.items()}
    return {**fixed, **moving}
