"""The papers of each step as they went out: numbered without gaps, sealed, and kept as they were."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from intake.db import Base, Instant


class Paper(Base):
    """One paper; its bytes are kept and never made again, so that it opens the same whatever the templates became.

    The event that tells of it holds its digest, so the chain vouches for it.
    """

    __tablename__ = "paper"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    report_id: Mapped[int | None] = mapped_column(ForeignKey("report.id"), index=True)
    """The report whose teller it is addressed to; None for every other paper."""
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    """The event that tells of it."""
    authority: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(24))
    year: Mapped[int]
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(String(60))
    taker: Mapped[str | None] = mapped_column(String(120))
    """The name of the office that it is addressed to."""
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """Who did the act; None where time did it."""
    at: Mapped[datetime] = mapped_column(Instant)
    sm3: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """The DOCX file; empty once the teller whom it is addressed to was erased."""

    __table_args__ = (
        UniqueConstraint("authority", "kind", "year", "serial", name="uq_paper_authority_kind_year_serial"),
        CheckConstraint("serial >= 1", name="counted_from_one"),
        # It goes to a teller or to an office, never to both.
        CheckConstraint("report_id IS NULL OR taker IS NULL", name="one_addressee"),
    )
