"""The examination after a kill is no better than what it notices: each thing that could be missing is taken away once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import App
from tests.crash.kills import hire
from tests.crash.wholeness import Acknowledged, examine
from tests.crash.writer import Ledger, file
from tests.databases import on_sqlite

NUMBERS = (0, 3, 4, 5)
"""The first is a complaint with a file; the others tell one matter."""


@pytest.fixture
def app(tmp_path: Path, database_url: str) -> Iterator[App]:
    """A service, open before anything is spoilt: with rows that point to nothing it would not start."""
    ledger = Ledger(tmp_path / "data", database_url)
    hire(ledger)
    opened = ledger.open()
    yield opened
    opened.close()


@pytest.fixture
def told(app: App) -> list[Acknowledged]:
    """What the tellers of these numbers hold in hand."""
    receipts = [(number, file(app, number)) for number in NUMBERS]
    return [Acknowledged(number, one.case_number, one.query_code) for number, one in receipts]


def _spoil(app: App, statement: str) -> None:
    """Change a row past the service, and past the triggers that refuse it."""
    with closing(sqlite3.connect(app.settings.database().removeprefix("sqlite:///"))) as ledger:
        for (trigger,) in ledger.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            ledger.execute(f"DROP TRIGGER {trigger}")
        assert ledger.execute(statement).rowcount
        ledger.commit()


@on_sqlite
def test_a_ledger_that_nobody_touched_is_whole(app: App, told: list[Acknowledged]) -> None:
    found = examine(app, told)
    assert found.whole, found
    assert (found.reports, found.cases) == (4, 2)


@on_sqlite
@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM match_key WHERE report_id = 1", "report 1: no match key"),
        ("DELETE FROM notice WHERE report_id IS NULL", "no notice"),
        ("DELETE FROM event WHERE kind = 'filed' AND case_id = 1", "report 1: no event filed"),
        ("UPDATE event SET data = '{\"report_id\": 1}' WHERE kind = 'filed' AND case_id = 1", "report 1: no commitment"),
        ("DELETE FROM identity WHERE id = 1", "report 1: no identity"),
        ("DELETE FROM report WHERE id = 4", "report 4: told of and not there"),
        ("DELETE FROM report WHERE id = 4", "teller 4: told nothing"),
        ("DELETE FROM report WHERE id = 1", "case 1: not report"),
        ('DELETE FROM "case" WHERE id = 1', "report 1: no case"),
        ("DELETE FROM event WHERE kind = 'opened'", "case 1: not one event opened"),
        ("DELETE FROM event WHERE kind = 'attached'", "case 2: not an event for each that joined"),
        ("DELETE FROM clock WHERE case_id = 1", "case 1: not its clocks"),
        ("UPDATE clock SET state = 'met' WHERE case_id = 1", "case 1: not its clocks"),
        ("UPDATE \"case\" SET next_due = '2030-01-01'", "case 1: not next date"),
        ("DELETE FROM evidence", "of report 1: orphan"),
        ("DELETE FROM custody", "of report 1: orphan"),
    ],
)  # fmt: skip
def test_what_is_half_filed_is_noticed(app: App, told: list[Acknowledged], statement: str, said: str) -> None:
    _spoil(app, statement)
    assert any(said in line for line in examine(app, told).half_filed)


@on_sqlite
@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE sequence SET last = last + 1", "counted to"),
        ("UPDATE report SET conversation = 'c3'", "c3 was filed 4 times"),
        ("UPDATE report SET redacted = 'other' WHERE id = 2", "verify: row_changed"),
        ("UPDATE report SET number = '621021-2026-000001-1' WHERE id = 1", "does not check"),
        ("DELETE FROM identity WHERE id = 1", "foreign_key_check"),
    ],
)
def test_what_does_not_fit_is_noticed(app: App, told: list[Acknowledged], statement: str, said: str) -> None:
    examine(app, told)  # linked and signed first
    _spoil(app, statement)
    assert any(said in line for line in examine(app, told).findings)


@on_sqlite
def test_a_receipt_that_opens_nothing_or_another_report_is_lost(app: App, told: list[Acknowledged]) -> None:
    wrong = (
        replace(told[0], code="0000000000000000"),
        replace(told[1], number=told[2].number),
        replace(told[2], report=told[3].report),
    )
    assert len(examine(app, wrong).lost) == len(wrong)


@on_sqlite
def test_a_file_that_is_gone_is_noticed(app: App, told: list[Acknowledged]) -> None:
    stored = app.evidence.store(f"账单 {NUMBERS[0]}".encode(), "账单.txt")
    app.evidence.forget(stored.digest)
    assert any("no file" in line for line in examine(app, told).half_filed)
