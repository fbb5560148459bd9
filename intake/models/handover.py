"""Who handles a case, where authorities have to agree on it: offers between authorities, and what a superior assigned."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from intake.db import Base, Instant


class Handover(Base):
    """One offer of a case to another authority, from the offer to its end; its words lie beside the events."""

    __tablename__ = "handover"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    state: Mapped[str] = mapped_column(String(12))
    giver: Mapped[str] = mapped_column(String(32), index=True)
    taker: Mapped[str] = mapped_column(String(32), index=True)
    superior: Mapped[str] = mapped_column(String(32), index=True)
    """The common superior of the two, which designates where they cannot agree."""
    ground: Mapped[str | None] = mapped_column(String(24))
    """Why it was sent back: a ground of life/handover.toml, with its article."""
    designated: Mapped[str | None] = mapped_column(String(32))
    """Whom the superior designated."""
    clock_id: Mapped[int | None] = mapped_column(ForeignKey("clock.id"))
    """What runs now: the answer, or the time to agree."""
    offered_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint(
            "state IN ('offered', 'accepted', 'refused', 'disputed', 'designated', 'withdrawn')", name="known_state"
        ),
        CheckConstraint("giver <> taker", name="two_authorities"),
        # One open question about a case at a time, whoever asks at once.
        Index(
            "uq_handover_open",
            "case_id",
            unique=True,
            sqlite_where=text("state IN ('offered', 'disputed')"),
            postgresql_where=text("state IN ('offered', 'disputed')"),
        ),
    )


class Assignment(Base):
    """What a superior assigned, by when it wants to hear of it: a date beside the statutory ones, never in their place."""

    __tablename__ = "assignment"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    state: Mapped[str] = mapped_column(String(12))
    assigner: Mapped[str] = mapped_column(String(32))
    weight: Mapped[str] = mapped_column(String(12))
    """ordinary, complex, major: how long the assigner gives where it names no day."""
    paper: Mapped[str | None] = mapped_column(String(60))
    """The number of the assigning paper."""
    due_on: Mapped[date]
    clock_id: Mapped[int] = mapped_column(ForeignKey("clock.id"))
    given_at: Mapped[datetime] = mapped_column(Instant)
    reported_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("state IN ('given', 'reported', 'ended')", name="known_state"),
        CheckConstraint("weight IN ('ordinary', 'complex', 'major')", name="known_weight"),
    )
