"""Where the table begins: the row of headings, found by the columns that the mapping names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from bot.imports.mapping import TableMapping, plain
from bot.imports.reading import Row
from bot.imports.words import TableRefused

LOOKED_AT = 30
"""Titles, dates of export and merged headings stand above a table; more rows than this never do."""
FEWEST = 2
SHOWN = 12


@dataclass(frozen=True, slots=True)
class Heading:
    """The headings, and where each named column stands; `row` is the last row of them."""

    row: int
    names: tuple[str, ...]
    places: Mapping[str, int]

    def cell(self, row: Row, column: str) -> str:
        """The cell of a column; empty where the row is shorter."""
        at = self.places.get(column, -1)
        return row.cells[at] if 0 <= at < len(row.cells) else ""


def find(rows: Iterator[Row], mapping: TableMapping) -> Heading:
    """Read up to the headings; the rows after them are left in `rows`. Raises TableRefused where there are none."""
    where, seen = mapping.table, list[Row]()
    wanted = {plain(column) for column in mapping.all_columns()}
    for row in islice(rows, where.header or LOOKED_AT):
        seen.append(row)
        if where.header is not None:
            if row.number >= where.header:
                return _checked(_heading(seen, where.levels), mapping)
            continue
        if len(seen) < where.levels:
            continue
        found = _heading(seen, where.levels)
        if len({plain(name) for name in found.names} & wanted) >= min(FEWEST, len(wanted)):
            return _checked(_placed(found, mapping), mapping)
    raise TableRefused("header", limit=where.header or LOOKED_AT, columns="、".join(mapping.all_columns()[:SHOWN]))


def names_of(rows: Iterator[Row], known: Sequence[str]) -> tuple[str, ...]:
    """The most likely headings of an unknown table: of the first rows the one with the most known words."""
    words = {plain(name) for name in known}
    first = [row for row in islice(rows, LOOKED_AT) if any(row.cells)]
    if not first:
        raise TableRefused("empty")
    best = max(first, key=lambda row: (sum(plain(cell) in words for cell in row.cells if cell), -row.number))
    return best.cells


def _heading(seen: Sequence[Row], levels: int) -> Heading:
    """The last rows as headings: a merged cell above holds for those to its right, and is written before them."""
    rows = seen[-levels:]
    width = max((len(row.cells) for row in rows), default=0)
    parts = []
    for row in rows[:-1]:
        spread, last = [], ""
        for at in range(width):
            last = (row.cells[at] if at < len(row.cells) else "") or last
            spread.append(last)
        parts.append(spread)
    cells = rows[-1].cells
    names = [cells[at] if at < len(cells) else "" for at in range(width)]
    upper = [parts[-1][at] if parts else "" for at in range(width)]
    joined = [
        f"{above}/{name}" if above and name and above != name else name or above
        for above, name in zip(upper, names, strict=True)
    ]
    return Heading(rows[-1].number, tuple(joined), {})


def _placed(found: Heading, mapping: TableMapping) -> Heading:
    """Every named column at its place: as it is written, else by its plain form, else by the lower part of a heading."""
    lower = [name.rpartition("/")[2] for name in found.names]
    ways = (found.names, [plain(name) for name in found.names], [plain(name) for name in lower])
    places = {}
    for column in mapping.all_columns():
        for names, sought in zip(ways, (column, plain(column), plain(column)), strict=True):
            candidates = [at for at, name in enumerate(names) if name == sought]
            if len(candidates) > 1:
                raise TableRefused("header_twice", column=column)
            if candidates:
                places[column] = candidates[0]
                break
    return Heading(found.row, found.names, places)


def _checked(found: Heading, mapping: TableMapping) -> Heading:
    """Refuse headings that lack a field which must be there."""
    placed = found if found.places else _placed(found, mapping)
    lacking = [
        "、".join(columns) for columns in mapping.needed_columns() if not any(one in placed.places for one in columns)
    ]
    if lacking:
        shown = "、".join(name for name in placed.names if name)[:300]
        raise TableRefused("header_missing", columns="；".join(lacking), found=shown)
    return placed
