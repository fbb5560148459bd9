"""What reads hand out: frozen values, so that a page can show no more than it was given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as its viewer may see it; what he may not see is empty."""

    id: int
    number: str
    side: str
    state: str
    authority: str
    handler_id: int | None
    institution: str | None
    organ: str | None
    place: str | None
    codes: tuple[str, ...]
    summary: str
    routing: Mapping[str, Any]
    outcome: str | None
    opened_at: datetime | None
    closed_at: datetime | None
    next_due: date | None
    reports: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a queue; `total` counts the whole."""

    rows: tuple[CaseView, ...]
    total: int


@dataclass(frozen=True, slots=True)
class ClockView:
    """One period on a case; its derivation only for those who may see how it was reckoned."""

    id: int
    kind: str
    state: str
    starts_on: date
    due_on: date
    extended: int
    derivation: Mapping[str, Any]
    spans: tuple[Mapping[str, Any], ...] = ()
    """When it stood still; without the grounds for those who do not see how it was reckoned."""


@dataclass(frozen=True, slots=True)
class TicketView:
    """The work order of a hotline behind a report; `clock_id` is its own limit."""

    report_id: int
    number: str
    state: str
    result: str | None
    reopened: int
    clock_id: int | None


@dataclass(frozen=True, slots=True)
class EventView:
    """One thing that happened: `actor`, `data` and `words` are empty where the viewer may not know who, or what was said."""

    at: datetime
    kind: str
    actor: str
    data: Mapping[str, Any]
    words: str


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
class CustodyLine:
    """One thing that happened to one file of one report; `actor` as in the history."""

    report_id: int
    digest: str
    kind: str
    at: datetime
    actor: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PaperView:
    """A paper as it stands in the ledger; its content is opened apart. `case` is the number of its case."""

    id: int
    case: str
    number: str
    kind: str
    authority: str
    report_id: int | None
    taker: str
    staff_id: int | None
    at: datetime
    sm3: str
    size: int
    erased: bool


@dataclass(frozen=True, slots=True)
class RatingView:
    """The teller's judgement."""

    stars: int
    comment: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReportView:
    """One report as staff see it: the redacted copy, and of the teller at most how he wants to be treated."""

    report_id: int
    number: str
    received_at: datetime | None
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
    due_on: date | None
    derivation: str
    rating: RatingView | None


@dataclass(frozen=True, slots=True)
class PairView:
    """Two reports that may tell one matter, for a person to compare; both redacted, as everything staff see."""

    id: int
    score: float
    reasons: tuple[str, ...]
    later: ReportView
    earlier: ReportView
    later_case: str
    earlier_case: str

    @property
    def together(self) -> bool:
        """Whether both lie in one case already."""
        return self.later_case == self.earlier_case


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything that a member of staff sees of one case; `may_act` is false for those who only look on."""

    case: CaseView
    reports: tuple[ReportView, ...]
    clocks: tuple[ClockView, ...]
    events: tuple[EventView, ...]
    letters: tuple[LetterView, ...]
    files: tuple[FileView, ...]
    may_act: bool
    custody: tuple[CustodyLine, ...] = ()
    tickets: tuple[TicketView, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, as the teller sees it: what and when, never who."""

    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TellerPage:
    """Everything that a teller sees of his own report; nothing in it depends on other tellers."""

    report_id: int
    number: str
    side: str
    outcome: str | None
    authority: str
    received_at: datetime
    due_on: date
    derivation: str
    text: str
    steps: tuple[Step, ...]
    letters: tuple[LetterView, ...]
    notices: tuple[tuple[datetime, str], ...]
    files: tuple[FileView, ...]
    rating: RatingView | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Figures of a period, and of now; None is a figure that is withheld because it, or another one, is small."""

    opened: int | None
    closed: int | None
    open_now: int | None
    overdue: int | None
    reports: int | None
    by_state: Mapping[str, int | None]
    by_side: Mapping[str, int | None]
    by_code: Mapping[str, int | None]
    by_outcome: Mapping[str, int | None]
    ratings: int | None
    mean_stars: float | None
