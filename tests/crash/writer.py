"""A process that files reports as fast as it can and tells each receipt after its commit, until it is killed.

It is forked from a server that has imported everything, so that a start costs what it costs the service itself: keys,
migrations, law, database; the ear alone is left out, since the reports are ready-made.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from bot import reception, sealing
from bot.app import App
from bot.settings import Settings
from intake import querycodes
from intake.errors import IntakeError, LedgerUncertain
from intake.report import Claim, Receipt, Report, Teller
from nlu.meaning import Understanding
from nlu.places import children
from routing import desk
from tests.bench.reports import report

WRITERS = 8
PLACES = tuple(place.code for place in children("621000") or ())[:6]
BEGAN = datetime(2026, 11, 2, 2, tzinfo=UTC)
SEAL_EVERY = 0.03
"""Seconds between two turns: far more often than the service, so that many kills fall into one."""
TOGETHER = 3
"""So many reports in one commit make a group."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Where a service keeps its keys and files, and its database."""

    data: Path
    url: str

    def open(self) -> App:
        """The application as the service opens it, without an ear."""
        return App.open(Settings(_env_file=None, data_folder=self.data, database_url=self.url), ear=_NoEar())


class _NoEar:
    def parse(self, text: str, **_: Any) -> Understanding:
        raise NotImplementedError(text)


def context() -> Any:
    """Where processes come from; what they need is imported once."""
    chosen = get_context("forkserver")
    chosen.set_forkserver_preload([__name__])
    return chosen


def told_by(number: int) -> Report:
    """The report of this number: three in a row tell one matter, each by somebody else; every seventh matter is a complaint."""
    matter = number // 3
    told = replace(
        report(matter, PLACES[matter % len(PLACES)]),
        teller=Teller("web", f"person-{number}", "confidential", name="王芳", phone=f"138{number:08d}"),
        conversation=f"c{number}",
        received_at=BEGAN + timedelta(seconds=number % 100_000),
    )
    if matter % 7 == 0:
        told = replace(told, side="enterprise", claims=(Claim("X01", 0.9),), organ="庆城县市监局")
    return told


def live(pipe: Connection, ledger: Ledger, first: int, dies: str = "") -> None:
    """File from this number on; `dies` names the side of a group commit on which the process kills itself."""
    said = _Pipe(pipe)
    logging.getLogger("psycopg").setLevel(logging.ERROR)  # lost connections are what is tried here
    try:
        app = ledger.open()
        if dies:
            event.listen(Session, dies, said.last_words)
        numbers = count(first)
        for _ in range(WRITERS):
            threading.Thread(target=_file_on, args=(app, numbers, said), daemon=True).start()
        while True:
            _seal(app, said)
            time.sleep(SEAL_EVERY)
    except Exception:  # noqa: BLE001 - whoever started the process must hear of it
        said.tell("broken", traceback.format_exc())


class _Pipe:
    """The way to whoever started this process; a line is whole or is not there."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._one = threading.Lock()

    def tell(self, *words: object) -> None:
        """One line; ends the process where nobody listens any more."""
        try:
            with self._one:
                self._pipe.send(words)
        except OSError:
            os._exit(1)

    def last_words(self, session: Session) -> None:
        """Name the reports of this commit and die, where they are a group."""
        filed = session.info.get("filed", ())
        if len(filed) >= TOGETHER:
            self.tell("dying", *filed)
            os.kill(os.getpid(), signal.SIGKILL)


def _file_on(app: App, numbers: Iterator[int], said: _Pipe) -> None:
    """One writer: the next number, its report, its receipt; what the ledger refuses is told and not tried again."""
    for number in numbers:
        try:
            receipt = file(app, number)
        except IntakeError as refused:
            said.tell("uncertain" if isinstance(refused, LedgerUncertain) else "refused", number, str(refused))
        except Exception:  # noqa: BLE001 - whoever started the process must hear of it
            said.tell("broken", traceback.format_exc())
        else:
            said.tell("filed", number, receipt.case_number, receipt.query_code)


def file(app: App, number: int) -> Receipt:
    """File the report of this number as the door does, and give its receipt after the commit."""
    told = told_by(number)
    now = told.received_at
    if number % 8 == 0:
        # Mostly one of a few contents, which need no cleaning again; now and then a fresh one, which takes longer.
        content = f"账单 {number if number % 40 == 0 else number % 5}".encode()
        stored = reception.take(app, content, "账单.txt", now)
        app.database.write(lambda session: reception.enter(app, session, stored.digest, now))
        told = replace(told, evidence=(stored.digest,))

    def job(session: Session) -> Receipt:
        receipt = desk.file_report(session, told, rules=app.rules, vault=app.vault, home=app.settings.home, now=now)
        session.info.setdefault("filed", []).append(number)
        return receipt

    return app.database.write(job)


def _seal(app: App, said: _Pipe) -> None:
    """What the clock does beside the writers: link and sign, and one slow hash of a query code."""
    try:
        sealing.seal(app, datetime.now(UTC))
        with app.database.reading() as session:
            waiting = querycodes.quick_ones(session, 1)
        made = [(quick, querycodes.slow(quick.mark)) for quick in waiting]
        app.database.write(lambda session: querycodes.exchange(session, made))
    except IntakeError as refused:
        said.tell("refused", -1, str(refused))
