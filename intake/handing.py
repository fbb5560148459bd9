"""Work orders by the number that their source gave them: each is filed once, and a changed one is known as changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.confidentiality import Vault
from intake.db import bare, insert_into
from intake.errors import LedgerBusy
from intake.models import Case, FiledReport, Handed, ImportRun

_AT_ONCE = 500
"""Numbers asked for in one statement; SQLite takes 32 766 values, PostgreSQL 65 535."""


@dataclass(frozen=True, slots=True)
class Known:
    """A work order that is here already: the number it got from us, and the hash of what was handed over."""

    case_number: str
    content: str
    """Empty where its teller was erased."""


def content_hash(vault: Vault, content: str) -> str:
    """By which a work order is known again; keyed, since it holds what a person told."""
    return vault.fingerprint(content, "work order")


def known(session: Session, source: str, numbers: Iterable[str]) -> dict[str, Known]:
    """Which of these numbers of a source are here."""
    wanted = list(dict.fromkeys(numbers))
    found: dict[str, Known] = {}
    table, reports = bare(Handed).c, bare(FiledReport).c
    for start in range(0, len(wanted), _AT_ONCE):
        query = (
            select(table.number, table.content, reports.number.label("case_number"))
            .join(bare(FiledReport), reports.id == table.report_id)
            .where(table.source == source, table.number.in_(wanted[start : start + _AT_ONCE]))
        )
        found |= {row.number: Known(row.case_number, row.content) for row in session.execute(query)}
    return found


def remember(session: Session, source: str, filed: Mapping[str, tuple[str, str]], now: datetime) -> int:
    """Keep number → (content hash, our number) in the transaction that filed them; gives how many joined a case.

    Raises LedgerBusy where another process was faster with one of them: nothing of this transaction may stay.
    """
    reports, cases = bare(FiledReport).c, bare(Case).c
    ours = [case_number for _, case_number in filed.values()]
    ids: dict[str, int] = {}
    joined = 0
    for start in range(0, len(ours), _AT_ONCE):
        query = (
            select(reports.number, reports.id, cases.number.label("case"))
            .join(bare(Case), cases.id == reports.case_id)
            .where(reports.number.in_(ours[start : start + _AT_ONCE]))
        )
        for found in session.execute(query):
            ids[found.number] = found.id
            joined += found.number != found.case  # the first report of a case bears its number
    rows = [row(source, number, content, ids[case_number], now) for number, (content, case_number) in filed.items()]
    if rows:
        write(session, rows)
    return joined


def row(source: str, number: str, content: str, report_id: int, now: datetime) -> dict[str, Any]:
    """One work order that was filed, as a row."""
    return {"source": source, "number": number, "content": content, "report_id": report_id, "at": now}


def write(session: Session, rows: list[dict[str, Any]]) -> None:
    """Keep these rows; LedgerBusy as for `remember`."""
    added = insert_into(session.get_bind().dialect.name, bare(Handed))
    once = added.on_conflict_do_nothing(index_elements=["source", "number"]).returning(bare(Handed).c.number)
    if len(session.execute(once, rows).all()) != len(rows):
        raise LedgerBusy


def unfinished(session: Session, source: str, digest: str) -> ImportRun | None:
    """The last reading of this file, if it did not come to its end."""
    query = select(ImportRun).where(ImportRun.source == source, ImportRun.digest == digest)
    last = session.scalar(query.order_by(ImportRun.id.desc()).limit(1))
    return last if last is not None and last.finished_at is None else None


def count(session: Session, source: str) -> int:
    """How many work orders of a source are here."""
    return session.scalar(select(func.count()).where(Handed.source == source)) or 0
