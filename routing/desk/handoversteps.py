"""One step of a handover (life/handover.toml): who may make it, what it changes, and who hears of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from intake import handovers
from intake.models import Case, Clock, Event, Handover, Staff
from routing import states
from routing.authorities import Authority, by_code, common_superior
from routing.desk import clocks, moves, notices, people
from routing.errors import NoHandover, NotNow, NotYourAnswer
from routing.lives import Move, life
from routing.rules import Rules
from routing.wording import long_day, say

LIFE = "handover"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a handover about to be made."""

    case: Case
    row: Handover
    move: Move


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


def begin(session: Session, case_id: int, officer: Staff, verb: str) -> Step:
    """The last handover of the case and the step, after every question whether this officer may make it now."""
    case = people.case_for(session, case_id)
    row = handovers.latest(session, case.id)
    if row is None:
        raise NoHandover
    office = who_acts(verb, row, case)
    if officer.authority != office:
        raise NotYourAnswer(verb=life(LIFE).moves[verb].name, authority=by_code(office).name)
    people.may_answer(session, officer, case)
    return Step(case, row, allowed(case, verb, row.state, officer))


def allowed(case: Case, verb: str, state: str, officer: Staff) -> Move:
    """The move, or a refusal where the handover, the person or the case does not allow it."""
    move = life(LIFE).check(verb, state, officer.role)
    if case.state not in life(LIFE).table["case"]["states"]:
        raise NotNow(state=states.state_name(case.state), verb=move.name, allowed="—")
    return move


def make(
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


def superior(session: Session, case: Case, giver: Authority, taker: Authority) -> str:
    """The common superior; where nobody there works in the system, the next one above that has a leader."""
    nearest = common_superior(giver, taker, excluded=people.excluded(case)).code
    leaders = people.leaders_above(session, case, nearest)
    return leaders[0].authority if leaders else nearest


def dispute(session: Session, step: Step, kind: str, actor: str, reason: str, rules: Rules, now: datetime) -> Event:
    """The question goes to the common superior, and the time to agree begins."""
    row = step.row
    row.superior = superior(session, step.case, by_code(row.giver), by_code(row.taker))
    note = say("derivation.disputed", **names(row, step.case))
    return make(session, step, kind, actor, {"to": step.row.superior}, reason, rules, now, note)


def everybody(session: Session, step: Step) -> list[Staff]:
    """The superior's leaders, and whoever handles the case on either side."""
    case, row = step.case, step.row
    other = row.giver if case.authority == row.taker else row.taker
    found = [
        *people.leaders_above(session, case, row.superior),
        *people.responsible(session, case),
        *people.at_desk(session, case, other),
    ]
    return [*{one.id: one for one in found}.values()]


def names(row: Handover, case: Case) -> dict[str, str]:
    """The authorities that sentences name."""
    codes = {"giver": row.giver, "taker": row.taker, "superior": row.superior, "holder": case.authority}
    return {name: by_code(code).name for name, code in codes.items()}


def tell(
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
    told = {**names(row, case), "due": long_day(clock.due_on) if clock else "", **facts}
    notices.tell_staff(session, to, case, notices.of(event), notices.to_staff(key, case, **told), now=now)
