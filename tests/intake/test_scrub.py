"""Erased on PostgreSQL: not only is no row left, but no byte of what was erased in any file of its data folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from intake import erasure
from intake.report import Teller
from intake.scrub import scrub
from tests.databases import Postgres, on_postgresql
from tests.intake.conftest import REPORT, Ledger
from tests.intake.test_erasure import canaries, erased, told

pytestmark = on_postgresql
OTHERS = 60


@pytest.fixture
def server(postgres: Postgres) -> Iterator[Postgres]:
    """A server that removes old segments of its log and does not keep their bytes under a new name (wal_recycle)."""
    postgres.run("ALTER SYSTEM SET wal_recycle = off")
    postgres.run("SELECT pg_reload_conf()")
    yield postgres
    postgres.run("ALTER SYSTEM RESET wal_recycle")
    postgres.run("SELECT pg_reload_conf()")


def found_in(folder: Path, wanted: dict[str, bytes]) -> dict[str, set[str]]:
    """In which files of a data folder each value lies, by the first part of their path."""
    found: dict[str, set[str]] = {name: set() for name in wanted}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            part = path.relative_to(folder).parts[0]
            for name, value in wanted.items():
                if value in content:
                    found[name].add(part)
    return found


def settle(server: Postgres) -> None:
    """Everything on disk, and the segments of the log that nobody needs any more removed."""
    for _ in range(2):
        server.run("SELECT pg_switch_wal()")
        server.run("CHECKPOINT")


def others(ledger: Ledger, first: int) -> None:
    """Other people file."""
    for number in range(first, first + OTHERS):
        ledger.file(replace(REPORT, teller=Teller("web", f"other-{number}"), institution=f"医院{number}"))


def test_no_byte_of_an_erased_person_remains_in_the_data_folder(ledger: Ledger, server: Postgres) -> None:
    """Pages, TOAST, indexes, samples of the planner and the log itself held it before, and none holds it after."""
    others(ledger, 0)
    filed = told(ledger)
    before = canaries(ledger, filed)
    before["key"] = before["key"][::-1]  # a number lies on PostgreSQL's pages with its last byte first
    with ledger.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    server.run("CHECKPOINT")
    present = found_in(server.data, before)
    assert [name for name, parts in present.items() if "base" not in parts] == []
    assert "pg_wal" in present["identity"]
    erased(ledger, filed)
    others(ledger, OTHERS)
    assert scrub(ledger.database, erasure.REWRITTEN)
    settle(server)
    assert {name: parts for name, parts in found_in(server.data, before).items() if parts} == {}


def test_the_samples_of_the_planner_held_what_was_erased(ledger: Ledger) -> None:
    """Why they are written anew: a sealed identity lies whole in pg_statistic, and does not afterwards."""
    others(ledger, 0)
    filed = told(ledger)
    sealed = canaries(ledger, filed)["identity"].hex()
    sampled = text("SELECT count(*) FROM pg_stats WHERE tablename = 'identity' AND histogram_bounds::text LIKE :value")
    with ledger.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE identity"))
        assert connection.execute(sampled, {"value": f"%{sealed}%"}).scalar_one() == 1
        erased(ledger, filed)
        assert scrub(ledger.database, erasure.REWRITTEN)
        assert connection.execute(sampled, {"value": f"%{sealed}%"}).scalar_one() == 0


@pytest.mark.parametrize("statement", ["SELECT count(*) FROM identity", "LOCK TABLE letter IN ACCESS SHARE MODE"])
def test_whoever_still_sees_the_old_rows_is_waited_for_and_then_said(ledger: Ledger, statement: str) -> None:
    """A reader of an older moment keeps old rows alive: it must be done again when he has gone."""
    filed = told(ledger)
    options = {"isolation_level": "REPEATABLE READ"}
    with ledger.database.engine.connect().execution_options(**options) as reader, reader.begin():
        reader.execute(text(statement))
        erased(ledger, filed)
        assert not scrub(ledger.database, erasure.REWRITTEN, wait=0.3)
    assert scrub(ledger.database, erasure.REWRITTEN)


def test_the_connection_waits_afterwards_as_it_did_before(ledger: Ledger) -> None:
    """The bound of waiting for a lock is only changed for the scrubbing."""
    with ledger.database.engine.connect() as connection:
        before = connection.execute(text("SHOW lock_timeout")).scalar_one()
    assert scrub(ledger.database, erasure.REWRITTEN, wait=1.5)
    for _ in range(2):
        with ledger.database.engine.connect() as connection:
            assert connection.execute(text("SHOW lock_timeout")).scalar_one() == before
