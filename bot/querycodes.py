"""The slow hashes of query codes, made between filings instead of during one."""

from __future__ import annotations

import time

from bot.app import App
from intake import querycodes

BATCH = 50
SECONDS = 10.0
"""So much of a tick may be spent, on one of the cores; what is left waits for the next tick."""


def exchange(app: App, *, seconds: float = SECONDS) -> int:
    """Exchange quick hashes for slow ones, some hundreds a tick, and tell how many; no lock is held while it hashes."""
    until, done = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        with app.database.reading() as session:
            waiting = querycodes.quick_ones(session, BATCH)
        if not waiting:
            break
        made = [(quick, querycodes.slow(quick.mark)) for quick in waiting]
        done += app.database.write(lambda session, made=made: querycodes.exchange(session, made))  # type: ignore[misc]
    return done
