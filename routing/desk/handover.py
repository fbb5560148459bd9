"""Handing a case over by agreement: offered, then taken, sent back with an article, or disputed until it is designated.

Until then the office that has the case remains responsible and its clocks run on. The life is life/handover.toml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake import handovers, remarks
from intake.confidentiality import Vault
from intake.models import Case, Clock, Event, Handover, Staff
from routing import states
from routing.authorities import Authority, by_code, common_superior, is_above
from routing.desk import clocks, moves, notices, outgoing, passing, people
from routing.errors import AssignInstead, NoHandover, NotNow, NotYourAnswer, RewriteText, TextHeld, UnknownGround
from routing.lives import Move, life
from routing.rules import Rules, legal_day
from routing.wording import long_day, say

LIFE = "handover"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a handover about to be made."""

    case: Case
    row: Handover
    move: Move


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
    move = _allowed(case, "offer", before.state if before else "none", officer)
    words = {"authority": authority, "reason": reason}
    reason, giver, taker = notices.in_words(reason), by_code(case.authority), by_code(authority)
    passing.may_hold(case, taker)
    if is_above(giver, taker):
        raise AssignInstead(authority=taker.name)
    passing.not_twice(session, case, giver, taker)
    outgoing.check(session, case, "offer", words, reason, to=outgoing.AUTHORITY, vault=vault, now=now)
    superior = common_superior(giver, taker, excluded=people.excluded(case))
    row = Handover(
        case_id=case.id, state="offered", giver=giver.code, taker=taker.code, superior=superior.code, offered_at=now
    )
    session.add(row)
    session.flush()
    note = say("derivation.offered", day=long_day(legal_day(now)), giver=giver.name, taker=taker.name)
    told = {"from": giver.code, "to": taker.code}
    event = _make(session, Step(case, row, move), "offered", moves.by(officer), told, reason, rules, now, note)
    _tell(session, row, case, event, "offered", [*people.at_desk(session, case, taker.code)], now, reason=reason)
    return case


def take(session: Session, case_id: int, officer: Staff, *, rules: Rules, vault: Vault, now: datetime) -> Case:
    """The authority that was offered the case takes it: from now on it is responsible."""
    step = _begin(session, case_id, officer, "take")
    passing.may_hold(step.case, by_code(step.row.taker))
    givers = people.responsible(session, step.case)
    step.row.answered_at = step.row.answered_at or now
    event = _hand_on(session, step, by_code(step.row.taker), officer, rules, vault, now)
    _tell(session, step.row, step.case, event, "taken", givers, now)
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
    step = _begin(session, case_id, officer, "send_back")
    grounds = grounds_of_refusal()
    if ground not in grounds:
        raise UnknownGround(ground=ground, known="、".join(grounds.values()))
    words = {"ground": ground, "reason": reason}
    reason = notices.in_words(reason)
    _check(session, step.case, officer, "send_back", words, reason, vault, now)
    step.row.ground, step.row.answered_at, step.row.settled_at = ground, now, now
    event = _make(session, step, "sent_back", moves.by(officer), {"ground": ground}, reason, rules, now)
    to = people.responsible(session, step.case)
    _tell(session, step.row, step.case, event, "sent_back", to, now, reason=reason, ground=grounds[ground])
    return step.case


def dispute(
    session: Session, case_id: int, officer: Staff, *, reason: str, rules: Rules, vault: Vault, now: datetime
) -> Case:
    """Disagree, and ask the common superior: the two have seven working days to agree, then it designates."""
    step = _begin(session, case_id, officer, "dispute")
    words, case = {"reason": reason}, step.case
    reason = notices.in_words(reason)
    _check(session, case, officer, "dispute", words, reason, vault, now)
    step.row.answered_at, step.row.settled_at = step.row.answered_at or now, None
    event = _disputed(session, step, "disputed", moves.by(officer), reason, rules, now)
    _tell(session, step.row, case, event, "disputed", _everybody(session, step), now, reason=reason)
    return case


def take_back(
    session: Session, case_id: int, officer: Staff, *, reason: str, rules: Rules, vault: Vault, now: datetime
) -> Case:
    """The office that has the case gives up the offer or the dispute, and goes on with it."""
    step = _begin(session, case_id, officer, "take_back")
    words = {"reason": reason}
    reason = notices.in_words(reason)
    outgoing.check(session, step.case, "take_back", words, reason, to=outgoing.AUTHORITY, vault=vault, now=now)
    to = people.at_desk(session, step.case, step.row.taker)
    if step.row.state == "disputed":
        to = _everybody(session, step)
    step.row.settled_at = now
    event = _make(session, step, "taken_back", moves.by(officer), {}, reason, rules, now)
    if step.case.authority == step.row.taker:  # who had taken it and then disagreed keeps it
        step.row.state = "accepted"
    _tell(session, step.row, step.case, event, "taken_back", to, now)
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
    step = _begin(session, case_id, officer, "designate")
    words, case, chosen = {"authority": authority, "reason": reason}, step.case, by_code(authority)
    reason = notices.in_words(reason)
    if chosen.code != case.authority:
        passing.may_hold(case, chosen)
    outgoing.check(session, case, "designate", words, reason, to=outgoing.AUTHORITY, vault=vault, now=now)
    to = {one.id: one for one in [*_everybody(session, step), *people.at_desk(session, case, chosen.code)]}
    step.row.designated, step.row.settled_at = chosen.code, now
    event = _make(session, step, "designated", moves.by(officer), {"to": chosen.code}, reason, rules, now)
    _tell(session, step.row, case, event, "designated", [*to.values()], now, reason=reason, designated=chosen.name)
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


def offer_day(session: Session, clock: Clock, case: Case, stage: str, *, rules: Rules, now: datetime) -> int:
    """What time does to an offer or a dispute: remind whoever has to answer; unanswered, it goes to the superior.

    Gives how many were told.
    """
    row = handovers.standing(session, case.id)
    if row is None or row.clock_id != clock.id:
        return 0
    late = legal_day(now) > clock.due_on
    if row.state == "offered" and late:
        free = select(Case.id).where(Case.id == case.id).with_for_update(key_share=True, skip_locked=True)
        if session.scalar(free) is None:  # an officer is at it: he may wait for this clock, so nobody waits for him
            clock.wake_on = legal_day(now)
            return 0
        return _escalate(session, row, case, rules=rules, now=now)
    if row.state == "offered":
        key, to = "offer_due", people.at_desk(session, case, row.taker)
    else:
        key, to = "dispute_due", people.leaders_above(session, case, row.superior)
    occasion = f"clock-{clock.id}-{stage}" + (f"-{legal_day(now).isoformat()}" if late else "")
    facts = _names(row, case) | {"due": long_day(clock.due_on)}
    notices.tell_staff(session, to, case, occasion, notices.to_staff(key, case, **facts), now=now)
    return len(to)


def _escalate(session: Session, row: Handover, case: Case, *, rules: Rules, now: datetime) -> int:
    """Nobody answered in time: the common superior has it before it now."""
    step = Step(case, row, life(LIFE).check("escalate", row.state, "system"))
    event = _disputed(session, step, "escalated", "system", "", rules, now)
    to = _everybody(session, step)
    _tell(session, row, case, event, "escalated", to, now)
    return len(to)


def grounds_of_refusal() -> Mapping[str, str]:
    """The grounds for sending back, each with its article."""
    rows = life(LIFE).table["grounds"]
    return {code: say("handover.ground", name=row["name"], article=row["article"]) for code, row in rows.items()}


def who_acts(verb: str, row: Handover, case: Case) -> str:
    """The authority whose step this is; it depends on how far the handover has come."""
    if verb == "designate":
        return row.superior
    if verb in {"take", "send_back"} or (verb == "dispute" and row.state == "offered"):
        return row.taker
    return case.authority


def open_steps(row: Handover, case: Case, staff: Staff) -> tuple[str, ...]:
    """What this member of staff may do with the handover now, in the order of the table."""
    if case.state not in life(LIFE).table["case"]["states"]:
        return ()
    verbs = [verb for verb in life(LIFE).allowed(row.state, staff.role) if verb != "offer"]
    mine = [verb for verb in verbs if who_acts(verb, row, case) == staff.authority]
    return tuple(verb for verb in mine if verb != "take" or case.authority != row.taker)


def _begin(session: Session, case_id: int, officer: Staff, verb: str) -> Step:
    """The last handover of the case and the step, after every question whether this officer may make it now."""
    case = people.case_for(session, case_id)
    row = handovers.latest(session, case.id)
    if row is None:
        raise NoHandover
    office = who_acts(verb, row, case)
    if officer.authority != office:
        raise NotYourAnswer(verb=life(LIFE).moves[verb].name, authority=by_code(office).name)
    people.may_answer(session, officer, case)
    return Step(case, row, _allowed(case, verb, row.state, officer))


def _allowed(case: Case, verb: str, state: str, officer: Staff) -> Move:
    move = life(LIFE).check(verb, state, officer.role)
    if case.state not in life(LIFE).table["case"]["states"]:
        raise NotNow(state=states.state_name(case.state), verb=move.name, allowed="—")
    return move


def _make(
    session: Session,
    step: Step,
    kind: str,
    actor: str,
    data: Mapping[str, Any],
    reason: str,
    rules: Rules,
    now: datetime,
    note: str = "",
) -> Event:
    """Carry the step out: the handover's state, its clock, the event; the case stays as it stands."""
    case, row, move = step.case, step.row, step.move
    row.state, row.clock_id = str(move.target), None
    event = moves.make(
        session,
        case,
        replace(move, target=None),
        kind=kind,
        actor=actor,
        data={"handover": row.id, **data},
        rules=rules,
        now=now,
        note=note,
        words=reason,
    )
    kinds = move.clocks(case.side, named=False)
    row.clock_id = next((one.id for one in clocks.running(session, case) if one.kind in kinds), None)
    session.flush()
    return event


def _disputed(session: Session, step: Step, kind: str, actor: str, reason: str, rules: Rules, now: datetime) -> Event:
    note = say("derivation.disputed", **_names(step.row, step.case))
    return _make(session, step, kind, actor, {"to": step.row.superior}, reason, rules, now, note)


def _hand_on(
    session: Session, step: Step, taker: Authority, officer: Staff, rules: Rules, vault: Vault, now: datetime
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


def _everybody(session: Session, step: Step) -> list[Staff]:
    """The superior's leaders, and whoever handles the case on either side."""
    case, row = step.case, step.row
    other = row.giver if case.authority == row.taker else row.taker
    found = [
        *people.leaders_above(session, case, row.superior),
        *people.responsible(session, case),
        *people.at_desk(session, case, other),
    ]
    return [*{one.id: one for one in found}.values()]


def _names(row: Handover, case: Case) -> dict[str, str]:
    codes = {"giver": row.giver, "taker": row.taker, "superior": row.superior, "holder": case.authority}
    return {name: by_code(code).name for name, code in codes.items()}


def _tell(
    session: Session,
    row: Handover,
    case: Case,
    event: Event,
    key: str,
    to: list[Staff],
    now: datetime,
    **facts: object,
) -> None:
    """One sentence to each of these; tellers hear nothing before the case has changed hands."""
    clock = session.get(Clock, row.clock_id) if row.clock_id else None
    told = {**_names(row, case), "due": long_day(clock.due_on) if clock else "", **facts}
    notices.tell_staff(session, to, case, notices.of(event), notices.to_staff(key, case, **told), now=now)
