"""From the texts of a row to the values of its fields: dates, sums, counts, yes and no; what cannot be is told."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from bot.imports.heading import Heading
from bot.imports.mapping import TableMapping
from bot.imports.reading import Row
from bot.imports.words import say, table
from routing.rules import SHANGHAI

SERIALS = range(20_000, 80_000)
"""Serial dates of spreadsheets from 1954 to 2119: a bare number beyond them is no date."""
EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
JOINED = frozenset({"text", "former_names", "interests", "officers"})
"""Fields that gather all their columns; every other takes the first that is filled."""
LATER = frozenset({"side", "mode"})
"""Fields whose fallback counts only after something else was asked: the ear, or whether anything is known."""
_ROUNDED = re.compile(r"\d(?:\.\d+)?[eE]\+\d+")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row, and in which column."""

    column: str
    sentence: str


@dataclass(slots=True)
class Picked:
    """The fields of a row as texts, and what was wrong with them."""

    texts: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, name: str, sentence: str) -> None:
        """Note that a field cannot be used."""
        self.problems.append(Problem(self.columns.get(name, name), sentence))

    def take(self, name: str, read: Callable[[str], Any], why: str) -> Any:
        """A field's value, None where it is absent or wrong; `why` is the sentence for a wrong one."""
        given = self.texts.get(name)
        if not given:
            return None
        try:
            return read(given)
        except ValueError:
            self.wrong(name, say("row", why, value=given[:40]))
            return None


def pick(row: Row, heading: Heading, mapping: TableMapping) -> Picked:
    """The fields of a row: from the columns, through the mapping's values, else its constants."""
    found = Picked()
    for name in mapping.columns:
        there = [one for one in mapping.of(name) if one in heading.places]
        columns = [one for one in there if heading.cell(row, one)]
        found.columns[name] = (columns or there or [name])[0]
        if not columns:
            continue
        if name in JOINED:
            given = "\n".join(_once(heading.cell(row, one) for one in columns))
        else:
            given = heading.cell(row, columns[0])
        meant = mapping.value(name, given)
        if meant is None:
            found.wrong(name, say("row", "value", value=given[:40]))
        elif meant:
            found.texts[name] = meant
    found.texts |= mapping.constants
    for name, fallback in mapping.otherwise.items():
        if name not in LATER:
            found.texts.setdefault(name, fallback)
    return found


def skipped(row: Row, heading: Heading, mapping: TableMapping) -> bool:
    """Whether the mapping passes over this row."""
    return any(heading.cell(row, column) in values for column, values in mapping.skip.items())


def number(found: Picked, name: str = "source_number") -> str:
    """A number that identifies the row; a missing or rounded one is a problem."""
    given = found.texts.get(name, "")
    if not given:
        found.wrong(name, say("row", "number_missing"))
    elif _ROUNDED.fullmatch(given):
        found.wrong(name, say("row", "number_rounded"))
    return given


def moment(text: str, formats: Sequence[str] = ()) -> datetime:
    """A moment in China's zone, as the mapping or a common habit writes it; ValueError otherwise."""
    for written in formats:
        with suppress(ValueError):
            return _zoned(datetime.strptime(text, written))  # noqa: DTZ007 — the zone follows
    with suppress(ValueError):
        return _zoned(datetime.fromisoformat(text))
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text) and int(float(text)) in SERIALS:
        return (EPOCH + timedelta(days=float(text))).replace(tzinfo=SHANGHAI, microsecond=0)
    for pattern in _dates():
        if hit := pattern.match(text):
            parts = {name: int(part) for name, part in hit.groupdict().items() if part}
            clock = (parts.get("H", 0), parts.get("M", 0), parts.get("S", 0))
            return datetime(parts["y"], parts["m"], parts["d"], *clock, tzinfo=SHANGHAI)
    raise ValueError(text)


def amount(text: str) -> Decimal:
    """A sum in yuan; signs around the figure are passed over."""
    figures = _folded(text)
    for sign in table("fields.toml")["words"]["yuan"]:
        figures = figures.replace(sign, "")
    try:
        found = Decimal(figures)
    except InvalidOperation:
        raise ValueError(text) from None
    if not found.is_finite():
        raise ValueError(text)
    return found


def whole(text: str) -> int:
    """A count."""
    figures = _folded(text).removesuffix(".0")
    if not re.fullmatch(r"\d{1,9}", figures, re.ASCII):
        raise ValueError(text)
    return int(figures)


def yes_or_no(text: str) -> bool | None:
    """Yes, no, or neither."""
    words: Mapping[str, list[str]] = table("fields.toml")["words"]
    return True if text in words["yes"] else False if text in words["no"] else None


def several(text: str) -> list[str]:
    """The parts of a list as people write one."""
    signs = re.escape(table("fields.toml")["words"]["between"])
    return [part for part in re.split(f"[{signs}\n]+", text) if part]


@cache
def _dates() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(one, re.ASCII) for one in table("fields.toml")["dates"]["patterns"])


def _zoned(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _once(texts: Any) -> list[str]:
    """Each text once; a title that the content repeats is left out."""
    kept: list[str] = []
    for text in dict.fromkeys(texts):
        kept = [one for one in kept if one not in text]
        if not any(text in one for one in kept):
            kept.append(text)
    return kept
