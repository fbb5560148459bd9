"""Sealed files on disk against their rows: each there, each what its digests say, none that nobody knows.

A file is opened with the key and hashed anew; its SHA-256, SM3 and size must be those of its row, which the witness
covers. Working copies are held against what their own last frame says. Only one piece at a time is in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.db import Database
from intake.errors import EvidenceMissing, IntakeError
from intake.evidence import EvidenceStore
from intake.models import Evidence
from intake.verification import Progress, Verdict

SETTLING = timedelta(hours=1)
"""A file comes before its row: so long nobody wonders about one that has none."""
Row = tuple[str, str, int]
"""SHA-256, SM3 and size."""


def check(database: Database, store: EvidenceStore, now: datetime, verdict: Verdict, progress: Progress) -> None:
    """Every file that a row names, its working copy, and whatever else lies there; findings go into `verdict`."""
    lying = sorted(_lying(store.folder))
    with database.reading() as session:
        rows = _rows(session)
    for done, (digest, row) in enumerate(rows.items(), 1):
        if kind := _wrong(store, row):
            _tell(database, digest, kind, verdict)
        elif not store.copy_is_whole(digest):
            verdict.add("copy_changed", digest=digest)
        verdict.files += 1
        progress("files", done, len(rows))
    for place in lying:
        if not (place.name in rows and place == store.place(place.name)):
            _stranger(store, rows, place, now, verdict)


def _rows(session: Session, among: Sequence[str] | None = None) -> Mapping[str, Row]:
    query = select(Evidence.sha256, Evidence.sm3, Evidence.size).order_by(Evidence.sha256)
    if among is not None:
        query = query.where(Evidence.sha256.in_(among))
    return {sha256: (sha256, sm3, size) for sha256, sm3, size in session.execute(query)}


def _wrong(store: EvidenceStore, row: Row) -> str:
    """What is wrong with the file of a row; nothing where it is as it was given."""
    try:
        same = store.proven(row[0]) == row
    except EvidenceMissing:
        return "sealed_missing"
    except (IntakeError, OSError, ValueError, LookupError):
        return "sealed_changed"
    return "" if same else "sealed_changed"


def _tell(database: Database, digest: str, kind: str, verdict: Verdict) -> None:
    """A finding, unless the row went meanwhile with its file, by an erasure."""
    with database.reading() as session:
        if _rows(session, [digest]):
            verdict.add(kind, digest=digest)


def _lying(folder: Path) -> Iterator[Path]:
    """Every file under the store but what is being written and what is made anew."""
    for path in folder.rglob("*"):
        if path.is_file() and path.relative_to(folder).parts[0] not in {"incoming", "copies"}:
            yield path
    copies = folder / "copies"
    yield from (path for path in copies.rglob("*") if path.is_file() and not path.name.startswith("."))


def _stranger(store: EvidenceStore, rows: Mapping[str, Row], place: Path, now: datetime, verdict: Verdict) -> None:
    """A file without a row. One that we sealed ourselves was left behind; any other was put there by somebody."""
    name = place.relative_to(store.folder).as_posix()
    copy = name.startswith("copies/")
    with suppress(FileNotFoundError, EvidenceMissing):
        if copy and place == store.place(place.name, copy=True):
            if place.name not in rows and _old(place, now):
                verdict.note("copy_left", file=name)
            return
        if not copy and place == store.place(place.name) and _opens(store, place.name):
            if _old(place, now):
                verdict.note("sealed_left", file=name)
            return
    verdict.add("sealed_stranger", file=name)


def _opens(store: EvidenceStore, digest: str) -> bool:
    try:
        return store.proven(digest)[0] == digest
    except (IntakeError, OSError, ValueError, LookupError):
        return False


def _old(place: Path, now: datetime) -> bool:
    return place.stat().st_mtime < (now - SETTLING).timestamp()
