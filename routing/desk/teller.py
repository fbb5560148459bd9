"""What tellers do with what they told: add, urge, rate, take back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake import audit, filing, tickets
from intake.confidentiality import Vault
from intake.masks import masked
from intake.models import Case, Event, FiledReport, Rating, Staff
from intake.traits import hide_own
from routing import states
from routing.authorities import by_code
from routing.desk import blocking, clocks, crimeguard, moves, notices, people
from routing.desk.acts import answered
from routing.errors import BadStars, NotNow, RatedAlready, RatingTooEarly, TooLateToWithdraw, TooLong, WithdrawnAlready
from routing.lives import life
from routing.rules import Rules, legal_day

COMMENT_LIMIT = 2000
_MOVES_THE_DATE = frozenset(
    {"accepted", "case_opened", "clock_resumed", "decided", "extended", "reopened", "suspended", "transferred"}
)


def add_to_report(
    session: Session,
    report: FiledReport,
    text: str,
    files: Sequence[str] = (),
    *,
    rules: Rules,
    vault: Vault,
    now: datetime,
    kind: str = "supplement",
    file_names: Mapping[str, str] | None = None,
) -> None:
    """Words and files (hashes of stored contents) that a teller adds; nothing is refused because the case is closed."""
    case = people.own_case(session, report)
    states.check_teller("add", case.state)
    if text.strip() or not files:
        text = notices.in_words(text, limit=notices.TELLER_LIMIT)
        notices.write_letter(session, report, text, kind=kind, from_teller=True, vault=vault, now=now)
    filing.use_evidence(session, report, tuple(files), vault=vault, now=now, names=file_names)
    data = {"report_id": report.id, "files": len(files), "kind": kind}
    event = audit.append(session, case.id, "supplemented", "teller", data, now)
    answered(session, report, case, now)
    session.flush()
    _tell_desk(session, case, event, "supplemented", now)


def rate(
    session: Session, report: FiledReport, stars: int, comment: str = "", *, rules: Rules, vault: Vault, now: datetime
) -> None:
    """One to five stars, once; the history shows that somebody judged, not how."""
    case = people.own_case(session, report)
    try:
        states.check_teller("rate", case.state)
    except NotNow as early:
        raise RatingTooEarly from early
    if not 1 <= stars <= 5:
        raise BadStars
    if len(comment) > COMMENT_LIMIT:
        raise TooLong(limit=COMMENT_LIMIT)
    if session.get(Rating, report.id) is not None:
        raise RatedAlready
    # Staff read the comment: it is masked like everything else that a teller writes.
    shown = hide_own(session, report, masked(comment.strip(), now=now), vault)
    session.add(Rating(report_id=report.id, stars=stars, comment=shown, at=now))
    audit.append(session, case.id, "rated", "teller", {"report_id": report.id}, now)


def urge(session: Session, report: FiledReport, *, rules: Rules, vault: Vault, now: datetime) -> date:
    """Remind the desk, heard once a day; gives the date that the teller may rely on."""
    case = people.own_case(session, report)
    today = legal_day(now)
    earlier = select(Event).where(Event.case_id == case.id, Event.kind == "urged").order_by(Event.id.desc())
    heard = any(
        event.data["report_id"] == report.id and legal_day(event.at) == today
        for event in session.scalars(earlier.limit(20))
    )
    if not heard and case.closed_at is None:
        event = audit.append(session, case.id, "urged", "teller", {"report_id": report.id}, now)
        session.flush()
        _tell_desk(session, case, event, "urged", now)
    return promised(session, report, case, rules, now)[0]


def promised(session: Session, report: FiledReport, case: Case, rules: Rules, now: datetime) -> tuple[date, str]:
    """The date that holds for this teller, with its derivation: his own period, never another teller's.

    What happened to the case before he told does not move it, since that would show him that others told as well;
    of an acceptance before his time he hears the next day, as if it had been accepted then.
    """
    kinds = select(Event.kind).where(Event.case_id == case.id, Event.at >= report.received_at)
    since = list(session.scalars(kinds.where(Event.kind.in_(_MOVES_THE_DATE))))
    # The clocks of rewards and of tickets belong to single tellers, each of whom hears of his own.
    standing = [clock for clock in clocks.standing(session, case) if clock.kind not in states.of_tellers()]
    if not standing or (not since and legal_day(now) <= legal_day(report.received_at)):
        return report.due_on, report.derivation
    clock = standing[0]
    start = max(legal_day(report.received_at), clock.starts_on)
    extended = min(clock.extended, since.count("extended"))
    due = clocks.due_of(clock, start, rules=rules, place=by_code(case.authority).place, extended=extended)
    return due.due_on, due.prose


def withdraw(
    session: Session,
    report: FiledReport,
    reason: str = "",
    *,
    rules: Rules,
    vault: Vault,
    now: datetime,
    pressed: bool = False,
) -> None:
    """Note that a teller takes his report back; `pressed` where somebody makes him, which the leaders learn at once.

    A clue of fraud is followed all the same. A complaint ends where its only teller freely ends it.
    """
    case = people.own_case(session, report)
    if report.id in people.withdrawn(session, case):
        raise WithdrawnAlready
    try:
        states.check_teller("withdraw", case.state)
    except NotNow as late:
        raise TooLateToWithdraw from late
    if reason.strip():
        text = notices.in_words(reason, limit=notices.TELLER_LIMIT)
        notices.write_letter(session, report, text, kind="note", from_teller=True, vault=vault, now=now)
    data = {"report_id": report.id, "pressed": pressed}
    event = audit.append(session, case.id, "withdrawn", "teller", data, now)
    session.flush()
    followed = crimeguard.open_transfer(session, case) is not None  # a suspected crime is nobody's to take back
    if case.side == "enterprise" and not pressed and not followed and not people.reports_of(session, case):
        case.outcome = "withdrawn"
        stopped = clocks.stop(session, case, lambda _kind: True, now=now, state="cancelled")
        tickets.end(session, stopped, life("ticket").table["ends"]["withdraw"], now)
        moves.enter(case, moves.CLOSED, now)
        blocking.end(session, case, now)
        clocks.settle(session, case)
        audit.append(session, case.id, "closed", "system", {"outcome": "withdrawn"}, now)
    leaders = people.staff_of(session, [case.authority], "leader") if pressed else []
    _tell_desk(session, case, event, "pressed" if pressed else "withdrawn", now, also=leaders)


def _tell_desk(session: Session, case: Case, event: Event, key: str, now: datetime, also: Sequence[Staff] = ()) -> None:
    """A notice to whoever handles the case."""
    to = {one.id: one for one in [*people.responsible(session, case), *also]}
    body = notices.to_staff(key, case)
    notices.tell_staff(session, to.values(), case, notices.of(event), body, now=now, urgent=key == "pressed")
