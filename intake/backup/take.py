"""Taking a backup: a snapshot that no writer waits for, then every file whose content is not there yet."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Inspector, create_engine, inspect, text

from intake.backup.manifest import FILES, Manifest, Part, backups, content_place, hashed, pieces_of
from intake.confidentiality import sync_folder
from intake.db import Database
from intake.errors import BackupExists

LEDGER = "ledger.db"
STAMP = "%Y%m%dT%H%M%SZ"

Progress = Callable[[str, int, int], None]

MADE_ANEW = frozenset({"incoming", "copies"})
"""Folders of what is not finished, and of what is made from the originals again when somebody opens it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A finished backup: where it lies, its manifest, how many files were new in it."""

    folder: Path
    manifest: Manifest
    fresh: int


def take(
    database: Database,
    root: Path,
    beside: Iterable[tuple[str, Path]],
    *,
    key: str,
    now: datetime,
    progress: Progress = lambda _stage, _done, _total: None,
) -> Taken:
    """Back up `database` and what lies `beside` it (name and place) into a new folder under `root`.

    Folders come after the snapshot: each row of it then has its file, since a file is stored before its row. A single
    file comes before it: the heads are written down after their row, so the snapshot holds all that the file holds.
    """
    stamp = now.astimezone(UTC).strftime(STAMP)
    folder, draft = root / stamp, root / f"{stamp}.part"
    if folder.exists():
        raise BackupExists
    earlier, beside = backups(root), list(beside)
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)
    early = [_keep(root, name, place, None) for name, place in beside if place.is_file()]
    progress("database", 0, 1)
    dialect = database.engine.dialect.name
    tables, columns, revision, parts = (_lite if dialect == "sqlite" else _postgres)(database, draft)
    progress("database", 1, 1)
    known = {part.path: part for part in Manifest.read(earlier[-1]).files} if earlier else {}
    files, fresh = _files(root, [(name, place) for name, place in beside if place.is_dir()], known, progress)
    manifest = Manifest(
        made_at=now.astimezone(UTC).isoformat(timespec="seconds"),
        dialect=dialect,
        revision=revision,
        key=key,
        tables=tables,
        columns=columns,
        parts=tuple(parts),
        files=(*(part for part, _ in early), *files),
    )
    manifest.write(draft)
    sync_folder(draft)
    draft.rename(folder)
    sync_folder(root)
    return Taken(folder, manifest, fresh)


def prune(root: Path, keep: int) -> int:
    """Remove all but the newest `keep` backups, and the contents that none of those needs; how many went."""
    old = backups(root)[:-keep]
    for folder in old:
        shutil.rmtree(folder)
    if old:
        needed = {part.sha256 for folder in backups(root) for part in Manifest.read(folder).files}
        for path in (root / FILES).glob("*/*"):
            if path.name not in needed:
                path.unlink()
    return len(old)


Dumped = tuple[dict[str, int], dict[str, list[str]], str, list[Part]]
"""Rows by table, columns by table, the schema's revision, the parts."""


def _lite(database: Database, draft: Path) -> Dumped:
    """SQLite's own online backup, in one step: in WAL mode it is a snapshot, and writers go on beside it."""
    target = draft / LEDGER
    target.touch(mode=0o600)
    with database.engine.connect() as connection, closing(sqlite3.connect(target)) as copy:
        source = connection.connection.driver_connection
        assert source is not None
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    snapshot = create_engine(f"sqlite:///{target}")
    with snapshot.connect() as connection:
        tables, columns, revision = _about(connection)
    snapshot.dispose()
    size, sha256, sm3 = hashed(pieces_of(target))
    return tables, columns, revision, [Part(LEDGER, size, sha256, sm3)]


def _postgres(database: Database, draft: Path) -> Dumped:
    """Every table by COPY, all in one REPEATABLE READ snapshot; no program of PostgreSQL is needed."""
    parts: list[Part] = []
    (draft / "tables").mkdir(mode=0o700)
    with database.engine.connect().execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    ) as connection:
        connection.execute(text("SET LOCAL TIME ZONE 'UTC'"))
        connection.execute(text("SET LOCAL DateStyle = 'ISO'"))
        tables, columns, revision = _about(connection)
        driver: Any = connection.connection.driver_connection
        for name, names in columns.items():
            path = f"tables/{name}.copy"
            with (
                driver.cursor().copy(copy_statement(name, names, "TO STDOUT")) as copy,
                (draft / path).open("xb") as out,
            ):
                parts.append(Part(path, *hashed((bytes(block) for block in copy), out)))
                out.flush()
                os.fsync(out.fileno())
    return tables, columns, revision, parts


def copy_statement(table: str, columns: Iterable[str], direction: str) -> str:
    """COPY in PostgreSQL's text format; the names come from the catalogue, quoted all the same."""
    names = ", ".join(f'"{name}"' for name in columns)
    return f'COPY "{table}" ({names}) {direction}'


def _about(connection: Connection) -> tuple[dict[str, int], dict[str, list[str]], str]:
    """Rows and columns of every table, parents before children, and the revision of the schema."""
    looked = inspect(connection)
    names = [name for name in in_order(looked) if name != "alembic_version"]
    columns = {name: [str(column["name"]) for column in looked.get_columns(name)] for name in names}
    rows = {name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in names}  # noqa: S608 - names from the catalogue
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    return rows, columns, str(revision)


def in_order(looked: Inspector) -> Iterator[str]:
    """The tables so that each comes after those it points to."""
    for name, _ in looked.get_sorted_table_and_fkc_names():
        if name is not None:
            yield name


def _files(
    root: Path, beside: list[tuple[str, Path]], known: dict[str, Part], progress: Progress
) -> tuple[list[Part], int]:
    """Each file under its content, once; what did not change since the last backup is not even read."""
    found = [
        (f"{name}/{path.relative_to(place).as_posix()}", path)
        for name, place in beside
        for path in sorted(place.rglob("*"))
        if path.is_file() and not MADE_ANEW & set(path.relative_to(place).parts)
    ]
    parts, fresh = [], 0
    for done, (name, path) in enumerate(found, 1):
        try:
            part, new = _keep(root, name, path, known.get(name))
        except FileNotFoundError:  # erased meanwhile
            continue
        parts.append(part)
        fresh += new
        progress("files", done, len(found))
    return parts, fresh


def _keep(root: Path, name: str, path: Path, before: Part | None) -> tuple[Part, bool]:
    about = path.stat()
    same = before is not None and (before.size, before.at) == (about.st_size, about.st_mtime_ns)
    if before is not None and same and content_place(root, before.sha256).is_file():
        return before, False
    (root / FILES).mkdir(exist_ok=True, mode=0o700)
    draft = root / FILES / f"{path.name}.part"
    with draft.open("wb") as out:
        draft.chmod(0o600)
        size, sha256, sm3 = hashed(pieces_of(path), out)
        out.flush()
        os.fsync(out.fileno())
    place = content_place(root, sha256)
    place.parent.mkdir(exist_ok=True, mode=0o700)
    fresh = not place.exists()
    draft.replace(place)
    return Part(name, size, sha256, sm3, about.st_mtime_ns), fresh
