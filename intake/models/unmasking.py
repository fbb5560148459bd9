"""Who asked to see an identity and who allowed it; who opened which case."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from intake.db import Base, Instant


class Unmasking(Base):
    """One request to see the identity behind a report, or its original words: asked, decided by somebody else, spent.

    Whether it holds is asked at each look: `state` alone never opens anything (see intake.unmasking).
    """

    __tablename__ = "unmasking"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    """The case at the time of asking; the report may be merged into another one since."""
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"), index=True)
    authority: Mapped[str] = mapped_column(String(32))
    """The asker's authority at the time of asking: its custodians, and those above, decide."""
    asked_by: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    fields: Mapped[list[str]] = mapped_column(JSON)
    purpose: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(Text)
    needs: Mapped[int]
    """How many custodians must agree."""
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    seconded_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    answer: Mapped[str | None] = mapped_column(Text)
    """Why it was refused or taken back."""
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    looks: Mapped[int] = mapped_column(default=0)
    looked_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        Index("ix_unmasking_queue", "authority", "state"),
        CheckConstraint("state IN ('waiting', 'approved', 'refused', 'revoked')", name="known_state"),
        # Nobody decides on his own request, and no two agreements are one person's.
        CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="decided_by_another"),
        CheckConstraint(
            "seconded_by IS NULL OR (seconded_by <> asked_by AND seconded_by <> decided_by)", name="seconded_by_a_third"
        ),
        # What is approved ends at a moment, and has as many approvals as it needs.
        CheckConstraint(
            "state <> 'approved' OR (expires_at IS NOT NULL AND decided_by IS NOT NULL"
            " AND (needs < 2 OR seconded_by IS NOT NULL))",
            name="approval_is_whole",
        ),
    )


class Viewing(Base):
    """That a member of staff opened a case: one row a person, case and hour, with how often."""

    __tablename__ = "viewing"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    hour: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    times: Mapped[int] = mapped_column(default=1)

    __table_args__ = (Index("ix_viewing_hour", "hour"), Index("ix_viewing_case", "case_id"))
