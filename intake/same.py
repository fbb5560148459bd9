"""What stands about the same matter: suggestions awaiting a person, and mergings that hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from intake import rewards, shown, tickets
from intake.db import insert
from intake.matching import Match
from intake.models import Case, Event, FiledReport, Merging, ReportMove, Staff, Suggestion
from intake.names import normal_form
from intake.receipts import CHINA, NOWHERE, next_serial, numbered
from intake.viewing import lens, visible_to
from intake.views import PairView

UNCERTAIN = frozenset({"attached", "suggested"})
"""Decisions that a person has to settle where the tellers are two."""


def note(session: Session, report_id: int, match: Match, *, source: str, now: datetime) -> bool:
    """Keep for a person that the report may tell the same as an earlier one; whether that is news.

    A teller's own repetition needs nobody's word. A pair that was noted before is not noted again, whatever became
    of it.
    """
    row = suggested(report_id, match, source=source, now=now)
    if row is None:
        return False
    written = session.execute(
        insert(session, Suggestion).values(row).on_conflict_do_nothing(index_elements=["report_id", "other_id"])
    )
    return bool(getattr(written, "rowcount", 0))


def suggested(report_id: int, match: Match, *, source: str, now: datetime) -> dict[str, Any] | None:
    """The row of such a suggestion; None where no person has to be asked."""
    if match.decision not in UNCERTAIN or match.same_teller or match.report_id is None:
        return None
    return {
        "report_id": max(report_id, match.report_id),
        "other_id": min(report_id, match.report_id),
        "decision": match.decision,
        "score": match.score,
        "reasons": list(match.reasons),
        "source": source,
        "state": "open",
        "made_at": now,
    }


def parted(session: Session, one: int, other: int) -> bool:
    """Whether a person has said of two cases that they are two: parted them, undone their merging, or refused a pair."""
    both = (one, other)
    kept = select(Merging.id).where(Merging.source_id.in_(both), Merging.target_id.in_(both))
    if session.scalar(kept.limit(1)) is not None:
        return True
    later, earlier = aliased(FiledReport), aliased(FiledReport)
    refused = (
        select(Suggestion.id)
        .join(later, later.id == Suggestion.report_id)
        .join(earlier, earlier.id == Suggestion.other_id)
        .where(Suggestion.state == "refused", later.case_id.in_(both), earlier.case_id.in_(both))
    )
    return session.scalar(refused.limit(1)) is not None


def between(session: Session, reports: Iterable[int], others: Iterable[int]) -> Sequence[Suggestion]:
    """The open suggestions that hold one of `reports` against one of `others`."""
    some, rest = list(reports), list(others)
    pairs = or_(
        and_(Suggestion.report_id.in_(some), Suggestion.other_id.in_(rest)),
        and_(Suggestion.report_id.in_(rest), Suggestion.other_id.in_(some)),
    )
    return session.scalars(select(Suggestion).where(Suggestion.state == "open", pairs).order_by(Suggestion.id)).all()


def settle(suggestions: Iterable[Suggestion], state: str, *, by: int, now: datetime) -> None:
    """A person has said what they are: `confirmed` or `refused`."""
    for one in suggestions:
        one.state, one.settled_by, one.settled_at = state, by, now


def pairs_of(session: Session, case_id: int, *, viewer: Staff) -> tuple[PairView, ...]:
    """The open suggestions that concern a case, the likeliest first; only where the viewer may see both cases."""
    later, earlier, other = aliased(FiledReport), aliased(FiledReport), aliased(Case)
    query = (
        select(Suggestion, later, earlier, Case, other)
        .join(later, later.id == Suggestion.report_id)
        .join(earlier, earlier.id == Suggestion.other_id)
        .join(Case, Case.id == later.case_id)
        .join(other, other.id == earlier.case_id)
        .where(Suggestion.state == "open", or_(later.case_id == case_id, earlier.case_id == case_id))
        .where(visible_to(viewer), other.id.in_(select(Case.id).where(visible_to(viewer)).correlate(None)))
        .order_by(Suggestion.score.desc(), Suggestion.id)
        .limit(50)
    )
    pairs = []
    for suggestion, one, two, its_case, other_case in session.execute(query):
        lenses = [lens(session, each, viewer=viewer) for each in (its_case, other_case)]
        if not all(each.sees("report", "match") for each in lenses):
            continue
        told = [
            shown.report(report, "", None, each, shown.called(case, [report]))
            for report, each, case in zip((one, two), lenses, (its_case, other_case), strict=True)
        ]
        numbers = [
            each.give("case", "number", case.number, "")
            for each, case in zip(lenses, (its_case, other_case), strict=True)
        ]
        pairs.append(
            PairView(
                id=suggestion.id,
                score=suggestion.score,
                reasons=tuple(suggestion.reasons),
                later=told[0],
                earlier=told[1],
                later_case=numbers[0],
                earlier_case=numbers[1],
            )
        )
    return tuple(pairs)


def standing(session: Session, case_id: int) -> Merging | None:
    """The merging by which a case lies in another one, if it does."""
    query = select(Merging).where(Merging.source_id == case_id, Merging.kind == "merge", Merging.undone_at.is_(None))
    return session.scalar(query)


def merged_into(session: Session, case_id: int) -> tuple[Case, ...]:
    """The cases that were merged into this one and still lie in it."""
    query = select(Case).join(Merging, Merging.source_id == Case.id)
    query = query.where(Merging.target_id == case_id, Merging.kind == "merge", Merging.undone_at.is_(None))
    return tuple(session.scalars(query.order_by(Case.id)))


def move(session: Session, reports: Sequence[FiledReport], target: Case, *, event: Event) -> None:
    """Put reports, with the clocks of their rewards and tickets, under another case; `event` says so in the history of one of the two."""
    for report in reports:
        session.add(
            ReportMove(report_id=report.id, from_case_id=report.case_id, to_case_id=target.id, event_id=event.id)
        )
        report.case_id = target.id
    session.flush()
    ids = [report.id for report in reports]
    rewards.move_clocks(session, ids, target.id)
    tickets.move_clocks(session, ids, target.id)


def lived(session: Session, report: FiledReport) -> ColumnElement[bool]:
    """The condition on Event that keeps what happened to the case in which the report then lay.

    A merge or its undoing shows a teller nothing of another case's past, and hides nothing of his own.
    """
    moves = session.scalars(select(ReportMove).where(ReportMove.report_id == report.id).order_by(ReportMove.id)).all()
    spans: list[ColumnElement[bool]] = []
    start = 0
    for one in moves:
        spans.append(and_(Event.case_id == one.from_case_id, Event.id > start, Event.id <= one.event_id))
        start = one.event_id
    return or_(*spans, and_(Event.case_id == report.case_id, Event.id > start))


def cases_of(session: Session, case: Case) -> list[int]:
    """The case, and every other in which one of its reports ever lay: a teller's withdrawal may stand there."""
    here = select(FiledReport.id).where(FiledReport.case_id == case.id)
    moved = select(ReportMove.from_case_id, ReportMove.to_case_id).where(ReportMove.report_id.in_(here))
    return [*{case.id, *(one for row in session.execute(moved) for one in row)}]


def lain(session: Session, report: FiledReport) -> set[int]:
    """Every case in which a report lies or ever lay."""
    moved = select(ReportMove.from_case_id, ReportMove.to_case_id).where(ReportMove.report_id == report.id)
    return {report.case_id, *(one for row in session.execute(moved) for one in row)}


def own_case(session: Session, report: FiledReport, like: Case, *, now: datetime) -> Case:
    """A case of its own for a report that lay in `like`; it bears the report's number where no other case does."""
    taken = session.scalar(select(Case.id).where(Case.number == report.number))
    key = f"{report.place or NOWHERE}-{report.received_at.astimezone(CHINA).year:04d}"
    codes: list[Any] = [claim["code"] for claim in report.claims]
    case = Case(
        number=report.number if taken is None else numbered(key, next_serial(session, key)),
        side=like.side,
        state=like.state,
        authority=like.authority,
        handler_id=like.handler_id,
        institution=report.institution,
        subject=normal_form(report.institution) if report.institution else None,
        organ=report.organ,
        place=report.place,
        codes=codes,
        summary=report.redacted,
        routing=dict(like.routing),
        opened_at=now,
    )
    session.add(case)
    session.flush()
    return case
