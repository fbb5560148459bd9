"""Filing under load, everything included: matched, routed, sealed, clocked, committed to, told to the desk, durable.

SQLite with eight threads of one process, PostgreSQL with two processes of four threads each, as a bureau runs it:
the server beside them on the same machine, `fsync` and `synchronous_commit` on.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.confidentiality import Vault
from intake.db import Database
from intake.models import FiledReport, Staff
from intake.report import Receipt
from intake.schema import migrate
from intake.witness import Witness
from routing import desk
from routing.desk import Counter, Steps, Wish
from routing.rules import Rules
from tests.bench.reports import report
from tests.bench.screen import quantile, screen, table
from tests.databases import DURABLE, Postgres

HOME = "621000"
WRITERS = 8
PROCESSES = 2
WARM = 60
"""Reports filed by each process before anything is measured: compiled statements and first imports."""
SECONDS = 8.0
ONE_PLACE = "621021"


@dataclass(frozen=True)
class Office:
    """What a process needs to file."""

    database: Database
    vault: Vault
    counter: Counter
    place: str | None

    def file(self, number: int) -> float:
        """File the report of this number; gives the seconds until it was durable."""
        told = report(number, self.place)
        started = time.perf_counter()
        drafted = desk.draft(told, vault=self.vault, home=HOME)

        def job(session: Session) -> Steps[Receipt]:
            (filed,) = yield Wish([drafted], told.received_at)
            return desk.receipt_of(session, filed)

        self.counter.file(job)
        return time.perf_counter() - started


def filing(folder: Path) -> None:
    """Filings a second on both databases: of many places, and all of one place, whose numbers are one row."""
    shown = table("filing", "database", "writers", "places", "reports/s", "p50", "p99")
    for places, place in (("many", None), ("one", ONE_PLACE)):
        with tempfile.TemporaryDirectory(dir=folder) as data:
            url = f"sqlite:///{data}/ledger.db"
            _found(url)
            _show(shown, "SQLite", f"1 × {WRITERS}", places, _measured(url, 1, place))
        server = Postgres(DURABLE)
        try:
            url = server.create()
            _found(url)
            _show(
                shown, "PostgreSQL", f"{PROCESSES} × {WRITERS // PROCESSES}", places, _measured(url, PROCESSES, place)
            )
        finally:
            server.stop()
    screen.print(shown)


def _show(shown: Table, name: str, writers: str, places: str, seconds: Sequence[float]) -> None:
    shown.add_row(
        name, writers, places, f"{len(seconds) / SECONDS:.0f}", quantile([*seconds], 0.5), quantile([*seconds], 0.99)
    )


def _found(url: str) -> None:
    """An empty ledger, with an officer in the county to which the reports of one place go."""
    database = Database(url)
    migrate(database)
    with database.transaction() as session:
        session.add(
            Staff(username="w", password_hash="-", name="w", role="officer", authority=f"YB-{ONE_PLACE}", interests="")
        )
    database.close()


def _measured(url: str, processes: int, place: str | None) -> list[float]:
    """The seconds of every filing within the measured time."""
    command = [sys.executable, "-m", "tests.bench.ledger", url, place or "-", str(WRITERS // processes)]
    started = [
        subprocess.Popen([*command, str(which)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for which in range(processes)
    ]
    for one in started:
        assert one.stdout
        one.stdout.readline()  # warm
    for one in started:
        assert one.stdin
        one.stdin.write("go\n")
        one.stdin.flush()
    seconds = [float(line) for one in started for line in one.communicate()[0].split()]
    database = Database(url)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(FiledReport)) == len(seconds) + WARM * processes
    database.close()
    return seconds


def _work(url: str, place: str | None, writers: int, which: int) -> None:
    """One process: warm up, wait for the word, file for a while, tell each time taken."""
    database, vault = Database(url, Witness(bytes(32), bytes(32))), Vault(bytes(range(32)))
    office = Office(database, vault, Counter(database, Rules.load(), vault), place)
    first = which * 10_000_000
    for number in range(WARM):
        office.file(first + number)
    sys.stdout.write("warm\n")
    sys.stdout.flush()
    sys.stdin.readline()
    until = time.perf_counter() + SECONDS
    seconds: list[float] = []

    def writer(start: int) -> None:
        number = start
        while time.perf_counter() < until:
            seconds.append(office.file(number))
            number += 1

    _together([lambda start=start: writer(first + 1_000_000 * (start + 1)) for start in range(writers)])  # type: ignore[misc]
    office.database.close()
    sys.stdout.write("\n".join(f"{one:.6f}" for one in seconds))


def _together(acts: Sequence[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    _work(sys.argv[1], None if sys.argv[2] == "-" else sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
