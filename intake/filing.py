"""Filing: one report becomes rows, sealed and redacted; it writes all of them or, with its caller's rollback, none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from intake import same
from intake.confidentiality import Vault
from intake.db import bare
from intake.errors import EvidenceMissing
from intake.identity import sealed_identity
from intake.masks import lock, masked
from intake.matching import Match, sought_of
from intake.models import Case, Event, Evidence, EvidenceUse, FiledReport, Identity, MatchKey
from intake.names import normal_form
from intake.receipts import CHINA, new_number, query_hash
from intake.report import Report

NAME_LENGTH = 200

# Bare tables: rows that nobody asks for as objects go past the mapper, which halves the cost of a filing.
_INSERT_KEYS = insert(bare(MatchKey))
_INSERT_IDENTITY = insert(bare(Identity)).returning(bare(Identity).c.id)
_INSERT_EVENT = insert(bare(Event))
_TAKEN = select(bare(FiledReport).c.id).where(bare(FiledReport).c.number == bindparam("number"))


def open_case(
    session: Session,
    report: Report,
    *,
    authority: str,
    routing: Mapping[str, Any],
    now: datetime,
    summary: str | None = None,
) -> Case:
    """A new case for `report` at `authority`, its opening written down; the desk calls it, then files the report."""
    case = Case(
        number=_next_number(session, report),
        side=report.side,
        state="received",
        authority=authority,
        institution=_clip(report.institution),
        subject=normal_form(report.institution) if report.institution else None,
        organ=_clip(report.organ),
        place=report.place,
        codes=[claim.code for claim in report.claims],
        summary=summary or lock(report.redacted),
        routing=dict(routing),
        opened_at=now,
    )
    session.add(case)
    session.flush()
    _note(session, case, "opened", "system", {"authority": authority}, now)
    return case


def file_report(
    session: Session,
    report: Report,
    *,
    vault: Vault,
    case: Case,
    query_code: str,
    due_on: date,
    derivation: str,
    now: datetime,
    match: Match | None = None,
    file_names: Mapping[str, str] | None = None,
) -> FiledReport:
    """Write down what one person told, under `case`; its history gets a "filed" event.

    The first report of a case bears the case's number, every later one a number of its own, so that
    no teller can see from his receipt that others told the same.
    `file_names` gives the names that the teller's files bore, by digest. Raises EvidenceMissing for an unknown file.
    """
    with session.no_autoflush:  # what is pending can wait for the one flush below
        taken = session.execute(_TAKEN, {"number": case.number}).first()
        number = case.number if taken is None else _next_number(session, report)
    who = session.execute(_INSERT_IDENTITY, sealed_identity(report.teller, number, vault, now))
    filed = FiledReport(
        case_id=case.id,
        identity_id=who.scalar_one(),
        number=number,
        query_hash=query_hash(vault, query_code),
        channel=report.teller.channel,
        sealed_text=vault.seal(report.text.encode(), f"text {number}"),
        match=match.as_json() if match else {"decision": "new"},
        due_on=due_on,
        derivation=derivation,
        **_told(report),
    )
    session.add(filed)
    session.flush()
    keys = [{"key": key, "report_id": filed.id} for key in sought_of(report, vault).stored_keys]
    session.execute(_INSERT_KEYS, keys)
    if match is not None:
        same.note(session, filed.id, match, source="filing", now=now)
    use_evidence(session, filed, report.evidence, vault=vault, now=now, names=file_names)
    _note(session, case, "filed", "teller", {"report_id": filed.id, "match": filed.match["decision"]}, now)
    return filed


def _next_number(session: Session, report: Report) -> str:
    """A number of the report's place and of the year it was received in, by the calendar that people live by."""
    return new_number(session, report.place, report.received_at.astimezone(CHINA).year)


def _note(session: Session, case: Case, kind: str, actor: str, data: dict[str, Any], now: datetime) -> None:
    """An event of the case, as audit.append writes it."""
    session.execute(_INSERT_EVENT, {"case_id": case.id, "at": now, "actor": actor, "kind": kind, "data": data})


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
        "amount_yuan": report.amount_yuan,
        "facts": facts | {name: masked(answer, now=report.received_at) for name, answer in report.answers.items()},
        "wants_reward": report.teller.wants_reward,
    }


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
    for digest in wanted:
        if digest not in already:
            sealed = vault.seal((names or {}).get(digest, "").encode(), context)
            session.add(EvidenceUse(sha256=digest, report_id=filed.id, sealed_name=sealed, at=now))


def text_of(filed: FiledReport, vault: Vault) -> str:
    """The report in its teller's own words: for the teller; everybody else reads `redacted`."""
    return vault.unseal(filed.sealed_text, f"text {filed.number}").decode()


def _clip(text: str | None) -> str | None:
    """A name that fits its column; nothing is lost, the text holds it whole."""
    return lock(text)[:NAME_LENGTH] if text else None


def file_name(use: EvidenceUse, filed: FiledReport, vault: Vault) -> str:
    """What the teller's file was called: for the teller; it may tell who he is."""
    return vault.unseal(use.sealed_name, f"file name {filed.number}").decode()
