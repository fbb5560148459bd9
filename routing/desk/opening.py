"""立案: the head decides whether a verified clue becomes a penalty case; the tellers are told, and the decision ends it.

Procedure 令第4号 Art. 14 and 15; a bureau that handles by agreement, or finds nothing to punish, decides without it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from intake.confidentiality import Vault
from intake.models import Case, Staff
from routing import states
from routing.authorities import by_code
from routing.desk import moves, notices, people
from routing.rules import Rules


def open_case(
    session: Session, case_id: int, officer: Staff, *, reason: str, rules: Rules, vault: Vault, now: datetime
) -> Case:
    """Open a penalty case: verification ends, the ninety days to the decision begin, and named tellers must be told.

    `reason` says that the three conditions are met: facts, competence, in time (Art. 15).
    """
    case, move = moves.begin(session, case_id, officer, "open_case")
    reason = notices.in_words(reason)
    moves.make(
        session, case, move, kind="case_opened", actor=moves.by(officer), data={}, words=reason, rules=rules, now=now
    )
    return case


def not_open(
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
    """Open none, for a ground on the list: the answer to the tellers is due within five working days of today."""
    case, move = moves.begin(session, case_id, officer, "not_open")
    ground, reason = states.check_ground(ground), notices.in_words(reason)
    case.outcome = "not_opened"
    data = {"outcome": "not_opened", "ground": ground}
    moves.make(
        session, case, move, kind="decided", actor=moves.by(officer), data=data, words=reason, rules=rules, now=now
    )
    return case


def tell_opened(session: Session, case_id: int, officer: Staff, *, rules: Rules, vault: Vault, now: datetime) -> Case:
    """Tell every teller that a penalty case was opened (令第5号: real-name tellers within five working days)."""
    case, move = moves.begin(session, case_id, officer, "tell_opened")
    event = moves.make(session, case, move, kind="opening_told", actor=moves.by(officer), data={}, rules=rules, now=now)
    authority = by_code(case.authority).name
    for report in people.reports_of(session, case):
        body = notices.to_teller("opening_told", report, authority=authority)
        notices.tell(session, report, notices.of(event), body, now=now)
    return case


def conclude(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    outcome: str,
    finding: str,
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """Decide a penalty case (Art. 43): the ninety days end, and the answer to the tellers is due."""
    case, move = moves.begin(session, case_id, officer, "conclude")
    case.outcome, finding = states.check_outcome(outcome), notices.in_words(finding)
    moves.make(
        session,
        case,
        move,
        kind="decided",
        actor=moves.by(officer),
        data={"outcome": outcome},
        words=finding,
        rules=rules,
        now=now,
    )
    return case
