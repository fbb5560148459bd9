"""督办 and 约谈: a leader asks an office to answer for a case by a day, is answered, and closes it or summons the head.

Who oversees: a leader of the case's own authority, or of one above it that is not complained of. The head of an office
is summoned by an authority above it alone. What is written stands beside the events, and passes the gate for texts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.confidentiality import Vault
from intake.models import Case, Clock, Event, Oversight, Staff
from routing.authorities import Authority, by_code, superior_of
from routing.desk import clocks, moves, notices, outgoing, papers, people
from routing.errors import (
    AccusedMayNotHandle,
    BadTalkDay,
    Conflicted,
    NotNow,
    NotOverseer,
    OnlyAboveSummons,
    OverseenAlready,
    OversightNotFound,
)
from routing.lives import life
from routing.rules import Rules, legal_day
from routing.wording import long_day, say

ANSWER = "oversight_answer"
LIFE = "oversight"


def open_oversight(
    session: Session, case_id: int, officer: Staff, *, reason: str, rules: Rules, vault: Vault, now: datetime
) -> Case:
    """Ask the office to answer for the case; until when, the law book says (key oversight_answer)."""
    case = people.case_for(session, case_id)
    move = life(LIFE).check("open_oversight", "none", officer.role)
    may_oversee(officer, case)
    if case.closed_at is not None:
        raise NotNow(state=say("oversight.case_closed"), verb=move.name, allowed="—")
    words, reason = {"reason": reason}, notices.in_words(reason)
    outgoing.check(session, case, "open_oversight", words, reason, to=outgoing.STAFF, vault=vault, now=now)
    if _running(session, case, officer.authority) is not None:
        raise OverseenAlready
    clock = _start(session, case, rules, now)
    it = Oversight(
        case_id=case.id, authority=officer.authority, opened_by=officer.id, state=str(move.target), clock_id=clock.id,
        opened_at=now,
    )  # fmt: skip
    session.add(it)
    session.flush()
    event = _note(session, it, case, "oversight_opened", officer, reason, now, due=clock.due_on)
    _tell_office(session, it, case, event, "oversight_opened", officer, now, due=long_day(clock.due_on))
    if officer.authority != case.authority:
        _letter(session, case, officer, reason, clock.due_on, rules=rules, vault=vault, now=now)
    return case


def _letter(
    session: Session,
    case: Case,
    officer: Staff,
    reason: str,
    reply_by: date,
    *,
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> None:
    """The letter of an authority above to the office, with what is overdue; within one office nobody writes letters."""
    today = legal_day(now)
    facts = {"text": reason, "reply_by": papers.day(reply_by)}
    late = next((one for one in clocks.running(session, case) if one.kind != ANSWER and one.due_on < today), None)
    if late is not None:
        over = str((today - late.due_on).days)
        facts |= {"clock": rules.law.kind(late.kind).name, "due": papers.day(late.due_on), "over": over}
    papers.make(
        session, case, "supervise_letter", facts, taker=by_code(case.authority).name, officer=officer, vault=vault,
        now=now, passed=[reason],
    )  # fmt: skip


def answer_oversight(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    oversight_id: int,
    text: str,
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """The office answers: what stood in the way, and by when it is done."""
    case, it = _of(session, case_id, oversight_id)
    people.may_handle(officer, case)
    words = {"oversight_id": oversight_id, "text": text}
    text = _checked(session, case, it, officer, "answer_oversight", words, text, vault, now)
    it.answered_at = now
    event = _note(session, it, case, "oversight_answered", officer, text, now)
    _tell_overseers(session, it, case, event, "oversight_answered", officer, now)
    return case


def summon_head(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    oversight_id: int,
    reason: str,
    on: str,
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """Escalate: the head of the office is called in for a talk on a day, given as 2026-11-25."""
    case, it = _of(session, case_id, oversight_id)
    _must_be_theirs(officer, case, it)
    if officer.authority == case.authority:
        raise OnlyAboveSummons
    day = _day(on, now)
    words = {"oversight_id": oversight_id, "reason": reason, "on": on}
    reason = _checked(session, case, it, officer, "summon_head", words, reason, vault, now)
    event = _note(session, it, case, "oversight_summoned", officer, reason, now, on=day)
    _tell_office(session, it, case, event, "oversight_summoned", officer, now, on=long_day(day), heads=True)
    return case


def record_talk(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    oversight_id: int,
    text: str,
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """Write down what was agreed; the office answers anew within the period, from this day."""
    case, it = _of(session, case_id, oversight_id)
    _must_be_theirs(officer, case, it)
    words = {"oversight_id": oversight_id, "text": text}
    text = _checked(session, case, it, officer, "record_talk", words, text, vault, now)
    it.talked_at = now
    due: dict[str, object] = {}
    if case.closed_at is None:
        clock = _start(session, case, rules, now)
        it.clock_id, due = clock.id, {"due": clock.due_on}
    event = _note(session, it, case, "oversight_talked", officer, text, now, **due)
    _tell_office(session, it, case, event, "oversight_talked", officer, now, heads=True)
    return case


def close_oversight(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    oversight_id: int,
    text: str,
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """Settle it, with a word on why."""
    case, it = _of(session, case_id, oversight_id)
    _must_be_theirs(officer, case, it)
    words = {"oversight_id": oversight_id, "text": text}
    text = _checked(session, case, it, officer, "close_oversight", words, text, vault, now)
    event = _note(session, it, case, "oversight_closed", officer, text, now)
    _tell_office(session, it, case, event, "oversight_closed", officer, now)
    return case


def of_case(session: Session, case: Case) -> list[Oversight]:
    """Every oversight of a case, the newest first; for its page."""
    return list(session.scalars(select(Oversight).where(Oversight.case_id == case.id).order_by(Oversight.id.desc())))


def may_oversee(officer: Staff, case: Case) -> None:
    """Refuse whoever is no leader of the case's authority or of one above it, is complained of, or has an interest."""
    above: Authority | None = by_code(case.authority)
    while above is not None and above.code != officer.authority:
        above = superior_of(above)
    if above is None or not officer.active or officer.role != "leader":
        raise NotOverseer(authority=by_code(case.authority).name)
    if officer.authority in people.excluded(case):
        raise AccusedMayNotHandle(authority=by_code(officer.authority).name)
    if people.conflicted(officer, case):
        raise Conflicted(institution=case.institution)


def _day(written: str, now: datetime) -> date:
    """A day that is still to come, or today; BadTalkDay otherwise."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise BadTalkDay from None
    if day < legal_day(now):
        raise BadTalkDay
    return day


def _must_be_theirs(officer: Staff, case: Case, it: Oversight) -> None:
    """Only leaders of the authority that opened it lead it on."""
    may_oversee(officer, case)
    if officer.authority != it.authority:
        raise NotOverseer(authority=by_code(it.authority).name)


def _of(session: Session, case_id: int, oversight_id: int) -> tuple[Case, Oversight]:
    """The case, held against other writers, and its oversight."""
    case = people.case_for(session, case_id)
    it = session.get(Oversight, oversight_id, populate_existing=True)
    if it is None or it.case_id != case.id:
        raise OversightNotFound
    return case, it


def _running(session: Session, case: Case, authority: str) -> Oversight | None:
    open_now = (Oversight.case_id == case.id, Oversight.authority == authority, Oversight.state != "closed")
    return session.scalar(select(Oversight).where(*open_now))


def _checked(
    session: Session,
    case: Case,
    it: Oversight,
    officer: Staff,
    verb: str,
    words: dict[str, object],
    text: str,
    vault: Vault,
    now: datetime,
) -> str:
    """The text after every question was asked; then the state is changed and the clock stopped, as the table says."""
    move = life(LIFE).check(verb, it.state, officer.role)
    text = notices.in_words(text)
    outgoing.check(session, case, verb, words, text, to=outgoing.STAFF, vault=vault, now=now)
    it.state = str(move.target)
    if it.state == moves.CLOSED:
        it.closed_at = now
    clock = session.get(Clock, it.clock_id)
    if clock is not None and move.stops_clock(ANSWER):
        clocks.stop_own(clock, now=now, state="met" if verb == "answer_oversight" else "cancelled")
    session.flush()
    clocks.settle(session, case)
    return text


def _start(session: Session, case: Case, rules: Rules, now: datetime) -> Clock:
    clock = clocks.start_own(session, case, ANSWER, rules=rules, on=legal_day(now), now=now)
    clocks.settle(session, case)
    return clock


def _note(
    session: Session, it: Oversight, case: Case, kind: str, officer: Staff, words: str, now: datetime, **days: object
) -> Event:
    told = {name: day.isoformat() for name, day in days.items() if isinstance(day, date)}
    return moves.note(
        session, case, kind, officer, {"oversight": it.id, "authority": it.authority, **told}, now, words=words
    )


def _tell_office(
    session: Session,
    it: Oversight,
    case: Case,
    event: Event,
    key: str,
    officer: Staff,
    now: datetime,
    *,
    heads: bool = False,
    **facts: object,
) -> None:
    """The leaders of the office, and unless it is for the `heads` alone whoever handles the case."""
    to = people.staff_of(session, [case.authority], "leader")
    to += [] if heads else people.responsible(session, case)
    _tell(session, to, it, case, event, key, officer, now, **facts)


def _tell_overseers(
    session: Session, it: Oversight, case: Case, event: Event, key: str, officer: Staff, now: datetime
) -> None:
    """Whoever opened it; the leaders of his office where he has left."""
    opener = session.get_one(Staff, it.opened_by)
    to = [opener] if opener.active else people.staff_of(session, [it.authority], "leader")
    _tell(session, to, it, case, event, key, officer, now)


def _tell(
    session: Session,
    to: Iterable[Staff],
    it: Oversight,
    case: Case,
    event: Event,
    key: str,
    officer: Staff,
    now: datetime,
    **facts: object,
) -> None:
    """A sentence without a word of what was written, which stands on the page of the case."""
    body = say(f"staff.{key}", number=case.number, authority=by_code(it.authority).name, **facts)
    others = {one.id: one for one in to if one.id != officer.id}
    notices.tell_staff(session, others.values(), case, notices.of(event), body, now=now)
