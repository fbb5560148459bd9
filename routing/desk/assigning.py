"""What a superior assigns: the case goes down directly, with a day to report by that stands beside the statutory ones."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from intake import handovers
from intake.confidentiality import Vault
from intake.models import Assignment, Case, Clock, Staff
from routing import states
from routing.authorities import Authority, by_code, is_above
from routing.deadlines import DueDate
from routing.desk import clocks, moves, notices, outgoing, papers, passing, people
from routing.errors import (
    AssignDownwards,
    AssignedAlready,
    AssignerNotAbove,
    BadDay,
    BadPaper,
    DueInPast,
    HandoverOpen,
    NoAssignment,
    NotNow,
    UnknownWeight,
)
from routing.lives import Move, life
from routing.rules import Rules, legal_day
from routing.wording import long_day, say

LIFE, ORDINARY = "assignment", "ordinary"
PAPER_LIMIT = 60


def assign(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    authority: str,
    reason: str,
    weight: str = "",
    due: str = "",
    paper: str = "",
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """Hand a case down to a subordinate, which has to report back by `due`, or by what its weight gives.

    A superior may hand its case down (procedure 令第4号 Art. 10–12); nobody has to agree.
    """
    case, move = _begin(session, case_id, officer, "assign")
    words = {"authority": authority, "reason": reason, "weight": weight, "due": due, "paper": paper}
    reason, assigner, taker = notices.in_words(reason), by_code(case.authority), by_code(authority)
    passing.may_hold(case, taker)
    if not is_above(assigner, taker):
        raise AssignDownwards(authority=taker.name)
    weight = weight or ORDINARY
    day = _fits(weight, due, paper, now)
    outgoing.check(session, case, "assign", words, reason, to=outgoing.AUTHORITY, vault=vault, now=now)
    passing.hand_on(
        session,
        case,
        taker,
        actor=moves.by(officer),
        data={"assigned": weight},
        final=True,
        reason=reason,
        officer=officer,
        rules=rules,
        vault=vault,
        now=now,
        letter="",
    )
    owed = _owe(session, case, assigner, move, weight, day, paper, rules, now)
    facts = {"due": papers.day(owed.due_on), "reason": reason}
    papers.make(
        session, case, "assign_letter", facts, taker=taker.name, officer=officer, sender=assigner, vault=vault,
        now=now, passed=[reason],
    )  # fmt: skip
    return case


def note_assignment(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    authority: str,
    weight: str = "",
    due: str = "",
    paper: str = "",
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """Register that a superior assigned the case on paper: `authority` is the superior."""
    case, move = _begin(session, case_id, officer, "note_assignment")
    assigner = by_code(authority)
    if not is_above(assigner, by_code(case.authority)):
        raise AssignerNotAbove(assigner=assigner.name)
    weight = weight or ORDINARY
    day = _fits(weight, due, paper, now)
    moves.note(session, case, "assignment_noted", officer, {"from": assigner.code, "assigned": weight}, now)
    _owe(session, case, assigner, move, weight, day, paper, rules, now)
    return case


def report_back(
    session: Session, case_id: int, officer: Staff, *, text: str, rules: Rules, vault: Vault, now: datetime
) -> Case:
    """Tell the superior what came out; its clock stops."""
    case = people.case_for(session, case_id)
    people.may_handle(officer, case)
    owed = handovers.owed(session, case.id)
    if owed is None:
        raise NoAssignment
    life(LIFE).check("report_back", owed.state, officer.role)
    words = {"text": text}
    text = notices.in_words(text)
    outgoing.check(session, case, "report_back", words, text, to=outgoing.AUTHORITY, vault=vault, now=now)
    clocks.stop_own(session.get_one(Clock, owed.clock_id), now=now)
    owed.state, owed.reported_at = "reported", now
    clocks.settle(session, case)
    event = moves.note(session, case, "reported_back", officer, {"to": owed.assigner}, now, text)
    leaders = people.leaders_above(session, case, owed.assigner)
    body = notices.to_staff("reported_back", case, authority=by_code(case.authority).name, text=text)
    notices.tell_staff(session, leaders, case, notices.of(event), body, now=now)
    return case


def weights() -> dict[str, str]:
    """How heavy a case can be, with its name."""
    return dict(life(LIFE).table["weights"])


def _begin(session: Session, case_id: int, officer: Staff, verb: str) -> tuple[Case, Move]:
    """The case, after every question whether it may be assigned now."""
    case = people.case_for(session, case_id)
    people.may_handle(officer, case)
    owed, asked = handovers.owed(session, case.id), handovers.standing(session, case.id)
    move = life(LIFE).moves[verb]
    if owed:
        raise AssignedAlready(assigner=by_code(owed.assigner).name)
    if asked:
        raise HandoverOpen(taker=by_code(asked.taker).name, verb=move.name)
    life(LIFE).check(verb, "none", officer.role)
    if case.state not in life("case").moves["transfer"].source:
        raise NotNow(state=states.state_name(case.state), verb=move.name, allowed="—")
    return case, move


def _fits(weight: str, due: str, paper: str, now: datetime) -> date | None:
    """The assigner's own day, if it named one; refuses what a form may hold and an assignment not."""
    if weight not in weights():
        raise UnknownWeight(weight=weight, known="、".join(weights().values()))
    try:
        day = date.fromisoformat(due.strip()) if due.strip() else None
    except ValueError as wrong:
        raise BadDay(typed=due[:20]) from wrong
    if day is not None and day < legal_day(now):
        raise DueInPast(day=long_day(day))
    if len(paper.strip()) > PAPER_LIMIT:
        raise BadPaper(limit=PAPER_LIMIT)
    return day


def _owe(
    session: Session,
    case: Case,
    assigner: Authority,
    move: Move,
    weight: str,
    due: date | None,
    paper: str,
    rules: Rules,
    now: datetime,
) -> Assignment:
    """The assignment with its clock, which nothing but the report stops."""
    kind, note = f"assigned_{weight}", say("derivation.assigned_by", assigner=assigner.name)
    if due is None:
        clock = clocks.start_own(session, case, kind, rules=rules, on=legal_day(now), now=now, note=note)
    else:
        own = DueDate(
            kind=kind,
            start=legal_day(now),
            due_on=due,
            steps=(note, say("derivation.assigned_own", day=long_day(due))),
            citation=paper.strip(),
            verified=True,
            provisional=False,
        )
        clock = clocks.start_fixed(session, case, kind, legal_day(now), own, rules=rules, now=now)
    session.flush()
    owed = Assignment(
        case_id=case.id,
        state=str(move.target),
        assigner=assigner.code,
        weight=weight,
        paper=paper.strip() or None,
        due_on=clock.due_on,
        clock_id=clock.id,
        given_at=now,
    )
    session.add(owed)
    clocks.settle(session, case)
    return owed
