"""PostgreSQL under trouble: lost connections, locks, restarts; what may be done again is, what is unknown is said."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from intake import audit, filing, letters
from intake.db import Database, bare, insert_all
from intake.errors import DoesNotFit, LedgerAway, LedgerBusy, LedgerConflict, LedgerUncertain
from intake.models import Event, FiledReport, Identity, Letter, Sequence
from intake.report import Teller
from tests.databases import Postgres, on_postgresql
from tests.intake.conftest import NOW, REPORT, Ledger, by


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A ledger as a service opens it."""
    found = Database(database_url)
    yield found
    found.close()


def _note(session: Session, kind: str) -> None:
    audit.append(session, None, kind, "system", {}, NOW)
    session.flush()


def _kinds(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Event.kind).order_by(Event.id)))


def test_signs_that_no_column_can_hold_lose_nothing_else(ledger: Ledger) -> None:
    """A NUL in name, answer or letter: everything around it is kept, and the sealed original is whole."""
    told = replace(
        REPORT,
        text="空\0床",
        redacted="空\0床",
        institution="康宁\0医院",
        answers={"demand": "查\0清"},
        amount_yuan=Decimal(1),
    )
    filed = ledger.file(told)
    with ledger.database.transaction() as session:
        kept = session.get_one(FiledReport, filed.id)
        assert filing.text_of(kept, ledger.vault) == "空\0床"
        assert kept.redacted.replace("\ufffd", "\0") == "空\0床"
        assert (kept.institution or "").replace("\ufffd", "\0") == "康宁\0医院"
        letters.append(
            session, kept, text="请\0看", redacted="请\0看", kind="note", from_teller=True, vault=ledger.vault, now=NOW
        )
    with ledger.database.reading() as session:
        assert session.scalars(select(Letter.redacted)).one().replace("\ufffd", "\0") == "请\0看"


@on_postgresql
def test_a_job_whose_connection_is_lost_before_the_commit_is_done_again_once(
    database: Database, database_url: str, postgres: Postgres
) -> None:
    """Nothing of the first try stays, the second is committed."""
    tries = []

    def job(session: Session) -> int:
        _note(session, "first")
        tries.append(1)
        if len(tries) == 1:
            postgres.end_connections(database_url)
        _note(session, "second")
        return len(tries)

    assert database.write(job) == 2
    assert _kinds(database) == ["first", "second"]


@on_postgresql
def test_a_connection_that_is_lost_while_it_commits_leaves_a_doubt_that_is_told(
    database: Database, database_url: str, postgres: Postgres
) -> None:
    """Whether it was written nobody knows from here, so the job is not done again."""

    def job(session: Session) -> None:
        _note(session, "perhaps")
        postgres.end_connections(database_url)

    with pytest.raises(LedgerUncertain, match="look whether it was written"):
        database.write(job)
    assert _kinds(database) == []
    database.write(lambda session: _note(session, "sure"))
    assert _kinds(database) == ["sure"]


@on_postgresql
def test_a_transaction_of_a_page_says_that_nothing_was_written(
    database: Database, database_url: str, postgres: Postgres
) -> None:
    """A page's own transaction is not repeated behind its back."""

    def page() -> None:
        with database.transaction() as session:
            _note(session, "lost")
            postgres.end_connections(database_url)
            _note(session, "lost too")

    with pytest.raises(LedgerAway):
        page()
    assert _kinds(database) == []


def _kept(database: Database) -> list[str]:
    """What was written, also while the server is on its way up."""
    return database.look(lambda connection: list(connection.execute(text("SELECT kind FROM event")).scalars()))


@on_postgresql
def test_a_restarted_server_is_found_again(database: Database, postgres: Postgres) -> None:
    """Whoever writes or looks while the server restarts waits a moment; nobody has to restart the service."""
    database.write(lambda session: _note(session, "before"))
    restarting = threading.Thread(target=postgres.restart)
    restarting.start()
    for number in range(20):
        kind = f"during {number}"
        try:
            database.write(lambda session, kind=kind: _note(session, kind))  # type: ignore[misc]
        except LedgerUncertain:  # lost in the middle of its commit: look, and write again where nothing is
            if kind not in _kept(database):
                database.write(lambda session, kind=kind: _note(session, kind))  # type: ignore[misc]
    restarting.join()
    assert database.look(lambda connection: connection.execute(text("SELECT count(*) FROM event")).scalar()) == 21


def test_a_server_that_is_not_there_is_named(postgres: Postgres) -> None:
    """Whoever starts the service with a wrong address reads why."""
    database = Database(postgres.url("no_such_database"))
    with pytest.raises(LedgerAway, match="no_such_database"), database.reading() as session:
        session.execute(text("SELECT 1"))
    database.close()


@on_postgresql
def test_who_waits_too_long_for_a_row_is_told_that_the_ledger_is_busy(database: Database, database_url: str) -> None:
    """Another transaction holds the row: no wait without end."""
    database.write(lambda session: session.add(Sequence(key="k", last=1)))
    hurried = Database(f"{database_url}&options=-c%20lock_timeout=50ms")
    with database.transaction() as session:
        session.get(Sequence, "k", with_for_update=True)
        with pytest.raises(LedgerBusy) as busy, hurried.transaction() as other:
            other.get(Sequence, "k", with_for_update=True)
        assert not isinstance(busy.value, LedgerAway | LedgerConflict)
    hurried.close()


@on_postgresql
def test_two_that_wait_for_each_other_are_parted_and_both_come_to_their_end(database: Database) -> None:
    """PostgreSQL breaks the circle; who gave way is done again."""
    for key in ("a", "b"):
        database.write(lambda session, key=key: session.add(Sequence(key=key, last=0)))  # type: ignore[misc]
    meet = threading.Barrier(2, timeout=20)
    tries = {"ab": 0, "ba": 0}

    def count_on(order: str) -> Callable[[Session], None]:
        def job(session: Session) -> None:
            tries[order] += 1
            for place, key in enumerate(order):
                session.get_one(Sequence, key, with_for_update=True).last += 1
                session.flush()
                if place == 0 and tries[order] == 1:
                    meet.wait()

        return job

    threads = [threading.Thread(target=database.write, args=(count_on(order),)) for order in tries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with database.reading() as session:
        assert session.scalars(select(Sequence.last)).all() == [2, 2]
    assert sum(tries.values()) == 3


@on_postgresql
def test_what_has_no_room_is_refused_in_a_sentence(ledger: Ledger) -> None:
    """SQLite does not count a column's signs; PostgreSQL does, and nothing is cut in silence."""
    with pytest.raises(DoesNotFit, match="make it shorter"):
        ledger.hire("王" * 61)


def test_an_error_among_rows_written_together_is_the_same_as_alone(database: Database) -> None:
    """What a row breaks is told by its kind, and nothing of the whole stays."""
    database.write(lambda session: session.add(Sequence(key="k", last=1)))
    rows = [{"key": "new", "last": 1}, {"key": "k", "last": 2}, {"key": "newer", "last": 1}]
    with pytest.raises(IntegrityError):
        database.write(lambda session: insert_all(session, {bare(Sequence): rows}))
    with database.reading() as session:
        assert session.scalars(select(Sequence.key)).all() == ["k"]


def test_rows_written_together_come_back_as_they_were(database: Database) -> None:
    """Bytes, moments, nested JSON, quotes, backslashes and what looks like an escape: each value is read as it was."""
    data = {"a": ['引号"', "反斜杠\\u0000", None, 1.5, {"深": True}]}
    identity = {"id": 1, "mode": "named", "channel": "web", "sealed": b"\x00\xff\\", "account_hash": "a",
                "phone_hash": None, "created_at": NOW}  # fmt: skip
    event = {"case_id": None, "at": NOW, "actor": "s", "kind": "反\\u0000斜", "data": data}
    database.write(lambda session: insert_all(session, {bare(Identity): [identity], bare(Event): [event, event]}))
    with database.reading() as session:
        kept = session.scalars(select(Identity)).one()
        assert {name: getattr(kept, name) for name in identity} == identity
        for one in session.scalars(select(Event)):
            assert {name: getattr(one, name) for name in event} == event


def test_many_file_at_once_and_nobody_waits_for_another_in_a_circle(
    ledger: Ledger, request: pytest.FixtureRequest, kind: str
) -> None:
    """Eight writers of one place, half of them of one matter: every report has a number of its own."""
    filed: list[str] = []

    def work(who: int) -> None:
        for number in range(8):
            name = "康宁医院" if number % 2 else f"第{who}{number}医院"
            told = by(f"person {who} {number}", institution=name)
            filed.append(ledger.file(replace(told, teller=Teller("web", f"{who} {number}"))).number)

    threads = [threading.Thread(target=work, args=(who,)) for who in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(set(filed)) == 64
    assert sorted(int(number.split("-")[2]) for number in filed) == list(range(1, 65))
    if kind == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        name = ledger.database.engine.url.database
        assert server.run("SELECT deadlocks FROM pg_stat_database WHERE datname = %s", name) == [(0,)]
