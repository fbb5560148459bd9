"""Two hundred kills at random instants under load, on both databases; what was lost of what had been acknowledged.

`python -m tests.bench.kills 40` for another number of kills.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from tests.bench.screen import screen, table
from tests.crash.kills import Killing, kill_often, plan
from tests.crash.writer import Ledger
from tests.databases import DURABLE, Postgres

KILLS = 200


def kills(folder: Path, number: int = KILLS) -> None:
    """Half of them on SQLite, half on PostgreSQL, where a second service goes on filing beside the one that is killed."""
    shown = table(
        "kills at random instants", "", "filing", "starting", "server", "told", "beside", "not told", "lost", "half", "other", "s",
    )  # fmt: skip
    started = time.perf_counter()
    lite = _run(Ledger(folder / "kills-lite", f"sqlite:///{folder}/kills.db"), number // 2)
    lite_seconds = time.perf_counter() - started
    server = Postgres(DURABLE)
    try:
        url = server.create()
        started = time.perf_counter()
        full = _run(Ledger(folder / "kills-full", url), number - number // 2, server, url)
        full_seconds = time.perf_counter() - started
    finally:
        server.stop()
    for name, done, seconds in (("SQLite", lite, lite_seconds), ("PostgreSQL", full, full_seconds)):
        found = done.found
        figures = (
            *(done.kills[instant] for instant in ("filing", "start", "connections")),
            len(done.acknowledged) - done.beside, done.beside, found.reports - len(done.acknowledged),
            len(found.lost), len(found.half_filed), len(found.findings) + len(done.broken),
        )  # fmt: skip
        shown.add_row(name, *map(str, figures), f"{seconds:.0f}")
    screen.print(shown)
    screen.print(
        "told: by services that were then killed; beside: by the one that lived; not told: written, and nobody heard"
    )
    for done in (lite, full):
        for line in (*done.found.lost, *done.found.half_filed, *done.found.findings, *done.broken)[:20]:
            screen.print(line)


def _run(ledger: Ledger, number: int, server: Postgres | None = None, url: str = "") -> Killing:
    end = partial(server.end_connections, url) if server else None
    return kill_often(ledger, plan(number, server=server is not None), random.Random(number), end)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        kills(Path(temporary), int(sys.argv[1]) if len(sys.argv) > 1 else KILLS)
