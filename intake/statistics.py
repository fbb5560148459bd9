"""Figures over the cases that a viewer may see; numbers only, so that nobody is told of."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from intake.errors import NotAllowed
from intake.models import Case, FiledReport, Rating, Staff
from intake.viewing import visible_to
from intake.views import Counts


def counts(session: Session, *, viewer: Staff, since: datetime, until: datetime, today: date) -> Counts:
    """What was opened, closed and rated in [since, until), and what is open and overdue now."""
    if not viewer.active or viewer.role == "administrator":
        raise NotAllowed
    mine = visible_to(viewer)
    opened = (mine, Case.opened_at >= since, Case.opened_at < until)
    shut = (mine, Case.closed_at >= since, Case.closed_at < until)
    still = (mine, Case.closed_at.is_(None))
    codes = Counter(code for found in session.scalars(select(Case.codes).where(*opened)) for code in found)
    rated = select(func.count(), func.avg(Rating.stars)).join(FiledReport, FiledReport.id == Rating.report_id)
    rated = rated.join(Case, Case.id == FiledReport.case_id).where(mine, Rating.at >= since, Rating.at < until)
    ratings, mean = session.execute(rated).one()
    told = select(func.count(FiledReport.id)).join(Case, Case.id == FiledReport.case_id)
    told = told.where(mine, FiledReport.received_at >= since, FiledReport.received_at < until)
    return Counts(
        opened=_count(session, *opened),
        closed=_count(session, *shut),
        open_now=_count(session, *still),
        overdue=_count(session, *still, Case.next_due < today),
        reports=session.scalar(told) or 0,
        by_state=_by(session, Case.state, *opened),
        by_side=_by(session, Case.side, *opened),
        by_code=dict(codes.most_common()),
        by_outcome=_by(session, Case.outcome, *shut, Case.outcome.is_not(None)),
        ratings=ratings,
        mean_stars=round(float(mean), 2) if mean is not None else None,
    )


def _count(session: Session, *wanted: ColumnElement[bool]) -> int:
    """How many cases."""
    return session.scalar(select(func.count(Case.id)).where(*wanted)) or 0


def _by(
    session: Session,
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
    *wanted: ColumnElement[bool],
) -> dict[str, int]:
    """How many cases of each kind, the most frequent first."""
    query = select(column, func.count(Case.id)).where(*wanted).group_by(column).order_by(func.count(Case.id).desc())
    return {str(kind): number for kind, number in session.execute(query)}
