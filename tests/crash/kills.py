"""Killing writers at random instants, again and again on one ledger, and gathering what they acknowledged."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Literal

from intake.models import Staff
from tests.crash.wholeness import Acknowledged, Found, examine
from tests.crash.writer import PLACES, Ledger, context, live

PATIENCE = 60.0
"""Longest wait for a writer's first receipt, on a machine that is busy with other things."""
SOONEST, LATEST = 0.02, 0.4
"""Seconds after its first receipt between which a writer is killed."""
STARTING = 0.4
"""Within so many seconds of its beginning a writer is killed that shall not come to its first receipt."""
APART = 10_000
"""Numbers of reports between one writer and the next."""

Instant = Literal["filing", "start", "connections"]
"""While it files, before its first receipt, or not the process at all but its connections to the server."""


class Life:
    """One writer process, and what it told until it died."""

    def __init__(self, ledger: Ledger, first: int, dies: str = "") -> None:
        self.acknowledged: list[Acknowledged] = []
        self.dying: tuple[int, ...] = ()
        self.refused: Counter[str] = Counter()
        self.broken: list[str] = []
        self._filed = threading.Event()
        listening, speaking = context().Pipe(duplex=False)
        self._process = context().Process(target=live, args=(speaking, ledger, first, dies), daemon=True)
        self._process.start()
        speaking.close()
        self._listener = threading.Thread(target=self._listen, args=(listening,))
        self._listener.start()

    def wait(self) -> None:
        """Until a receipt is acknowledged from now on."""
        self._filed.clear()
        if not self._filed.wait(PATIENCE) or self.broken:
            self.kill()
            raise AssertionError(f"no receipt within {PATIENCE} s: {self.broken[:1]} {self.refused}")

    def kill(self) -> None:
        """End it as the kernel does when memory is short; what it said before is heard to the end."""
        self._process.kill()
        self.end()

    def end(self) -> None:
        """Wait until it is dead."""
        self._process.join(PATIENCE)
        self._listener.join(PATIENCE)
        self._process.close()

    def _listen(self, pipe: Connection) -> None:
        with pipe, suppress(EOFError):
            while True:
                kind, *words = pipe.recv()
                if kind == "filed":
                    self.acknowledged.append(Acknowledged(*words))
                    self._filed.set()
                elif kind == "dying":
                    self.dying = tuple(words)
                elif kind == "broken":
                    self.broken.append(str(words[0]))
                    self._filed.set()
                else:
                    self.refused[kind] += 1


@dataclass
class Killing:
    """What was killed on one ledger, what the writers said, and what was found at the end."""

    kills: Counter[str] = field(default_factory=Counter)
    acknowledged: list[Acknowledged] = field(default_factory=list)
    beside: int = 0
    """How many of these the second service acknowledged, which is never killed."""
    refused: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    found: Found = field(default_factory=Found)

    def bury(self, life: Life) -> None:
        """Keep what a dead writer said."""
        self.acknowledged += life.acknowledged
        self.refused += life.refused
        self.broken += life.broken


def hire(ledger: Ledger) -> None:
    """An officer in two of the counties, so that filings there write notices as well."""
    app = ledger.open()
    with app.database.transaction() as session:
        for place in PLACES[:2]:
            authority = f"YB-{place}"
            session.add(Staff(username=place, password_hash="-", name=place, role="officer", authority=authority))
    app.close()


def plan(kills: int, *, server: bool) -> list[Instant]:
    """Of ten kills one falls into the start, and one ends the connections of the server, where there is one."""
    tenth: dict[int, Instant] = {4: "connections", 9: "start"} if server else {9: "start"}
    return [tenth.get(number % 10, "filing") for number in range(kills)]


def kill_often(
    ledger: Ledger, instants: Sequence[Instant], dice: random.Random, end_connections: Callable[[], int] | None = None
) -> Killing:
    """Kill a writer at each of these instants, start the next at once, and examine the ledger at the end.

    Where there is a server, a second service files all the time, and after each kill it must go on.
    """
    done = Killing()
    hire(ledger)
    beside = Life(ledger, APART * len(instants)) if end_connections else None
    for number, instant in enumerate(instants):
        life = Life(ledger, APART * number)
        if instant == "start":
            time.sleep(dice.uniform(0, STARTING))
        else:
            life.wait()
            time.sleep(dice.uniform(SOONEST, LATEST))
        if instant == "connections":
            assert end_connections
            end_connections()
            life.wait()  # nobody killed the writer: it files again
        life.kill()
        done.kills[instant] += 1
        done.bury(life)
        if beside:
            beside.wait()
    if beside:
        beside.kill()
        done.beside = len(beside.acknowledged)
        done.bury(beside)
    done.found = examined(ledger, done.acknowledged)
    return done


def examined(ledger: Ledger, acknowledged: Sequence[Acknowledged]) -> Found:
    """What the next start of the service finds."""
    app = ledger.open()
    try:
        return examine(app, acknowledged)
    finally:
        app.close()
