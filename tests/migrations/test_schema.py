"""The schema: built by its migrations, equal to the models, keeping its history."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError

import intake.migrations
import intake.models
from intake import audit
from intake.db import Base, Database
from intake.schema import migrate
from tests.databases import Postgres

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


@pytest.fixture
def database(bare_url: str) -> Iterator[Database]:
    database = Database(bare_url)
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def straight_url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A second database, for the tables as the models make them."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'straight.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.create()
    yield url
    server.drop(url)


def test_models_and_migrations_do_not_differ(database: Database) -> None:
    """Whoever changes a table writes a migration for it."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_migrated_checks_are_those_of_the_models(database: Database, straight_url: str) -> None:
    """Alembic does not compare CHECK constraints, so they are compared here, name and condition."""
    straight = Database(straight_url)
    Base.metadata.create_all(straight.engine)
    for name in Base.metadata.tables:
        checks = [inspect(each.engine).get_check_constraints(name) for each in (database, straight)]
        migrated, modelled = ({one["name"]: one["sqltext"] for one in found} for found in checks)
        assert migrated == modelled
    straight.close()


def _drawn(database: Database) -> object:
    """Every table, index and trigger, as the database itself tells it."""
    lite, postgres = (
        "SELECT name, sql FROM sqlite_master",
        (
            "SELECT table_name || column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' "
            "UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' "
            "UNION ALL SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
        ),
    )
    with database.reading() as session:
        query = lite if database.engine.dialect.name == "sqlite" else postgres
        return sorted(map(tuple, session.execute(text(query))), key=str)


def test_migrating_again_changes_nothing(database: Database) -> None:
    """Every start migrates; a schema that is up to date stays as it is."""
    before = _drawn(database)
    migrate(database)
    assert _drawn(database) == before


def test_two_processes_may_migrate_at_once(bare_url: str) -> None:
    """Two services that start together both find a finished schema."""
    broken: list[BaseException] = []

    def start() -> None:
        database = Database(bare_url)
        try:
            migrate(database)
        except Exception as problem:  # noqa: BLE001  (whatever it is, the main thread tells it)
            broken.append(problem)
        finally:
            database.close()

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == []


@pytest.mark.parametrize("change", ["UPDATE event SET kind = 'other'", "DELETE FROM event"])
def test_an_event_is_never_changed_or_removed(database: Database, change: str) -> None:
    """The history refuses every rewrite, also one that goes past the models."""
    with database.transaction() as session:
        audit.append(session, None, "started", "system", {"note": "first"}, NOW)
    with pytest.raises(DBAPIError, match="appended, never changed"), database.transaction() as session:
        session.execute(text(change))
    with database.reading() as session:
        assert session.execute(text("SELECT kind FROM event")).scalars().all() == ["started"]


def test_foreign_keys_are_enforced_after_migrating(database: Database) -> None:
    """The switch that a migration needs is turned back."""
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(text("INSERT INTO match_key (key, report_id) VALUES (1, 99)"))


def test_the_migrations_are_dated_and_lie_in_the_package() -> None:
    """A migration's name tells its day, and the wheel carries it."""
    names = [path.name for path in (Path(intake.migrations.__path__[0]) / "versions").glob("*.py")]
    assert names
    assert all(re.fullmatch(r"\d{4}_\d\d_\d\d_[a-z_]+\.py", name) for name in names)
