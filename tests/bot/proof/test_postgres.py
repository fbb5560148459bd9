"""The chain on a real PostgreSQL: parallel filings, commits out of order, two sealers, changed rows found."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot import sealing
from bot.app import App
from bot.keys import open_vault
from bot.settings import Settings
from intake import chain
from intake.db import Database
from intake.evidence import EvidenceStore
from intake.models import Event, Link
from intake.schema import migrate
from intake.witness import Witness
from tests.bot.proof.conftest import at, file_one, live, nothing, told_by
from tests.databases import Postgres
from tests.routing.conftest import RULES, moment, report

DAY = "2026-09-30"


@pytest.fixture
def address(postgres: Postgres) -> str:
    """An empty database on the session's PostgreSQL."""
    return postgres.create()


@pytest.fixture
def service(address: str, tmp_path: Path) -> Iterator[App]:
    """An application on an empty PostgreSQL."""
    settings = Settings(_env_file=None, data_folder=tmp_path, database_url=address)
    witness = Witness.open(settings.proof_key())
    database = Database(address, witness)
    migrate(database)
    vault = open_vault(settings, database, moment("2026-09-01"))
    database.write(lambda session: chain.found(session, witness, moment("2026-09-01")))
    nobody: Any = None
    yield App(settings, database, vault, nobody, RULES, EvidenceStore(tmp_path / "evidence", vault))
    database.close()


def test_a_life_on_postgresql_verifies_and_a_changed_row_is_found(service: App) -> None:
    """What is written is read back as it was committed to: moments, sums, JSON, bytes."""
    live(service)
    assert sealing.verify(service, at(DAY), nothing).findings == []
    changes = ("report SET amount_yuan = 1", "letter SET redacted = 'x'", "report SET received_at = now()")
    for change in changes:
        with service.database.transaction() as session:
            session.execute(text(f"UPDATE {change} WHERE id = 1"))
        assert not sealing.verify(service, at(DAY), nothing).sound


def test_a_commit_that_comes_late_is_linked_when_it_comes(service: App) -> None:
    """The lower number is committed after the higher one was linked."""
    live(service)
    sealing.seal(service, at(DAY), whole=True)
    with Session(service.database.engine) as slow, slow.begin():
        slow.add(_event("slow"))
        slow.flush()
        with service.database.transaction() as session:
            session.add(_event("quick"))
        assert sealing.seal(service, at(DAY)).links == 1
    assert sealing.seal(service, at(DAY)).links == 1
    with service.database.reading() as session:
        linked = select(Event.kind).join(Link, (Link.source == "event") & (Link.row_id == Event.id))
        assert session.scalars(linked.order_by(Link.position.desc()).limit(2)).all() == ["slow", "quick"]
    assert sealing.verify(service, at(DAY), nothing).sound


def _event(kind: str) -> Event:
    return Event(case_id=None, at=at(DAY), actor="system", kind=kind, data={})


def test_writers_do_not_wait_for_the_sealer_and_sealers_do_not_meet(service: App) -> None:
    """A filing commits while a sealer's transaction is open; four that seal at once make one chain."""
    file_one(service, report())
    with service.database.transaction() as session:
        witness = sealing.witness_of(service)
        assert chain.link(session, witness, chain.gather(session, witness), at(DAY))
        file_one(service, told_by("web", 1, report(institution="庆城县甲医院")))
    broken: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(6):
                told = report(institution=f"庆城县{number}{turn}医院", account=f"t{number}{turn}")
                file_one(service, told)
                sealing.seal(service, at(DAY))
        except Exception as problem:  # noqa: BLE001 - the main thread tells it
            broken.append(problem)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == []
    verdict = sealing.verify(service, at(DAY), nothing)
    assert verdict.findings == []
    assert verdict.reports == 26
