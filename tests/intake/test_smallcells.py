"""Small counts: what is shown never lets a reader work out what is hidden, by every table there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake import statistics
from intake.errors import NotAllowed, WholeMonthsOnly
from intake.models import Case
from intake.smallcells import TOTAL, Published, suppress, suppress_line
from intake.statistics import suppressed
from intake.views import Counts
from tests.intake.conftest import REPORT, Ledger, by


@pytest.mark.parametrize(
    ("many", "most", "threshold"), [(1, 20, 5), (2, 24, 5), (3, 18, 5), (4, 13, 5), (2, 12, 3), (3, 9, 3), (4, 8, 3)]
)
def test_no_line_gives_a_hidden_count_away_even_to_whoever_replays_the_program(
    many: int, most: int, threshold: int
) -> None:
    """All tables are published; those that look alike differ in every hidden count."""
    names = "abcd"[:many]
    alike: dict[tuple[tuple[int | None, ...], int | None], list[tuple[int, ...]]] = defaultdict(list)
    for values in product(range(most + 1), repeat=many):
        line = suppress_line(dict(zip(names, values, strict=True)), threshold)
        alike[tuple(line.counts.values()), sum(values) if line.total_stays else None].append(values)
    told = [
        (look, members)
        for look, members in alike.items()
        for place, count in enumerate(look[0])
        if count is None and len({member[place] for member in members}) < 2
    ]
    assert told == []


@pytest.mark.parametrize("threshold", [3, 5])
def test_a_line_hides_no_more_than_it_must(threshold: int) -> None:
    """What is large enough stays, a lonely small count takes the smallest other one along, totals stay where they can."""
    line = suppress_line({"a": 1, "b": 90, "c": 40, "d": 0}, threshold)
    assert (line.counts, line.total_stays) == ({"a": None, "b": 90, "c": None, "d": 0}, True)
    assert suppress_line({"a": 7, "b": 90}, threshold).counts == {"a": 7, "b": 90}
    assert suppress_line({"a": 1, "b": 90}, threshold, total_shown=False).counts == {"a": None, "b": 90}


def tables(rows: int, columns: int, most: int) -> Iterator[dict[tuple[str, str], int]]:
    """Every table of this shape with counts up to `most`."""
    keys = [(f"r{row}", f"c{column}") for row in range(rows) for column in range(columns)]
    for values in product(range(most + 1), repeat=rows * columns):
        yield dict(zip(keys, values, strict=True))


def fillings(shown: Published, most: int) -> Iterator[dict[tuple[str, str], int]]:
    """Every table that fits what is shown, tried out row by row; hidden counts are at least 1."""
    for rows in product(*(row_fillings(shown, row, most) for row in shown.rows)):
        table = {
            (row, column): count
            for row, counts in zip(shown.rows, rows, strict=True)
            for column, count in zip((*shown.columns, TOTAL), (*counts, sum(counts)), strict=True)
        }
        for column in (*shown.columns, TOTAL):
            table[TOTAL, column] = sum(table[row, column] for row in shown.rows)
        if all(count is None or table[cell] == count for cell, count in shown.cells.items()):
            yield table


def row_fillings(shown: Published, row: str, most: int) -> list[tuple[int, ...]]:
    """What one row can be, by itself and its total."""
    ranges = [
        range(1, most + 1) if (count := shown.cells[row, column]) is None else [count] for column in shown.columns
    ]
    total = shown.cells[row, TOTAL]
    return [values for values in product(*ranges) if total is None or sum(values) == total]


def gives_away(shown: Published, most: int) -> bool:
    """Whether some hidden count has one possible value only."""
    seen: dict[tuple[str, str], set[int]] = {cell: set() for cell, count in shown.cells.items() if count is None}
    for table in fillings(shown, most):
        for cell, values in seen.items():
            values.add(table[cell])
        if all(len(values) > 1 for values in seen.values()):
            return False
    return bool(seen)


@pytest.mark.parametrize(("rows", "columns", "most", "threshold"), [(2, 2, 5, 3), (2, 3, 2, 3), (1, 3, 7, 5)])
def test_no_table_with_its_totals_gives_a_hidden_count_away(rows: int, columns: int, most: int, threshold: int) -> None:
    """For every table: each hidden count, totals included, has a second value beside all that is shown."""
    looks = {}
    for table in tables(rows, columns, most):
        shown = suppress(table, threshold)
        looks[tuple(shown.cells.items())] = shown
    assert len(looks) > 50
    assert [shown.cells for shown in looks.values() if gives_away(shown, most + 3)] == []


def test_the_search_finds_what_is_given_away() -> None:
    """A lonely hidden count in a row with its total is found, or the test above would prove nothing."""
    careless = suppress({("r", "a"): 2, ("r", "b"): 9}, 5)
    cells = {**careless.cells, ("r", "b"): 9, ("r", TOTAL): 11, (TOTAL, "b"): 9, (TOTAL, TOTAL): 11}
    assert gives_away(Published(careless.rows, careless.columns, cells), 12)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(st.integers(0, 30), min_size=4, max_size=4), min_size=2, max_size=6))
def test_a_larger_table_hides_every_small_count_and_keeps_every_zero(values: list[list[int]]) -> None:
    """And what it shows is true."""
    table = {(f"r{i}", f"c{j}"): count for i, row in enumerate(values) for j, count in enumerate(row)}
    shown = suppress(table, 5)
    whole = dict(table)
    for i, row in enumerate(values):
        whole[f"r{i}", TOTAL] = sum(row)
    for j in range(4):
        whole[TOTAL, f"c{j}"] = sum(row[j] for row in values)
    whole[TOTAL, TOTAL] = sum(map(sum, values))
    assert set(whole) == set(shown.cells)
    for cell, count in whole.items():
        assert shown.cells[cell] in ({None} if 0 < count < 5 else {0} if count == 0 else {None, count})


def figures(states: Mapping[str, int], sides: Mapping[str, int]) -> Counts:
    """The figures of a month."""
    total = sum(states.values())
    return Counts(
        total, 9, 30, 2, total + 1, states, sides, {"F01": 2, "F02": 40}, {"established": 2, "police": 7}, 3, 4.2
    )


def test_figures_that_share_a_total_do_not_give_each_other_away() -> None:
    """Every month of two states and two sides: those that look alike differ in every hidden count."""
    alike: dict[tuple[tuple[str, int | None], ...], list[dict[str, int]]] = defaultdict(list)
    for one, two, side in product(range(16), range(16), range(31)):
        if side > one + two:
            continue
        exact = {"a": one, "b": two, "x": side, "y": one + two - side, "opened": one + two}
        shown = suppressed(figures({"a": one, "b": two}, {"x": side, "y": one + two - side}), 5)
        look = (*shown.by_state.items(), *shown.by_side.items(), ("opened", shown.opened))
        alike[look].append(exact)
    for look, members in alike.items():
        for name, count in look:
            assert count is not None or len({member[name] for member in members}) > 1, look


def test_single_figures_and_averages_of_few_are_withheld() -> None:
    """Two overdue cases, three judgements: neither is told, nor the mean that would tell one of them."""
    shown = suppressed(figures({"received": 20}, {"citizen": 20}), 5)
    assert (shown.overdue, shown.ratings, shown.mean_stars) == (None, None, None)
    assert (shown.open_now, shown.opened, shown.by_code) == (30, 20, {"F01": None, "F02": 40})
    assert shown.by_outcome == {"established": None, "police": None}
    # One report more than cases: somebody told what was told before.
    assert (shown.reports, shown.opened) == (None, 20)


def test_who_handles_counts_exactly_and_who_looks_on_by_whole_months(ledger: Ledger) -> None:
    """The same ledger, two readers; a period that is no month, an administrator and a custodian are refused."""
    for name in "甲乙丙丁戊己":
        ledger.file(by(name, institution=f"{name}医院"))
    ledger.file(REPORT)
    month = {
        "since": datetime(2026, 10, 31, 16, tzinfo=UTC),
        "until": datetime(2026, 11, 30, 16, tzinfo=UTC),
        "today": date(2026, 11, 20),
    }
    with ledger.database.transaction() as session:
        session.get_one(Case, 1).state = "accepted"
    with ledger.database.reading() as session:
        exact = statistics.counts(session, viewer=ledger.hire("officer"), **month)  # type: ignore[arg-type]
        assert exact.by_state == {"received": 6, "accepted": 1}
        for role in ("supervisor", "auditor"):
            viewer = ledger.hire(role, role, "YB-621000")
            shown = statistics.counts(session, viewer=viewer, **month)  # type: ignore[arg-type]
            assert shown.by_state == {"received": None, "accepted": None}
            assert shown.opened == 7
            odd = {**month, "until": month["until"] - timedelta(days=1)}
            with pytest.raises(WholeMonthsOnly):
                statistics.counts(session, viewer=viewer, **odd)  # type: ignore[arg-type]
        trade = statistics.counts(session, viewer=ledger.hire("trade", "federation"), **month)  # type: ignore[arg-type]
        assert trade.opened == 0
        for role in ("administrator", "custodian"):
            with pytest.raises(NotAllowed):
                statistics.counts(session, viewer=ledger.hire(role, role), **month)  # type: ignore[arg-type]
