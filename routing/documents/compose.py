"""A paper from its template (papers.toml) and its facts: nothing is left open, nothing is made up."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from routing.errors import FactMissing

FORM = "form"


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper ready to be written: everything in it is text that people read."""

    kind: str
    title: str
    number: str
    to: str
    paragraphs: tuple[str, ...]
    enclosures: tuple[str, ...]
    copies: tuple[str, ...]
    sender: str
    day: str


@cache
def papers() -> Mapping[str, Any]:
    """The templates as written."""
    return tomllib.loads(resources.files("routing.documents").joinpath("papers.toml").read_text("utf-8"))


def kinds() -> Mapping[str, str]:
    """The kinds of papers with their titles."""
    return {kind: str(row["title"]) for kind, row in papers().items() if kind != FORM}


def needed(kind: str) -> frozenset[str]:
    """The facts without which a paper of this kind cannot be written."""
    row = papers()[kind]
    fields = {name for line in (row["to"], *row["paragraph"]) for name in _fields(line)}
    return frozenset(fields) - frozenset(row.get("optional", ()))


def form(key: str, **facts: object) -> str:
    """A piece of the form, such as the number of a page."""
    return str(papers()[FORM][key]).format(**facts)


def document_number(kind: str, authority_word: str, on: date, serial: int) -> str:
    """The number of a paper by authority, kind, year and order, such as 庆医保受〔2026〕3号 (GB/T 9704—2012, 7.2.5)."""
    word = f"{authority_word}{papers()[kind]['word']}"
    return form("number", authority_word=word, year=on.year, serial=serial)


def compose(
    kind: str,
    facts: Mapping[str, str],
    *,
    number: str,
    sender: str,
    on: date,
    copies: tuple[str, ...] = (),
) -> Paper:
    """A paper of this kind; raises FactMissing where a fact that it needs was not given, or is empty.

    A paragraph whose optional fact is missing is left out whole.
    """
    row = papers()[kind]
    known = {name: fact.strip() for name, fact in facts.items() if fact.strip()}
    if missing := sorted(needed(kind) - known.keys()):
        raise FactMissing(paper=row["title"], facts="、".join(missing))
    return Paper(
        kind=kind,
        title=str(row["title"]),
        number=number,
        to=str(row["to"]).format(**known),
        paragraphs=tuple(_paragraphs(row["paragraph"], known)),
        enclosures=tuple(row.get("enclosures", ())),
        copies=copies,
        sender=sender,
        day=form("day", y=on.year, m=on.month, d=on.day),
    )


def _paragraphs(lines: list[str], known: Mapping[str, str]) -> Iterator[str]:
    for line in lines:
        if known.keys() >= _fields(line):
            yield from filter(None, (part.strip() for part in line.format(**known).splitlines()))


def _fields(line: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(line) if name}
