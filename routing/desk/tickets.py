"""Tickets of hotlines: filed with their own clock, closed apart from the case, taken up again, and supervised.

The stricter of statute and hotline limit is never merged into one date: each has its clock and its derivation.
DOMAIN.md §5.2: a ticket may be closed as handed to the procedure of verification while the statute's clock goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from intake import tickets
from intake.confidentiality import Vault
from intake.models import Case, Clock, Event, FiledReport, Staff, Ticket
from intake.report import Report
from routing.authorities import by_code, superior_of
from routing.desk import clocks, moves, notices, people
from routing.desk.reopening import take_up_again
from routing.desk.teller import promised
from routing.errors import NoTicket, NotInProcedure, ReopenedEnough, SuperviseLater
from routing.lives import Move, life
from routing.rules import Rules, legal_day
from routing.wording import long_day

HOTLINE = "hotline_reply"


def number_of(report: Report) -> str:
    """The number that a hotline gave the report; empty where it came by none."""
    told = report.answers.get("source_number") or report.answers.get("external_number")
    return str(told) if told and report.teller.channel in _table()["filing"]["channels"] else ""


def begin(session: Session, filed: Iterable[tuple[Report, int, Case]], *, rules: Rules, now: datetime) -> None:
    """Give each report that a hotline handed over its ticket, with a clock from its own receipt."""
    begun = [(report, report_id, case) for report, report_id, case in filed if number_of(report)]
    if not begun:
        return
    own = [
        clocks.new(case, HOTLINE, rules=rules, on=legal_day(report.received_at), now=now) for report, _, case in begun
    ]
    session.add_all(own)
    session.flush()
    session.add_all(
        Ticket(report_id=report_id, number=number_of(report), clock_id=clock.id)
        for (report, report_id, _), clock in zip(begun, own, strict=True)
    )
    session.flush()


def close_ticket(
    session: Session, case_id: int, officer: Staff, *, report_id: int, rules: Rules, vault: Vault, now: datetime
) -> Case:
    """Close the ticket as handed to the procedure; the case and its clocks under the law go on."""
    case, report, ticket = _ticket(session, case_id, officer, report_id)
    move = life("ticket").check("close_ticket", ticket.state, officer.role)
    if case.state not in _table()["case"]["procedure"]:
        raise NotInProcedure
    clock = session.get(Clock, ticket.clock_id) if ticket.clock_id is not None else None
    if clock is not None:
        clocks.stop_own(clock, now=now)
    ticket.state, ticket.result, ticket.closed_at = str(move.target), "procedure", now
    event = _write(session, case, move, officer, report, now)
    due = long_day(promised(session, report, case, rules, now)[0])
    body = notices.to_teller("ticket_closed", report, authority=by_code(case.authority).name, due=due)
    notices.tell(session, report, notices.of(event), body, now=now)
    return case


def reopen_ticket(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    report_id: int,
    text: str,
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """Take a ticket up again whose caller was not content, at most twice; a case that was answered is handled anew."""
    case, report, ticket = _ticket(session, case_id, officer, report_id)
    move = life("ticket").check("reopen_ticket", ticket.state, officer.role)
    text = notices.in_words(text)
    if ticket.reopened >= _most():
        raise ReopenedEnough(most=_most())
    _again(session, case, report, ticket, move, officer, text, rules, now)
    return case


def supervise_ticket(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    report_id: int,
    text: str,
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """The head takes charge of a ticket that was taken up again as often as allowed (督办); the superior hears of it."""
    case, report, ticket = _ticket(session, case_id, officer, report_id)
    move = life("ticket").check("supervise_ticket", ticket.state, officer.role)
    text = notices.in_words(text)
    if ticket.reopened < _most():
        raise SuperviseLater(most=_most())
    event = _again(session, case, report, ticket, move, officer, text, rules, now)
    above = superior_of(by_code(case.authority))
    leaders = people.staff_of(session, [above.code], "leader") if above else []
    notices.tell_staff(session, leaders, case, notices.of(event), notices.to_staff("ticket_supervised", case), now=now)
    return case


def _again(
    session: Session,
    case: Case,
    report: FiledReport,
    ticket: Ticket,
    move: Move,
    officer: Staff,
    text: str,
    rules: Rules,
    now: datetime,
) -> Event:
    take_up_again(session, case, officer, rules=rules, now=now)
    clock = clocks.start_own(session, case, HOTLINE, rules=rules, on=legal_day(now), now=now)
    session.flush()
    ticket.state, ticket.result, ticket.closed_at = str(move.target), None, None
    ticket.clock_id, ticket.reopened = clock.id, ticket.reopened + 1
    event = _write(session, case, move, officer, report, now, text)
    to = [one for one in people.responsible(session, case) if one.id != officer.id]
    body = notices.to_staff("ticket_reopened", case, due=long_day(clock.due_on), times=ticket.reopened)
    notices.tell_staff(session, to, case, notices.of(event), body, now=now)
    return event


def _ticket(session: Session, case_id: int, officer: Staff, report_id: int) -> tuple[Case, FiledReport, Ticket]:
    """The case, the report and its ticket, after the question whether this officer may act here."""
    case = people.case_for(session, case_id)
    people.may_handle(officer, case)
    report = people.report_of(session, case, report_id)
    ticket = tickets.of_report(session, report_id)
    if ticket is None:
        raise NoTicket
    return case, report, ticket


def _write(
    session: Session, case: Case, move: Move, officer: Staff, report: FiledReport, now: datetime, words: str = ""
) -> Event:
    """The event and the queue's date; the hotline's number stays out of the history, since it leads to the caller."""
    clocks.settle(session, case)
    return moves.note(session, case, move.verb, officer, {"report_id": report.id}, now, words)


def _most() -> int:
    return int(_table()["reopening"]["most"])


def _table() -> Mapping[str, Any]:
    return life("ticket").table
