"""Receiving reports: matched, routed, clocked and written down in one transaction; the receipt is what it gives.

The receipt speaks of the teller's own report: its own number, and a due date from its own receipt, so that
nobody can read from it whether others told the same before. Only the same account is known again on it: whoever
suspects somebody could give that person's telephone number and read from the receipt that he has told.

One way for one report and for hundreds: `draft` is what can be done ahead and anywhere, `file_drafts` what must be
done in the transaction. It files them as if one came after the other, and asks the ledger for all of them at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake import filing, matter, numbers, outbox, proof
from intake.batch import ABOVE, Batch, numbered
from intake.confidentiality import Vault
from intake.filing import Kept
from intake.keys import Key
from intake.matching import Match, Sought, sought_of
from intake.models import Case, Clock, FiledReport, Notice, Staff
from intake.numbers import Given
from intake.receipts import new_query_code
from intake.report import Receipt, Report
from intake.witness import Witness, witness_of
from routing import signals, states, subjects
from routing.authorities import by_code
from routing.desk import clocks, notices, people, tickets
from routing.desk.acts import answered
from routing.jurisdiction import Facts, route
from routing.rules import Rules, legal_day
from routing.wording import long_day


@dataclass(frozen=True, slots=True)
class Draft:
    """A confirmed report with everything that follows from it alone; it can be handed from process to process."""

    report: Report
    routing: Mapping[str, Any]
    """Where it goes and why, as the case keeps it."""
    kept: Kept
    sought: Sought
    looked: tuple[Key, ...]
    """The keys under which others like it are found."""
    file_names: Mapping[str, str] | None = None
    """What the teller called his files, by digest."""


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a draft: its row, its case, whether it opened it, and who at the desk is to hear of it."""

    rows: filing.Rows
    code: str | None
    """The query code; it exists in clear nowhere but here."""
    authority: str
    opened: bool
    already_told: bool
    officers: tuple[int, ...]


@dataclass(slots=True)
class _Decided:
    """A draft, and what was decided about it before it has a number."""

    draft: Draft
    match: Match
    case: Case
    opened: bool
    clocks: list[dict[str, Any]]
    due_on: date
    derivation: str
    officers: list[Staff]


def draft(report: Report, *, vault: Vault, home: str, file_names: Mapping[str, str] | None = None) -> Draft:
    """What follows from the report alone: where it goes, what is kept of it, what it is compared by."""
    routing = route(facts_of(report), home=home)
    sought = sought_of(report, vault)
    return Draft(report, routing.as_data(), filing.kept_of(report, vault), sought, sought.sought_keys, file_names)


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
    """File a confirmed report under a new case, or under the open case of the same matter."""
    drafts = [draft(report, vault=vault, home=home, file_names=file_names)]
    (filed,) = file_drafts(session, drafts, rules=rules, vault=vault, now=now)
    return receipt_of(session, filed)


def file_drafts(
    session: Session,
    drafts: Sequence[Draft],
    *,
    rules: Rules,
    vault: Vault,
    now: datetime,
    codes: bool = True,
    tell: bool = True,
) -> list[Filed]:
    """File confirmed reports in their order; each is matched with the ledger and with those before it.

    Whatever must be asked is asked first; the numbers, for which others may wait, come last, and then only rows.
    Without `codes` nobody gets a query code; without `tell` the caller tells the officers.
    """
    matter.hold(session, (one.report for one in drafts))
    desk = _Desk(session, drafts, rules, now)
    decided = [desk.decide(place, one) for place, one in enumerate(drafts)]
    given = numbers.give(session, [numbers.key_of(one.report) for one in drafts])
    done: list[Filed] = []
    for one, own in zip(decided, given, strict=True):
        code = new_query_code() if codes else None
        match = numbered(one.match, given)
        rows = _rows(one, own, match, code, vault=vault, witness=witness_of(session), now=now)
        if tell:
            rows.add(Notice, *_to_teller(one.draft, own.number, rows.report_id, one.case.id, now))
            rows.add(Notice, *_to_officers(one.officers, one.case, rows.report_id, opened=one.opened, now=now))
        known = not one.opened and match.same_account
        officers = tuple(officer.id for officer in one.officers)
        done.append(Filed(rows, code, one.case.authority, one.opened, known, officers))
    filing.write(session, [filed.rows for filed in done])
    session.flush()
    told = ((one.draft.report, filed.rows.report_id, one.case) for one, filed in zip(decided, done, strict=True))
    tickets.begin(session, told, rules=rules, now=now)
    for one, filed in zip(decided, done, strict=True):
        if evidence := one.draft.report.evidence:
            names = one.draft.file_names
            filing.use_evidence(session, filed.rows.filed(), evidence, vault=vault, now=now, names=names)
        if not one.opened:
            _catch_up(session, one.case, filed.rows.filed(), one.match, rules, now)
    return done


def _rows(
    one: _Decided,
    given: Given,
    match: Match,
    code: str | None,
    *,
    vault: Vault,
    witness: Witness | None,
    now: datetime,
) -> filing.Rows:
    """All that is written about one report but the notices."""
    rows = filing.rows_of(
        one.draft.report,
        given,
        case=one.case,
        vault=vault,
        query_code=code,
        due_on=one.due_on,
        derivation=one.derivation,
        now=now,
        match=match,
        witness=witness,
        kept=one.draft.kept,
    )
    rows.add(Clock, *(clock | {"case_id": one.case.id} for clock in one.clocks))
    if not one.opened:
        rows.event("attached", "system", {"report_id": rows.report_id}, now)
    return rows


def receipt_of(session: Session, filed: Filed) -> Receipt:
    """What the teller holds in hand."""
    report = filed.rows.filed()
    return Receipt(
        case_number=report.number,
        query_code=filed.code or "",
        authority=by_code(filed.authority).name,
        due_on=report.due_on,
        derivation=report.derivation,
        already_told=filed.already_told,
        proof=proof.receipt_string(session, report),
    )


class _Desk:
    """Decides about the reports of a batch, one after the other."""

    def __init__(self, session: Session, drafts: Sequence[Draft], rules: Rules, now: datetime) -> None:
        self._session, self._rules, self._now = session, rules, now
        self._batch = Batch(session, [one.looked for one in drafts])
        self._cases: dict[int, Case] = {}
        self._decided: list[_Decided] = []
        self._responsible = people.Responsible(session)
        self._told: dict[int, list[str | None]] = {}
        """The names in the reports of the batch, by their case."""
        self._staff: list[Any] | None = None

    def decide(self, place: int, one: Draft) -> _Decided:
        """Match, then join a case or open one; what the ledger must be asked is asked here."""
        match = self._batch.match(place, one.sought)
        case, key = self._joined(match, one), match.case_id or 0
        if case is None and match.decision == "attached":
            match = replace(match, decision="related")
        opened, begun = case is None, []
        if case is None:
            key = ABOVE + place
            authority, routing = one.routing["authority"], {**one.routing, "persons": self._persons(one)}
            case = filing.new_case(one.report, authority=authority, routing=routing, now=self._now, kept=one.kept)
            begun = clocks.first(case, one.report, self._rules, self._now)
            self._cases[key] = case
        due_on, derivation = self._promise(one.report, match, case, joined=not opened)
        if not opened:
            _join(case, one, self._persons(one))
        if tickets.number_of(one.report):
            hotline = self._rules.due(
                tickets.HOTLINE, legal_day(one.report.received_at), place=by_code(case.authority).place
            )
            case.next_due = min(case.next_due or hotline.due_on, hotline.due_on)
        self._batch.add(place, key, one.kept.columns, one.sought, one.kept.keys)
        self._told.setdefault(key, []).append(one.report.institution)
        officers = self._responsible.for_case(case, self._told[key])
        decided = _Decided(one, match, case, opened, begun, due_on, derivation, officers)
        self._decided.append(decided)
        return decided

    def _joined(self, match: Match, one: Draft) -> Case | None:
        """The case to join: still open to it, and not at an authority of which this report complains."""
        if match.decision != "attached" or match.case_id is None:
            return None
        case = self._cases.get(match.case_id)
        if case is None:
            case = self._cases[match.case_id] = people.case_for(self._session, match.case_id)
        fits = states.joinable(case.state) and case.authority not in one.routing["excluded"]
        return case if fits else None

    def _persons(self, one: Draft) -> list[str]:
        """The members of staff whom a complaint about an office names, wherever they serve now: they are kept out."""
        if not one.routing["excluded"]:
            return []
        if self._staff is None:
            self._staff = list(self._session.execute(select(Staff.id, Staff.name)).all())
        return [f"staff:{number}" for number, name in self._staff if len(name) > 1 and name in one.report.text]

    def _promise(self, report: Report, match: Match, case: Case, *, joined: bool) -> tuple[date, str]:
        """The date on the receipt: from this receipt; for somebody who told before, the date he holds already."""
        if joined and match.same_account and match.report_id is not None:
            if match.report_id >= ABOVE:
                before = self._decided[match.report_id - ABOVE]
                return before.due_on, before.derivation
            if earlier := self._session.get(FiledReport, match.report_id):
                return earlier.due_on, earlier.derivation
        first = states.filing_clocks(report.side)[0]
        due = self._rules.due(first, legal_day(report.received_at), place=by_code(case.authority).place)
        return due.due_on, due.prose


def facts_of(report: Report) -> Facts:
    """What of a report decides jurisdiction."""
    return Facts(
        side=report.side,
        codes=tuple(claim.code for claim in report.claims),
        place=report.place,
        institution=report.institution,
        organ=report.organ,
        insured_place=report.answers.get("insured_place"),
        places=signals.several_places(report.place_text, report.place) if report.place_text and report.place else (),
        level=subjects.level_of(report.institution),
        amount=report.amount_yuan,
        danger=signals.danger(report.text),
        channel=signals.channel(report.text),
        departments=signals.departments(report.text),
    )


def _join(case: Case, one: Draft, persons: list[str]) -> None:
    """What a later report adds to the case: further categories, further offices and persons that may not handle it."""
    case.codes = list(dict.fromkeys([*case.codes, *(claim.code for claim in one.report.claims)]))
    accused = dict.fromkeys([*case.routing.get("excluded", ()), *one.routing["excluded"]])
    named = dict.fromkeys([*case.routing.get("persons", ()), *persons])
    case.routing = {**case.routing, "excluded": list(accused), "persons": list(named)}


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


def _to_teller(one: Draft, number: str, report_id: int, case_id: int, now: datetime) -> Iterator[dict[str, Any]]:
    """What a teller is told at once, beside his receipt: whom to call, which way to go."""
    for n, sentence in enumerate(one.routing.get("notices", ())):
        key, body = f"filed-{report_id}-advice-{n}", sentence.format(number=number)
        yield outbox.row(key=key, body=body, now=now, report_id=report_id, case_id=case_id)


def _to_officers(
    officers: list[Staff], case: Case, report_id: int, *, opened: bool, now: datetime
) -> Iterator[dict[str, Any]]:
    """The desk learns of a new case and of a further report."""
    due = long_day(case.next_due) if case.next_due else ""
    body = notices.to_staff("opened" if opened else "joined", case, due=due)
    for one in officers:
        key = f"filed-{report_id}-staff-{one.id}"
        yield outbox.row(key=key, body=body, now=now, staff_id=one.id, case_id=case.id)
