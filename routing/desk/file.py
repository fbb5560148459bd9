"""Receiving a report: matched, routed, clocked and written down in one transaction; the receipt is what it gives.

The receipt speaks of the teller's own report: its own number, and a due date from its own receipt, so that
nobody can read from it whether others told the same before. Only the same account is known again on it: whoever
suspects somebody could give that person's telephone number and read from the receipt that he has told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from intake import filing, matter, numbers, outbox, proof
from intake.confidentiality import Vault
from intake.matching import Match, find_match
from intake.models import Case, Clock, FiledReport, Notice, Staff
from intake.receipts import new_query_code
from intake.report import Receipt, Report
from intake.witness import witness_of
from routing import states
from routing.authorities import by_code
from routing.desk import clocks, notices, people
from routing.desk.acts import answered
from routing.jurisdiction import Facts, Routing, route
from routing.rules import Rules, legal_day
from routing.wording import long_day


def file_report(
    session: Session,
    report: Report,
    *,
    rules: Rules,
    vault: Vault,
    home: str,
    now: datetime,
    file_names: Mapping[str, str] | None = None,
) -> Receipt:
    """File a confirmed report under a new case, or under the open case of the same matter.

    Whatever must be asked is asked first; the number, for which others may wait, comes last, and then only rows.
    """
    routing = route(facts_of(report), home=home)
    matter.hold(session, report)
    match = find_match(session, report, vault=vault)
    case = _joined(session, match, routing)
    if case is None and match.decision == "attached":
        match = replace(match, decision="related")
    opened = case is None
    if case is None:
        case = filing.new_case(report, authority=routing.authority.code, routing=routing.as_data(), now=now)
    begun = clocks.first(case, report, rules, now) if opened else []
    due_on, derivation = _promise(session, report, match, case, rules, joined=not opened)
    officers = people.responsible(session, case)
    code = new_query_code()
    given = numbers.give(session, [numbers.key_of(report)])[0]
    rows = filing.rows_of(
        report,
        given,
        case=case,
        vault=vault,
        query_code=code,
        due_on=due_on,
        derivation=derivation,
        now=now,
        match=match,
        witness=witness_of(session),
    )
    rows.add(Clock, *(filing.row_of(clock) | {"case_id": case.id} for clock in begun))
    if not opened:
        rows.event("attached", "system", {"report_id": rows.report_id}, now)
    rows.add(Notice, *_to_officers(officers, case, rows.report_id, opened=opened, now=now))
    filing.write(session, [rows])
    filed = rows.filed()
    filing.use_evidence(session, filed, report.evidence, vault=vault, now=now, names=file_names)
    if not opened:
        _join(session, case, report, routing)
        _catch_up(session, case, filed, match, rules, now)
    return Receipt(
        case_number=filed.number,
        query_code=code,
        authority=by_code(case.authority).name,
        due_on=due_on,
        derivation=derivation,
        already_told=not opened and match.same_account,
        proof=proof.receipt_string(session, filed),
    )


def facts_of(report: Report) -> Facts:
    """What of a report decides jurisdiction."""
    return Facts(
        side=report.side,
        codes=tuple(claim.code for claim in report.claims),
        place=report.place,
        institution=report.institution,
        organ=report.organ,
        insured_place=report.answers.get("insured_place"),
    )


def _joined(session: Session, match: Match, routing: Routing) -> Case | None:
    """The case to join: still open to it, and not at an authority of which this report complains."""
    if match.decision != "attached" or match.case_id is None:
        return None
    case = people.case_for(session, match.case_id)
    fits = states.joinable(case.state) and case.authority not in routing.excluded
    return case if fits else None


def _promise(
    session: Session, report: Report, match: Match, case: Case, rules: Rules, *, joined: bool
) -> tuple[date, str]:
    """The date on the receipt: from this receipt; for somebody who told before, the date he holds already."""
    if joined and match.same_account and (earlier := session.get(FiledReport, match.report_id)):
        return earlier.due_on, earlier.derivation
    first = states.filing_clocks(report.side)[0]
    due = rules.due(first, legal_day(report.received_at), place=by_code(case.authority).place)
    return due.due_on, due.prose


def _join(session: Session, case: Case, report: Report, routing: Routing) -> None:
    """What a later report adds to the case: further categories, further offices that may not handle it."""
    case.codes = list(dict.fromkeys([*case.codes, *(claim.code for claim in report.claims)]))
    accused = dict.fromkeys([*case.routing.get("excluded", ()), *routing.excluded])
    case.routing = {**case.routing, "excluded": list(accused)}
    session.flush()


def _catch_up(session: Session, case: Case, filed: FiledReport, match: Match, rules: Rules, now: datetime) -> None:
    """A later teller of an accepted case hears so the next working morning, as if it had been accepted then."""
    if match.same_account:
        answered(session, filed, case, now)
        return
    if case.handler_id is None:
        return
    authority = by_code(case.authority)
    due_on = filed.due_on
    if case.side == "enterprise":
        due_on = rules.due("complaint_reply", legal_day(filed.received_at), place=authority.place).due_on
    body = notices.accepted(filed, authority.name, due=long_day(due_on))
    notices.tell(session, filed, f"case-{case.id}-accepted", body, now=now, not_before=notices.next_morning(now, rules))


def _to_officers(
    officers: list[Staff], case: Case, report_id: int, *, opened: bool, now: datetime
) -> Iterator[dict[str, Any]]:
    """The desk learns of a new case and of a further report."""
    due = long_day(case.next_due) if case.next_due else ""
    body = notices.to_staff("opened" if opened else "joined", case, due=due)
    for one in officers:
        key = f"filed-{report_id}-staff-{one.id}"
        yield outbox.row(key=key, body=body, now=now, staff_id=one.id, case_id=case.id)
