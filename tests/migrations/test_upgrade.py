"""A ledger of every release is brought to the present schema with all that is in it, and works on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from intake import lease, outbox
from intake.confidentiality import Vault
from intake.db import Database
from intake.errors import SealBroken
from intake.models import Case, Clock, Event, FiledReport, Staff
from intake.schema import migrate
from routing import desk
from routing.rules import Rules
from tests.intake.conftest import REPORT
from tests.migrations.released import AT, RELEASED, build, read


@pytest.fixture(params=list(RELEASED))
def release(request: pytest.FixtureRequest) -> str:
    """Each released schema."""
    return str(request.param)


@pytest.fixture
def database(bare_url: str, release: str) -> Iterator[Database]:
    """A populated ledger of that release, upgraded."""
    database = Database(bare_url)
    build(database, release)
    migrate(database)
    yield database
    database.close()


def test_every_row_is_still_there_with_what_it_said(database: Database, release: str) -> None:
    """No row is lost, none is changed; a column that came later may stand beside the old ones.

    Keys alone are made anew from the reports: see test_same_matter.py.
    """
    for name, rows in RELEASED[release].items():
        if name == "match_key":
            continue
        kept = read(database, name)
        assert len(kept) == len(rows), name
        for row in rows:
            assert any(_holds(one, row) for one in kept), (name, row, kept)


def _holds(kept: dict[str, Any], row: dict[str, Any]) -> bool:
    return all(kept[key] == value for key, value in row.items() if key in kept)


def test_the_upgraded_ledger_works_on(database: Database) -> None:
    """Queue, clocks and outbox read the old rows, a new report gets the next number, the history is still kept."""
    vault = Vault(bytes(range(32)))
    with database.transaction() as session:
        assert [case.state for case in session.scalars(select(Case).order_by(Case.id))] == ["received", "closed"]
        assert session.scalars(select(Clock.derivation)).one()["days"] == 15
        assert session.get_one(Staff, 1).interests.splitlines() == ["康宁医院", "益民大药房"]
        assert lease.take(session, "sweep", "new", AT + timedelta(minutes=1), timedelta(minutes=1))
        with pytest.raises(SealBroken):  # the row is found; what it holds was sealed under no key at all
            outbox.claim(session, vault=vault, now=AT + timedelta(minutes=1))
    receipt = database.write(
        lambda session: desk.file_report(session, REPORT, rules=Rules.load(), vault=vault, home="621000", now=AT)
    )
    assert receipt.case_number.startswith("621021-2026-000003-")
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(FiledReport)) == 3
        assert session.scalar(select(func.max(Event.id))) > 3  # type: ignore[operator]
    with pytest.raises(DBAPIError, match="never changed"), database.transaction() as session:
        session.execute(text("DELETE FROM event"))
