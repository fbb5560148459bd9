"""After an erasure: what a database still holds of deleted rows is overwritten, as far as the database can.

SQLite keeps old copies in pages that were split or freed and in its write-ahead log: the file is written anew
(VACUUM) and the log emptied. PostgreSQL keeps dead rows until VACUUM makes their place free for others; its own log
and the copies of backups are beyond this.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from intake.db import WAIT_SECONDS, Base, Database


def scrub(database: Database, tables: Iterable[type[Base]], *, wait: float = WAIT_SECONDS) -> bool:
    """Overwrite what was erased; false where others used the database for `wait` seconds, so that it must be redone."""
    with database.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        if connection.dialect.name == "sqlite":
            return _lite(driver, wait)
        driver.autocommit = True
        try:
            for table in tables:
                driver.execute(f"VACUUM {table.__tablename__}")
        finally:
            driver.autocommit = False
    return True


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
