"""The way back to people: an outbox, letters between handler and teller, and the lease of the sweeper."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from intake.db import Base, Instant
from intake.witness import witnessed


class Notice(Base):
    """One message to one person, sent at most once for one key."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    report_id: Mapped[int | None] = mapped_column(ForeignKey("report.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    last_error: Mapped[str | None] = mapped_column(String(300))

    __table_args__ = (
        # The courier reads only what is not yet settled; one in flight comes back when its lease has run out.
        Index(
            "ix_notice_waiting",
            "next_try_at",
            sqlite_where=text("state IN ('waiting', 'sending')"),
            postgresql_where=text("state IN ('waiting', 'sending')"),
        ),
        CheckConstraint("state IN ('waiting', 'sending', 'sent', 'failed')", name="known_state"),
        # A notice goes to a teller (by report) or to a member of staff, never to both.
        CheckConstraint("(report_id IS NULL) <> (staff_id IS NULL)", name="one_recipient"),
    )


class Letter(Base):
    """One message between the handler and one teller, seen by these two only."""

    __tablename__ = "letter"

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"), index=True)
    from_teller: Mapped[bool]
    kind: Mapped[str] = mapped_column(String(16))
    """question, reply, supplement, note"""
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    redacted: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)
    digest: Mapped[bytes | None] = witnessed()


class Lease(Base):
    """Who may sweep until when: one sweeper at a time."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    until: Mapped[datetime] = mapped_column(Instant)
