"""What reads hand out: frozen values, so that a page can show no more than it was given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from intake.models import Case, Clock, Event, FiledReport, Suggestion


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of a queue."""

    case_id: int
    number: str
    side: str
    state: str
    authority: str
    institution: str | None
    organ: str | None
    place: str | None
    codes: tuple[str, ...]
    summary: str
    opened_at: datetime
    closed_at: datetime | None
    next_due: date | None
    reports: int


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a queue; `total` counts the whole."""

    rows: tuple[QueueRow, ...]
    total: int


@dataclass(frozen=True, slots=True)
class LetterView:
    """A letter as its reader may see it."""

    letter_id: int
    report_id: int
    from_teller: bool
    kind: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FileView:
    """A piece of evidence; `name` is what the teller called it, empty for staff, since it may tell who he is."""

    digest: str
    sm3: str
    media_type: str
    size: int
    at: datetime
    report_id: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class RatingView:
    """The teller's judgement."""

    stars: int
    comment: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReportView:
    """One report as staff see it: the redacted copy, and of the teller only how he wants to be treated."""

    report_id: int
    number: str
    received_at: datetime
    channel: str
    mode: str
    redacted: str
    claims: tuple[Mapping[str, Any], ...]
    institution: str | None
    organ: str | None
    place: str | None
    place_text: str | None
    period_first: date | None
    period_last: date | None
    ongoing: bool
    amount_yuan: Decimal | None
    facts: Mapping[str, Any]
    wants_reward: bool | None
    match: Mapping[str, Any]
    due_on: date
    derivation: str
    rating: RatingView | None


@dataclass(frozen=True, slots=True)
class PairView:
    """Two reports that may tell one matter, for a person to compare; both redacted, as everything staff see."""

    suggestion: Suggestion
    later: FiledReport
    earlier: FiledReport
    later_case: str
    earlier_case: str

    @property
    def together(self) -> bool:
        """Whether both lie in one case already."""
        return self.later.case_id == self.earlier.case_id


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything that a member of staff sees of one case; `may_act` is false for those who only look on."""

    case: Case
    reports: tuple[ReportView, ...]
    clocks: tuple[Clock, ...]
    events: tuple[Event, ...]
    letters: tuple[LetterView, ...]
    files: tuple[FileView, ...]
    may_act: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, as the teller sees it: what and when, never who."""

    kind: str
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TellerPage:
    """Everything that a teller sees of his own report; nothing in it depends on other tellers."""

    report_id: int
    number: str
    side: str
    state: str
    outcome: str | None
    authority: str
    received_at: datetime
    due_on: date
    derivation: str
    text: str
    closed_at: datetime | None
    steps: tuple[Step, ...]
    letters: tuple[LetterView, ...]
    notices: tuple[tuple[datetime, str], ...]
    files: tuple[FileView, ...]
    rating: RatingView | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Figures of a period, and of now."""

    opened: int
    closed: int
    open_now: int
    overdue: int
    reports: int
    by_state: Mapping[str, int]
    by_side: Mapping[str, int]
    by_code: Mapping[str, int]
    by_outcome: Mapping[str, int]
    ratings: int
    mean_stars: float | None
