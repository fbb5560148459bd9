"""Numbers that only the ledger can give: of reports and cases as people read them, and of their rows.

A report's number comes from one row a place and a year. Whoever counts it on holds that row until he commits, so it
is taken last of all that is asked, and in one order of keys: nobody waits long, and no two wait for each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Executable, Select, bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from intake.db import bare, insert_into
from intake.models import Case, FiledReport, Identity
from intake.models import Sequence as Counted
from intake.receipts import CHINA, NOWHERE, numbered
from intake.report import Report

_NUMBERED = (bare(Case), bare(Identity), bare(FiledReport))
_COUNTED = bare(Counted)


@dataclass(frozen=True, slots=True)
class Given:
    """What one report is known by: the number on its receipt, and the numbers of its rows."""

    number: str
    case_id: int
    """For the case that it opens; unused where it joins another."""
    identity_id: int
    report_id: int


def key_of(report: Report) -> str:
    """Under what a report is counted: its place, and the year of receipt by the calendar that people live by."""
    return f"{report.place or NOWHERE}-{report.received_at.astimezone(CHINA).year:04d}"


def give(session: Session, keys: Sequence[str]) -> list[Given]:
    """Numbers for one report under each of these keys, in their order."""
    counts = Counter(keys)
    last = {key: top - counts[key] for key, top in _count_on(session, counts)}
    given = []
    for key, row in zip(keys, _rows(session, len(keys)), strict=True):
        last[key] += 1
        given.append(Given(numbered(key, last[key]), *row))
    return given


def _count_on(session: Session, counts: Counter[str]) -> Iterator[tuple[str, int]]:
    """The last number given now under each key."""
    statement = _counting(session.get_bind().dialect.name)
    for key in sorted(counts):
        yield key, session.execute(statement, {"key": key, "count": counts[key]}).scalar_one()


@lru_cache(maxsize=4)
def _counting(dialect: str) -> Executable:
    """The statement that counts on; every filing runs it, so it is built once."""
    started = insert_into(dialect, _COUNTED).values(key=bindparam("key"), last=bindparam("count"))
    counted = started.on_conflict_do_update(
        index_elements=["key"], set_={"last": _COUNTED.c.last + started.excluded.last}
    )
    return counted.returning(_COUNTED.c.last)


def _rows(session: Session, count: int) -> list[tuple[int, int, int]]:
    """Numbers for so many rows of case, identity and report.

    PostgreSQL gives them from the tables' own sequences, without a lock. On SQLite whoever writes is alone, and its
    own numbers are the highest and one more.
    """
    if session.get_bind().dialect.name == "sqlite":
        highest = session.execute(_HIGHEST).one()
        return [tuple((top or 0) + step for top in highest) for step in range(1, count + 1)]  # type: ignore[misc]
    return [tuple(row) for row in session.execute(_NEXT, {"count": count})]  # type: ignore[misc]


_HIGHEST: Select[tuple[int | None, ...]] = select(
    *(select(func.max(table.c.id)).scalar_subquery() for table in _NUMBERED)
)
_NEXT: Select[tuple[int, ...]] = select(
    *(func.nextval(literal_column(f"'{table.name}_id_seq'")) for table in _NUMBERED)
).select_from(func.generate_series(1, bindparam("count")))
