"""What was handed over in bulk: which numbers of a source are here already, and how far a file was read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from intake.db import Base, Instant


class Handed(Base):
    """One work order of a source, by its number there: whichever way it comes again, it is filed once."""

    __tablename__ = "handed"
    # Clustered by its key: the numbers of one file lie side by side.
    __table_args__ = ({"sqlite_with_rowid": False},)

    source: Mapped[str] = mapped_column(String(60), primary_key=True)
    number: Mapped[str] = mapped_column(String(80), primary_key=True)
    content: Mapped[str] = mapped_column(String(64))
    """A keyed hash of what was handed over, by which a changed work order is told from a repeated one."""
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)


class ImportRun(Base):
    """One reading of one file: how far it came, what it counted, how long its companion files are."""

    __tablename__ = "import_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(60))
    digest: Mapped[str] = mapped_column(String(64), index=True)
    """SHA-256 of the file and of the mapping: a changed one is another run."""
    settled: Mapped[int] = mapped_column(default=0)
    """The last row that is settled: filed, repeated, skipped or refused."""
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    errors_path: Mapped[str] = mapped_column(String(1000))
    errors_bytes: Mapped[int] = mapped_column(default=0)
    receipts_path: Mapped[str] = mapped_column(String(1000))
    receipts_bytes: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
