"""APScheduler with one job a case, as a rival of the sweep: what it costs to hold so many jobs and to run those due.

Each size in a process of its own, so that memory is that of this size alone.
"""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from apscheduler.job import Job
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger

from tests.bench.screen import screen, table

STORED = (10_000, 100_000)
HELD = (10_000, 100_000)
DUE = 1_000
SOME = 50
PATIENCE = 400
"""Seconds after which a run is given up: so long it may take here, and no longer."""

_ran = 0
_all_ran = threading.Event()


def remind(case: int) -> None:
    """What a job does: nothing; a real one would look up its clock and write its reminder on top of this."""
    global _ran  # noqa: PLW0603 - a job is found by its name in a module, so that its counter stands there too
    _ran += 1
    if _ran >= DUE:
        _all_ran.set()


def timers(folder: Path) -> None:
    """Every size with both kinds of store."""
    shown = table(
        "APScheduler, one job a case", "store", "jobs", "due", "start", "due ones run", "adding one", "memory more",
    )  # fmt: skip
    for store, sizes in (("rows on SQLite", STORED), ("memory", HELD)):
        for size in sizes:
            found = _apart(store, size, folder)
            if found is None:
                shown.add_row(store, f"{size:,}", f"{DUE:,}", *["not within " + f"{PATIENCE} s"] * 2, "", "")
                continue
            figures = (f"{found['start']:.2f} s", f"{found['run']:.2f} s", f"{1000 * found['add']:.2f} ms")
            shown.add_row(store, f"{size:,}", f"{DUE:,}", *figures, f"{found['memory']:.0f} MiB")
    screen.print(shown)


def _apart(store: str, size: int, folder: Path) -> dict[str, float] | None:
    # By an import and not as the main program: a stored job finds its function by the name of its module.
    code = "from tests.bench import timers; timers.main()"
    command = [sys.executable, "-c", code, store, str(size), str(folder)]
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return None
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _measure(store: str, size: int, folder: Path) -> dict[str, float]:
    """Jobs are laid down by the store's own methods in one transaction where it has one, then the scheduler starts."""
    before = _memory()
    file = Path(tempfile.mkdtemp(dir=folder)) / "jobs.db"
    kept: Any = MemoryJobStore() if store == "memory" else SQLAlchemyJobStore(url=f"sqlite:///{file}")
    scheduler = BackgroundScheduler(timezone=UTC, jobstores={"default": kept})
    if store == "memory":
        # Nothing outlives the process: every start lays all of them down again.
        scheduler.start(paused=True)
        start = _timed(lambda: _held(scheduler, size))
        started = time.perf_counter()
        scheduler.resume()
    else:
        kept.start(scheduler, "default")
        _stored(scheduler, kept, size)
        started = time.perf_counter()
        scheduler.start()
        start = time.perf_counter() - started
    if not _all_ran.wait(PATIENCE):
        raise SystemExit("the jobs did not run")
    ran = time.perf_counter() - started
    memory = _memory() - before
    one = _timed(lambda: _some(scheduler)) / SOME
    scheduler.shutdown()
    return {"start": start, "run": ran, "add": one, "memory": memory}


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _add(scheduler: BackgroundScheduler, number: int, at: datetime) -> None:
    scheduler.add_job(remind, "date", run_date=at, args=[number], misfire_grace_time=None)


def _at(number: int) -> datetime:
    """The first thousand fell due a moment ago, the others do in a month."""
    return datetime.now(UTC) + (timedelta(days=30) if number >= DUE else timedelta(seconds=-1))


def _held(scheduler: BackgroundScheduler, size: int) -> None:
    for number in range(size):
        _add(scheduler, number, _at(number))


def _some(scheduler: BackgroundScheduler) -> None:
    for number in range(SOME):
        _add(scheduler, number, datetime.now(UTC) + timedelta(days=9))


def _stored(scheduler: BackgroundScheduler, kept: Any, size: int) -> None:
    """All jobs in one transaction; the scheduler itself commits each, which would take minutes and is not the subject."""
    rows = []
    for number in range(size):
        at = _at(number)
        job = Job(
            scheduler, id=f"case-{number}", func=remind, args=(number,), kwargs={}, trigger=DateTrigger(at),
            name="remind", executor="default", misfire_grace_time=None, coalesce=True, max_instances=1,
            next_run_time=at,
        )  # fmt: skip
        state = pickle.dumps(job.__getstate__(), kept.pickle_protocol)
        rows.append({"id": job.id, "next_run_time": at.timestamp(), "job_state": state})
    with kept.engine.begin() as connection:
        connection.execute(kept.jobs_t.insert(), rows)


def main() -> None:
    """One size and store, from the command line; the figures as JSON."""
    sys.stdout.write(json.dumps(_measure(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))))


def _memory() -> float:
    """Resident memory in MiB."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024
