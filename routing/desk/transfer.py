"""Passing a case to the authority that is competent: with its papers, with new clocks, never to the accused."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.confidentiality import Vault
from intake.models import Case, Event, Staff
from routing.authorities import Authority, by_code, superior_of
from routing.desk import clocks, moves, notices, outgoing, papers, people
from routing.errors import AccusedMayNotHandle, NoSecondPass, SameAuthority
from routing.rules import Rules, legal_day
from routing.wording import long_day, say


def transfer(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    authority: str,
    reason: str,
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """Hand the case over; it is received there anew, and its clocks start again from today."""
    case, move = moves.begin(session, case_id, officer, "transfer")
    words = {"authority": authority, "reason": reason}
    reason = notices.in_words(reason)
    giver, taker = by_code(case.authority), by_code(authority)
    _may_pass(session, case, giver, taker)
    outgoing.check(session, case, "transfer", words, reason, to=outgoing.AUTHORITY, vault=vault, now=now)
    case.authority, case.handler_id = taker.code, None
    event = moves.make(
        session,
        case,
        move,
        kind="transferred",
        actor=moves.by(officer),
        data={"from": giver.code, "to": taker.code, "sideways": not _in_line(giver, taker)},
        words=reason,
        rules=rules,
        now=now,
        cancel=True,
        note=say("derivation.transferred", day=long_day(legal_day(now)), giver=giver.name, taker=taker.name),
    )
    due_on = clocks.running(session, case)[0].due_on
    due, facts = long_day(due_on), {"due": papers.day(due_on), "taker": taker.name, "reason": reason}
    papers.make(
        session, case, "transfer_letter", facts, taker=taker.name, officer=officer, vault=vault, now=now,
        passed=[reason],
    )  # fmt: skip
    for report in people.reports_of(session, case):
        body = say("teller.transferred", number=report.number, giver=giver.name, taker=taker.name, due=due)
        notices.tell(session, report, notices.of(event), body, now=now)
        papers.make(session, case, "transfer_notice", facts, report=report, officer=officer, vault=vault, now=now)
    body = notices.to_staff("transferred_in", case, giver=giver.name, reason=reason, due=due)
    notices.tell_staff(session, people.responsible(session, case), case, notices.of(event), body, now=now)
    return case


def _may_pass(session: Session, case: Case, giver: Authority, taker: Authority) -> None:
    """Refuse the accused, the same authority, and a second passing on.

    Procedure 令第4号 Art. 10–12: whoever was passed a case and disagrees asks the superior, and does not pass it on.
    """
    if taker.code == giver.code:
        raise SameAuthority(authority=taker.name)
    if taker.code in people.excluded(case):
        raise AccusedMayNotHandle(authority=taker.name)
    if _in_line(giver, taker):
        return
    passed = session.scalars(select(Event.data).where(Event.case_id == case.id, Event.kind == "transferred"))
    if any(data.get("sideways") for data in passed):
        superior = superior_of(giver)
        raise NoSecondPass(superior=superior.name if superior else giver.name)


def _in_line(one: Authority, other: Authority) -> bool:
    """Whether one of the two stands above the other."""
    return _above(one, other) or _above(other, one)


def _above(low: Authority, high: Authority) -> bool:
    current = superior_of(low)
    while current is not None:
        if current.code == high.code:
            return True
        current = superior_of(current)
    return False
