"""Small-cell suppression: counts so small that they could point to a person are withheld, and so is what would give them away.

First every count from 1 to below the threshold is hidden; a zero says of nobody anything and is shown, as is usual. Then, while a
hidden count could be worked out from totals, the smallest shown count beside it is hidden as well, totals last. A
table of two dimensions with its totals is a network, so "could be worked out" is a question of paths: a hidden count
has a second possible value where it lies on a circle of hidden counts that can be raised and lowered in turn
(Kelly, Golden, Assad: Cell suppression, Networks 22, 1992; Hundepool et al.: Statistical Disclosure Control, 2012).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

TOTAL = ""
"""The name of the row or column that holds the totals."""

Cell = tuple[str, str]
_Arc = tuple[tuple[int, str], tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Published:
    """A table as it may be shown, totals under `TOTAL`; None is a count that is withheld."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[Cell, int | None]


def suppress(counts: Mapping[Cell, int], threshold: int) -> Published:
    """A table of two dimensions with its totals, without what is small and without what would give it away."""
    rows = tuple(dict.fromkeys(row for row, _ in counts))
    columns = tuple(dict.fromkeys(column for _, column in counts))
    whole = _with_totals(counts, rows, columns)
    hidden = {cell for cell, count in whole.items() if 0 < count < threshold}
    while bare := next((cell for cell in sorted(hidden) if not _doubtful(cell, whole, hidden)), None):
        hidden.add(_beside(bare, whole, hidden))
    return Published(rows, columns, {cell: None if cell in hidden else count for cell, count in whole.items()})


@dataclass(frozen=True, slots=True)
class Line:
    """Counts of one dimension as they may be shown, and whether their total may stand beside them."""

    counts: Mapping[str, int | None]
    total_stays: bool


def suppress_line(counts: Mapping[str, int], threshold: int, *, total_shown: bool = True) -> Line:
    """A table of one dimension; `total_shown` is false where the counts add up to nothing that anybody is told.

    Safe also from a reader who replays this program on every table that he can think of: where what is left shown
    fits one table only, everything is hidden, the total as well.
    """
    hidden = {name for name, count in counts.items() if 0 < count < threshold}
    if not total_shown or not hidden:
        return Line({name: None if name in hidden else count for name, count in counts.items()}, total_shown)
    shown = sorted((count, name) for name, count in counts.items() if count >= threshold)
    while shown and not _open(counts, hidden):
        hidden.add(shown.pop(0)[1])
    rest = sum(counts[name] for name in hidden)
    safe = _open(counts, hidden) and len(_fitting(len(hidden), rest, threshold, shown[0][0] if shown else None)) > 1
    if sum(counts.values()) < threshold or not safe:
        return hide_all(counts)
    return Line({name: None if name in hidden else count for name, count in counts.items()}, total_stays=True)


def hide_all(counts: Mapping[str, int]) -> Line:
    """A line whose total is withheld: shown counts would add up to it, and zeros would tell how few the others are."""
    return Line(dict.fromkeys(counts), total_stays=False)


def _open(counts: Mapping[str, int], hidden: Iterable[str]) -> bool:
    """Whether hidden counts can move against each other: two of them, and not all ones."""
    values = [counts[name] for name in hidden]
    return len(values) > 1 and max(values) > 1


def _fitting(many: int, rest: int, threshold: int, least: int | None) -> set[int]:
    """Every value that one of `many` hidden counts, `rest` in all, can have for whoever knows how they were hidden.

    Either all are small; or one was hidden to protect the others, and then it lies below the least shown one.
    """
    small = range(1, threshold)
    values: set[int] = set()
    if many < rest <= many * small[-1]:
        values |= {one for one in small if many - 1 <= rest - one <= (many - 1) * small[-1]}
    # It protects one small count, or several ones; several small counts that are not all ones need no protection.
    for others in small if many == 2 else (many - 1,):
        protector = rest - others
        if protector >= threshold and (least is None or protector < least):
            values |= {protector, others if many == 2 else 1}
    return values


def _with_totals(counts: Mapping[Cell, int], rows: Iterable[str], columns: Iterable[str]) -> dict[Cell, int]:
    """The table with a count in every place, and with its margins."""
    whole = {(row, column): counts.get((row, column), 0) for row in rows for column in columns}
    for row in rows:
        whole[row, TOTAL] = sum(whole[row, column] for column in columns)
    for column in (*columns, TOTAL):
        whole[TOTAL, column] = sum(whole[row, column] for row in rows)
    return whole


def _arc(cell: Cell) -> _Arc:
    """Raising this count, as an arc between the equations of its row and of its column.

    A total stands on the other side of its equation, so its arc points the other way; the grand total stands on the
    other side of both.
    """
    row, column = (0, cell[0]), (1, cell[1])
    return (column, row) if (cell[0] == TOTAL) != (cell[1] == TOTAL) else (row, column)


def _moves(cell: Cell, whole: Mapping[Cell, int]) -> Iterator[_Arc]:
    """How a hidden count can move: up always, down while it stays at least 1, since zeros are never hidden."""
    start, end = _arc(cell)
    yield start, end
    if whole[cell] > 1:
        yield end, start


def _doubtful(cell: Cell, whole: Mapping[Cell, int], hidden: Iterable[Cell]) -> bool:
    """Whether a hidden count has a second possible value beside everything that is shown."""
    arcs = [arc for other in hidden if other != cell for arc in _moves(other, whole)]
    return any(_reaches(end, start, arcs) for start, end in _moves(cell, whole))


def _reaches(start: tuple[int, str], goal: tuple[int, str], arcs: Iterable[_Arc]) -> bool:
    """Whether the arcs lead from one equation to another."""
    ways: dict[tuple[int, str], set[tuple[int, str]]] = {}
    for begin, end in arcs:
        ways.setdefault(begin, set()).add(end)
    seen, waiting = {start}, [start]
    while waiting:
        for end in ways.get(waiting.pop(), set()) - seen:
            seen.add(end)
            waiting.append(end)
    return goal in seen


def _beside(cell: Cell, whole: Mapping[Cell, int], hidden: Iterable[Cell]) -> Cell:
    """What to hide next for this count: the smallest shown one in its row or column, a total only where nothing else is."""
    taken = set(hidden)
    shown = [other for other, count in whole.items() if count and other not in taken]
    near = [other for other in shown if other[0] == cell[0] or other[1] == cell[1]]
    return min(near or shown, key=lambda other: (other.count(TOTAL), whole[other], other))
