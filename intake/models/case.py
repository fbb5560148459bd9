"""The matter that an authority handles, its clocks and its history."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from intake.db import Base, Instant
from intake.witness import witnessed


class Case(Base):
    """A matter with exactly one responsible authority; gathers one or more reports."""

    __tablename__ = "case"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    side: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(24), default="received")
    authority: Mapped[str] = mapped_column(String(32))
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    institution: Mapped[str | None] = mapped_column(String(200))
    subject: Mapped[str | None] = mapped_column(String(120))
    """The institution's name in normal form: staff with an interest in it are kept out by it."""
    organ: Mapped[str | None] = mapped_column(String(200))
    place: Mapped[str | None] = mapped_column(String(6))
    codes: Mapped[list[str]] = mapped_column(JSON)
    summary: Mapped[str] = mapped_column(Text)
    routing: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Why this authority: rule, reasons, citation, who was excluded."""
    outcome: Mapped[str | None] = mapped_column(String(32))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    next_due: Mapped[date | None]
    """The earliest running clock: the queue is ordered by it."""

    __table_args__ = (
        Index("ix_case_queue", "authority", "closed_at", "next_due"),
        # Whatever is closed has a time of closing, and nothing else has.
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_time"),
    )


STANDING = ("running", "suspended")
"""The states of a clock that has not ended: it runs, or it stands still by law."""


class Clock(Base):
    """One statutory period on one case; several may run at once."""

    __tablename__ = "clock"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12), default="running")
    starts_on: Mapped[date]
    due_on: Mapped[date]
    extended: Mapped[int] = mapped_column(default=0)
    granted: Mapped[list[int]] = mapped_column(JSON, default=list, server_default="[]")
    """The days of each extension; 0 where all that the law allows were given."""
    spans: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")
    """When it stood still and why (routing/standstill.py); the last one is open while it is suspended."""
    derivation: Mapped[dict[str, Any]] = mapped_column(JSON)
    stopped_at: Mapped[datetime | None] = mapped_column(Instant)
    wake_on: Mapped[date | None]
    """The next day on which the sweep has something to say about this clock; None when nothing is left to say."""

    __table_args__ = (
        # The sweep reads only what is due: a partial index keeps it independent of how much is open.
        Index(
            "ix_clock_wake",
            "wake_on",
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
        CheckConstraint("state IN ('running', 'suspended', 'met', 'cancelled')", name="known_state"),
    )


class Event(Base):
    """One thing that happened to a case: appended, never changed (a trigger refuses)."""

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(40))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[bytes | None] = witnessed()
