"""What PostgreSQL needs of a connection: bounds of waiting, text that it can keep, and its errors under our names."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.types.string import StrDumperUnknown
from sqlalchemy import URL, Connection, Engine, Table, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from intake.errors import DoesNotFit, IntakeError, LedgerAway, LedgerBusy, LedgerConflict, LedgerFull

# https://www.postgresql.org/docs/current/errcodes-appendix.html
BUSY = frozenset({"55P03"})
CONFLICT = frozenset({"40001", "40P01"})
FULL = frozenset({"53100"})
TOO_LARGE = frozenset({"22001", "22003"})
AWAY = frozenset({"53300", "57P01", "57P02", "57P03", "25P03"})
"""Too many connections, shut down, crashed, starting up, ended because it did nothing for long."""

RESTED = 5.0
"""A connection that nobody used for so many seconds is tried before it is used."""

_BOUNDS = {
    # What a process that was stopped in the middle holds is given back.
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
    # Our statements are small: to compile one costs more than to run it.
    "jit": "off",
}


def arguments(address: URL, wait_seconds: int) -> dict[str, Any]:
    """How to connect; what the address itself says comes first."""
    bounds = {"lock_timeout": f"{wait_seconds}s", **_BOUNDS}
    options = " ".join(f"-c {name}={value}" for name, value in bounds.items())
    chosen = {
        "connect_timeout": wait_seconds,
        # A server that vanished without a word is noticed within half a minute.
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 4,
        "tcp_user_timeout": 30_000,
    }
    said = {name: value for name, value in chosen.items() if name not in address.query}
    return said | {"options": f"{options} {address.query.get('options', '')}".strip()}


class _Text(StrDumperUnknown):
    """Text as PostgreSQL can keep it: a NUL has no place in it and becomes the sign for what cannot be shown."""

    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\0", "\ufffd") if "\0" in obj else obj)


def prepare(engine: Engine) -> None:
    """Every connection of this engine writes text that can be kept, and is tried after a rest."""

    @event.listens_for(engine, "connect")
    def _connected(connection: psycopg.Connection[Any], record: ConnectionPoolEntry) -> None:
        connection.adapters.register_dumper(str, _Text)
        record.info["used"] = time.monotonic()

    @event.listens_for(engine, "checkin")
    def _given_back(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["used"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _taken(connection: psycopg.Connection[Any], record: ConnectionPoolEntry, _proxy: Any) -> None:
        # Not at every turn, which would cost each filing one more way to the server and back.
        if time.monotonic() - record.info.get("used", 0.0) > RESTED:
            try:
                engine.dialect.do_ping(connection)  # type: ignore[arg-type]
            except psycopg.Error as gone:
                raise DisconnectionError from gone  # the pool takes another one


def named(told: BaseException | None, *, connecting: bool = False) -> IntakeError | None:
    """Our own error for one of the driver's; None where it has none."""
    if not isinstance(told, psycopg.Error):
        return None
    state = told.sqlstate or ""
    if state in FULL:
        return LedgerFull()
    if state in CONFLICT:
        return LedgerConflict()
    if state in BUSY:
        return LedgerBusy()
    if state in TOO_LARGE:
        return DoesNotFit()
    if connecting:
        # Whoever runs the service must see the reason; it names server and account, never a password.
        return LedgerAway(f"{LedgerAway.__doc__} {str(told).strip().splitlines()[-1]}")
    lost = isinstance(told, psycopg.OperationalError) and (not state or state.startswith("08"))
    return LedgerAway() if lost or state in AWAY else None


def insert_all(connection: Connection, rows: Mapping[Table, Sequence[Mapping[str, Any]]]) -> None:
    """Insert rows of several tables with one statement, in one way to the server and back.

    The rows of a table have the same columns. They travel as JSON, which costs this process and the server a fraction
    of what binding value by value does; the columns' own types read it, so what does not fit is refused as ever.
    """
    filled = {table: some for table, some in rows.items() if some}
    shape = tuple((table, tuple(some[0])) for table, some in filled.items())
    connection.exec_driver_sql(_inserting(shape), tuple(_as_json(some) for some in filled.values()))


@lru_cache(maxsize=64)
def _inserting(shape: tuple[tuple[Table, tuple[str, ...]], ...]) -> str:
    """One INSERT for each table, all in one statement; keys between them are checked at its end."""
    parts = []
    for number, (table, columns) in enumerate(shape):
        names = ", ".join(f'"{name}"' for name in columns)
        told = f'json_populate_recordset(NULL::"{table.name}", %s::json)'
        # Every name in it is one of our models'.
        parts.append(f'part{number} AS (INSERT INTO "{table.name}" ({names}) SELECT {names} FROM {told})')  # noqa: S608
    return f"WITH {', '.join(parts)} SELECT 1"


def _as_json(rows: Sequence[Mapping[str, Any]]) -> str:
    written = json.dumps(rows, ensure_ascii=False, default=_plain)
    # An escaped backslash before u0000 is text that somebody wrote; a NUL itself has no place in a column.
    return _NUL.sub(lambda found: f"{found[1]}\ufffd", written) if "\\u0000" in written else written


_NUL = re.compile(r"((?<!\\)(?:\\\\)*)\\u0000")


def _plain(value: object) -> str:
    """A value as the column's type reads it."""
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be stored")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
