"""What officers do: each act asks whether it may, moves the case by the table, and writes to those it concerns."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from intake import audit
from intake.confidentiality import Vault
from intake.models import Case, FiledReport, Staff
from routing import states
from routing.authorities import by_code
from routing.course import after_answer
from routing.desk import clocks, moves, notices, outgoing, papers, people
from routing.rules import Rules
from routing.wording import long_day, say


def accept(session: Session, case_id: int, officer: Staff, *, rules: Rules, vault: Vault, now: datetime) -> Case:
    """Take the case up; the officer becomes its handler."""
    case, move = moves.begin(session, case_id, officer, "accept")
    case.handler_id = officer.id
    event = moves.make(session, case, move, kind="accepted", actor=moves.by(officer), data={}, rules=rules, now=now)
    authority = by_code(case.authority).name
    running = clocks.running(session, case)
    replies = {clock.kind: clock.due_on for clock in running}
    reckoned = {clock.kind: "".join(clock.derivation["steps"]) for clock in running}
    for report in people.reports_of(session, case):
        due = replies.get("complaint_reply", report.due_on)
        notices.tell(
            session, report, notices.of(event), notices.accepted(report, authority, due=long_day(due)), now=now
        )
        derivation = reckoned.get("complaint_reply", report.derivation.replace("\n", ""))
        facts = {"due": papers.day(due), "derivation": derivation}
        papers.make(session, case, "accept_notice", facts, report=report, officer=officer, vault=vault, now=now)
    return case


def decline(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    reason: str,
    text: str,
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """Refuse the case for a ground on the list, explained in words; the tellers learn what they can still do."""
    case, move = moves.begin(session, case_id, officer, "decline")
    words = {"reason": reason, "text": text}
    reason, text = states.check_reason(reason), notices.in_words(text)
    tellers = people.reports_of(session, case)
    outgoing.check(session, case, "decline", words, text, to=outgoing.TELLER, vault=vault, now=now, tellers=tellers)
    case.outcome = "declined"
    event = moves.make(
        session,
        case,
        move,
        kind="declined",
        actor=moves.by(officer),
        data={"reason": reason},
        words=text,
        rules=rules,
        now=now,
        cancel=True,
    )
    authority = by_code(case.authority)
    superior = by_code(authority.superior).name if authority.superior else authority.name
    for report in tellers:
        notices.write_letter(session, report, text, kind="reply", from_teller=False, vault=vault, now=now)
        body = say(
            "teller.declined",
            number=report.number,
            authority=authority.name,
            reason=states.decline_reasons()[reason],
            text=text,
            remedy=states.remedy(reason),
            superior=superior,
        )
        notices.tell(session, report, notices.of(event), body, now=now)
        facts = {"reason": states.decline_reasons()[reason], "text": text, "remedy": states.remedy(reason)}
        papers.make(
            session, case, "decline_notice", facts, report=report, officer=officer, vault=vault, now=now, passed=[text]
        )
    return case


def ask(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    report_id: int,
    question: str,
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """Ask one teller something; the clocks go on, and his answer brings the case back where it was."""
    case, move = moves.begin(session, case_id, officer, "ask")
    words = {"report_id": report_id, "question": question}
    question = notices.in_words(question)
    report = people.report_of(session, case, report_id)
    outgoing.check(session, case, "ask", words, question, to=outgoing.TELLER, vault=vault, now=now, tellers=[report])
    notices.write_letter(session, report, question, kind="question", from_teller=False, vault=vault, now=now)
    data = {"report_id": report.id}
    event = moves.make(
        session, case, move, kind="asked", actor=moves.by(officer), data=data, words=question, rules=rules, now=now
    )
    authority = by_code(case.authority).name
    body = say("teller.asked", number=report.number, authority=authority, question=question)
    notices.tell(session, report, notices.of(event), body, now=now)
    facts = {"question": question}
    papers.make(
        session, case, "supplement_notice", facts, report=report, officer=officer, vault=vault, now=now,
        passed=[question],
    )  # fmt: skip
    return case


def decide(
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
    """Settle what came out; from now on the answer to the tellers is due."""
    case, move = moves.begin(session, case_id, officer, "decide", states.check_outcome(outcome))
    finding = notices.in_words(finding)
    case.outcome = outcome
    data = {"outcome": outcome}
    moves.make(
        session, case, move, kind="decided", actor=moves.by(officer), data=data, words=finding, rules=rules, now=now
    )
    return case


def reply(
    session: Session, case_id: int, officer: Staff, *, text: str, rules: Rules, vault: Vault, now: datetime
) -> Case:
    """Answer every teller of the case, each through his own channel."""
    case, move = moves.begin(session, case_id, officer, "reply")
    words = {"text": text}
    text = notices.in_words(text)
    tellers = people.reports_of(session, case)
    outgoing.check(session, case, "reply", words, text, to=outgoing.TELLER, vault=vault, now=now, tellers=tellers)
    event = moves.make(
        session, case, move, kind="replied", actor=moves.by(officer), data={}, words=text, rules=rules, now=now
    )
    authority = by_code(case.authority).name
    for report in tellers:
        notices.write_letter(session, report, text, kind="reply", from_teller=False, vault=vault, now=now)
        body = say("teller.replied", number=report.number, authority=authority, text=text)
        notices.tell(session, report, notices.of(event), body, now=now)
        facts = {"outcome": states.outcome_name(case.outcome), "text": text}
        papers.make(session, case, "reply", facts, report=report, officer=officer, vault=vault, now=now, passed=[text])
    return case


def close(session: Session, case_id: int, officer: Staff, *, rules: Rules, vault: Vault, now: datetime) -> Case:
    """Close the case: nothing runs and nothing is reminded any more; the tellers are asked for their judgement."""
    case, move = moves.begin(session, case_id, officer, "close")
    event = moves.make(session, case, move, kind="closed", actor=moves.by(officer), data={}, rules=rules, now=now)
    authority = by_code(case.authority).name
    for report in people.reports_of(session, case):
        body = say("teller.closed", number=report.number, authority=authority)
        notices.tell(session, report, notices.of(event), body, now=now)
    return case


def answered(session: Session, report: FiledReport, case: Case, now: datetime) -> None:
    """A teller's answer takes the case out of waiting: back to where it stood before the question."""
    if case.state == "supplementing":
        kinds = [clock.kind for clock in clocks.standing(session, case)]
        moves.enter(case, after_answer(kinds, taken_up=case.handler_id is not None), now)
        audit.append(session, case.id, "resumed", "system", {"report_id": report.id}, now)
