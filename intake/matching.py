"""Is this matter known already, and by whom? Candidates come by key, never by a scan; the decision explains itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from math import sqrt
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Row, TextClause, bindparam, select, text
from sqlalchemy.orm import Session

from intake import keys
from intake.confidentiality import Vault
from intake.db import bare
from intake.identity import account_hash, phone_hash
from intake.keys import Key
from intake.likeness import SURE, Decision, Likeness, Told, compare, decide
from intake.models import Case, FiledReport, Identity
from intake.names import name_in
from intake.receipts import CHINA
from intake.report import Report
from nlu.places import by_code
from nlu.similarity import Profile, near, profile, same_figure

PER_KEY = 64
MOST_CANDIDATES = 24
_KEYS_PER_STATEMENT, _ROWS_PER_STATEMENT = 128, 500
"""SQLite takes 500 parts of a compound statement and 32 766 values."""
MOST_READ = 8
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


Filed: TypeAlias = Row[*tuple[Any, ...]]
"""A filed report as `COLUMNS` read it."""


class Candidate(NamedTuple):
    """A filed report that may be the same matter, and its values as they are compared."""

    row: Any
    told: Told


class Sought(NamedTuple):
    """A report, new or filed, as it is compared with others."""

    told: Told
    text: str
    account_hash: str
    phone_hash: str | None
    telling: str | None = None
    before: int | None = None
    """Only reports with a smaller number are wanted: those filed earlier."""
    case_id: int | None = None
    """The case in which it lies already: of that nothing has to be found."""

    @property
    def hashes(self) -> tuple[str, str | None]:
        """By which the teller is known again."""
        return self.account_hash, self.phone_hash

    @property
    def stored_keys(self) -> tuple[int, ...]:
        """The keys under which it is found later."""
        return keys.stored(self.told, self.hashes)

    @property
    def sought_keys(self) -> tuple[Key, ...]:
        """The keys under which others like it are found."""
        return keys.sought(self.told, self.hashes)


def sought_of(report: Report, vault: Vault) -> Sought:
    """A report that is not yet filed."""
    teller = report.teller
    account = account_hash(vault, teller.channel, teller.account)
    return Sought(_told_now(report), report.redacted, account, phone_hash(vault, teller.phone), report.group)


def sought_again(row: Any) -> Sought:
    """A filed report, from the columns of `COMPARED`: for matching and keying the whole history anew."""
    told = told_then(row)
    return Sought(told, row.redacted, row.account_hash, row.phone_hash, row.telling, row.id, row.case_id)


def find_match(session: Session, report: Report, *, vault: Vault) -> Match:
    """Compare `report`, not yet filed, with those it shares a key with; call it in the transaction that files it."""
    return best_match(session, sought_of(report, vault))


def best_match(session: Session, sought: Sought) -> Match:
    """The likest of the reports that share a key."""
    votes = candidates(session, sought)
    return best_of(sought, candidates_of(session, list(votes)), votes)


def best_of(sought: Sought, found: Iterable[Candidate], votes: Mapping[int, float]) -> Match:
    """The likest of these filed reports; `votes` is what the keys say."""
    compared = _compared(sought, found, votes)
    best = Match("new")
    if not compared:
        return best
    words = _profile(*wording_of(sought.told))
    for row, then, like in compared[:MOST_READ]:
        wording = near(words, _profile(*wording_of(then)))
        match = judged(row, like._replace(wording=wording, number=same_figure(sought.text, then.text)))
        match = replace(match, same_account=match.same_teller and row.account_hash == sought.account_hash)
        if (RANK[match.decision], match.same_teller, match.score) > (RANK[best.decision], best.same_teller, best.score):
            best = match
    return best


def likeness(sought: Sought, row: Filed, then: Told) -> Likeness | None:
    """How a report agrees with a filed one in everything but wording; None where they cannot be one matter."""
    if sought.telling is not None and row.telling == sought.telling:
        return None  # one telling that was taken apart on purpose
    if sought.case_id is not None and row.case_id == sought.case_id:
        return None
    same_phone = sought.phone_hash is not None and row.phone_hash == sought.phone_hash
    same_teller = row.account_hash == sought.account_hash or same_phone
    return compare(sought.told, then, same_teller=same_teller)


def judged(row: Filed, like: Likeness) -> Match:
    """The decision about one candidate whose wording was compared."""
    case_open = bool(row.case_open)
    decision = decide(row.side, like, case_open=case_open)
    if decision == "new":
        return Match("new")
    reasons = like.marks() if case_open else (*like.marks(), "case_closed")
    return Match(decision, row.case_id, row.id, like.score, reasons, like.same_teller)


def candidates_of(session: Session, ids: Sequence[int]) -> list[Candidate]:
    """These filed reports, with what is compared."""
    found: list[Candidate] = []
    for start in range(0, len(ids), _ROWS_PER_STATEMENT):
        rows = session.execute(COMPARED, {"ids": ids[start : start + _ROWS_PER_STATEMENT]})
        found += (Candidate(row, told_then(row)) for row in rows)
    return found


def _compared(
    sought: Sought, found: Iterable[Candidate], votes: Mapping[int, float]
) -> list[tuple[Any, Told, Likeness]]:
    """The candidates that can be the same matter, likeliest first; of equally likely ones the oldest."""
    alike = []
    for row, then in found:
        like = likeness(sought, row, then)
        if like is not None:
            # Both are sums of what speaks for it: the values that agree, and the keys that are shared.
            alike.append((like.points + votes[row.id] / keys.SURE, row, then, like))
    alike.sort(key=lambda one: (-one[0], one[1].id))
    return [(row, then, like) for _, row, then, like in alike]


def candidates(session: Session, sought: Sought) -> dict[int, float]:
    """The reports that share the most telling keys, and how much these say; of each key the newest reports are seen."""
    looked = sought.sought_keys
    before = sought.before if sought.before is not None else _LAST
    return chosen(under_keys(session, [key.number for key in looked], before), looked)


def under_keys(session: Session, numbers: Sequence[int], before: int | None = None) -> dict[int, list[int]]:
    """Under each of these keys the newest reports, newest first; all of them in few statements."""
    found: dict[int, list[int]] = {}
    lite = session.get_bind().dialect.name == "sqlite"
    for start in range(0, len(numbers), _KEYS_PER_STATEMENT):
        some = list(numbers[start : start + _KEYS_PER_STATEMENT])
        bound: dict[str, Any] = {"before": _LAST if before is None else before, "most": PER_KEY}
        if lite:
            bound |= {f"key{at}": number for at, number in enumerate(some)}
            rows = session.execute(_each_key(len(some)), bound)
        else:
            rows = session.execute(_KEYS_AT_ONCE, bound | {"keys": some})
        for at, report_id in rows.all():  # at once: hundreds of rows, each of two numbers
            found.setdefault(some[at], []).append(report_id)
    for ids in found.values():
        ids.sort(reverse=True)
    return found


def chosen(found: Mapping[int, Sequence[int]], looked: Sequence[Key]) -> dict[int, float]:
    """Which of the reports under these keys are compared, and how much the keys say for each."""
    votes: dict[int, float] = defaultdict(float)
    for key in looked:
        ids = found.get(key.number, ())
        if not ids:
            continue
        # What few reports share says more; measured on a million, see docs/benchmarks.md.
        worth = key.weight * sqrt(PER_KEY / min(PER_KEY, len(ids)))
        for report_id in ids:
            votes[report_id] += worth
    if len(votes) <= MOST_CANDIDATES:
        return votes
    best = sorted(zip(votes.values(), votes, strict=True), reverse=True)[:MOST_CANDIDATES]
    return {report_id: worth for worth, report_id in best}


_LAST = (1 << 31) - 1

# Text and not expressions: every filing runs it, and SQLAlchemy would walk thirty subqueries each time.
_KEYS_AT_ONCE = text(
    "SELECT looked.at - 1, found.report_id FROM unnest(CAST(:keys AS bigint[])) WITH ORDINALITY AS looked(key, at) "
    "CROSS JOIN LATERAL (SELECT report_id FROM match_key WHERE match_key.key = looked.key AND report_id < :before "
    "ORDER BY report_id DESC LIMIT :most) AS found"
)


@lru_cache(maxsize=64)
def _each_key(number: int) -> TextClause:
    """One statement for all keys, for SQLite, which knows no LATERAL: each part reads the end of one short range."""
    part = (
        "SELECT {at}, report_id FROM (SELECT report_id FROM match_key "
        "WHERE key = :key{at} AND report_id < :before ORDER BY report_id DESC LIMIT :most)"
    )
    return text(" UNION ALL ".join(part.format(at=at) for at in range(number)))


# Plain columns, not mapped attributes: rows then come straight from the driver.
_REPORT, _IDENTITY, _CASE = bare(FiledReport).c, bare(Identity).c, bare(Case).c

COLUMNS = (
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
)
"""What is compared, of filed reports."""

COMPARED = COLUMNS.where(_REPORT.id.in_(bindparam("ids", expanding=True)))
"""The same of the reports with the given numbers."""


def _told_now(report: Report) -> Told:
    """The new report's values."""
    period = report.period
    last = _until(period.last, report.received_at, ongoing=period.ongoing) if period else None
    return Told(
        report.side,
        report.institution or _unheard(report.side, report.redacted),
        report.organ,
        report.place,
        frozenset(claim.code for claim in report.claims),
        period.first if period else None,
        last,
        frozenset(claim.code for claim in report.claims if claim.probability >= SURE),
        report.redacted,
        bool(report.institution),
    )


def told_then(row: Any) -> Told:
    """A filed report's values."""
    last = _until(row.period_last, row.received_at, ongoing=row.ongoing) if row.period_last else None
    codes = frozenset(claim["code"] for claim in row.claims)
    sure = frozenset(claim["code"] for claim in row.claims if claim.get("probability", 1.0) >= SURE)
    institution = row.institution or _unheard(row.side, row.redacted)
    return Told(
        row.side,
        institution,
        row.organ,
        row.place,
        codes,
        row.period_first,
        last,
        sure,
        row.redacted,
        bool(row.institution),
    )


def _unheard(side: str, text: str) -> str | None:
    """The institution that a citizen's text names, though neither ear nor teller gave it as the name."""
    return name_in(text) if side == "citizen" else None


def _until(last: date, received_at: datetime, *, ongoing: bool) -> date:
    """The end of a period; what went on when it was told lasted at least until then."""
    return max(last, received_at.astimezone(CHINA).date()) if ongoing else last


def wording_of(told: Told) -> tuple[str, str]:
    """The text of a report, and the names in it that are compared by themselves."""
    place = by_code(told.place) if told.place else None
    return told.text, f"{told.institution or ''} {told.organ or ''} {place.name if place else ''}"


@lru_cache(maxsize=512)
def _profile(text: str, known: str) -> Profile:
    """A report's wording never changes, and hot institutions are compared again and again."""
    return profile(text, known)
