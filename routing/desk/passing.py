"""A case changes hands: with its papers, with new clocks, never to the accused, and never passed on twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.confidentiality import Vault
from intake.models import Case, Event, Staff
from routing.authorities import AGENCY, BUREAU, Authority, by_code, common_superior, is_above
from routing.desk import clocks, crimeguard, moves, notices, papers, people
from routing.errors import AccusedMayNotHandle, NoSecondPass, NotInSystem, SameAuthority
from routing.lives import life
from routing.rules import Rules, legal_day
from routing.wording import long_day, say

KINDS = frozenset({BUREAU, AGENCY})
"""The kinds of authority that answer in this system; every other is written to on paper."""


def may_hold(case: Case, taker: Authority) -> None:
    """Refuse the authority that has the case, one that is complained of, and one that never answers here."""
    if taker.code == case.authority:
        raise SameAuthority(authority=taker.name)
    if taker.code in people.excluded(case):
        raise AccusedMayNotHandle(authority=taker.name)
    if taker.kind not in KINDS:
        raise NotInSystem(authority=taker.name)


def not_twice(session: Session, case: Case, giver: Authority, taker: Authority) -> None:
    """Refuse a second passing on sideways.

    Procedure 令第4号 Art. 10–12: whoever was passed a case, or assigned, or designated, and disagrees asks the
    superior, and does not pass it on.
    """
    if is_above(taker, giver):
        return
    passed = session.scalars(select(Event.data).where(Event.case_id == case.id, Event.kind == "transferred"))
    if any(data.get("sideways") or data.get("final") for data in passed):
        raise NoSecondPass(superior=common_superior(giver, taker, excluded=people.excluded(case)).name)


def hand_on(
    session: Session,
    case: Case,
    taker: Authority,
    *,
    actor: str,
    data: Mapping[str, Any],
    final: bool,
    reason: str,
    officer: Staff,
    rules: Rules,
    vault: Vault,
    now: datetime,
    letter: str = "transfer_letter",
) -> Event:
    """The case is the taker's: received there anew, its clocks start again from today; tellers and officers are told.

    `final` where nobody but a superior may move it again: it was assigned or designated. `letter` is the paper that
    goes with it; empty where its caller writes one.
    """
    crimeguard.check(session, case, "transfer")
    giver = by_code(case.authority)
    move = life("case").check("transfer", case.state)
    case.authority, case.handler_id = taker.code, None
    sideways = not (is_above(taker, giver) or is_above(giver, taker))
    event = moves.make(
        session,
        case,
        move,
        kind="transferred",
        actor=actor,
        data={"from": giver.code, "to": taker.code, "sideways": sideways, "final": final, **data},
        words=reason,
        rules=rules,
        now=now,
        cancel=True,
        note=say("derivation.transferred", day=long_day(legal_day(now)), giver=giver.name, taker=taker.name),
    )
    statutory = life("assignment").table["case"]["outlives"]
    due_on = next(one.due_on for one in clocks.running(session, case) if one.kind not in statutory)
    due, facts = long_day(due_on), {"due": papers.day(due_on), "taker": taker.name, "reason": reason}
    sent: dict[str, Any] = {"officer": officer, "sender": giver, "vault": vault, "now": now, "passed": [reason]}
    if letter:
        papers.make(session, case, letter, facts, taker=taker.name, **sent)
    for report in people.reports_of(session, case):
        papers.make(session, case, "transfer_notice", facts, report=report, **sent)
        body = say("teller.transferred", number=report.number, giver=giver.name, taker=taker.name, due=due)
        notices.tell(session, report, notices.of(event), body, now=now)
    body = notices.to_staff("transferred_in", case, giver=giver.name, reason=reason, due=due)
    notices.tell_staff(session, people.responsible(session, case), case, notices.of(event), body, now=now)
    return event
