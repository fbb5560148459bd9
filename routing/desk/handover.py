"""Handing a case over by agreement: offered, then taken, sent back with an article, or disputed until it is designated.

Until then the office that has the case remains responsible and its clocks run on. The life is life/handover.toml.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake import handovers, remarks
from intake.confidentiality import Vault
from intake.models import Case, Clock, Event, Handover, Staff
from routing.authorities import Authority, by_code, is_above
from routing.desk import clocks, crimeguard, moves, notices, outgoing, passing, people
from routing.desk import handoversteps as steps
from routing.errors import AssignInstead, RewriteText, TextHeld, UnknownGround
from routing.lives import life
from routing.rules import Rules, legal_day
from routing.wording import long_day, say


def offer(
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
    """Offer the case to another authority, which has to answer; here everything goes on as before."""
    case = people.case_for(session, case_id)
    people.may_handle(officer, case)
    before = handovers.latest(session, case.id)
    move = steps.allowed(case, "offer", before.state if before else "none", officer)
    words = {"authority": authority, "reason": reason}
    reason, giver, taker = notices.in_words(reason), by_code(case.authority), by_code(authority)
    passing.may_hold(case, taker)
    crimeguard.check(session, case, "offer")
    if is_above(giver, taker):
        raise AssignInstead(authority=taker.name)
    passing.not_twice(session, case, giver, taker)
    outgoing.check(session, case, "offer", words, reason, to=outgoing.AUTHORITY, vault=vault, now=now)
    row = Handover(
        case_id=case.id,
        state="offered",
        giver=giver.code,
        taker=taker.code,
        superior=steps.superior(session, case, giver, taker),
        offered_at=now,
    )
    session.add(row)
    session.flush()
    note = say("derivation.offered", day=long_day(legal_day(now)), giver=giver.name, taker=taker.name)
    told = {"from": giver.code, "to": taker.code}
    event = steps.make(
        session, steps.Step(case, row, move), "offered", moves.by(officer), told, reason, rules, now, note
    )
    steps.tell(session, row, case, event, "offered", [*people.at_desk(session, case, taker.code)], now, reason=reason)
    return case


def take(session: Session, case_id: int, officer: Staff, *, rules: Rules, vault: Vault, now: datetime) -> Case:
    """The authority that was offered the case takes it: from now on it is responsible."""
    step = steps.begin(session, case_id, officer, "take")
    passing.may_hold(step.case, by_code(step.row.taker))
    givers = people.responsible(session, step.case)
    step.row.answered_at = step.row.answered_at or now
    event = _hand_on(session, step, by_code(step.row.taker), officer, rules, vault, now)
    steps.tell(session, step.row, step.case, event, "taken", givers, now)
    return step.case


def send_back(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    ground: str,
    reason: str,
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """Refuse an offer, with the article; the office that offered it keeps the case, or asks the common superior."""
    step = steps.begin(session, case_id, officer, "send_back")
    grounds = steps.grounds_of_refusal()
    if ground not in grounds:
        raise UnknownGround(ground=ground, known="、".join(grounds.values()))
    words = {"ground": ground, "reason": reason}
    reason = notices.in_words(reason)
    _check(session, step.case, officer, "send_back", words, reason, vault, now)
    step.row.ground, step.row.answered_at, step.row.settled_at = ground, now, now
    event = steps.make(session, step, "sent_back", moves.by(officer), {"ground": ground}, reason, rules, now)
    to = people.responsible(session, step.case)
    steps.tell(session, step.row, step.case, event, "sent_back", to, now, reason=reason, ground=grounds[ground])
    return step.case


def dispute(
    session: Session, case_id: int, officer: Staff, *, reason: str, rules: Rules, vault: Vault, now: datetime
) -> Case:
    """Disagree, and ask the common superior: the two have seven working days to agree, then it designates."""
    step = steps.begin(session, case_id, officer, "dispute")
    words, case = {"reason": reason}, step.case
    reason = notices.in_words(reason)
    _check(session, case, officer, "dispute", words, reason, vault, now)
    step.row.answered_at, step.row.settled_at = step.row.answered_at or now, None
    event = steps.dispute(session, step, "disputed", moves.by(officer), reason, rules, now)
    steps.tell(session, step.row, case, event, "disputed", steps.everybody(session, step), now, reason=reason)
    return case


def take_back(
    session: Session, case_id: int, officer: Staff, *, reason: str, rules: Rules, vault: Vault, now: datetime
) -> Case:
    """The office that has the case gives up the offer or the dispute, and goes on with it."""
    step = steps.begin(session, case_id, officer, "take_back")
    words = {"reason": reason}
    reason = notices.in_words(reason)
    outgoing.check(session, step.case, "take_back", words, reason, to=outgoing.AUTHORITY, vault=vault, now=now)
    to = people.at_desk(session, step.case, step.row.taker)
    if step.row.state == "disputed":
        to = steps.everybody(session, step)
    step.row.settled_at = now
    event = steps.make(session, step, "taken_back", moves.by(officer), {}, reason, rules, now)
    if step.case.authority == step.row.taker:  # who had taken it and then disagreed keeps it
        step.row.state = "accepted"
    steps.tell(session, step.row, step.case, event, "taken_back", to, now)
    return step.case


def designate(
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
    """The common superior's leader says who is responsible; that is final.

    Penalty Law Art. 25, fund regulation Art. 26.
    """
    step = steps.begin(session, case_id, officer, "designate")
    words, case, chosen = {"authority": authority, "reason": reason}, step.case, by_code(authority)
    reason = notices.in_words(reason)
    if chosen.code != case.authority:
        passing.may_hold(case, chosen)
    outgoing.check(session, case, "designate", words, reason, to=outgoing.AUTHORITY, vault=vault, now=now)
    to = {one.id: one for one in [*steps.everybody(session, step), *people.at_desk(session, case, chosen.code)]}
    step.row.designated, step.row.settled_at = chosen.code, now
    event = steps.make(session, step, "designated", moves.by(officer), {"to": chosen.code}, reason, rules, now)
    steps.tell(session, step.row, case, event, "designated", [*to.values()], now, reason=reason, designated=chosen.name)
    if chosen.code != case.authority:
        passing.hand_on(
            session,
            case,
            chosen,
            actor=moves.by(officer),
            data={"handover": step.row.id},
            final=True,
            reason=reason,
            officer=officer,
            rules=rules,
            vault=vault,
            now=now,
        )
    return case


def offer_day(session: Session, clock: Clock, case: Case, stage: str, *, rules: Rules, now: datetime) -> int | None:
    """What time does to an offer or a dispute: remind whoever has to answer; unanswered, it goes to the superior.

    Gives how many were told; None where somebody is just at the case, so that it has to be asked again.
    """
    row = handovers.standing(session, case.id)
    if row is None or row.clock_id != clock.id:
        return 0
    late = legal_day(now) > clock.due_on
    if row.state == "offered" and late:
        free = select(Case.id).where(Case.id == case.id).with_for_update(key_share=True, skip_locked=True)
        if session.scalar(free) is None:  # an officer is at it: he may wait for this clock, so nobody waits for him
            return None
        return _escalate(session, row, case, rules=rules, now=now)
    if row.state == "offered":
        key, to = "offer_due", people.at_desk(session, case, row.taker)
    else:
        key, to = "dispute_due", people.leaders_above(session, case, row.superior)
    occasion = f"clock-{clock.id}-{stage}" + (f"-{legal_day(now).isoformat()}" if late else "")
    facts = steps.names(row, case) | {"due": long_day(clock.due_on)}
    notices.tell_staff(session, to, case, occasion, notices.to_staff(key, case, **facts), now=now)
    return len(to)


def _escalate(session: Session, row: Handover, case: Case, *, rules: Rules, now: datetime) -> int:
    """Nobody answered in time: the common superior has it before it now."""
    step = steps.Step(case, row, life(steps.LIFE).check("escalate", row.state, "system"))
    event = steps.dispute(session, step, "escalated", "system", "", rules, now)
    to = steps.everybody(session, step)
    steps.tell(session, row, case, event, "escalated", to, now)
    return len(to)


def _hand_on(
    session: Session, step: steps.Step, taker: Authority, officer: Staff, rules: Rules, vault: Vault, now: datetime
) -> Event:
    """The case follows the agreement, with the reason for which it was offered."""
    clocks.stop(session, step.case, step.move.stops_clock, now=now)
    step.row.state, step.row.settled_at, step.row.clock_id = str(step.move.target), now, None
    return passing.hand_on(
        session,
        step.case,
        taker,
        actor=moves.by(officer),
        data={"handover": step.row.id},
        final=False,
        reason=remarks.latest(session, step.case.id, "offered"),
        officer=officer,
        rules=rules,
        vault=vault,
        now=now,
    )


def _check(
    session: Session,
    case: Case,
    officer: Staff,
    verb: str,
    words: Mapping[str, Any],
    text: str,
    vault: Vault,
    now: datetime,
) -> None:
    """The gate of outgoing texts; who may not see the case cannot come back to a held text, so he writes it anew."""
    try:
        outgoing.check(session, case, verb, words, text, to=outgoing.AUTHORITY, vault=vault, now=now)
    except TextHeld as found:
        if officer.authority == case.authority:
            raise
        raise RewriteText(n=len(found.verdict.findings)) from found
