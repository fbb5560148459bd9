"""The ledger's door: one writer, clear words for a locked or full disk, moments with zones."""

from __future__ import annotations

import sqlite3
import threading
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import StatementError

from intake import audit
from intake.confidentiality import Vault
from intake.db import Database
from intake.errors import LedgerBusy, LedgerFull, SealBroken
from intake.models import Event
from intake.schema import migrate
from tests.databases import on_sqlite
from tests.intake.conftest import NOW, Ledger


def _write(ledger: Ledger, kind: str = "written", now: datetime = NOW) -> None:
    with ledger.database.transaction() as session:
        audit.append(session, None, kind, "system", {}, now)


@on_sqlite
def test_a_ledger_locked_by_another_process_says_so(ledger: Ledger, tmp_path: Path) -> None:
    """Who finds the ledger locked is told to try again, and nothing was written."""
    _write(ledger)
    with ledger.database.engine.connect() as connection:  # the pool gives this one again
        assert connection.connection.driver_connection is not None
        connection.connection.driver_connection.execute("PRAGMA busy_timeout=50")
    other = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerBusy):
        _write(ledger)
    other.execute("ROLLBACK")
    other.close()
    _write(ledger)


@on_sqlite
def test_a_full_disk_says_so_and_keeps_what_was_there(ledger: Ledger) -> None:
    """A database that cannot grow refuses the new and loses nothing of the old."""
    _write(ledger)
    with ledger.database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        pages = driver.execute("PRAGMA page_count").fetchone()[0]
        driver.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(LedgerFull), ledger.database.transaction() as session:
        session.add_all(Event(at=NOW, actor="system", kind="more", data={"long": "x" * 2000}) for _ in range(200))
    with ledger.database.reading() as session:
        assert session.scalars(select(Event.kind)).all() == ["written"]


def test_an_error_inside_a_transaction_rolls_it_back(ledger: Ledger) -> None:
    """All or nothing."""

    def break_off() -> None:
        with ledger.database.transaction() as session:
            audit.append(session, None, "lost", "system", {}, NOW)
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    _write(ledger, "kept")
    with ledger.database.reading() as session:
        assert session.scalars(select(Event.kind)).all() == ["kept"]


def test_many_threads_write_in_turn(ledger: Ledger) -> None:
    """Nobody is turned away as long as everybody is quick."""

    def write_five() -> None:
        for _ in range(5):
            _write(ledger)

    threads = [threading.Thread(target=write_five) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with ledger.database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM event")).scalar() == 100


def test_a_reader_is_not_kept_waiting_by_a_writer(ledger: Ledger) -> None:
    """While one writes, others read what was there before."""
    _write(ledger)
    with ledger.database.transaction() as session:
        audit.append(session, None, "later", "system", {}, NOW)
        session.flush()
        with ledger.database.reading() as reader:
            assert reader.scalars(select(Event.kind)).all() == ["written"]


def test_moments_come_back_as_they_were_and_naive_ones_are_refused(ledger: Ledger) -> None:
    """A moment always has its zone."""
    _write(ledger)
    with ledger.database.reading() as session:
        assert session.scalars(select(Event.at)).one() == NOW
    with pytest.raises(StatementError, match="without a time zone"):
        _write(ledger, now=NOW.replace(tzinfo=None))


def test_a_seal_opens_only_with_key_context_and_content(ledger: Ledger) -> None:
    """Whatever was changed, it is noticed."""
    sealed = ledger.vault.seal(b"secret", "here")
    assert ledger.vault.unseal(sealed, "here") == b"secret"
    broken = [
        (ledger.vault, sealed, "there"),
        (Vault(b"y" * 32), sealed, "here"),
        (ledger.vault, sealed[:-1] + bytes([sealed[-1] ^ 1]), "here"),
    ]
    for vault, content, context in [*broken, (ledger.vault, b"", "here")]:
        with pytest.raises(SealBroken):
            vault.unseal(content, context)


def test_only_its_owner_reads_the_ledger(tmp_path: Path) -> None:
    """File and write-ahead log, also in a folder that others may enter, and also where the file was open before."""
    path = tmp_path / "ledger.db"
    for left in (path, tmp_path / "ledger.db-wal"):
        left.touch()
        left.chmod(0o644)
    database = Database(f"sqlite:///{path}")
    migrate(database)
    modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    database.close()
    assert set(modes.values()) == {0o600}, modes
