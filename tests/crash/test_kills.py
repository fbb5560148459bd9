"""Promise 1 of DESIGN.md §6 below the door: killed at any instant, the ledger holds all that was acknowledged, whole."""

from __future__ import annotations

import random
import time
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from intake.models import FiledReport
from tests.crash.kills import APART, Instant, Life, examined, kill_often
from tests.crash.writer import TOGETHER, Ledger
from tests.databases import Postgres, on_postgresql, on_sqlite

THREE: tuple[Instant, ...] = ("filing", "filing", "filing")


@pytest.fixture
def ledger(tmp_path: Path, database_url: str) -> Ledger:
    """A migrated ledger, and a folder for the keys and files of its service."""
    return Ledger(tmp_path / "data", database_url)


@on_sqlite
def test_a_service_killed_again_and_again_loses_nothing_it_acknowledged(ledger: Ledger) -> None:
    """Eight writers and the sealer, killed while they file, and while they start."""
    done = kill_often(ledger, (*THREE, "start"), random.Random(4))
    assert not done.broken
    assert len(done.acknowledged) >= len(THREE)
    assert done.found.reports >= len(done.acknowledged)
    assert done.found.cases < done.found.reports  # some told the same matter
    assert done.found.whole, done.found


@on_postgresql
def test_of_two_services_one_is_killed_and_the_other_goes_on(
    ledger: Ledger, postgres: Postgres, database_url: str
) -> None:
    """On one PostgreSQL, which also ends everybody's connections once."""
    end = partial(postgres.end_connections, database_url)
    done = kill_often(ledger, (*THREE, "connections"), random.Random(4), end)
    assert not done.broken
    assert done.found.reports >= len(done.acknowledged) > len(THREE)
    assert done.found.whole, done.found


def test_a_service_killed_while_it_starts_for_the_first_time_starts_the_next_time(
    bare_url: str, tmp_path: Path
) -> None:
    """Keys half made, tables half made: the next start finishes them and files."""
    dice = random.Random(4)
    ledger = Ledger(tmp_path / "data", bare_url)
    for _ in range(3):
        life = Life(ledger, 0)
        time.sleep(dice.uniform(0, 0.2))
        life.kill()
    life = Life(ledger, APART)
    life.wait()
    life.kill()
    found = examined(ledger, life.acknowledged)
    assert found.whole, found


@on_sqlite
@pytest.mark.parametrize(("dies", "there"), [("before_commit", False), ("after_commit", True)])
def test_a_group_commit_is_in_the_ledger_as_a_whole_or_not_at_all(ledger: Ledger, dies: str, *, there: bool) -> None:
    """The process dies when every job of the group has run, or when it is committed and nobody has been told."""
    life = Life(ledger, 0, dies)
    life.end()
    assert len(life.dying) >= TOGETHER
    app = ledger.open()
    with app.database.reading() as session:
        told = {f"c{number}" for number in life.dying}
        kept = set(session.scalars(select(FiledReport.conversation).where(FiledReport.conversation.in_(told))))
    app.close()
    assert kept == (told if there else set())
    found = examined(ledger, life.acknowledged)
    assert found.whole, found
