"""Reports that are filed together are matched as if each were filed before the next came, and the ledger is asked once.

What the ledger knows is read for all of them: candidates under all their keys, and the columns of these. What is
decided about one is put beside it for those after it. The rows of the batch have no numbers yet: their places in it
stand for them, above every number of the ledger, as later reports have higher ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from intake import matching
from intake.keys import Key
from intake.matching import Candidate, Match, Sought, best_of, candidates_of, chosen, told_then, under_keys
from intake.numbers import Given

ABOVE = 1 << 62


class Unfiled(NamedTuple):
    """A report of the batch with the columns that are compared."""

    id: int
    case_id: int
    telling: str | None
    side: str
    institution: str | None
    organ: str | None
    place: str | None
    claims: list[dict[str, Any]]
    period_first: date | None
    period_last: date | None
    ongoing: bool
    received_at: datetime
    redacted: str
    account_hash: str
    phone_hash: str | None
    case_open: bool = True


class Batch:
    """What the reports of a batch are compared with."""

    def __init__(self, session: Session, looked: Sequence[Sequence[Key]]) -> None:
        """Read what the ledger knows under the keys under which each report of the batch is looked for."""
        self._session = session
        self._looked = looked
        self._under = under_keys(session, list(dict.fromkeys(key.number for some in looked for key in some)))
        self._first = [chosen(self._under, some) for some in looked]
        self._touched: set[int] = set()
        """The keys under which reports of the batch were put."""
        self._known: dict[int, Candidate] = {}
        self._read({one for votes in self._first for one in votes})

    def _read(self, ids: Iterable[int]) -> None:
        unread = sorted(one for one in ids if one not in self._known)
        self._known.update((one.row.id, one) for one in candidates_of(self._session, unread))

    def match(self, place: int, sought: Sought) -> Match:
        """What is decided about the report at this place, after those before it were added."""
        looked, votes = self._looked[place], self._first[place]
        if not self._touched.isdisjoint(key.number for key in looked):
            # What was added weighs too, and can bring in what was not among the likeliest before.
            votes = chosen(self._under, looked)
            self._read(votes)
        return best_of(sought, [self._known[one] for one in votes], votes)

    def add(self, place: int, case_id: int, told: Mapping[str, Any], sought: Sought, keys: Iterable[int]) -> None:
        """The report at this place of the batch goes to this case; those after it are compared with it."""
        number = ABOVE + place
        compared = {name: told[name] for name in _TOLD}
        row = Unfiled(
            id=number, case_id=case_id, account_hash=sought.account_hash, phone_hash=sought.phone_hash, **compared
        )
        self._known[number] = Candidate(row, told_then(row))
        for key in keys:
            self._touched.add(key)
            known = self._under.setdefault(key, [])
            known.insert(0, number)
            del known[matching.PER_KEY :]


_TOLD = tuple(set(Unfiled._fields) - {"id", "case_id", "account_hash", "phone_hash", "case_open"})


def numbered(match: Match, given: Sequence[Given]) -> Match:
    """The same with the numbers that the reports of the batch got meanwhile."""
    report_id, case_id = match.report_id, match.case_id
    if report_id is not None and report_id >= ABOVE:
        report_id = given[report_id - ABOVE].report_id
    if case_id is not None and case_id >= ABOVE:
        case_id = given[case_id - ABOVE].case_id
    return replace(match, report_id=report_id, case_id=case_id)
