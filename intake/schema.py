"""Brings a database to the present schema: Alembic in-process, with the migrations that lie in this package."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from intake.db import Database

# Any fixed number serves: whoever migrates takes this lock first, so that two starting processes do not collide.
MIGRATION_LOCK = 6_210_21


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's settings without a file: where the migrations lie, and the connection to run them on."""
    config = Config()
    config.set_main_option("script_location", "intake:migrations")
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def migrate(database: Database) -> None:
    """Run every migration that `database` lacks, in one transaction; safe to call at each start and from many."""
    with database.engine.connect() as connection:
        lite = connection.dialect.name == "sqlite"
        if lite:
            # A rebuilt table (batch mode) is dropped for a moment. The switch has no effect inside a transaction,
            # so it goes past SQLAlchemy, which would begin one.
            _enforce_foreign_keys(connection, enforce=False)
        try:
            with connection.begin():
                if not lite:
                    # Another process may be migrating for long, and so may this one.
                    connection.execute(text("SET LOCAL lock_timeout = 0"))
                    connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
                command.upgrade(configuration(connection), "head")
                if lite:
                    _refuse_orphans(connection)
        finally:
            if lite:
                _enforce_foreign_keys(connection, enforce=True)


def _enforce_foreign_keys(connection: Connection, *, enforce: bool) -> None:
    """Switch SQLite's foreign keys for this connection."""
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(f"PRAGMA foreign_keys={'ON' if enforce else 'OFF'}")


def _refuse_orphans(connection: Connection) -> None:
    """Raise where a migration left a row that points to nothing, so that it is rolled back."""
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if orphans:
        raise RuntimeError(f"a migration left {len(orphans)} rows without their parent, first in {orphans[0][0]}")
