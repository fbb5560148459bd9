"""What the desk shows of merging: two reports side by side, what lies in a case, and where it lies itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.web.desk import facts, ledger
from bot.web.desk.facts import Fact
from bot.web.desk.highlight import Part, parts
from bot.web.desk.labels import label, reasons
from intake import same
from intake.models import Staff
from intake.viewing import ACTING
from intake.views import CaseView, PairView, ReportView
from routing import states


@dataclass(frozen=True, slots=True)
class Told:
    """One of two reports that are held against each other."""

    case: str
    number: str
    at: datetime | None
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


def gathered(session: Session, case: CaseView, viewer: Staff) -> Gathered:
    """Everything about merging that the page of a case shows to this viewer."""
    held, absorbed = same.standing(session, case.id), [one.id for one in same.merged_into(session, case.id)]
    seen = ledger.case_numbers(session, [*absorbed, held.target_id if held else None], viewer=viewer)
    acting = viewer.role in ACTING and viewer.authority == case.authority
    return Gathered(
        pairs=tuple(_pair(one, case) for one in same.pairs_of(session, case.id, viewer=viewer)),
        absorbed=tuple(seen[one] for one in absorbed if one in seen),
        into=seen.get(held.target_id, "") if held else "",
        may_act=acting,
        may_merge=acting and "merge" in states.allowed(case.state, viewer.role),
    )


def _pair(found: PairView, case: CaseView) -> Pair:
    other = found.earlier_case if found.later_case == case.number else found.later_case
    return Pair(
        id=found.id,
        together=found.together,
        likely=f"{found.score:.0%}",
        words=label("same", "together" if found.together else "apart"),
        reasons=reasons({"reasons": found.reasons}),
        other="" if found.together else other,
        report_id=found.later.report_id,
        told=(_told(found.earlier, found.earlier_case), _told(found.later, found.later_case)),
    )


def _told(report: ReportView, number: str) -> Told:
    said = [*facts.of_subject(report), *facts.of_report(report)]
    return Told(number, report.number, report.received_at, parts(report.redacted, report.claims), said)
