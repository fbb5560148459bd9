"""Is this matter known already, and by whom? Candidates come by key, never by a scan; the decision explains itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import CompoundSelect, Row, String, bindparam, literal_column, select, union_all
from sqlalchemy.orm import Session

from intake.confidentiality import Vault
from intake.db import bare
from intake.identity import account_hash, phone_hash
from intake.keys import search_keys
from intake.likeness import Decision, Likeness, Told, compare, decide
from intake.models import Case, FiledReport, Identity, MatchKey
from intake.receipts import CHINA
from intake.report import Report
from nlu.similarity import Profile, near, profile

PER_KEY = 40
MOST_CANDIDATES = 80
MOST_READ = 24
"""How many candidates' wording is compared: the likeliest by everything else."""

RANK: Mapping[Decision, int] = {"attached": 3, "suggested": 2, "related": 1, "new": 0}


@dataclass(frozen=True, slots=True)
class Match:
    """What was decided about a new report, and the report that it resembles most.

    `attached`: file it under `case_id`. `suggested`: open a case, and let a person decide about merging.
    `related`: open a case, and link them. `new`: nothing like it.
    """

    decision: Decision
    case_id: int | None = None
    report_id: int | None = None
    score: float = 0.0
    reasons: tuple[str, ...] = ()
    same_teller: bool = False
    same_account: bool = False
    """The very account told before. A telephone number anybody can give: on it alone nobody is told anything."""

    def as_json(self) -> dict[str, Any]:
        """The form in which the ledger keeps it beside the report."""
        return {
            "decision": self.decision,
            "case_id": self.case_id,
            "report_id": self.report_id,
            "score": self.score,
            "reasons": list(self.reasons),
            "same_teller": self.same_teller,
        }


def find_match(session: Session, report: Report, *, vault: Vault) -> Match:
    """Compare `report`, not yet filed, with those it shares a key with; call it in the transaction that files it."""
    compared = _compared(session, report, vault)
    if not compared:
        return Match("new")
    words = profile(report.redacted)
    account = account_hash(vault, report.teller.channel, report.teller.account)
    best = Match("new")
    for row, like in compared[:MOST_READ]:
        match = _judged(report.side, row, like._replace(wording=near(words, _profile(row.redacted))))
        match = replace(match, same_account=match.same_teller and row.account_hash == account)
        if (RANK[match.decision], match.same_teller, match.score) > (RANK[best.decision], best.same_teller, best.score):
            best = match
    return best


def _compared(session: Session, report: Report, vault: Vault) -> list[tuple[Row[Any], Likeness]]:
    """The candidates that can be the same matter, likeliest first."""
    told = _told_now(report)
    account = account_hash(vault, report.teller.channel, report.teller.account)
    phone = phone_hash(vault, report.teller.phone)
    found = []
    for row in _candidates(session, search_keys(report, vault)):
        if report.group is not None and row.telling == report.group:
            continue  # one telling that was taken apart on purpose
        same_teller = row.account_hash == account or (phone is not None and row.phone_hash == phone)
        like = compare(told, _told_then(row), same_teller=same_teller)
        if like is not None:
            found.append((like.score, row, like))
    found.sort(key=lambda one: one[0], reverse=True)
    return [(row, like) for _, row, like in found]


def _judged(side: str, row: Row[Any], like: Likeness) -> Match:
    """The decision about one candidate."""
    case_open = bool(row.case_open)
    decision = decide(side, like, case_open=case_open)
    if decision == "new":
        return Match("new")
    reasons = like.marks() if case_open else (*like.marks(), "case_closed")
    return Match(decision, row.case_id, row.id, like.score, reasons, like.same_teller)


def _candidates(session: Session, keys: Sequence[str]) -> list[Row[Any]]:
    """The reports that share a key: the newest of each, those of the most particular keys first."""
    found = session.execute(_search(len(keys)), {f"key{i}": key for i, key in enumerate(keys)}).all()
    ids = list(dict.fromkeys(report_id for _, report_id in sorted(found, key=lambda row: row[0])))
    return [*session.execute(_COLUMNS, {"ids": ids[:MOST_CANDIDATES]})] if ids else []


@lru_cache(maxsize=32)
def _search(keys: int) -> CompoundSelect[Any]:
    """One statement for all keys: each part reads the end of one short range of the table."""
    parts, keyed = [], bare(MatchKey).c
    for i in range(keys):
        newest = select(keyed.report_id).where(keyed.key == bindparam(f"key{i}", type_=String))
        part = newest.order_by(keyed.report_id.desc()).limit(PER_KEY).subquery(f"part{i}")
        parts.append(select(literal_column(str(i)), part.c.report_id))
    return union_all(*parts)


# Plain columns, not mapped attributes: rows then come straight from the driver.
_REPORT, _IDENTITY, _CASE = bare(FiledReport).c, bare(Identity).c, bare(Case).c

# What is compared, of the reports with the given numbers.
_COLUMNS = (
    select(
        _REPORT.id,
        _REPORT.case_id,
        _REPORT.telling,
        _REPORT.side,
        _REPORT.institution,
        _REPORT.organ,
        _REPORT.place,
        _REPORT.claims,
        _REPORT.period_first,
        _REPORT.period_last,
        _REPORT.ongoing,
        _REPORT.received_at,
        _REPORT.redacted,
        _IDENTITY.account_hash,
        _IDENTITY.phone_hash,
        _CASE.closed_at.is_(None).label("case_open"),
    )
    .join(bare(Case), _CASE.id == _REPORT.case_id)
    .join(bare(Identity), _IDENTITY.id == _REPORT.identity_id)
    .where(_REPORT.id.in_(bindparam("ids", expanding=True)))
)


def _told_now(report: Report) -> Told:
    """The new report's values."""
    period = report.period
    last = _until(period.last, report.received_at, ongoing=period.ongoing) if period else None
    return Told(
        report.side,
        report.institution,
        report.organ,
        report.place,
        frozenset(claim.code for claim in report.claims),
        period.first if period else None,
        last,
    )


def _told_then(row: Row[Any]) -> Told:
    """A filed report's values."""
    last = _until(row.period_last, row.received_at, ongoing=row.ongoing) if row.period_last else None
    codes = frozenset(claim["code"] for claim in row.claims)
    return Told(row.side, row.institution, row.organ, row.place, codes, row.period_first, last)


def _until(last: date, received_at: datetime, *, ongoing: bool) -> date:
    """The end of a period; what went on when it was told lasted at least until then."""
    return max(last, received_at.astimezone(CHINA).date()) if ongoing else last


@lru_cache(maxsize=256)
def _profile(redacted: str) -> Profile:
    """A report's wording never changes, and hot institutions are compared again and again."""
    return profile(redacted)
