"""From every schema in the chain, with rows in every table, a ledger comes to the present one with all that is in it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from intake.confidentiality import Vault
from intake.db import Base, Database
from intake.models import FiledReport
from intake.schema import migrate
from routing import desk
from routing.rules import Rules
from tests.intake.conftest import REPORT
from tests.migrations.populated import at_rest, build, contents, revisions
from tests.migrations.released import AT

MADE_ANEW = frozenset({"match_key"})
"""Tables whose rows a migration makes from others: test_same_matter.py looks at them."""


def test_every_table_of_the_house_is_filled_at_the_end(bare_url: str) -> None:
    """The walk below says nothing of a table without rows: there is none."""
    database = Database(bare_url)
    build(database, revisions()[-1])
    found = contents(database)
    database.close()
    assert set(found) == set(Base.metadata.tables)
    assert [name for name, rows in found.items() if not rows] == []


@pytest.mark.parametrize("revision", revisions())
def test_no_row_is_lost_or_changed_and_the_ledger_works_on(bare_url: str, revision: str) -> None:
    """Whatever column is still there says what it said; keys are whole, the next report is filed, events are kept."""
    database = Database(bare_url)
    build(database, revision)
    before = contents(database)
    assert [name for name, rows in before.items() if not rows] == []
    migrate(database)
    after = contents(database)
    assert set(before) <= set(after)
    for name in before.keys() - MADE_ANEW:
        for row in before[name]:
            assert any(_holds(one, row) for one in after[name]), (name, row, after[name])
    _works_on(database)
    database.close()


def _holds(now: dict[str, Any], before: dict[str, Any]) -> bool:
    """Whether a row says what it said, where it still speaks of it; what had nothing to say may have something now."""
    return all(at_rest(now[key]) == at_rest(value) for key, value in before.items() if key in now and value is not None)


def _works_on(database: Database) -> None:
    vault = Vault(bytes(range(32)))
    if database.engine.dialect.name == "sqlite":
        with database.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    receipt = database.write(
        lambda session: desk.file_report(session, REPORT, rules=Rules.load(), vault=vault, home="621000", now=AT)
    )
    assert receipt.case_number.startswith("621021-2026-000003-")
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(FiledReport)) == 3
    for change in ("DELETE FROM event", "UPDATE event SET kind = 'x'"):
        with pytest.raises(DBAPIError, match="never changed"), database.transaction() as session:
            session.execute(text(change))
