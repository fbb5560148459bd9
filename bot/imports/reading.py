"""Any table as rows of texts, one at a time, whatever its size: CSV of any common encoding, or XLSX."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.imports.words import TableRefused, table

PIECE = 1 << 20
MOST_COLUMNS = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """One row as the spreadsheet counts it, from 1; `broken` says why it could not be read."""

    number: int
    cells: tuple[str, ...]
    broken: str = ""


def digest(path: Path) -> str:
    """SHA-256 of the file's content."""
    sha256 = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            sha256.update(piece)
    return sha256.hexdigest()


def rows(path: Path, sheet: str | None = None) -> Iterator[Row]:
    """Every row of the file; raises TableRefused where it is no table, or a damaged one."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise TableRefused("empty")
    for kind, marks in table("sentences.toml")["marks"].items():
        if any(head.startswith(bytes.fromhex(mark)) for mark in marks):
            raise TableRefused(kind)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"{\\rtf")):
        raise TableRefused("markup")
    if head.startswith(b"PK"):
        from bot.imports import xlsxfile  # noqa: PLC0415 — openpyxl takes half a second, and CSV needs none of it

        return xlsxfile.rows(path, sheet)
    from bot.imports import csvfile  # noqa: PLC0415 — the readers stand on this module

    return csvfile.rows(path)
