"""A paper from its template (papers.toml) and its facts: nothing is left open, nothing is made up.

A paper is a row of lines, each in a style of styles.toml, and of tables. Whatever writes or shows it knows no more.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from routing.errors import FactMissing

NOT_KINDS = frozenset({"form", "slip"})
EM = 16.0
"""The width of a character of the text in points (3号)."""
ROOM = 442.0
"""The width of a line in points: 156 mm."""
TITLE_ROOM = 20
"""So many characters of a title stand in one line."""


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph; `right` is its distance from the right margin, `size` another size than its style's, in points.

    A line with `keep` stays on one page with the next: a signature never stands alone.
    """

    style: str
    text: str
    right: float = 0
    size: float = 0
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table of two columns: what it is called, and what stands there; a cell may have several lines."""

    rows: tuple[tuple[str, str], ...]


Block = Line | Table


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper ready to be written: everything in it is text that people read. `letter` is the form with a red head."""

    kind: str
    title: str
    number: str
    blocks: tuple[Block, ...]
    letter: bool = False


@cache
def papers() -> Mapping[str, Any]:
    """The templates as written."""
    return tomllib.loads(resources.files("routing.documents").joinpath("papers.toml").read_text("utf-8"))


@cache
def kinds() -> Mapping[str, str]:
    """The kinds of papers with their names."""
    return {kind: str(row["name"]) for kind, row in papers().items() if kind not in NOT_KINDS}


def to_whom(kind: str) -> str:
    """Whom a kind of paper goes to: teller, authority or inside."""
    return str(papers()[kind]["to"])


def words_of(kind: str) -> tuple[str, ...]:
    """The facts of a kind that somebody wrote freely, and that must pass the check for leaks."""
    return tuple(papers()[kind].get("words", ()))


def needed(kind: str) -> frozenset[str]:
    """The facts without which a paper of this kind cannot be written."""
    row = papers()[kind]
    lines = [row["title"], *row.get("paragraph", ()), *(cell for pair in row.get("rows", ()) for cell in pair)]
    fields = {name for line in lines for name in _fields(str(line))}
    return frozenset(fields) - frozenset(row.get("optional", ())) - _filled().keys()


def form(key: str, **facts: object) -> str:
    """A piece of the form, such as the number of a page."""
    found: Any = papers()["form"]
    for part in key.split("."):
        found = found[part]
    return str(found).format(**facts)


def document_number(kind: str, authority_word: str, on: date, serial: int) -> str:
    """The number of a paper by authority, kind, year and order: 临医保举受〔2026〕3号 (GB/T 9704—2012, 7.2.5)."""
    return form("number", authority=authority_word, word=papers()[kind]["word"], year=on.year, serial=serial)


def compose(
    kind: str,
    facts: Mapping[str, str],
    *,
    number: str,
    sender: str,
    to: str,
    on: date,
    copies: Sequence[str] = (),
) -> Paper:
    """A paper of this kind; raises FactMissing where a fact that it needs was not given, or is empty.

    A paragraph whose optional fact is missing is left out whole.
    """
    row = papers()[kind]
    known = {name: fact.strip() for name, fact in facts.items() if fact.strip()} | _filled()
    if missing := sorted(needed(kind) - known.keys()):
        raise FactMissing(paper=row["name"], facts="、".join(missing))
    broken = str(row["title"]).format(**known)
    title = broken.replace("\n", "")
    letter = row["form"] == "letter"
    blocks = [*(_letterhead if letter else _head)(sender, broken if len(title) > TITLE_ROOM else title, number)]
    if to and row["to"] != "inside":
        blocks.append(Line("To", form("to", to=to)))
    texts = list(_paragraphs(row.get("paragraph", ()), known))
    blocks += [Line("Body", text, keep=text is texts[-1]) for text in texts]
    if row["form"] == "table":
        blocks.append(_table(row["rows"], known))
    else:
        blocks += _close(row, sender, on, copies, known)
    if row.get("slip"):
        blocks += _slip({**known, "title": title, "number": number, "sender": sender, "to": to})
    return Paper(kind, title, number, tuple(blocks), letter)


def _head(sender: str, title: str, number: str) -> Iterator[Block]:
    yield Line("Office", sender, size=min(22, ROOM / len(sender)))
    yield Line("Title", title)
    yield Line("Number", number)


def _letterhead(sender: str, title: str, number: str) -> Iterator[Block]:
    """The form of a letter (GB/T 9704—2012, 10.1): the name in red over a red line, the number below at the right."""
    yield Line("Head", sender, size=min(32, ROOM / len(sender)))
    yield Line("LetterNumber", number)
    yield Line("LetterTitle", title)


def _close(
    row: Mapping[str, Any], sender: str, on: date, copies: Sequence[str], known: Mapping[str, str]
) -> Iterator[Block]:
    """What follows the text: enclosures, sender over the day, who may be asked, notes, copies."""
    names = row.get("enclosures", ())
    if names:
        yield Line("Gap", "")
    for n, name in enumerate(names, 1):
        key = "enclosure" if len(names) == 1 else "enclosure_one" if n == 1 else "enclosure_more"
        yield Line("Enclosure", form(key, n=n, name=name), keep=True)
    yield Line("Gap", "")
    day = form("day", y=on.year, m=on.month, d=on.day)
    yield from _signed(sender, day)
    yield Line("Contact", form("contact"))
    if copies:
        yield Line("Note", form("copies", copies="、".join(copies)))
    if row.get("note"):
        yield from (Line("Note", text) for text in _paragraphs([row["note"]], known))


def _signed(sender: str, day: str) -> Iterator[Block]:
    """Sender and day, one centred over the other, four characters from the right: there the seal goes (7.3.5.1)."""
    long, short = _width(sender), _width(day)
    wider = max(long, short)
    yield Line("Sign", sender, right=4 * EM + (wider - long) / 2)
    yield Line("Sign", day, right=4 * EM + (wider - short) / 2)


def _slip(known: Mapping[str, str]) -> Iterator[Block]:
    """The receipt that whoever gets the letter signs and sends back, on a page of its own."""
    row = papers()["slip"]
    yield Line("SlipTitle", row["title"])
    yield _table(row["rows"], known)
    yield Line("Note", row["note"])


def _table(rows: Sequence[Sequence[str]], known: Mapping[str, str]) -> Table:
    return Table(tuple((name, text.format(**known)) for name, text in rows))


def _paragraphs(lines: Sequence[str], known: Mapping[str, str]) -> Iterator[str]:
    for line in lines:
        if known.keys() >= _fields(line):
            yield from filter(None, (part.strip() for part in line.format(**known).splitlines()))


def _filled() -> dict[str, str]:
    """What every template may hold without a fact: the blanks for the pen."""
    return {name: papers()["form"][name] for name in ("blank", "blank_sign")}


def _width(text: str) -> float:
    """How wide a line is in points: a digit is half a character."""
    return sum(EM / 2 if sign.isascii() else EM for sign in text)


def _fields(line: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(line) if name}
