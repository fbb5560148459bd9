"""What a report is worth: one reward a report, and the ledger of what was paid and taken back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from intake.db import Base, Instant


class Reward(Base):
    """The reward of one report, from the proposal to its end; nothing in it tells who reported."""

    __tablename__ = "reward"

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"), unique=True)
    state: Mapped[str] = mapped_column(String(12))
    place: Mapped[str | None] = mapped_column(String(6))
    """The division whose scheme counts: that of the authority which handled the report (RW-08)."""
    law_day: Mapped[date | None]
    """The day whose law counts: that of the handling decision."""
    reporter: Mapped[str] = mapped_column(String(16), default="person")
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The facts of reward_rules.toml by name: true, false, or null where nobody knows."""
    opinion: Mapped[str | None] = mapped_column(String(16))
    matter: Mapped[dict[str, Any]] = mapped_column(JSON)
    """case_value in yuan as text, grade, accused, kinds: what the amount depends on."""
    people: Mapped[int] = mapped_column(default=1)
    """How many share it: a joint report counts as one reporter (RW-10)."""
    amount: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    steps: Mapped[list[str]] = mapped_column(JSON)
    citations: Mapped[list[str]] = mapped_column(JSON)
    schemes: Mapped[list[str]] = mapped_column(JSON)
    proposer_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    clock_id: Mapped[int | None] = mapped_column(ForeignKey("clock.id"))
    """The claim clock: one a reward, since two tellers of a case are told on different days."""
    paper: Mapped[str | None] = mapped_column(String(60))
    """The number of the notice on paper."""
    sealed_claim: Mapped[bytes | None] = mapped_column(LargeBinary)
    """JSON: how and where the teller wants to be paid; opened for whoever pays, for nobody else."""
    proposed_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    notified_at: Mapped[datetime | None] = mapped_column(Instant)
    claimed_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint(
            "state IN ('proposed', 'approved', 'refused', 'notified', 'claimed', 'paid', 'waived', 'lapsed', "
            "'recovered')",
            name="known_state",
        ),
        # Whoever proposes never approves; NULL compares to neither.
        CheckConstraint("approver_id <> proposer_id", name="second_person"),
        CheckConstraint("amount >= 0", name="no_debt"),
        CheckConstraint("people >= 1", name="somebody"),
    )


class Payment(Base):
    """One line of the ledger of payments: appended, never changed (a trigger refuses)."""

    __tablename__ = "payment"

    id: Mapped[int] = mapped_column(primary_key=True)
    reward_id: Mapped[int] = mapped_column(ForeignKey("reward.id"))
    kind: Mapped[str] = mapped_column(String(12))
    """paid, recovered"""
    share: Mapped[int]
    """Which share of a joint report, from 1; of what was taken back, the running number."""
    yuan: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    reference: Mapped[str] = mapped_column(String(60))
    """The number of the voucher; it holds nothing of a person."""
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("kind IN ('paid', 'recovered')", name="known_kind"),
        CheckConstraint("yuan > 0", name="something"),
        # No share is ever paid twice, whoever tries at once.
        UniqueConstraint("reward_id", "kind", "share", name="uq_payment_reward_id_kind_share"),
    )
