"""Writers that share a commit keep their own results and their own errors."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake import db
from intake.db import Database
from intake.errors import LedgerBusy
from intake.models import Sequence
from tests.databases import on_sqlite

WRITERS = 24
EACH = 10


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


def test_many_writers_lose_nothing_and_a_failing_one_takes_back_only_its_own(database: Database) -> None:
    """240 jobs from 24 threads, every seventh raising after it wrote: the others stand, its own row does not."""
    outcomes: dict[int, str] = {}

    def write(number: int) -> int:
        def job(session: Session) -> int:
            session.add(Sequence(key=f"k{number}", last=number))
            session.flush()
            if number % 7 == 0:
                raise ValueError(number)
            return number

        return database.write(job)

    def work(first: int) -> None:
        for number in range(first, first + EACH):
            try:
                outcomes[number] = str(write(number))
            except ValueError as refused:
                outcomes[number] = f"refused {refused}"

    threads = [threading.Thread(target=work, args=(start * EACH,)) for start in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    numbers = range(WRITERS * EACH)
    assert outcomes == {n: f"refused {n}" if n % 7 == 0 else str(n) for n in numbers}
    with database.reading() as session:
        kept = set(session.scalars(select(Sequence.last)))
    assert kept == {n for n in numbers if n % 7}


def test_a_result_is_given_only_after_it_is_committed(database: Database) -> None:
    """Whoever holds a result finds its row with another connection."""

    def job(session: Session) -> str:
        session.add(Sequence(key="mine", last=1))
        return "mine"

    key = database.write(job)
    with database.reading() as other:
        assert other.scalar(select(func.count()).select_from(Sequence).where(Sequence.key == key)) == 1


@on_sqlite
def test_who_gets_no_turn_is_told_so_and_nothing_of_his_is_written(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another transaction of this process holds the ledger, a writer is refused after its patience."""
    monkeypatch.setattr(db, "WAIT_SECONDS", 0.05)
    with database.transaction(), pytest.raises(LedgerBusy):
        database.write(lambda session: session.add(Sequence(key="late", last=1)))
    with database.reading() as session:
        assert session.get(Sequence, "late") is None
    assert database.write(lambda _session: "again") == "again"
