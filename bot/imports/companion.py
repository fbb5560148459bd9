"""A file that an import writes beside the one it reads: what was refused, or the receipts. For its owner's eyes only.

Its length is committed with the rows: after a kill it is cut back to what the ledger knows, so that a row is in it
once, however often the import had to start again.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

from bot.imports.cells import guarded

MARK = "\ufeff"
"""Spreadsheets take a file that begins so for UTF-8."""


class Companion:
    """A CSV file, made with its first line; `length` is how much of it is settled."""

    def __init__(self, path: Path, header: Sequence[str], length: int = 0) -> None:
        self.path = path
        self._header = header
        self.length = length
        self._waiting = io.StringIO()
        self._writer = csv.writer(self._waiting, lineterminator="\r\n")

    @property
    def exists(self) -> bool:
        """Whether there is anything in it."""
        return self.length > 0

    def add(self, cells: Sequence[str]) -> None:
        """A further line, written with the next `flush`."""
        self._writer.writerow([guarded(cell) for cell in cells])

    def drop(self) -> None:
        """Forget the lines that were not flushed: their rows were undone."""
        self._waiting.seek(0)
        self._waiting.truncate()

    def flush(self) -> None:
        """Write what waits behind what is settled, safely on disk; anything after that was never committed and goes."""
        text = self._waiting.getvalue()
        if not text:
            return
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(handle, "r+b") as file:
            os.fchmod(file.fileno(), 0o600)
            file.truncate(self.length)
            file.seek(self.length)
            if self.length == 0:
                file.write(MARK.encode())
                head = io.StringIO()
                csv.writer(head, lineterminator="\r\n").writerow([guarded(cell) for cell in self._header])
                file.write(head.getvalue().encode())
            file.write(text.encode("utf-8", "replace"))
            file.flush()
            os.fsync(file.fileno())
            self.length = file.tell()
        self.drop()


def free_path(path: Path) -> Path:
    """The path itself, or the first numbered neighbour of it that does not exist: nobody's file is written over."""
    number = 1
    found = path
    while found.exists():
        number += 1
        found = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return found
