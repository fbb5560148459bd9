"""What is to be said of clocks, to whom, once each; and what a leader asks an office to answer for (督办, 约谈)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from intake.db import Base, Instant


class Reminder(Base):
    """One stage of one clock for one person: gathered into his message of the day, or dropped where it is no more so."""

    __tablename__ = "reminder"

    id: Mapped[int] = mapped_column(primary_key=True)
    clock_id: Mapped[int] = mapped_column(ForeignKey("clock.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    stage: Mapped[str] = mapped_column(String(12))
    on_day: Mapped[date]
    """The day of the stage: what repeats is another reminder on another day."""
    rung: Mapped[str] = mapped_column(String(12))
    """As what he hears of it: handler, leader, authority, superior, supervisors."""
    ready_at: Mapped[datetime] = mapped_column(Instant)
    """The opening before which he is left in peace."""
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    notice_id: Mapped[int | None]
    """The message in which it was said; None where there was nothing left to say. No key: messages are deleted earlier."""

    __table_args__ = (
        # Said once, whoever sweeps, however often.
        UniqueConstraint("clock_id", "staff_id", "stage", "on_day", name="uq_reminder_clock_id_staff_id_stage_on_day"),
        Index(
            "ix_reminder_waiting",
            "ready_at",
            "staff_id",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )


class Oversight(Base):
    """A leader's formal demand that the office of a case answers for it by a day; what was written stands in remarks."""

    __tablename__ = "oversight"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    authority: Mapped[str] = mapped_column(String(32))
    """Whose leader oversees: the case's own authority or one above it."""
    opened_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    state: Mapped[str] = mapped_column(String(12))
    clock_id: Mapped[int] = mapped_column(ForeignKey("clock.id"))
    """Until when the office answers."""
    opened_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    talked_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("state IN ('open', 'answered', 'summoned', 'talked', 'closed')", name="known_state"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_time"),
        # One at a time from one authority, also when two of its leaders press the button at once.
        Index(
            "uq_oversight_open",
            "case_id",
            "authority",
            unique=True,
            sqlite_where=text("state <> 'closed'"),
            postgresql_where=text("state <> 'closed'"),
        ),
        Index("ix_oversight_authority_state", "authority", "state"),
    )
