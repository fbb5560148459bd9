"""From rows to what a viewer may read of them: each field passes his lens, and what does not pass stays behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from intake import crime
from intake.access import Lens
from intake.models import Case, Clock, Event, FiledReport, Rating, Ticket
from intake.views import CaseView, ClockView, EventView, RatingView, ReportView, TicketView

RESULT = {"decided": ("outcome",), "declined": ("reason",)}
"""The events that tell the result of a case to those who look on, with their words: never a question to a teller."""
OF_THE_CASE = frozenset(
    {
        "opened", "accepted", "case_opened", "clock_resumed", "closed", "decided", "declined", "extended", "referred",
        "reopened", "replied", "suspended", "transferred",
    }
)  # fmt: skip
"""What happened to the case itself; the rest of its history speaks of tellers, and onlookers could count them."""


def case(row: Case, lens: Lens, *, reports: int | None = None) -> CaseView:
    """A case; `reports` is how many were told, where the caller counted."""
    return CaseView(
        id=row.id,
        number=lens.give("case", "number", row.number, ""),
        side=lens.give("case", "side", row.side, ""),
        state=lens.give("case", "state", row.state, ""),
        authority=lens.give("case", "authority", row.authority, ""),
        handler_id=lens.give("case", "handler", row.handler_id, None),
        institution=lens.give("case", "institution", row.institution, None),
        organ=lens.give("case", "organ", row.organ, None),
        place=lens.give("case", "place", row.place, None),
        codes=lens.give("case", "codes", tuple(row.codes), ()),
        summary=lens.give("case", "summary", row.summary, ""),
        routing=lens.give("case", "routing", row.routing, {}),
        outcome=lens.give("case", "outcome", row.outcome, None),
        opened_at=lens.give("case", "times", row.opened_at, None),
        closed_at=lens.give("case", "times", row.closed_at, None),
        next_due=lens.give("case", "due", row.next_due, None),
        reports=lens.give("case", "reports", reports, None),
    )


def clock(row: Clock, lens: Lens) -> ClockView:
    """A period; the caller leaves it out where even its dates are not for this viewer."""
    derivation = lens.give("clock", "derivation", row.derivation, {})
    spans = tuple(row.spans) if derivation else ()
    return ClockView(row.id, row.kind, row.state, row.starts_on, row.due_on, row.extended, derivation, spans)


def clocks(rows: Sequence[Clock], lens: Lens) -> tuple[ClockView, ...]:
    """The periods of a case, none where the viewer may not see them; those of a criminal inquiry only to who handles it."""
    if not lens.sees("clock", "dates"):
        return ()
    secret = () if lens.sees("crime", "clocks") else crime.CLOCKS
    return tuple(clock(row, lens) for row in rows if row.kind not in secret)


def tickets(rows: Sequence[Ticket], lens: Lens) -> tuple[TicketView, ...]:
    """The hotlines' work orders of a case, none where the viewer may not see them."""
    if not lens.sees("ticket", "state"):
        return ()
    return tuple(
        TicketView(
            report_id=row.report_id,
            number=lens.give("ticket", "number", row.number, ""),
            state=row.state,
            result=row.result,
            reopened=row.reopened,
            clock_id=row.clock_id,
        )
        for row in rows
    )


def events(rows: Sequence[Event], said: Mapping[int, str], lens: Lens, names: Sequence[str]) -> tuple[EventView, ...]:
    """The history, `said` its words by event; whoever reads no actors reads only what happened to the case itself."""
    if not lens.sees("event", "what"):
        return ()
    onlooker = not lens.sees("event", "who")
    return tuple(
        _event(row, said.get(row.id, ""), lens, names) for row in rows if not onlooker or row.kind in OF_THE_CASE
    )


def _event(row: Event, words: str, lens: Lens, names: Sequence[str]) -> EventView:
    actor = lens.give("event", "who", row.actor, "")
    if lens.sees("event", "words"):
        return EventView(row.at, row.kind, actor, dict(row.data), words)
    told = {key: row.data[key] for key in RESULT.get(row.kind, ()) if key in row.data}
    result = lens.words("event", "result", words, names, row.at) if row.kind in RESULT else ""
    return EventView(row.at, row.kind, actor, lens.give("event", "result", told, {}), result)


def report(row: FiledReport, mode: str, rating: Rating | None, lens: Lens, names: Sequence[str]) -> ReportView:
    """One report: the redacted copy, veiled for those who look on."""
    give, now = lens.give, row.received_at
    return ReportView(
        report_id=row.id,
        number=give("report", "number", row.number, ""),
        received_at=give("report", "received", row.received_at, None),
        channel=give("report", "channel", row.channel, ""),
        mode=give("report", "mode", mode, ""),
        redacted=lens.words("report", "text", row.redacted, names, now),
        claims=give("report", "claims", tuple(row.claims), ()),
        institution=give("report", "names", row.institution, None),
        organ=give("report", "names", row.organ, None),
        place=give("report", "place", row.place, None),
        place_text=give("report", "place", row.place_text, None),
        period_first=give("report", "period", row.period_first, None),
        period_last=give("report", "period", row.period_last, None),
        ongoing=give("report", "period", row.ongoing, False),
        amount_yuan=give("report", "amount", row.amount_yuan, None),
        facts=give("report", "facts", row.facts, {}),
        wants_reward=give("report", "reward", row.wants_reward, None),
        match=give("report", "match", row.match, {}),
        due_on=give("report", "promise", row.due_on, None),
        derivation=give("report", "promise", row.derivation, ""),
        rating=give("report", "rating", judgement(rating), None),
    )


def judgement(row: Rating | None) -> RatingView | None:
    """The judgement, if there is one."""
    return RatingView(row.stars, row.comment, row.at) if row else None


def called(row: Case, reports: Sequence[FiledReport]) -> tuple[str, ...]:
    """Every name that the institutions of a case are called by, for the veil."""
    return tuple({name for name in (row.institution, *(one.institution for one in reports)) if name})
