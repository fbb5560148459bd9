"""Tickets as rows: the work order of a hotline behind a report, and the clock that is its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.models import Clock, FiledReport, Ticket


def of_report(session: Session, report_id: int) -> Ticket | None:
    """The ticket of a report; None where it came by no hotline."""
    return session.scalar(select(Ticket).where(Ticket.report_id == report_id))


def of_case(session: Session, case_id: int) -> list[Ticket]:
    """The tickets of a case, oldest first."""
    query = select(Ticket).join(FiledReport, FiledReport.id == Ticket.report_id)
    return list(session.scalars(query.where(FiledReport.case_id == case_id).order_by(Ticket.id)))


def end(session: Session, clocks: Sequence[Clock], result: str, now: datetime) -> None:
    """The tickets whose clocks an act of the case stopped are closed with it."""
    ids = [clock.id for clock in clocks]
    for ticket in session.scalars(select(Ticket).where(Ticket.clock_id.in_(ids), Ticket.state != "closed")):
        ticket.state, ticket.result, ticket.closed_at = "closed", result, now


def move_clocks(session: Session, report_ids: Iterable[int], case_id: int) -> None:
    """The clocks of these reports' tickets go where the reports go."""
    own = select(Ticket.clock_id).where(Ticket.report_id.in_(list(report_ids)), Ticket.clock_id.is_not(None))
    for clock in session.scalars(select(Clock).where(Clock.id.in_(own))):
        clock.case_id = case_id
    session.flush()
