"""A ledger of any schema in the chain with rows in every table, written at the revision at which the table came.

The first release's rows are those of released.py. What came later is filled by what the database itself tells of its
tables: a new migration is walked through without a word here, unless its tables have conditions that must be met.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    inspect,
    select,
    text,
)

from intake.db import Database
from intake.schema import configuration
from tests.migrations.released import AT, HASH, RELEASED

FIRST = "0001"
CHOICE = re.compile(r"[(\s\"]*(\w+)\"?\)?(?:::\w+)? (?:IN \(|= ANY \(+ARRAY\[)'(\w+)'")
"""A CHECK that names what a column may be, as either database tells it."""
MEETING: Mapping[str, Mapping[str, Any]] = {
    "suggestion": {"report_id": 2, "other_id": 1},
    "ticket": {"state": "open", "closed_at": None},
    "crime_transfer": {"state": "team", "first_id": 1, "second_id": 2, "decider_id": 3, "ended_at": None},
    "paper": {"taker": None},
    "oversight": {"state": "open", "closed_at": None},
    "merging": {"source_id": 1, "target_id": 2},
    "reward": {"report_id": 2, "proposer_id": 1, "approver_id": 2},
    "unmasking": {"asked_by": 1, "decided_by": 2, "seconded_by": 3, "state": "approved", "needs": 1},
}
"""Values of tables whose conditions speak of more than one column."""


def revisions() -> list[str]:
    """Every schema that a ledger may have, oldest first."""
    found = ScriptDirectory.from_config(configuration()).walk_revisions()
    return [one.revision for one in found][::-1]


def build(database: Database, revision: str) -> None:
    """Upgrade step by step to this schema, filling each table when it comes."""
    for step in revisions()[: revisions().index(revision) + 1]:
        with database.engine.connect() as connection:
            lite = connection.dialect.name == "sqlite"
            if lite:  # as `migrate` does: a table that is built anew is away for a moment
                connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
            with connection.begin():
                command.upgrade(configuration(connection), step)
            if lite:
                connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]
            with connection.begin():
                _fill(connection)


def tables_of(connection: Connection) -> Iterator[Table]:
    """The tables as they are now, parents first."""
    meta = MetaData()
    meta.reflect(connection)
    for table in meta.sorted_tables:
        if table.name != "alembic_version":
            yield table


def contents(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table."""
    with database.engine.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in tables_of(connection)
        }


def _fill(connection: Connection) -> None:
    """A row into each table that has none."""
    for table in tables_of(connection):
        if connection.execute(select(table).limit(1)).first() is not None:
            continue
        known = RELEASED[FIRST].get(table.name)
        rows = [_kept(row, connection) for row in known] if known else [_row(table, connection)]
        connection.execute(table.insert(), rows)
        numbers = [row["id"] for row in rows if isinstance(row.get("id"), int)]
        if numbers and connection.dialect.name != "sqlite":
            ask = text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :last)")
            connection.execute(ask, {"table": f'"{table.name}"', "last": max(numbers)})


def _kept(row: Mapping[str, Any], connection: Connection) -> dict[str, Any]:
    naive = connection.dialect.name == "sqlite"
    return {
        key: value.replace(tzinfo=None) if naive and isinstance(value, datetime) else value
        for key, value in row.items()
    }


def _row(table: Table, connection: Connection) -> dict[str, Any]:
    """A row with a value in every column, within what the table demands."""
    choices: dict[str, str] = {}
    for check in inspect(connection).get_check_constraints(table.name):
        if found := CHOICE.match(str(check["sqltext"])):
            choices[found[1]] = found[2]
    row = {column.name: choices.get(column.name, _value(column, connection)) for column in table.columns}
    return {**row, **{name: value for name, value in MEETING.get(table.name, {}).items() if name in row}}


def _value(column: Column[Any], connection: Connection) -> Any:
    for key in column.foreign_keys:
        return connection.execute(select(key.column).order_by(key.column).limit(1)).scalar()
    kind, naive = column.type, connection.dialect.name == "sqlite"
    for known, value in (
        (JSON, {"说": ["“甲”😀", 1]}),
        (Boolean, True),
        (DateTime, AT.replace(tzinfo=None) if naive else AT),
        (Date, date(2026, 12, 11)),
        (LargeBinary, b"\x00\xff" * 16),
        (Float, 0.5),
        (Integer, 1),
        (Numeric, Decimal("12000.50")),
    ):
        if isinstance(kind, known):
            return value
    return _words(column.name, getattr(kind, "length", None))


def _words(name: str, length: int | None) -> str:
    """Text with the awkward signs in it, as long as it may be at most; unlike that of another column."""
    return f"{name}“空床”\n第二行😀{HASH}"[: length or None]


def at_rest(value: Any) -> Any:
    """A value as both sides of a migration tell it: moments in UTC."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value
