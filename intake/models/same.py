"""The same matter: keys to find it by, what was suggested, what was merged, and how far the history was matched again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Float, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from intake.db import Base, Instant


class MatchKey(Base):
    """A blocking key of a report: reports that share one are compared, never a scan."""

    __tablename__ = "match_key"
    # Clustered by key: the newest reports under one key are one short range, and a filing touches one tree.
    __table_args__ = ({"sqlite_with_rowid": False},)

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"), primary_key=True)


class Suggestion(Base):
    """That two reports of different people may tell one matter; open until a person has said what they are.

    `attached`: the later one lies in the earlier one's case already, for a person to confirm. `suggested`: it does not.
    """

    __tablename__ = "suggestion"

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"))
    """The later report."""
    other_id: Mapped[int] = mapped_column(ForeignKey("report.id"), index=True)
    decision: Mapped[str] = mapped_column(String(12))
    score: Mapped[float] = mapped_column(Float)
    reasons: Mapped[list[str]] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(String(12))
    """filing, rematch"""
    state: Mapped[str] = mapped_column(String(12), default="open")
    made_at: Mapped[datetime] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    __table_args__ = (
        # One pair is suggested once: what a person has refused does not come up again.
        UniqueConstraint("report_id", "other_id"),
        CheckConstraint("decision IN ('attached', 'suggested')", name="known_decision"),
        CheckConstraint("state IN ('open', 'confirmed', 'refused')", name="known_state"),
        CheckConstraint("other_id < report_id", name="later_first"),
    )


class Merging(Base):
    """Reports that a person moved from one case to another: a whole case merged, or one report split off."""

    __tablename__ = "merging"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    source_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    target_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What it takes to undo it: state, outcome and clocks of both cases as they were."""
    at: Mapped[datetime] = mapped_column(Instant)
    undone_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        # A case is merged into one other at a time.
        Index(
            "ix_merging_source",
            "source_id",
            unique=True,
            sqlite_where=text("kind = 'merge' AND undone_at IS NULL"),
            postgresql_where=text("kind = 'merge' AND undone_at IS NULL"),
        ),
        CheckConstraint("kind IN ('merge', 'split')", name="known_kind"),
        CheckConstraint("source_id <> target_id", name="two_cases"),
    )


class ReportMove(Base):
    """One report that changed its case: its teller goes on seeing what happened to him, and nothing else."""

    __tablename__ = "report_move"

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"), index=True)
    from_case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    to_case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    """The event that says so: what came before it happened in the one case, what came after it in the other."""


class Rematching(Base):
    """One run over the whole history, and how far it came: a run that was stopped goes on there."""

    __tablename__ = "rematching"

    id: Mapped[int] = mapped_column(primary_key=True)
    since: Mapped[datetime | None] = mapped_column(Instant)
    done_id: Mapped[int] = mapped_column(default=0)
    last_id: Mapped[int]
    looked: Mapped[int] = mapped_column(default=0)
    found: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
