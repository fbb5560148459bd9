"""What the desk shows of merging: two reports side by side, what lies in a case, and where it lies itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.web.desk import facts, ledger
from bot.web.desk.facts import Fact
from bot.web.desk.highlight import Part, parts
from bot.web.desk.labels import label, reasons
from intake import queries, same
from intake.models import Case, FiledReport, Staff
from intake.views import PairView
from routing import states
from routing.desk.people import excluded


@dataclass(frozen=True, slots=True)
class Told:
    """One of two reports that are held against each other."""

    case: str
    number: str
    at: datetime
    parts: tuple[Part, ...]
    facts: list[Fact]


@dataclass(frozen=True, slots=True)
class Pair:
    """One suggestion as a page shows it; the earlier report comes first."""

    id: int
    together: bool
    likely: str
    words: str
    reasons: tuple[str, ...]
    other: str
    report_id: int
    told: tuple[Told, Told]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a case page shows of merging: suggestions, what lies in it, and where it lies itself."""

    pairs: tuple[Pair, ...]
    absorbed: tuple[str, ...]
    into: str
    may_act: bool
    may_merge: bool


def gathered(session: Session, case: Case, viewer: Staff) -> Gathered:
    """Everything about merging that the page of a case shows to this viewer."""
    held = same.standing(session, case.id)
    seen = ledger.case_numbers(session, [held.target_id] if held else [], viewer=viewer)
    acting = viewer.role in {"officer", "leader"} and viewer.authority == case.authority
    acting = acting and viewer.authority not in excluded(case)
    return Gathered(
        pairs=tuple(_pair(one, case) for one in same.pairs_of(session, case.id, viewer=viewer)),
        absorbed=tuple(one.number for one in same.merged_into(session, case.id)),
        into=seen.get(held.target_id, "") if held else "",
        may_act=acting,
        may_merge=acting and "merge" in states.allowed(case.state, viewer.role),
    )


def _pair(found: PairView, case: Case) -> Pair:
    suggestion = found.suggestion
    other = found.earlier_case if found.later.case_id == case.id else found.later_case
    return Pair(
        id=suggestion.id,
        together=found.together,
        likely=f"{suggestion.score:.0%}",
        words=label("same", "together" if found.together else "apart"),
        reasons=reasons({"reasons": suggestion.reasons}),
        other="" if found.together else other,
        report_id=found.later.id,
        told=(_told(found.earlier, found.earlier_case), _told(found.later, found.later_case)),
    )


def _told(report: FiledReport, number: str) -> Told:
    shown = queries.report_view(report)
    said = [*facts.of_subject(shown), *facts.of_report(shown)]
    return Told(number, report.number, report.received_at, parts(report.redacted, shown.claims), said)
