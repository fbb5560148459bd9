"""Figures over the cases that a viewer may see; numbers only, so that nobody is told of.

Whoever handles the cases counts them exactly. Whoever looks on gets whole months with small counts suppressed: two
periods that differ by a day would otherwise tell what happened on that day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from intake import access, smallcells
from intake.errors import NotAllowed, WholeMonthsOnly
from intake.models import Case, FiledReport, Rating, Staff
from intake.receipts import CHINA
from intake.viewing import visible_to
from intake.views import Counts

SMALL = 5
"""Counts below this are suppressed where the settings say nothing else.

Counts below five need care by the rule of thumb that the Office for National Statistics took up for health statistics
(Review of the Dissemination of Health Statistics: Confidentiality Guidance, 2006). Other houses take ten.
"""


def counts(
    session: Session, *, viewer: Staff, since: datetime, until: datetime, today: date, small: int = SMALL
) -> Counts:
    """What was opened, closed and rated in [since, until), and what is open and overdue now.

    Exact for those who handle the cases; for those who look on whole months (WholeMonthsOnly), small counts suppressed.
    """
    exact = access.ever(viewer.role, "statistics", "exact")
    if not viewer.active or not (exact or access.ever(viewer.role, "statistics", "suppressed")):
        raise NotAllowed
    if not exact and not (_is_month(since) and _is_month(until)):
        raise WholeMonthsOnly
    found = _counted(session, viewer, since, until, today)
    return found if exact else suppressed(found, small)


def suppressed(found: Counts, small: int) -> Counts:
    """The figures as they may be shown to those who look on, and published."""
    states, sides = found.by_state, found.by_side
    opened = [smallcells.suppress_line(_whole(line), small) for line in (states, sides)]
    if not all(line.total_stays for line in opened):
        # One total stands over both lines: where one of them must not show it, the other would.
        opened = [smallcells.hide_all(_whole(line)) for line in (states, sides)]
    shut = smallcells.suppress_line(_whole(found.by_outcome), small)
    return replace(
        found,
        opened=found.opened if opened[0].total_stays else None,
        closed=_few(found.closed, small) if shut.total_stays else None,
        open_now=_few(found.open_now, small),
        # A small difference is a small count as well: cases still in time, reports that joined another one.
        overdue=_few(found.overdue, small, beside=found.open_now),
        reports=_few(found.reports, small, beside=found.opened),
        by_state=opened[0].counts,
        by_side=opened[1].counts,
        # A case can bear several codes: these counts add up to nothing that is told.
        by_code=smallcells.suppress_line(_whole(found.by_code), small, total_shown=False).counts,
        by_outcome=shut.counts,
        ratings=_few(found.ratings, small),
        mean_stars=found.mean_stars if (found.ratings or 0) >= small else None,
    )


def _whole(line: Mapping[str, int | None]) -> dict[str, int]:
    return {name: count or 0 for name, count in line.items()}


def _few(count: int | None, small: int, *, beside: int | None = None) -> int | None:
    """A single count, withheld where it is small, or differs by little from one `beside` it; a zero is shown."""
    if count is None or 0 < count < small or (beside is not None and 0 < abs(beside - count) < small):
        return None
    return count


def _is_month(moment: datetime) -> bool:
    """Whether a month begins at this moment, by the calendar that people live by."""
    here = moment.astimezone(CHINA)
    return here.day == 1 and here.time() == time(0)


def _counted(session: Session, viewer: Staff, since: datetime, until: datetime, today: date) -> Counts:
    """The exact figures."""
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
