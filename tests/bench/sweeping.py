"""The sweep over ten thousand, a hundred thousand and a million open clocks, a thousand of them due; beside it timers.

`python -m tests.bench.sweeping` runs it alone, without training an ear first.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from intake.db import Database
from intake.models import Staff
from intake.schema import migrate
from routing.digest import gather
from routing.rules import Rules
from routing.sweep import sweep
from tests.bench.screen import screen, table, timed
from tests.bench.timers import timers
from tests.databases import DURABLE, Postgres

SIZES = (10_000, 100_000, 1_000_000)
DUE = 1_000
AGAIN = 5
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
TODAY, LATER, BEGUN = date(2026, 11, 20), date(2026, 12, 20), date(2026, 10, 30)
COUNTIES = ("621021", "621022", "621023", "621024", "621025", "621026", "621027", "621002")

_NUMBERS = {
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM s WHERE n < :last)",
    "postgresql": "WITH s(n) AS (SELECT generate_series(CAST(:first AS integer), CAST(:last AS integer)))",
}
_CASES = """
INSERT INTO "case" (id, number, side, state, authority, handler_id, codes, summary, routing, opened_at, place, next_due)
{numbers} SELECT n, '621021-2026-' || n, 'citizen', 'accepted', staff.authority, staff.id, '["F01"]', '', '{{}}',
:now, '621021', :later FROM s JOIN staff ON staff.id = 1 + (n % :offices) * 2
"""
_CLOCKS = """
INSERT INTO clock (case_id, kind, state, starts_on, due_on, extended, derivation, wake_on)
{numbers} SELECT n, 'clue_verify', 'running', :begun, CASE WHEN n <= :due THEN :today ELSE :later END, 0, '{{}}',
CASE WHEN n <= :due THEN :today ELSE :later END FROM s
"""


def some(folder: Path) -> None:
    """On SQLite, up to a hundred thousand: what is measured every time."""
    _shown(folder, SIZES[:2], postgres=False)


def million(folder: Path) -> None:
    """On both databases, up to a million, and a scheduler that holds one job a case."""
    _shown(folder, SIZES, postgres=True)
    timers(folder)


def _shown(folder: Path, sizes: tuple[int, ...], *, postgres: bool) -> None:
    shown = table("sweep", "database", "open", "due", "sweep", "messages", "both, worst", "nothing due", "written")
    _rows(shown.add_row, "SQLite", f"sqlite:///{folder}/sweep.db", sizes)
    if postgres:
        server = Postgres(DURABLE)
        try:
            _rows(shown.add_row, "PostgreSQL", server.create(), sizes)
        finally:
            server.stop()
    screen.print(shown)
    screen.print(
        f"{AGAIN} times each, the median; batches of 500 with a transaction of their own; {len(COUNTIES)} offices"
    )


def _rows(add: Callable[..., None], name: str, url: str, sizes: tuple[int, ...]) -> None:
    database, rules = Database(url), Rules.load()
    migrate(database)
    with database.transaction() as session:
        session.add_all(
            Staff(username=f"{role}-{place}", password_hash="-", name=role, role=role, authority=f"YB-{place}")
            for place in COUNTIES
            for role in ("officer", "leader")
        )
    filled = 0
    for size in sizes:
        with database.transaction() as session:
            _fill(session, filled + 1, size)
        filled = size
        if url.startswith("postgresql"):
            _tidy(database)
        sweeps, messages, idle = [], [], []
        for _ in range(AGAIN):
            with database.transaction() as session:
                _anew(session)
            sweeps.append(timed(lambda: _sweep(database, rules)))
            messages.append(timed(lambda: _gather(database, rules)))
            idle.append(timed(lambda: _sweep(database, rules)))
        with database.reading() as session:
            written = session.execute(text("SELECT count(*), count(DISTINCT notice_id) FROM reminder")).one()
        add(
            name, f"{size:,}", f"{DUE:,}", f"{statistics.median(sweeps):.3f} s", f"{statistics.median(messages):.3f} s",
            f"{max(map(sum, zip(sweeps, messages, strict=True))):.3f} s", f"{1000 * statistics.median(idle):.2f} ms",
            f"{written[0]} in {written[1]}",
        )  # fmt: skip
    database.close()


def _fill(session: Session, first: int, last: int) -> None:
    """Cases with a clock each, numbered from `first` to `last`; the first thousand of all are due."""
    numbers = _NUMBERS[session.get_bind().dialect.name]
    about = {
        "first": first, "last": last, "now": NOW.replace(tzinfo=None) if "RECURSIVE" in numbers else NOW,
        "today": TODAY, "later": LATER, "begun": BEGUN, "due": DUE, "offices": len(COUNTIES),
    }  # fmt: skip
    if "RECURSIVE" in numbers:
        about |= {name: str(about[name]) for name in ("now", "today", "later", "begun")}
    for statement in (_CASES, _CLOCKS):
        session.execute(text(statement.format(numbers=numbers)), about)


def _tidy(database: Database) -> None:
    """What the server does by itself a minute after so many rows came: count them."""
    with database.transaction() as session:
        session.execute(text("ANALYZE"))


def _anew(session: Session) -> None:
    """As it was before the sweep."""
    for table_name in ("reminder", "notice"):
        session.execute(text(f"DELETE FROM {table_name}"))
    session.execute(text("UPDATE clock SET wake_on = due_on WHERE id <= :due"), {"due": DUE})


def _sweep(database: Database, rules: Rules) -> None:
    more = True
    while more:
        with database.transaction() as session:
            more = sweep(session, rules=rules, now=NOW, limit=500).more


def _gather(database: Database, rules: Rules) -> None:
    with database.transaction() as session:
        gather(session, rules=rules, now=NOW)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        million(Path(temporary))
