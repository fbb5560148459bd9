"""Handling a case anew that was answered, declined or closed: a new clue, or a caller who was not content."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from intake import same
from intake.confidentiality import Vault
from intake.models import Case, Staff
from routing import states
from routing.authorities import by_code
from routing.desk import moves, notices, people
from routing.errors import MergedElsewhere
from routing.rules import Rules

REOPEN = "reopen"


def reopen(
    session: Session, case_id: int, officer: Staff, *, reason: str, rules: Rules, vault: Vault, now: datetime
) -> Case:
    """Take the case up again: it is accepted as before, its clocks under the law begin today."""
    case, _ = moves.begin(session, case_id, officer, REOPEN)
    _again(session, case, officer, notices.in_words(reason), rules, now)
    return case


def take_up_again(session: Session, case: Case, officer: Staff, *, rules: Rules, now: datetime) -> None:
    """The same for a case that an unhappy caller's ticket brings back; one that is still handled goes on as it is."""
    if case.state in states.moves()[REOPEN].source:
        states.check(REOPEN, case.state, officer.role, case.side)
        _again(session, case, officer, "", rules, now)


def _again(session: Session, case: Case, officer: Staff, words: str, rules: Rules, now: datetime) -> None:
    held = same.standing(session, case.id)
    if held is not None:
        raise MergedElsewhere(number=session.get_one(Case, held.target_id).number)
    case.outcome = None
    case.handler_id = case.handler_id or officer.id
    event = moves.make(
        session,
        case,
        states.moves()[REOPEN],
        kind="reopened",
        actor=moves.by(officer),
        data={},
        words=words,
        rules=rules,
        now=now,
    )
    authority = by_code(case.authority).name
    for report in people.reports_of(session, case):
        body = notices.to_teller("reopened", report, authority=authority)
        notices.tell(session, report, notices.of(event), body, now=now)
