"""A small ledger of real filings and acts by several channels, sealed; a copy of it for whoever wants to tamper."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot import sealing
from bot.app import App
from bot.keys import open_vault
from bot.settings import Settings
from intake import chain, evidence, heads, verification
from intake.db import Database
from intake.evidence import EvidenceStore
from intake.models import FiledReport, Staff
from intake.report import Receipt, Report, Teller
from intake.schema import migrate
from intake.verification import Verdict
from intake.witness import Witness, canonical
from routing import desk
from tests.routing.conftest import HOME, RULES, complaint, moment, report

CHANNELS = ("web", "telegram", "console", "api")


def nothing(_stage: str, _done: int, _total: int) -> None:
    """No bar."""


def open_app(folder: Path) -> App:
    """An application on `folder` with everything but the ear, begun on a fixed day."""
    settings = Settings(_env_file=None, data_folder=folder)
    folder.mkdir(exist_ok=True)
    witness = Witness.open(settings.proof_key())
    database = Database(settings.database(), witness)
    migrate(database)
    vault = open_vault(settings, database, moment("2026-09-01"))
    database.write(lambda session: chain.found(session, witness, moment("2026-09-01")))
    nobody: Any = None
    return App(settings, database, vault, nobody, RULES, EvidenceStore(folder / "evidence", vault))


def file_one(app: App, told: Report, names: dict[str, str] | None = None) -> Receipt:
    """File one report at its moment of receipt."""
    law: dict[str, Any] = {"rules": app.rules, "vault": app.vault, "home": HOME, "now": told.received_at}
    return app.database.write(lambda session: desk.file_report(session, told, file_names=names, **law))


def told_by(channel: str, number: int, told: Report) -> Report:
    """The report as somebody on this channel tells it."""
    who = Teller(channel, f"{channel}-{number}", phone=f"1390000{number:04d}")
    return replace(told, teller=who, conversation=f"talk {channel} {number}")


def live(app: App) -> list[Receipt]:
    """Some weeks at the office: filings, a question and its answer, a decision, a rating, a letter."""
    with app.database.transaction() as session:
        session.add(Staff(username="officer", password_hash="-", name="officer", role="officer", authority="YB-621021"))
    receipts = []
    for number, channel in enumerate(CHANNELS):
        stored = app.evidence.store(f"photo {number}".encode(), f"{number}.txt")
        with app.database.transaction() as session:
            evidence.record(session, stored, moment("2026-09-18"))
        told = told_by(channel, number, report(institution=f"庆城县第{number}康复医院"))
        told = replace(told, received_at=told.received_at + timedelta(minutes=number), evidence=(stored.digest,))
        receipts.append(file_one(app, told, {stored.digest: f"{number}.txt"}))
    receipts.append(file_one(app, told_by("web", 9, complaint(at="2026-09-19"))))
    sealing.seal(app, moment("2026-09-20"))
    _acts(app)
    sealing.seal(app, moment("2026-10-20"), whole=True)
    return receipts


def _acts(app: App) -> None:
    law: dict[str, Any] = {"rules": app.rules, "vault": app.vault}
    words: dict[str, Any]
    end: dict[str, Any]
    with app.database.transaction() as session:
        officer = session.scalars(select(Staff)).one()
        one = session.scalars(select(FiledReport).order_by(FiledReport.id)).first()
        assert one is not None
        desk.accept(session, one.case_id, officer, now=moment("2026-09-21"), **law)
        words = {"report_id": one.id, "question": "请说一下时间"}
        desk.ask(session, one.case_id, officer, now=moment("2026-09-22"), **words, **law)
        desk.add_to_report(session, one, "九月初", now=moment("2026-09-23"), **law)
        end = {"outcome": "established", "finding": "属实"}
        desk.decide(session, one.case_id, officer, now=moment("2026-09-24"), **end, **law)
        desk.reply(session, one.case_id, officer, text="已查实", now=moment("2026-09-25"), **law)
        desk.close(session, one.case_id, officer, now=moment("2026-09-26"), **law)
        desk.rate(session, one, 5, "谢谢", now=moment("2026-09-27"), **law)


@dataclass(frozen=True, slots=True)
class Lived:
    """A closed ledger on disk, its receipts, and what a stranger would be given."""

    folder: Path
    receipts: list[Receipt]
    export: Path
    proof: Path


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """Made once; nobody writes into it."""
    from intake import proof

    folder = tmp_path_factory.mktemp("lived")
    app = open_app(folder)
    receipts = live(app)
    export, file = folder / "chain.ndjson", folder / "proof.json"
    sealing.export(app, export, moment("2026-10-21"), nothing)
    with app.database.reading() as session:
        file.write_bytes(canonical(proof.of_report(session, sealing.witness_of(app), 1)))
    with app.database.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    app.close()
    return Lived(folder, receipts, export, file)


class Tampered:
    """A copy of the ledger in the hands of somebody who can write the database, and has neither key nor other files."""

    def __init__(self, lived: Lived, folder: Path) -> None:
        self.path = folder / "ledger.db"
        shutil.copy(lived.folder / "jianting.db", self.path)
        self.witness = Witness.open(lived.folder / "proof.key")
        self.kept = heads.read_file(lived.folder / heads.FILE)
        with closing(sqlite3.connect(self.path)) as raw:
            for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                raw.execute(f"DROP TRIGGER {name}")
            raw.commit()

    @contextmanager
    def raw(self) -> Iterator[sqlite3.Connection]:
        """The bare file."""
        with closing(sqlite3.connect(self.path)) as connection:
            yield connection
            connection.commit()

    def verdict(self) -> Verdict:
        """What verifying finds."""
        database = Database(f"sqlite:///{self.path}", self.witness)
        try:
            with database.reading() as session:
                return verification.verify(session, self.witness, self.kept)
        finally:
            database.close()

    def undo(self, lived: Lived) -> None:
        """The ledger as it was."""
        for end in ("-wal", "-shm"):
            self.path.with_name(self.path.name + end).unlink(missing_ok=True)
        self.__init__(lived, self.path.parent)  # type: ignore[misc]


@pytest.fixture
def tampered(lived: Lived, tmp_path: Path) -> Tampered:
    return Tampered(lived, tmp_path)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[App]:
    """An application of this test's own, empty."""
    app = open_app(tmp_path / "office")
    yield app
    app.close()


Change = Callable[[Any], Any]


def at(day: str) -> datetime:
    """A moment in Shanghai."""
    return moment(day)
