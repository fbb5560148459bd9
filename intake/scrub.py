"""After an erasure: what a database still holds of deleted rows is overwritten, as far as the database can.

SQLite keeps old copies in pages that were split or freed and in its write-ahead log: the file is written anew
(VACUUM) and the log emptied. PostgreSQL keeps dead rows until VACUUM makes their place free for others; its own log
and the copies of backups are beyond this.
"""

from __future__ import annotations

from collections.abc import Iterable

from intake.db import Base, Database


def scrub(database: Database, tables: Iterable[type[Base]]) -> bool:
    """Overwrite what was erased; false where readers held the write-ahead log, so that it must be done again."""
    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        if connection.dialect.name != "sqlite":
            driver.autocommit = True
            try:
                for table in tables:
                    driver.execute(f"VACUUM {table.__tablename__}")
            finally:
                driver.autocommit = False
            return True
        driver.execute("VACUUM")
        busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
