"""What the ledger keeps of a query code: enough to know the right one, too little to count through."""

from __future__ import annotations

import re

from sqlalchemy import event, select

from intake import queries, querycodes
from intake.models import FiledReport
from intake.receipts import new_query_code, query_hash
from tests.databases import on_sqlite
from tests.intake.conftest import REPORT, Ledger, by

CODE = "4539148803436467"


def harden(ledger: Ledger) -> int:
    """Exchange every quick hash."""
    with ledger.database.transaction() as session:
        waiting = querycodes.quick_ones(session, 100)
        return querycodes.exchange(session, [(quick, querycodes.slow(quick.mark)) for quick in waiting])


def found(ledger: Ledger, code: str) -> int | None:
    """The report behind a code."""
    with ledger.database.reading() as session:
        report = queries.report_by_code(session, query_hash(ledger.vault, code))
        return report.id if report else None


def test_a_code_opens_its_report_before_and_after_the_slow_hash_is_made(ledger: Ledger) -> None:
    """A fresh report, one of the first release, and one that was exchanged are all found by the same code."""
    first, second = ledger.file(REPORT, code=CODE), ledger.file(by("bert"))
    assert found(ledger, CODE) == first.id
    assert harden(ledger) == 2
    assert found(ledger, CODE) == first.id
    assert harden(ledger) == 0
    assert found(ledger, new_query_code()) is None
    with ledger.database.reading() as session:
        assert session.get_one(FiledReport, second.id).query_hash.isalnum()


def test_what_is_kept_names_24_bits_and_no_more(ledger: Ledger) -> None:
    """The whole keyed hash would be counted through in a day by whoever has the key too."""
    ledger.file(REPORT, code=CODE)
    harden(ledger)
    mark = query_hash(ledger.vault, CODE)
    with ledger.database.reading() as session:
        kept = session.scalars(select(FiledReport.query_hash)).one()
    assert re.fullmatch(r"[0-9a-f]{61}", kept)
    assert kept.startswith(mark[:6])
    assert mark[6:16] not in kept
    assert not querycodes.is_quick(kept)


def test_the_same_code_is_never_kept_alike_twice() -> None:
    """Each report is its own work for whoever counts."""
    mark = "ab" * 32
    one, other = querycodes.slow(mark), querycodes.slow(mark)
    assert one != other
    assert querycodes.fits(mark, one)
    assert querycodes.fits(mark, other)


def test_codes_with_the_same_beginning_are_told_apart(ledger: Ledger) -> None:
    """24 bits are met by chance now and then: the slow hash decides, and the right one is found among several."""
    first, second = ledger.file(REPORT), ledger.file(by("bert"))
    marks = {first.id: "abcdef" + "1" * 58, second.id: "abcdef" + "2" * 58}
    with ledger.database.transaction() as session:
        for number, mark in marks.items():
            session.get_one(FiledReport, number).query_hash = querycodes.slow(mark)
    with ledger.database.reading() as session:
        for number, mark in marks.items():
            report = querycodes.report_by_mark(session, mark)
            assert report is not None
            assert report.id == number
        assert querycodes.report_by_mark(session, "abcdef" + "3" * 58) is None
        assert querycodes.report_by_mark(session, "abcdee" + "1" * 58) is None


def test_a_changed_or_foreign_kept_value_opens_for_nobody() -> None:
    """Another version, a changed salt, a changed hash."""
    mark = "ab" * 32
    kept = querycodes.slow(mark)
    for at in (0, 6, 7, 30, 60):
        changed = kept[:at] + ("0" if kept[at] != "0" else "1") + kept[at + 1 :]
        assert not querycodes.fits(mark, changed)


def test_whoever_exchanges_late_undoes_nothing(ledger: Ledger) -> None:
    """Two processes take the same rows; the second finds them done."""
    ledger.file(REPORT, code=CODE)
    with ledger.database.reading() as session:
        waiting = querycodes.quick_ones(session, 10)
    made = [(quick, querycodes.slow(quick.mark)) for quick in waiting]
    assert harden(ledger) == 1
    with ledger.database.transaction() as session:
        assert querycodes.exchange(session, made) == 0
    assert found(ledger, CODE) is not None


@on_sqlite
def test_looking_for_codes_that_wait_reads_no_more_than_those(ledger: Ledger) -> None:
    """The tick of each minute must not read a million reports; nor must a code."""
    statements: list[str] = []
    event.listen(
        ledger.database.engine, "before_cursor_execute", lambda _c, _k, statement, *_: statements.append(statement)
    )
    with ledger.database.reading() as session:
        querycodes.quick_ones(session, 10)
        querycodes.report_by_mark(session, "a" * 64)
        connection = session.connection()
        waiting, likely = (one for one in statements if "query_hash" in one)
        plans = [
            str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}", values).all())
            for one, values in ((waiting, (10, 0)), (likely, ("aaaaaa", "aaaaaag")))
        ]
    assert "ix_report_quick_code" in plans[0]
    assert "INDEX" in plans[1]
    assert "SCAN" not in plans[1]
