"""The ledger of payments on both databases: a populated ledger is upgraded, and no payment is changed or removed."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from alembic import command
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from intake.db import Database
from intake.models import Payment, Reward, Staff
from intake.schema import configuration, migrate

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
BEFORE = "proof"
"""The schema to which the tables of rewards were added."""
CHANGES = ("UPDATE payment SET yuan = 1", "DELETE FROM payment")


OLD_ROWS = (
    """INSERT INTO "case" (id, number, side, state, authority, codes, summary, routing, opened_at)
    VALUES (1, 'n', 'citizen', 'decided', 'YB-621021', '[]', 's', '{}', :at)""",
    """INSERT INTO identity (id, mode, channel, sealed, account_hash, created_at)
    VALUES (1, 'named', 'web', :blob, 'a', :at)""",
    """INSERT INTO report (id, case_id, identity_id, number, query_hash, side, channel, conversation, received_at,
    sealed_text, redacted, claims, facts, match, due_on, derivation, ongoing)
    VALUES (1, 1, 1, 'n', 'q', 'citizen', 'web', 'c', :at, :blob, 'r', '[]', '{}', '{}', '2026-12-11', 'd', false)""",
)
"""One case with one report, in the columns of that schema."""


def test_a_payment_is_kept_as_it_was_written(bare_url: str, kind: str) -> None:
    """Added to a ledger with a report in it; afterwards written once and refused every change."""
    database = Database(bare_url)
    with database.engine.connect() as connection, connection.begin():
        command.upgrade(configuration(connection), BEFORE)
        for row in OLD_ROWS:
            values = {"at": "2026-11-22 01:00:00+00:00", "blob": b"s"}
            connection.execute(text(row), {name: value for name, value in values.items() if f":{name}" in row})
    migrate(database)
    with database.transaction() as session:
        clerk = Staff(username="c", password_hash="x", name="c", role="officer", authority="YB-621021", interests="")
        reward = Reward(report_id=1, state="paid", facts={}, matter={}, people=1, steps=[], citations=[], schemes=[],
                        amount=Decimal("1234.50"))  # fmt: skip
        session.add_all([clerk, reward])
        session.flush()
        session.add(Payment(reward_id=reward.id, kind="paid", share=1, yuan=Decimal("1234.50"), reference="1",
                            staff_id=clerk.id, at=NOW))  # fmt: skip
    for change in (*CHANGES, *(["TRUNCATE payment"] if kind == "postgresql" else [])):
        with pytest.raises(DBAPIError, match="appended, never changed"), database.transaction() as session:
            session.execute(text(change))
    with database.reading() as session:
        assert session.scalars(select(Payment.yuan)).all() == [Decimal("1234.50")]
    database.close()
