"""Proving a backup: every byte by two hashes, and a SQLite snapshot by its rows and its foreign keys besides."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from intake.backup.manifest import Manifest, Part, content_place, hashed, pieces_of
from intake.backup.take import LEDGER
from intake.errors import BackupDamaged

Progress = Callable[[str, int, int], None]


def verify(folder: Path, progress: Progress = lambda _stage, _done, _total: None) -> Manifest:
    """The manifest of the backup in `folder`, all of which is as it was written; raises BackupDamaged otherwise."""
    manifest = Manifest.read(folder)
    wanted = [(part, folder / part.path) for part in manifest.parts]
    wanted += [(part, content_place(folder.parent, part.sha256)) for part in manifest.files]
    for done, (part, path) in enumerate(wanted, 1):
        _compare(part, path)
        progress("verify", done, len(wanted))
    if manifest.dialect == "sqlite":
        _sound(folder / LEDGER, manifest)
    return manifest


def _compare(part: Part, path: Path) -> None:
    try:
        same = hashed(pieces_of(path)) == (part.size, part.sha256, part.sm3)
    except OSError as absent:
        raise BackupDamaged(part.path) from absent
    if not same:
        raise BackupDamaged(part.path)


def _sound(ledger: Path, manifest: Manifest) -> None:
    """The snapshot opens, every row has its parent, and there are as many as were written down."""
    with closing(sqlite3.connect(f"file:{ledger}?mode=ro&immutable=1", uri=True)) as connection:
        if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise BackupDamaged(LEDGER)
        for name, rows in manifest.tables.items():
            if connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] != rows:  # noqa: S608 - names from a guarded manifest
                raise BackupDamaged(LEDGER)
