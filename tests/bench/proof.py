"""What the chain costs and how fast it is checked: filing with it beside filing without it, in one run."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from bot import sealing
from bot.app import App
from bot.settings import Settings
from intake import audit
from intake.db import Database
from intake.report import Report
from routing import desk
from tests.bench.reports import report
from tests.bench.screen import quantile, screen, table, timed

SCRIPT = Path(__file__).parents[2] / "docs" / "verify" / "jianting_verify.py"
WRITERS = 8
FILINGS = 400
ROUNDS = 3
EVENTS = 100_000
SEAL_EVERY = 1.0
DAY = datetime(2026, 11, 25, 2, tzinfo=UTC)


def proof(folder: Path) -> None:
    """Filing with and without the chain by turns; then a long history linked, verified, exported and checked."""
    _filing(folder)
    _history(folder)


def _filing(folder: Path) -> None:
    """The same filings by eight writers; with the chain, the sealer runs beside them as in the service."""
    rates: dict[bool, list[float]] = {False: [], True: []}
    cost: dict[bool, list[float]] = {False: [], True: []}
    seconds: dict[bool, list[float]] = {False: [], True: []}
    for turn in range(ROUNDS):
        for chained in (True, False) if turn % 2 else (False, True):
            with closing(_app(folder, f"proof-{turn}-{chained}", chained=chained)) as app:
                rate, work, took = _file_many(app, sealing_too=chained)
                rates[chained].append(rate)
                cost[chained].append(work)
                seconds[chained] += took
    without, beside = max(rates[False]), max(rates[True])
    shown = table("filing with the chain", "writers", "", "reports/s", "p50", "p99", "CPU", "rate/without")
    for name, chained, ratio in (("without", False, ""), ("with", True, f"{beside / without:.2f}")):
        took, rate = seconds[chained], beside if chained else without
        cpu = f"{1000 * min(cost[chained]):.2f} ms"
        shown.add_row(str(WRITERS), name, f"{rate:.0f}", quantile(took, 0.5), quantile(took, 0.99), cpu, ratio)
    screen.print(shown)


def _app(folder: Path, name: str, *, chained: bool) -> App:
    data = folder / name
    data.mkdir()
    (data / "model").symlink_to(folder / "model")
    app = App.open(Settings(_env_file=None, data_folder=data))
    if chained:
        return app
    bare = Database(app.settings.database())
    app.database.close()
    return App(app.settings, bare, app.vault, app.ear, app.rules, app.evidence)


def _file_many(app: App, *, sealing_too: bool) -> tuple[float, float, list[float]]:
    """Reports a second, processor seconds a report with all its links, and how long each took."""
    for number in range(FILINGS, FILINGS + 50):
        _file(app, report(number))
    seconds: list[float] = []
    numbers, done = iter(range(FILINGS)), threading.Event()

    def writer() -> None:
        for number in numbers:
            told = report(number)
            seconds.append(timed(partial(_file, app, told)))

    def sealer() -> None:
        while not done.wait(SEAL_EVERY):
            sealing.seal(app, datetime.now(UTC))

    beside = threading.Thread(target=sealer)
    if sealing_too:
        beside.start()
    threads = [threading.Thread(target=writer) for _ in range(WRITERS)]
    started = time.process_time()
    whole = timed(lambda: [*map(threading.Thread.start, threads), *map(threading.Thread.join, threads)])
    done.set()
    if sealing_too:
        beside.join()
        sealing.seal(app, datetime.now(UTC))
    return FILINGS / whole, (time.process_time() - started) / FILINGS, seconds


def _file(app: App, told: Report) -> None:
    law: dict[str, Any] = {"rules": app.rules, "vault": app.vault, "home": app.settings.home, "now": told.received_at}
    app.database.write(lambda session: desk.file_report(session, told, **law))


def _history(folder: Path) -> None:
    """A hundred thousand events: linked, verified in the house, exported, verified by the stranger's script."""
    with closing(_app(folder, "proof-history", chained=True)) as app:
        for start in range(0, EVENTS, 5000):
            with app.database.transaction() as session:
                for number in range(start, start + 5000):
                    audit.append(
                        session, None, "noted", f"staff:{number % 30}", {"number": number, "text": "x" * 60}, DAY
                    )
        shown = table("a long history", "", "events", "seconds", "events/s")
        export = folder / "chain.ndjson"
        alone = folder / "alone"
        alone.mkdir()
        shutil.copy(SCRIPT, alone)
        acts: list[tuple[str, Callable[[], object]]] = [
            ("linked", lambda: sealing.seal(app, DAY)),
            ("verified", lambda: sealing.verify(app, DAY, _quiet)),
            ("exported", lambda: sealing.export(app, export, DAY, _quiet)),
            ("script, OpenSSL's SM3", lambda: _script(alone, export, plain=False)),
            ("script, Python alone", lambda: _script(alone, export, plain=True)),
        ]
        for name, act in acts:
            started = time.perf_counter()
            act()
            took = time.perf_counter() - started
            shown.add_row(name, f"{EVENTS}", f"{took:.2f}", f"{EVENTS / took:.0f}")
        screen.print(shown)


def _script(alone: Path, export: Path, *, plain: bool) -> None:
    """The script as a process of its own; `plain` takes OpenSSL's SM3 away from it."""
    start = f"import runpy, sys, hashlib; sys.argv = ['x', {str(export)!r}]; "
    start += "hashlib.algorithms_available.discard('sm3'); " if plain else ""
    start += f"runpy.run_path({str(alone / SCRIPT.name)!r}, run_name='__main__')"
    subprocess.run([sys.executable, "-I", "-c", start], check=True, stdout=subprocess.DEVNULL)


def _quiet(_stage: str, _done: int, _total: int) -> None:
    """No bar."""
