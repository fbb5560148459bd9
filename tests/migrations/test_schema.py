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
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateTable

import intake.migrations
import intake.models
from intake import audit
from intake.db import Base, Database
from intake.schema import migrate

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'ledger.db'}")
    migrate(database)
    yield database
    database.close()


def test_models_and_migrations_do_not_differ(database: Database) -> None:
    """Whoever changes a table writes a migration for it."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_migrated_checks_are_those_of_the_models(database: Database, tmp_path: Path) -> None:
    """Alembic does not compare CHECK constraints, so they are compared here, name and condition."""
    straight = Database(f"sqlite:///{tmp_path / 'straight.db'}")
    Base.metadata.create_all(straight.engine)
    for name in Base.metadata.tables:
        checks = [inspect(each.engine).get_check_constraints(name) for each in (database, straight)]
        migrated, modelled = ({one["name"]: one["sqltext"] for one in found} for found in checks)
        assert migrated == modelled
    straight.close()


def test_migrating_again_changes_nothing(database: Database) -> None:
    """Every start migrates; a schema that is up to date stays as it is."""
    with database.reading() as session:
        before = session.execute(text("SELECT sql FROM sqlite_master ORDER BY name")).all()
    migrate(database)
    with database.reading() as session:
        assert session.execute(text("SELECT sql FROM sqlite_master ORDER BY name")).all() == before


def test_two_processes_may_migrate_at_once(tmp_path: Path) -> None:
    """Two services that start together both find a finished schema."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    broken: list[BaseException] = []

    def start() -> None:
        database = Database(url)
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
    with pytest.raises(IntegrityError, match="appended, never changed"), database.transaction() as session:
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


def test_every_table_can_be_written_for_postgresql() -> None:
    """The models compile in the dialect of the service's database as well."""
    for table in Base.metadata.sorted_tables:
        assert str(CreateTable(table).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
