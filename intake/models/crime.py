"""The transfer of a suspected crime to the police: one open one a case, from the special team to its end."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Numeric, String, text
from sqlalchemy.orm import Mapped, mapped_column

from intake.db import Base, Instant


class CrimeTransfer(Base):
    """One suspicion that was followed (State Council Decree 310): people, moments, receipts; its words are remarks."""

    __tablename__ = "crime_transfer"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    first_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    second_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    """The special team: two officers, who are never the same (Art. 5)."""
    decider_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """The head who approved or refused; never one of the team."""
    yuan: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    """The sum that the team found; unknown while it found none."""
    papers: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The transfer set by the names of routing/crime.toml: enclosed, or why it is absent."""
    organ: Mapped[str | None] = mapped_column(String(80))
    """The organ that holds the transfer now: the police, or the one to which they passed it."""
    receipt: Mapped[str | None] = mapped_column(String(60))
    found_at: Mapped[datetime] = mapped_column(Instant)
    reported_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    transfer_by: Mapped[datetime | None] = mapped_column(Instant)
    """Twenty-four hours after the approval, to the minute."""
    received_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the police signed."""
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        # Two suspicions of one case are one transfer until it has ended.
        Index(
            "ix_crime_transfer_open",
            "case_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        CheckConstraint(
            "state IN ('team', 'reported', 'approved', 'packed', 'sent', 'not_filed', 'reconsidering', 'upheld', "
            "'supervising', 'filed', 'with_police', 'refused', 'returned')",
            name="known_state",
        ),
        CheckConstraint("(state IN ('refused', 'returned')) = (ended_at IS NOT NULL)", name="ended_has_time"),
        CheckConstraint("first_id <> second_id", name="two_people"),
        CheckConstraint("decider_id <> first_id AND decider_id <> second_id", name="head_apart"),
        CheckConstraint("yuan >= 0", name="no_debt"),
    )
