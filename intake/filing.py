"""Filing: one report becomes rows, sealed and redacted; all of them are written or, with its caller's rollback, none.

Three steps, so that little is asked of the database, and that last:

1. `numbers.give` takes the numbers of report and rows.
2. `rows_of` builds every row. It is a pure function: no session, no clock, no question.
3. `write` inserts the rows of one report, or of a thousand, with as few statements as the database knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from intake import custody, same
from intake.confidentiality import Vault
from intake.db import Base, bare, insert_all
from intake.errors import EvidenceMissing
from intake.identity import sealed_identity
from intake.masks import lock, masked
from intake.matching import Match, sought_of
from intake.models import (
    Case,
    Clock,
    Event,
    Evidence,
    EvidenceUse,
    FiledReport,
    Identity,
    MatchKey,
    Notice,
    Suggestion,
)
from intake.names import normal_form
from intake.numbers import Given
from intake.querycodes import without_code
from intake.receipts import query_hash
from intake.report import Report
from intake.traits import without_own
from intake.witness import Witness, as_read, witness_of

NAME_LENGTH = 200
MOST_YUAN = Decimal(10) ** 12
_CENT = Decimal("0.01")
Row = dict[str, Any]

# In the order in which one points to another. Bare tables: these rows go past the mapper, which costs half a filing.
_TABLES = tuple(bare(model) for model in (Case, Identity, FiledReport, MatchKey, Suggestion, Clock, Event, Notice))
_WITNESSED = tuple(table for table in _TABLES if "digest" in table.c)


@dataclass(frozen=True, slots=True)
class Rows:
    """Every row of one report, by table; the desk adds clocks, notices and events of its own before they are written."""

    number: str
    case_id: int
    report_id: int
    by_table: Mapping[Table, list[Row]] = field(default_factory=lambda: {table: [] for table in _TABLES})

    def add(self, model: type[Base], *rows: Row) -> None:
        """Further rows of a table."""
        self.by_table[bare(model)].extend(rows)

    def event(self, kind: str, actor: str, data: Row, now: datetime) -> None:
        """An event of the case, as audit.append writes it."""
        self.add(Event, {"case_id": self.case_id, "at": now, "actor": actor, "kind": kind, "data": data})

    def filed(self) -> FiledReport:
        """The report as an object, for those who read its columns; it belongs to no session."""
        return FiledReport(**self.by_table[bare(FiledReport)][0])


@dataclass(frozen=True, slots=True)
class Kept:
    """What the ledger keeps of a report in clear: its columns, and the keys under which it is found later."""

    columns: Row
    keys: tuple[int, ...]


def kept_of(report: Report, vault: Vault) -> Kept:
    """The part of a filing that hangs on nothing but the report, so that it can be done ahead, by other processes."""
    report = without_own(report)
    return Kept(_told(report), sought_of(report, vault).stored_keys)


def new_case(
    report: Report, *, authority: str, routing: Mapping[str, Any], now: datetime, kept: Kept | None = None
) -> Case:
    """The case that `report` opens at `authority`, not yet numbered and in no session: `rows_of` makes it a row."""
    return Case(
        side=report.side,
        state="received",
        authority=authority,
        institution=_clip(report.institution),
        subject=normal_form(report.institution) if report.institution else None,
        organ=_clip(report.organ),
        place=report.place,
        codes=[claim.code for claim in report.claims],
        summary=kept.columns["redacted"] if kept else lock(without_own(report).redacted),
        routing=dict(routing),
        opened_at=now,
        next_due=None,
    )


def rows_of(
    report: Report,
    given: Given,
    *,
    case: Case,
    vault: Vault,
    query_code: str | None,
    due_on: date,
    derivation: str,
    now: datetime,
    match: Match | None = None,
    witness: Witness | None = None,
    kept: Kept | None = None,
) -> Rows:
    """Every row of what one person told, under `case`; without an `id` the case is new, and gets the report's number.

    A later report of a case bears a number of its own, so that no teller can see from his receipt that others told
    the same. Files are given to it by `use_evidence`, once it is written. Without a query code nobody can ask for it.
    """
    kept = kept or kept_of(report, vault)
    opens = case.id is None
    if opens:
        case.id, case.number = given.case_id, given.number
    rows = Rows(given.number, case.id, given.report_id)
    if opens:
        rows.add(Case, row_of(case))
        rows.event("opened", "system", {"authority": case.authority}, now)
    who = sealed_identity(report.teller, given.number, vault, now)
    rows.add(Identity, {"id": given.identity_id, **who})
    matched = match.as_json() if match else {"decision": "new"}
    told = {
        "id": given.report_id,
        "case_id": case.id,
        "identity_id": given.identity_id,
        "number": given.number,
        "query_hash": query_hash(vault, query_code) if query_code else without_code(given.number),
        "channel": report.teller.channel,
        "sealed_text": vault.seal(report.text.encode(), f"text {given.number}"),
        "match": matched,
        "due_on": due_on,
        "derivation": derivation,
        **kept.columns,
    }
    told = _writable(told)
    filed: Row = {"report_id": given.report_id, "match": matched["decision"]}
    if witness:
        # Not left to the INSERT, as for other rows: the history names the commitment that the receipt bears.
        told["digest"] = witness.digest("report", {name: as_read(value) for name, value in told.items()})
        filed["commitment"] = told["digest"].hex()
    rows.add(FiledReport, told)
    rows.add(MatchKey, *({"key": key, "report_id": given.report_id} for key in kept.keys))
    if match and (suggestion := same.suggested(given.report_id, match, source="filing", now=now)):
        rows.add(Suggestion, suggestion)
    rows.event("filed", "teller", filed, now)
    return rows


def _writable(value: Any) -> Any:
    """The value without any NUL, which not every database can keep; the sealed original has it."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, list):
        return [_writable(one) for one in value]
    return {name: _writable(one) for name, one in value.items()} if isinstance(value, dict) else value


def row_of(thing: Base) -> Row:
    """The values that were set on an object of no session, by column."""
    return {name: value for name, value in vars(thing).items() if not name.startswith("_")}


def write(session: Session, filed: Sequence[Rows]) -> None:
    """Insert the rows of these reports, each with its digest; one report or a thousand, the caller commits."""
    rows = {table: [row for one in filed for row in one.by_table[table]] for table in _TABLES}
    if witness := witness_of(session):
        for table in _WITNESSED:
            for row in rows[table]:
                if "digest" not in row:
                    row["digest"] = witness.digest(table.name, {name: as_read(value) for name, value in row.items()})
    insert_all(session, rows)


def _told(report: Report) -> dict[str, Any]:
    """The columns that hold what was told; the person is elsewhere."""
    counts = {"people": report.people, "officers": report.officers, "visits": report.visits}
    facts: dict[str, Any] = {name: count for name, count in counts.items() if count is not None}
    if report.amount_approximate:
        facts["amount_approximate"] = True
    if report.period:
        facts["granularity"] = report.period.granularity
    redacted = lock(report.redacted)
    return {
        "side": report.side,
        "conversation": report.conversation,
        "telling": report.group,
        "received_at": report.received_at,
        "redacted": redacted,
        "claims": [
            {
                "code": claim.code,
                "probability": round(claim.probability, 4),
                # Words that spoke for a category may hold what was masked: only what may be read is kept.
                "words": [word for word in claim.words if word in redacted],
            }
            for claim in report.claims
        ],
        "institution": _clip(report.institution),
        "organ": _clip(report.organ),
        "place": report.place,
        "place_text": _clip(report.place_text),
        "period_first": report.period.first if report.period else None,
        "period_last": report.period.last if report.period else None,
        "ongoing": bool(report.period and report.period.ongoing),
        "amount_yuan": _fitting(report.amount_yuan),
        "facts": facts | {name: masked(answer, now=report.received_at) for name, answer in report.answers.items()},
        "wants_reward": report.teller.wants_reward,
        "files": list(dict.fromkeys(report.evidence)) or None,
    }


def _fitting(amount: Decimal | None) -> Decimal | None:
    """A sum as the column keeps it: what is committed to must be what is read later.

    Of a trillion and more, for which there is no room and which nobody means, the text still tells.
    """
    return amount.quantize(_CENT, ROUND_HALF_UP) if amount is not None and abs(amount) < MOST_YUAN else None


def use_evidence(
    session: Session,
    filed: FiledReport,
    digests: tuple[str, ...],
    *,
    vault: Vault,
    now: datetime,
    names: Mapping[str, str] | None = None,
) -> None:
    """Record that these stored files were given to a report, now or later; the same file twice is recorded once."""
    wanted = tuple(dict.fromkeys(digests))
    if not wanted:
        return
    known = set(session.scalars(select(Evidence.sha256).where(Evidence.sha256.in_(wanted))))
    if not known.issuperset(wanted):
        raise EvidenceMissing
    already = set(session.scalars(select(EvidenceUse.sha256).where(EvidenceUse.report_id == filed.id)))
    context = f"file name {filed.number}"
    fresh = [digest for digest in wanted if digest not in already]
    for digest in fresh:
        sealed = vault.seal((names or {}).get(digest, "").encode(), context)
        session.add(EvidenceUse(sha256=digest, report_id=filed.id, sealed_name=sealed, at=now))
    custody.attached(session, filed, fresh, now)


def text_of(filed: FiledReport, vault: Vault) -> str:
    """The report in its teller's own words: for the teller; everybody else reads `redacted`."""
    return vault.unseal(filed.sealed_text, f"text {filed.number}").decode()


def _clip(text: str | None) -> str | None:
    """A name that fits its column; nothing is lost, the text holds it whole."""
    return lock(text)[:NAME_LENGTH] if text else None


def file_name(use: EvidenceUse, filed: FiledReport, vault: Vault) -> str:
    """What the teller's file was called: for the teller; it may tell who he is."""
    return vault.unseal(use.sealed_name, f"file name {filed.number}").decode()
