"""Ledgers of many invented reports for the bench of matching: told by lot, loaded in bulk, the same for the same number.

Institutions are as unlike as in life: a few are reported again and again, most of them seldom.
"""

from __future__ import annotations

import io
import json
import os
import random
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import UTC, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import Engine

from intake.confidentiality import KEY_BYTES, Vault
from intake.matching import Sought, sought_of
from intake.report import Report
from tests.bench.exhaustive import Asked, Best, best_among
from tests.matters.invented import Matter, matter, tell

VAULT = Vault(bytes(KEY_BYTES))
AT_ONCE = 5000
A_HOUSE = 20
"""Reports an institution, on average."""
TOLD_TWICE = 0.1
"""The share of reports that repeat an earlier one, besides those that the bench asks for."""

TABLES = {
    "case": "id, number, side, state, authority, codes, summary, routing, opened_at",
    "identity": "id, mode, channel, sealed, account_hash, phone_hash, created_at",
    "report": (
        "id, case_id, identity_id, number, query_hash, side, channel, conversation, received_at, sealed_text, redacted, "
        "claims, institution, organ, place, period_first, period_last, ongoing, facts, match, due_on, derivation"
    ),
    "match_key": "key, report_id",
}
Rows = dict[str, list[tuple[Any, ...]]]


def matter_of(number: int, size: int) -> Matter:
    """What report `number` of a ledger of this size tells."""
    dice = random.Random(number * 2 + 1)
    if number and dice.random() < TOLD_TWICE:
        return matter_of(dice.randrange(number), size)
    houses = max(10, size // A_HOUSE)
    # The first of 50 000 houses is told of 4 500 times in a million, half of them fewer than ten times.
    house = random.Random(int(houses * dice.random() ** 2) * 7 + 3)
    drawn = matter(house)
    one = matter(dice, county=drawn.county, brand=drawn.brand)
    return Matter(**{name: getattr(one, name) for name in one.__slots__} | _house(drawn, one))


def _house(drawn: Matter, one: Matter) -> dict[str, str]:
    """The institution as it is, whatever is told of it; an enterprise has one organ that comes most."""
    return {"kind": drawn.kind, "branch": drawn.branch} | ({"organ": drawn.organ} if one.n % 3 else {})


def report_of(number: int, size: int) -> Report:
    """Report `number` as it is stored."""
    return tell(matter_of(number, size), random.Random(number * 2), account=f"person {number}")


def again(number: int, size: int) -> Report:
    """The same matter as another person tells it, years later or the next day."""
    return tell(matter_of(number, size), random.Random(-number * 2 - 1), account=f"another {number}")


def stretch(first: int, last: int, size: int, asked: tuple[int, ...]) -> tuple[Rows, list[Best]]:
    """The rows of the reports from `first` to before `last`, and what they are to the reports that will be asked."""
    rows: Rows = {name: [] for name in TABLES}
    told = []
    for number in range(first, last):
        report = report_of(number, size)
        sought = sought_of(report, VAULT)
        _add(rows, number + 1, report, sought)
        told.append(sought.told)
    return rows, best_among(told, first, _asked(asked, size)) if asked else []


@lru_cache(maxsize=1)
def _asked(asked: tuple[int, ...], size: int) -> Asked:
    """The repeats that will be asked, made once in each process."""
    return Asked([sought_of(again(number, size), VAULT).told for number in asked])


def _add(rows: Rows, key: int, report: Report, sought: Sought) -> None:
    at = report.received_at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    codes = [claim.code for claim in report.claims]
    number = f"621021-2026-{key:07d}"
    rows["case"].append((key, number, report.side, "received", "YB-621021", json.dumps(codes), "-", "{}", at))
    rows["identity"].append((key, "anonymous", "web", b"-", sought.account_hash, None, at))
    period = (report.period.first.isoformat(), report.period.last.isoformat()) if report.period else (None, None)
    claims = json.dumps([{"code": code, "probability": 0.9, "words": []} for code in codes])
    due = (report.received_at + timedelta(days=20)).date().isoformat()
    rows["report"].append(
        (
            *(key, key, key, number, number, report.side, "web", f"c{key}", at, b"-", report.redacted, claims),
            *(report.institution, report.organ, report.place, *period, False, "{}", "{}", due, "-"),
        )
    )
    rows["match_key"].extend((one, key) for one in sought.stored_keys)


def fill(engines: Sequence[Engine], size: int, asked: Sequence[int]) -> list[Best]:
    """Load so many reports into each database, without the service's care for each; the keys are sorted at the end.

    Gives the best decision over everything stored for the repeat of each asked report: all made in one pass.
    """
    loads = [
        _into_sqlite(engine) if engine.dialect.name == "sqlite" else _into_postgresql(engine) for engine in engines
    ]
    for load in loads:
        next(load)
    best = [Best()] * len(asked)
    for rows, found in _stretches(size, tuple(asked)):
        best = [max(one, other, key=lambda each: each.rank) for one, other in zip(best, found, strict=True)]
        for load in loads:
            load.send(rows)
    for load in loads:
        load.close()
    return best


def _stretches(size: int, asked: tuple[int, ...]) -> Iterator[tuple[Rows, list[Best]]]:
    """All rows, made by several processes, a few stretches ahead: memory stays flat."""
    starts = iter(range(0, size, AT_ONCE))
    workers = os.cpu_count() or 1
    with ProcessPoolExecutor(workers) as pool:

        def ask(at: int) -> Future[tuple[Rows, list[Best]]]:
            return pool.submit(stretch, at, min(at + AT_ONCE, size), size, asked)

        waiting = deque(map(ask, islice(starts, workers + 2)))
        while waiting:
            made = waiting.popleft().result()
            waiting.extend(map(ask, islice(starts, 1)))
            yield made


Load = Generator[None, Rows, None]


def _into_sqlite(engine: Engine) -> Load:
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        for pragma in ("synchronous=OFF", "foreign_keys=OFF", "cache_size=-400000"):
            driver.execute(f"PRAGMA {pragma}")
        driver.execute("CREATE TEMP TABLE loose (key INTEGER, report_id INTEGER)")
        driver.execute("BEGIN")
        try:
            while True:
                rows = yield
                for name, columns in TABLES.items():
                    marks = ", ".join("?" * (columns.count(",") + 1))
                    into = "temp.loose" if name == "match_key" else f'"{name}"'
                    driver.executemany(f"INSERT INTO {into} ({columns}) VALUES ({marks})", rows[name])
        finally:
            driver.execute("INSERT INTO match_key SELECT key, report_id FROM temp.loose ORDER BY key, report_id")
            driver.execute("COMMIT")
            driver.execute("DROP TABLE temp.loose")
            driver.execute("ANALYZE")
            for pragma in ("foreign_keys=ON", "synchronous=FULL", "cache_size=-2000"):
                driver.execute(f"PRAGMA {pragma}")


def _into_postgresql(engine: Engine) -> Load:
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        cursor = driver.cursor()
        # The keys' index is built once at the end, as a restore does.
        cursor.execute("ALTER TABLE match_key DROP CONSTRAINT pk_match_key")
        for table in TABLES:
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER ALL')
        cursor.execute("SET maintenance_work_mem = '512MB'; SET synchronous_commit = off")
        # It waits while the keys of the other database are sorted.
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
        try:
            while True:
                rows = yield
                for name, columns in TABLES.items():
                    with cursor.copy(f'COPY "{name}" ({columns}) FROM STDIN') as copy:
                        copy.write(_as_text(rows[name]))
        finally:
            cursor.execute("ALTER TABLE match_key ADD CONSTRAINT pk_match_key PRIMARY KEY (key, report_id)")
            driver.commit()
            driver.autocommit = True
            cursor.execute("VACUUM ANALYZE")
            driver.autocommit = False


def _as_text(rows: Iterable[tuple[Any, ...]]) -> str:
    """Rows in COPY's text format."""
    out = io.StringIO()
    for row in rows:
        out.write("\t".join(_cell(cell) for cell in row) + "\n")
    return out.getvalue()


def _cell(cell: object) -> str:
    if cell is None:
        return "\\N"
    if isinstance(cell, bytes):
        return f"\\\\x{cell.hex()}"
    return str(cell).replace("\\", "\\\\").replace("\t", " ").replace("\n", " ")
