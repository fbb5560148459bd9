"""Engine, sessions and column types; the edge opens a session and commits it, nobody else."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    URL,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Insert,
    MetaData,
    Table,
    TypeDecorator,
    create_engine,
    event,
)
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from intake import postgres
from intake.errors import LedgerAway, LedgerBusy, LedgerConflict, LedgerFull, LedgerUncertain
from intake.together import Together
from intake.witness import Witness

T = TypeVar("T")

WAIT_SECONDS = 10
"""How long a writer waits for its turn before it is told that the ledger is busy."""

CONNECTIONS = 20
"""Most connections of one process to PostgreSQL, which as it comes allows a hundred to all."""
PAUSES = (0.02, 0.1, 0.3, 1.0, 2.0, 3.0, 4.0)
"""Seconds before a job is tried again that stood in another's way, or whose connection was lost."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The root of all tables, with one naming convention for constraints."""

    metadata = MetaData(naming_convention=NAMING)


class Instant(TypeDecorator[datetime]):
    """A moment with its zone, kept in UTC; refuses a moment without zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; SQLite keeps no zone, so it is dropped there after the conversion."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Back with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def open_engine(url: str, connections: int = CONNECTIONS) -> Engine:
    """An engine for `url`; on SQLite with WAL, foreign keys, full synchronisation and a busy timeout of 10 s.

    On PostgreSQL with at most so many connections; who waits longer than 10 s for one or for a lock is told so.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        engine = _open_sqlite(address)
    else:
        engine = create_engine(
            address,
            connect_args=postgres.arguments(address, WAIT_SECONDS),
            json_serializer=_json,
            pool_size=min(5, connections),
            max_overflow=max(connections - 5, 0),
            pool_timeout=WAIT_SECONDS,
            pool_use_lifo=True,  # few connections are kept busy, the others rest
        )
        postgres.prepare(engine)
    event.listen(engine, "handle_error", _translate)
    return engine


def _json(value: Any) -> str:
    """JSON as the ledger keeps it: characters as they are, which a third of the escaped ones' room holds."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _open_sqlite(address: URL) -> Engine:
    """The engine of a file, or of a ledger in memory."""
    in_file = address.database not in {None, "", ":memory:"}
    if address.database and in_file and not address.database.startswith("file:"):
        _keep_private(Path(address.database))
    arguments = {"timeout": WAIT_SECONDS, "check_same_thread": False}
    # More than the threads that serve pages: none of them waits for a connection.
    pool = {"pool_size": 20, "max_overflow": 40} if in_file else {}
    engine = create_engine(address, connect_args=arguments, json_serializer=_json, **pool)

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver must not open transactions of its own: BEGIN is ours (see below).
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={WAIT_SECONDS * 1000}")
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # A reader that turns writer can fail with a stale snapshot; a writer therefore says so at once.
        how = "BEGIN" if connection.get_execution_options().get("reading") else "BEGIN IMMEDIATE"
        connection.exec_driver_sql(how)

    return engine


def _keep_private(path: Path) -> None:
    """Only the owner of the service reads the ledger, also in a folder that is open to others.

    SQLite's write-ahead log takes the rights of the file when it is made.
    """
    with suppress(OSError):  # a folder that is missing, or a file of another owner: connecting tells
        path.touch(mode=0o600)
        for part in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
            if part.exists():  # what a killed process left keeps its own rights
                part.chmod(0o600)


def _translate(context: ExceptionContext) -> None:
    """Give the driver's "locked", "full" and "away" their own names, wherever they come up."""
    told = context.original_exception
    code = getattr(told, "sqlite_errorcode", 0) & 0xFF  # the primary code: the extended ones keep it in the low byte
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        raise LedgerBusy from told
    if code == sqlite3.SQLITE_FULL:
        raise LedgerFull from told
    if ours := postgres.named(told, connecting=context.connection is None):
        raise ours from told


class Database:
    """The ledger's door: `write()` or `transaction()` to write, `reading()` to read; what can go wrong has our names."""

    def __init__(self, url: str, witness: Witness | None = None, connections: int = CONNECTIONS) -> None:
        # Every statement of this engine finds the witness among its options, and so gives each row its digest.
        self.engine = open_engine(url, connections).execution_options(witness=witness)
        self.witness = witness
        self._write = sessionmaker(self.engine, expire_on_commit=False)
        self._looking = self.engine.execution_options(reading=True)
        self._read = sessionmaker(self._looking, expire_on_commit=False)
        self._one_writer = threading.Lock() if self.engine.dialect.name == "sqlite" else None
        self._together = Together(self._all, turn=self._turn) if self._one_writer else None

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that writes and is committed at the end, or rolled back where anything is raised.

        SQLite lets a second writer poll for the lock; threads of one process queue here instead, which is faster.
        Never open one inside another on the same thread. Raises LedgerBusy where nothing was written, and
        LedgerUncertain where the connection broke while it was being committed.
        """
        try:
            with self._turn(), self._write() as session:
                yield session
                session.flush()  # what fails up to here wrote nothing
                _commit(session)
        except PoolExhausted as exhausted:
            raise LedgerBusy from exhausted

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """The turn to write: on SQLite one of this process at a time; raises LedgerBusy where none came in time."""
        if self._one_writer is None:
            yield
            return
        if not self._one_writer.acquire(timeout=WAIT_SECONDS):
            raise LedgerBusy
        try:
            yield
        finally:
            self._one_writer.release()

    def _all(self, jobs: Sequence[Callable[[Session], Any]]) -> list[Any]:
        """Several jobs in one commit; whoever asks has the turn."""
        with self._write() as session, session.begin():
            return [job(session) for job in jobs]

    @property
    def gathers(self) -> bool:
        """Whether small jobs of this process share commits already."""
        return self._together is not None

    def write(self, job: Callable[[Session], T]) -> T:
        """Run one job that writes, and give its result once it is committed; what it raises undoes it, and it alone.

        Many small jobs of one process share a commit on SQLite; PostgreSQL groups commits by itself. A job must be a
        function of its session: where another stood in its way, or the connection was lost before the commit, it is
        undone and run again. Raises LedgerUncertain where the connection was lost while it was being committed.
        """
        if self._together is not None:
            result: T = self._together.run(job)
            return result

        def once() -> T:
            with self.transaction() as session:
                return job(session)

        return _tried(once)

    def look(self, job: Callable[[Connection], T]) -> T:
        """One quick read on a bare connection; tried again where the connection was lost."""

        def once() -> T:
            with self.looking() as connection:
                return job(connection)

        return _tried(once)

    def writing(self) -> Session:
        """A session that may write, committed by its caller; prefer `transaction()`."""
        return self._write()

    def looking(self) -> Connection:
        """A bare connection for one quick read: `with database.looking() as connection:`; prefer `look()`."""
        return self._looking.connect()

    def reading(self) -> Session:
        """A session for reads; it never holds the write lock."""
        return self._read()

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def _tried(act: Callable[[], T]) -> T:
    """Do it, and do it again after a while where nothing was written for a reason that passes."""
    for pause in PAUSES:
        with suppress(LedgerConflict, LedgerAway):
            return act()
        time.sleep(pause)
    return act()


def _commit(session: Session) -> None:
    """Commit; who does not hear the answer does not know what became of it."""
    try:
        session.commit()
    except LedgerAway as lost:
        raise LedgerUncertain from lost


def insert_all(session: Session, rows: Mapping[Table, Sequence[Mapping[str, Any]]]) -> None:
    """Insert complete rows of several tables, in an order in which one may point to another, with the fewest statements.

    The rows of a table have the same columns, and no default of a model adds to them.
    """
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        postgres.insert_all(connection, rows)
        return
    for table, some in rows.items():
        if some:
            connection.execute(_plain_insert(table), some)


@lru_cache(maxsize=32)
def _plain_insert(table: Table) -> Insert:
    return plain_insert(table).inline()


def insert(session: Session, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT, in the dialect that the session speaks."""
    return insert_into(session.get_bind().dialect.name, table)


def insert_into(dialect: str, table: type[Base] | Table) -> sqlite.Insert | postgresql.Insert:
    """The same for a dialect by its name, and for a bare table, whose rows go past the mapper."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def bare(model: type[Base]) -> Table:
    """The table without its mapped class: for the few statements that every filing runs."""
    table = model.__table__
    assert isinstance(table, Table)
    return table
