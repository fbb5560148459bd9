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
from intake.matching import Match, Sought, best_of, chosen, columns_of, under_keys
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

    def __init__(self, session: Session, all_sought: Sequence[Sought]) -> None:
        self._session = session
        self._looked = {id(sought): sought.sought_keys for sought in all_sought}
        numbers = list(dict.fromkeys(key.number for looked in self._looked.values() for key in looked))
        self._under = under_keys(session, numbers)
        self._first = {one: chosen(self._under, looked) for one, looked in self._looked.items()}
        self._touched: set[int] = set()
        """The keys under which reports of the batch were put."""
        wanted = {one for votes in self._first.values() for one in votes}
        self._rows: dict[int, Any] = {row.id: row for row in columns_of(session, sorted(wanted))}

    def match(self, sought: Sought) -> Match:
        """What is decided about a report, after those before it were added."""
        looked, votes = self._looked[id(sought)], self._first[id(sought)]
        if not self._touched.isdisjoint(key.number for key in looked):
            # What was added weighs too, and can bring in what was not among the likeliest before.
            votes = chosen(self._under, looked)
            unread = [one for one in votes if one not in self._rows]
            self._rows.update((row.id, row) for row in columns_of(self._session, unread))
        return best_of(sought, [self._rows[one] for one in votes], votes)

    def add(self, place: int, case_id: int, told: Mapping[str, Any], sought: Sought, keys: Iterable[int]) -> None:
        """The report at this place of the batch goes to this case; those after it are compared with it."""
        number = ABOVE + place
        compared = {name: told[name] for name in _TOLD}
        self._rows[number] = Unfiled(
            id=number, case_id=case_id, account_hash=sought.account_hash, phone_hash=sought.phone_hash, **compared
        )
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
