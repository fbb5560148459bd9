"""Is this matter known already, and by whom? Candidates come by key, never by a scan; the decision explains itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

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
_FEW_KEYS, _KEYS_AT_ONCE, _ROWS_AT_ONCE = 16, 128, 500
"""SQLite takes 500 parts of a compound statement and 32 766 values."""
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


class Sought(NamedTuple):
    """A report that is not yet filed, as it is looked for and compared."""

    told: Told
    redacted: str
    telling: str | None
    account_hash: str
    phone_hash: str | None
    keys: tuple[str, ...]
    """Under which others like it are found, the most particular first."""


def sought_of(report: Report, vault: Vault) -> Sought:
    """What is looked for; pure, so that it can be worked out anywhere and ahead of time."""
    teller = report.teller
    account = account_hash(vault, teller.channel, teller.account)
    phone = phone_hash(vault, teller.phone)
    return Sought(_told_now(report), report.redacted, report.group, account, phone, search_keys(report, vault))


def find_match(session: Session, report: Report, *, vault: Vault) -> Match:
    """Compare `report`, not yet filed, with those it shares a key with; call it in the transaction that files it."""
    sought = sought_of(report, vault)
    ids = chosen(under_keys(session, sought.keys), sought.keys)
    return best_of(sought, columns_of(session, ids))


def best_of(sought: Sought, rows: Iterable[Any]) -> Match:
    """The likest of these filed reports, each with the columns that are compared."""
    compared = _compared(sought, rows)
    if not compared:
        return Match("new")
    words = _profile(sought.redacted)
    best = Match("new")
    for row, like in compared[:MOST_READ]:
        match = _judged(sought.told.side, row, like._replace(wording=near(words, _profile(row.redacted))))
        match = replace(match, same_account=match.same_teller and row.account_hash == sought.account_hash)
        if (RANK[match.decision], match.same_teller, match.score) > (RANK[best.decision], best.same_teller, best.score):
            best = match
    return best


def _compared(sought: Sought, rows: Iterable[Any]) -> list[tuple[Any, Likeness]]:
    """The candidates that can be the same matter, likeliest first; of equally likely ones the oldest."""
    found = []
    for row in rows:
        if sought.telling is not None and row.telling == sought.telling:
            continue  # one telling that was taken apart on purpose
        same_phone = sought.phone_hash is not None and row.phone_hash == sought.phone_hash
        same_teller = row.account_hash == sought.account_hash or same_phone
        like = compare(sought.told, _told_then(row), same_teller=same_teller)
        if like is not None:
            found.append((-like.score, row.id, row, like))
    found.sort(key=itemgetter(0, 1))
    return [(row, like) for _, _, row, like in found]


def _judged(side: str, row: Any, like: Likeness) -> Match:
    """The decision about one candidate."""
    case_open = bool(row.case_open)
    decision = decide(side, like, case_open=case_open)
    if decision == "new":
        return Match("new")
    reasons = like.marks() if case_open else (*like.marks(), "case_closed")
    return Match(decision, row.case_id, row.id, like.score, reasons, like.same_teller)


def under_keys(session: Session, keys: Sequence[str]) -> dict[str, list[int]]:
    """Under each of these keys the newest reports, newest first."""
    found: dict[str, list[int]] = {}
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        some = keys[start : start + _KEYS_AT_ONCE]
        # A few lengths of the statement serve for all: the last key fills up what is missing.
        filled = [*some, *[some[-1]] * (_rounded(len(some)) - len(some))]
        for at, report_id in session.execute(_search(len(filled)), {f"key{i}": key for i, key in enumerate(filled)}):
            if at < len(some):
                found.setdefault(some[at], []).append(report_id)
    for ids in found.values():
        ids.sort(reverse=True)
    return found


def chosen(found: Mapping[str, Sequence[int]], keys: Sequence[str]) -> list[int]:
    """Which of the reports under these keys are compared: those of the most particular keys first."""
    ids = dict.fromkeys(report_id for key in keys for report_id in found.get(key, ()))
    return list(ids)[:MOST_CANDIDATES]


def columns_of(session: Session, ids: Sequence[int]) -> list[Row[Any]]:
    """What is compared of these filed reports."""
    rows: list[Row[Any]] = []
    for start in range(0, len(ids), _ROWS_AT_ONCE):
        rows += session.execute(_COLUMNS, {"ids": ids[start : start + _ROWS_AT_ONCE]})
    return rows


def _rounded(number: int) -> int:
    """The next power of two from sixteen on; the number itself where it is small."""
    return number if number <= _FEW_KEYS else 1 << (number - 1).bit_length()


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


def _told_then(row: Any) -> Told:
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
