"""What a backup consists of: its parts with their hashes, its tables with their rows; itself guarded by a hash."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO, Self

from intake.errors import BackupDamaged, BackupMissing

FORMAT = 1
NAME, GUARD = "manifest.json", "manifest.sm3"
FILES = "files"
PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a backup; `path` is where it belongs, `at` (for files by content) when it was last changed."""

    path: str
    size: int
    sha256: str
    sm3: str
    at: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """The whole of one backup: `parts` are the database, `files` what lies beside it, kept once by content."""

    made_at: str
    dialect: str
    revision: str
    key: str
    tables: Mapping[str, int]
    """Rows of each table, in an order in which they can be filled."""
    columns: Mapping[str, list[str]]
    parts: tuple[Part, ...]
    files: tuple[Part, ...] = ()
    format: int = field(default=FORMAT)

    def write(self, folder: Path) -> None:
        """Write it last: a folder without it is no backup."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1)
        (folder / GUARD).write_text(hashlib.new("sm3", text.encode()).hexdigest() + "\n", "ascii")
        with (folder / NAME).open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The manifest of a backup; BackupMissing, BackupDamaged."""
        try:
            raw, guard = (folder / NAME).read_bytes(), (folder / GUARD).read_bytes()
        except FileNotFoundError as absent:
            raise BackupMissing from absent
        if hashlib.new("sm3", raw).hexdigest().encode() != guard.strip():
            raise BackupDamaged(NAME)
        known = json.loads(raw)
        if known["format"] != FORMAT:
            raise BackupDamaged(NAME)
        for name in ("parts", "files"):
            known[name] = tuple(Part(**part) for part in known[name])
        return cls(**known)


def hashed(pieces: Iterable[bytes], into: BinaryIO | None = None) -> tuple[int, str, str]:
    """Size, SHA-256 and SM3 of the pieces, written on the way."""
    sha256, sm3, size = hashlib.sha256(), hashlib.new("sm3"), 0
    for piece in pieces:
        sha256.update(piece)
        sm3.update(piece)
        size += len(piece)
        if into is not None:
            into.write(piece)
    return size, sha256.hexdigest(), sm3.hexdigest()


def pieces_of(path: Path) -> Iterator[bytes]:
    """A file piece by piece."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def content_place(root: Path, sha256: str) -> Path:
    """Where a content lies that several backups share."""
    return root / FILES / sha256[:2] / sha256


def backups(root: Path) -> list[Path]:
    """The finished backups in a folder, oldest first: their names are moments."""
    if not root.is_dir():
        return []
    return sorted(folder for folder in root.iterdir() if folder.name != FILES and (folder / NAME).is_file())
