"""Restoring into an empty place, only after every byte was proven; from SQLite to PostgreSQL and back as well."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    Date,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    create_engine,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.engine import make_url

import intake.models  # noqa: F401 - registers the tables
from intake.backup.manifest import Manifest, content_place
from intake.backup.take import LEDGER, copy_statement
from intake.backup.verify import verify
from intake.confidentiality import sync_folder
from intake.db import Base, Database, Instant
from intake.errors import BackupDamaged, BackupOfAnotherKind, BackupTooNew, NotEmpty, WrongKey
from intake.schema import configuration

AT_ONCE = 1000
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where to restore: the address of an empty database, and the folder beside which the files go."""

    url: str
    folder: Path


def restore(
    folder: Path, place: Place, *, key: str | None, progress: Progress = lambda _stage, _done, _total: None
) -> Manifest:
    """Put the backup in `folder` into an empty `place`. Raises BackupDamaged, NotEmpty, WrongKey.

    Files first, the database last: if it breaks off, there is no ledger yet, and it is begun anew in an empty place.
    """
    manifest = verify(folder, progress)
    if key is not None and key != manifest.key:
        raise WrongKey
    if manifest.revision not in {one.revision for one in _revisions().walk_revisions()}:
        raise BackupTooNew
    _must_be_empty(place, manifest)
    for done, part in enumerate(manifest.files, 1):
        target = place.folder / part.path
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copyfile(content_place(folder.parent, part.sha256), target)
        target.chmod(0o600)
        os.utime(target, ns=(part.at, part.at))
        progress("files", done, len(manifest.files))
    progress("database", 0, 1)
    _database(folder, manifest, place.url)
    progress("database", 1, 1)
    return manifest


def _revisions() -> ScriptDirectory:
    """The schemas that this program knows."""
    return ScriptDirectory.from_config(configuration())


def _must_be_empty(place: Place, manifest: Manifest) -> None:
    """Nothing that is there may be overwritten: neither a ledger nor a file."""
    if any((place.folder / part.path).exists() for part in manifest.files):
        raise NotEmpty
    address = make_url(place.url)
    if address.get_backend_name() == "sqlite":
        if address.database and Path(address.database).exists():
            raise NotEmpty
        return
    with closing(Database(place.url)) as database, database.looking() as connection:
        if inspect(connection).get_table_names():
            raise NotEmpty


def _database(folder: Path, manifest: Manifest, url: str) -> None:
    target = make_url(url).get_backend_name()
    if target == "sqlite" and manifest.dialect == "sqlite":
        path = Path(str(make_url(url).database))
        draft = path.with_name(path.name + ".part")
        shutil.copyfile(folder / LEDGER, draft)
        draft.chmod(0o600)
        draft.rename(path)
        sync_folder(path.parent)
        return
    same = manifest.dialect == target
    if not same and manifest.revision != _revisions().get_current_head():
        raise BackupOfAnotherKind
    with closing(Database(url)) as database, database.engine.connect() as connection, connection.begin():
        command.upgrade(configuration(connection), manifest.revision)
        fill = _copied if same else _carried
        fill(connection, folder, manifest)
        if target == "postgresql":
            _count_on(connection, manifest)
        _all_there(connection, manifest)


def _copied(connection: Connection, folder: Path, manifest: Manifest) -> None:
    """PostgreSQL's own dump, block by block."""
    driver: Any = connection.connection.driver_connection
    for name, columns in manifest.columns.items():
        with (
            (folder / f"tables/{name}.copy").open("rb") as file,
            driver.cursor().copy(copy_statement(name, columns, "FROM STDIN")) as copy,
        ):
            while block := file.read(1 << 16):
                copy.write(block)


def _carried(connection: Connection, folder: Path, manifest: Manifest) -> None:
    """From one kind of database to the other, table by table, value by value."""
    if not set(manifest.tables) <= set(Base.metadata.tables):
        raise BackupOfAnotherKind
    for name, columns in manifest.columns.items():
        table = Base.metadata.tables[name]
        rows = _rows(folder, manifest, table, columns)
        while some := list(islice(rows, AT_ONCE)):
            connection.execute(insert(table), some)


def _rows(folder: Path, manifest: Manifest, table: Table, columns: list[str]) -> Iterator[Mapping[str, Any]]:
    """The rows of one table of a backup as values."""
    if manifest.dialect == "sqlite":
        # Without our own settings of a connection: the file is only read, and stays byte for byte as it is.
        source = create_engine(f"sqlite:///file:{folder.resolve() / LEDGER}?mode=ro&immutable=1&uri=true")
        with source.connect().execution_options(yield_per=AT_ONCE) as connection:
            for row in connection.execute(select(table)).mappings():
                yield dict(row)
        source.dispose()
        return
    with (folder / f"tables/{table.name}.copy").open(encoding="utf-8", newline="\n") as file:
        for line in file:
            fields = line.rstrip("\n").split("\t")
            yield {name: _value(table.c[name].type, field) for name, field in zip(columns, fields, strict=True)}


def _value(kind: Any, field: str) -> Any:
    r"""A value of COPY's text format: \N is none, a backslash escapes."""
    if field == r"\N":
        return None
    plain = re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), field)
    if isinstance(kind, Instant):
        return datetime.fromisoformat(plain)
    if isinstance(kind, Date):
        return date.fromisoformat(plain)
    if isinstance(kind, Boolean):
        return plain == "t"
    if isinstance(kind, Integer):
        return int(plain)
    if isinstance(kind, Numeric):
        return Decimal(plain)
    if isinstance(kind, LargeBinary):
        return bytes.fromhex(plain.removeprefix("\\x"))
    return json.loads(plain) if isinstance(kind, JSON) else plain


def _count_on(connection: Connection, manifest: Manifest) -> None:
    """Numbers that PostgreSQL gives out go on after the highest that was restored."""
    for name, columns in manifest.columns.items():
        for column in columns:
            asked = text("SELECT pg_get_serial_sequence(:table, :column)")
            sequence = connection.execute(asked, {"table": f'"{name}"', "column": column}).scalar()
            if sequence:
                highest = f'SELECT max("{column}") FROM "{name}"'  # noqa: S608 - names from a guarded manifest
                connection.execute(
                    text(f"SELECT setval(:sequence, GREATEST(({highest}), 1), ({highest}) IS NOT NULL)"),
                    {"sequence": sequence},
                )


def _all_there(connection: Connection, manifest: Manifest) -> None:
    """As many rows of every table as the manifest says; anything else undoes it all."""
    for name, rows in manifest.tables.items():
        found = connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()  # noqa: S608 - names from a guarded manifest
        if found != rows:
            raise BackupDamaged(name)
