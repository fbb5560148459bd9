"""Transfers of suspected crimes as rows: the open one of a case, those before it, and the sums that were told."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.models import CrimeTransfer, FiledReport

CLOCKS = frozenset(
    {
        "crime_report", "crime_report_decide", "crime_transfer", "police_answer_watch", "crime_goods",
        "police_reconsider", "reconsider_answer", "supervision_suggest", "supervision_watch",
    }
)  # fmt: skip
"""The periods of a transfer: they tell of a criminal inquiry, so that only those who handle the case see them."""


def open_of(session: Session, case_id: int) -> CrimeTransfer | None:
    """The transfer of a case that has not ended, held against other writers."""
    query = select(CrimeTransfer).where(CrimeTransfer.case_id == case_id, CrimeTransfer.ended_at.is_(None))
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def of_case(session: Session, case_id: int) -> list[CrimeTransfer]:
    """Every transfer of a case, oldest first."""
    query = select(CrimeTransfer).where(CrimeTransfer.case_id == case_id)
    return list(session.scalars(query.order_by(CrimeTransfer.id)))


def sums(session: Session, case_id: int) -> tuple[list[Decimal], list[Decimal]]:
    """What the tellers of a case told in yuan, and what the teams found; nothing for what nobody knows."""
    told = select(FiledReport.amount_yuan).where(FiledReport.case_id == case_id, FiledReport.amount_yuan.is_not(None))
    found = select(CrimeTransfer.yuan).where(CrimeTransfer.case_id == case_id, CrimeTransfer.yuan.is_not(None))
    return (
        [yuan for yuan in session.scalars(told) if yuan is not None],
        [yuan for yuan in session.scalars(found) if yuan is not None],
    )
