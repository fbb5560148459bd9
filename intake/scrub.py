"""After an erasure: what a database still holds of deleted rows is written away, as far as the database can.

SQLite keeps old copies in pages that were split or freed and in its write-ahead log: the file is written anew
(VACUUM) and the log emptied. PostgreSQL keeps old versions of rows on their pages, and a plain VACUUM only calls the
place free: the bytes stay until something else is written there. The touched tables are therefore written anew
(VACUUM FULL), and so are the planner's samples (`pg_statistic`), which hold whole values. Its own log loses them when
its segments are removed; backups and replicas are beyond this.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

import psycopg

from intake.db import WAIT_SECONDS, Base, Database

PAUSE = 0.2
"""Seconds between two looks at who still reads."""

_OLDER = """
SELECT EXISTS (
    SELECT FROM (
        SELECT backend_xmin FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
        UNION ALL
        SELECT backend_xid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
        UNION ALL SELECT transaction FROM pg_prepared_xacts WHERE database = current_database()
        UNION ALL SELECT xmin FROM pg_replication_slots
    ) AS seen (old)
    WHERE age(old) > age(%s::xid)
)"""
"""Whether somebody may still see what was there before a transaction: then not even VACUUM FULL lets it go."""


def scrub(database: Database, tables: Iterable[type[Base]], *, wait: float = WAIT_SECONDS) -> bool:
    """Overwrite what was erased; false where others used the database for `wait` seconds, so that it must be redone.

    On PostgreSQL each table is locked against readers and writers while it is written anew, one after the other, and
    needs its own size once more on disk meanwhile.
    """
    with database.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        if connection.dialect.name == "sqlite":
            return _lite(driver, wait)
        driver.autocommit = True
        before = driver.execute("SHOW lock_timeout").fetchone()[0]
        try:
            driver.execute(f"SET lock_timeout = {max(1, int(wait * 1000))}")
            return _postgres(driver, [table.__tablename__ for table in tables], wait)
        except psycopg.errors.LockNotAvailable:
            return False
        finally:
            driver.execute(f"SET lock_timeout = '{before}'")
            driver.autocommit = False


def _postgres(driver: psycopg.Connection[Any], tables: Iterable[str], wait: float) -> bool:
    """Every table anew, without what nobody may see any more; the samples after them, since ANALYZE makes new ones."""
    found = driver.execute("SELECT pg_current_xact_id()::xid::text").fetchone()
    assert found is not None
    looks = 0
    while _older(driver, found[0]):
        if looks * PAUSE >= wait:
            return False
        looks += 1
        driver.execute("SELECT pg_sleep(%s)", (PAUSE,))
    for table in tables:
        driver.execute(psycopg.sql.SQL("VACUUM (FULL, ANALYZE) {}").format(psycopg.sql.Identifier(table)))
    driver.execute("VACUUM (FULL) pg_catalog.pg_statistic")
    return True


def _older(driver: psycopg.Connection[Any], mark: str) -> bool:
    found = driver.execute(_OLDER, (mark,)).fetchone()
    return bool(found and found[0])


def _lite(driver: sqlite3.Connection, wait: float) -> bool:
    driver.execute(f"PRAGMA busy_timeout={int(wait * 1000)}")
    try:
        driver.execute("VACUUM")
        busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:  # somebody writes without pause
        return False
    finally:
        driver.execute(f"PRAGMA busy_timeout={WAIT_SECONDS * 1000}")
    return not busy
