"""A report as filed: never merged, edited or lost."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, Numeric, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.db import Base, Instant
from intake.models.case import Case
from intake.models.person import Identity
from intake.witness import witnessed


class FiledReport(Base):
    """What one person told about one matter; its case may change by merging, its content never."""

    __tablename__ = "report"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    number: Mapped[str] = mapped_column(String(32), unique=True)
    query_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """By which the query code is known: 64 signs until its slow hash is made, see `intake.querycodes`."""
    side: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(16))
    conversation: Mapped[str] = mapped_column(String(64), index=True)
    telling: Mapped[str | None] = mapped_column(String(64), index=True)
    received_at: Mapped[datetime] = mapped_column(Instant)
    sealed_text: Mapped[bytes] = mapped_column(LargeBinary)
    redacted: Mapped[str] = mapped_column(Text)
    claims: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    institution: Mapped[str | None] = mapped_column(String(200))
    organ: Mapped[str | None] = mapped_column(String(200))
    place: Mapped[str | None] = mapped_column(String(6))
    place_text: Mapped[str | None] = mapped_column(String(200))
    period_first: Mapped[date | None]
    period_last: Mapped[date | None]
    ongoing: Mapped[bool] = mapped_column(default=False)
    amount_yuan: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The remaining slots by name, redacted: people, officers, visits, how_known, demand, certificate, …"""
    wants_reward: Mapped[bool | None]
    match: Mapped[dict[str, Any]] = mapped_column(JSON)
    """How it was matched: decision, score, reasons, the report it resembles."""
    due_on: Mapped[date]
    derivation: Mapped[str] = mapped_column(Text)
    files: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    """The SHA-256 of what was handed in with it; what comes later is in `evidence_use` alone."""
    digest: Mapped[bytes | None] = witnessed()
    """The commitment that stands on the receipt."""

    __table_args__ = (
        # The codes that still await their slow hash: only these stand in the index.
        Index(
            "ix_report_quick_code",
            "id",
            "query_hash",
            sqlite_where=text("length(query_hash) = 64"),
            postgresql_where=text("length(query_hash) = 64"),
        ),
    )

    case: Mapped[Case] = relationship(lazy="raise")
    identity: Mapped[Identity] = relationship(lazy="raise")


class Rating(Base):
    """The teller's judgement of how it was handled; one a report."""

    __tablename__ = "rating"
    # A rating is one to five stars.
    __table_args__ = (CheckConstraint("stars BETWEEN 1 AND 5", name="stars_one_to_five"),)

    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"), primary_key=True)
    stars: Mapped[int]
    comment: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Instant)
    digest: Mapped[bytes | None] = witnessed()
