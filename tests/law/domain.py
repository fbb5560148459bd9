"""DOMAIN.md of the project folder, read row by row: which rules there are, how each was seen, how long a period is."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

_EVAL = os.environ.get("JIANTING_EVAL")
SHARED = Path(_EVAL).parent if _EVAL else Path(__file__).parent.parent.parent.parent / "shared"
DOMAIN = SHARED / "DOMAIN.md"
needed = pytest.mark.skipif(not DOMAIN.exists(), reason=f"the rules of the domain do not lie at {DOMAIN}")

_HEADING = re.compile(r"#{2,3} (\d+(?:\.\d+)?)\.? ")
_MARK = re.compile(r"\[([Vv]:[A-Z]\d+[a-z]?|S\d|M|D)\b[^\]]*\]")
_LENGTH = re.compile(r"\+?(\d+) ?(h|wd|working days?|days)\b|\(\+(\d+)\)")
_UNITS = {"h": "hour", "wd": "working_day", "cal": "calendar_day", "days": "calendar_day"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table, one point of a list, or one sentence that is a rule: its section and its cells."""

    section: str
    cells: tuple[str, ...]

    @property
    def name(self) -> str:
        """The first cell, without the marks."""
        return _MARK.sub("", self.cells[0]).strip(" *`")

    @property
    def marks(self) -> frozenset[str]:
        """How it was seen."""
        return frozenset(_MARK.findall(" ".join(self.cells)))


def rows() -> Iterator[Row]:
    """Everything in DOMAIN.md that is a row, a point, or one of the sentences named in `_SENTENCES`."""
    section, table = "", False
    for line in DOMAIN.read_text("utf-8").splitlines():
        if heading := _HEADING.match(line):
            section = heading[1]
        elif line.startswith("|"):
            cells = tuple(cell.strip() for cell in line.strip("|").split(" | "))
            if table and not line.startswith("|--"):
                yield Row(section, cells)
        elif line.startswith("- ") or line.startswith(_SENTENCES):
            yield Row(section, (line.removeprefix("- "),))
        table = line.startswith("|")


_SENTENCES = ("who (full name", "Key engine rule", "Receipt rule")


def of(*sections: str) -> list[Row]:
    """The rows of some sections."""
    return [row for row in rows() if row.section in sections]


def lengths(cell: str, unit: str = "") -> list[tuple[int, str]]:
    """The lengths that a cell names, in order; "(+15)" is in the unit before it."""
    found: list[tuple[int, str]] = []
    for number, written, more in _LENGTH.findall(cell):
        unit = _UNITS.get(written, "working_day" if written else unit)
        found.append((int(number or more), unit))
    return found
