"""The work order of a hotline behind a report: it is closed apart from the case, whose legal clocks go on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from intake.db import Base, Instant


class Ticket(Base):
    """One work order (工单) of 12345 or 12393, by the number that the hotline gave it."""

    __tablename__ = "ticket"

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"), unique=True)
    number: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(12), default="open")
    result: Mapped[str | None] = mapped_column(String(16))
    """How it was closed the last time (routing/life/ticket.toml, [results])."""
    reopened: Mapped[int] = mapped_column(default=0)
    """How often the caller was not content and it was taken up again."""
    clock_id: Mapped[int | None] = mapped_column(ForeignKey("clock.id"))
    """Its own clock, the hotline's limit; it goes where the report goes."""
    closed_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("state IN ('open', 'supervised', 'closed')", name="known_state"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_time"),
    )
