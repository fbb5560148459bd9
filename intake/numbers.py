"""Numbers that only the ledger can give: of reports and cases as people read them, and of their rows.

A report's number comes from one row a place and a year. Whoever counts it on holds that row until he commits, so it
is taken last of all that is asked, and in one order of keys: nobody waits long, and no two wait for each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Executable, bindparam, func, select
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
    """Numbers for one report under each of these keys, in their order: one statement for each key that differs.

    The rows' numbers rise from report to report, whatever their keys: the ledger's order is that of arrival.
    """
    dialect = session.get_bind().dialect.name
    numbers: dict[str, Iterator[str]] = {}
    of_rows: tuple[list[int], ...] = ([], [], [])
    for key, count in sorted(Counter(keys).items()):
        last, *marks = session.execute(_counting(dialect), {"key": key, "count": count}).one()
        for known, more in zip(of_rows, marks, strict=True):
            # SQLite tells the highest number so far: whoever writes is alone there, and one more is the next.
            first = (known[-1] if known else more or 0) + 1 if dialect == "sqlite" else 0
            known.extend(range(first, first + count) if dialect == "sqlite" else more)
        numbers[key] = iter([numbered(key, one) for one in range(last - count + 1, last + 1)])
    rows = zip(*map(sorted, of_rows), strict=True)
    return [Given(next(numbers[key]), *marks) for key, marks in zip(keys, rows, strict=True)]


@lru_cache(maxsize=4)
def _counting(dialect: str) -> Executable:
    """Counts on under a key, and gives the last number with those of the rows; every filing runs it, so it is built once.

    PostgreSQL takes the rows' numbers from the tables' own sequences, for which nobody waits.
    """
    started = insert_into(dialect, _COUNTED).values(key=bindparam("key"), last=bindparam("count"))
    counted = started.on_conflict_do_update(
        index_elements=["key"], set_={"last": _COUNTED.c.last + started.excluded.last}
    )
    if dialect == "sqlite":
        marks = [select(func.max(table.c.id)) for table in _NUMBERED]
    else:
        so_many = func.generate_series(1, bindparam("count"))
        marks = [
            select(func.array_agg(func.nextval(f"{table.name}_id_seq"))).select_from(so_many) for table in _NUMBERED
        ]
    return counted.returning(_COUNTED.c.last, *(mark.scalar_subquery() for mark in marks))
