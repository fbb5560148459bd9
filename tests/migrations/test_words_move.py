"""What an earlier release wrote into events is moved out of them, once, so that it can be erased."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from alembic import command
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from intake import remarks
from intake.db import Database
from intake.models import Event, Remark
from intake.schema import configuration, migrate

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
OLD: tuple[tuple[str, dict[str, object]], ...] = (
    ("asked", {"report_id": 1, "question": "您住几床？"}),
    ("replied", {"text": "您8月12日的费用已退回。", "stopped": ["tell_outcome"]}),
    ("declined", {"reason": "no_clue", "text": "没有线索。"}),
    ("accepted", {"started": {}}),
)


def test_the_words_of_an_old_ledger_move_beside_its_events(bare_url: str) -> None:
    """Each event commits to its words, keeps everything else, and is guarded as before."""
    database = Database(bare_url)
    with database.engine.connect() as connection, connection.begin():
        command.upgrade(configuration(connection), "0001")
        for name, data in OLD:
            connection.execute(
                text("INSERT INTO event (at, actor, kind, data) VALUES (:at, 'staff:1', :kind, :data)"),
                {"at": NOW.isoformat(" "), "kind": name, "data": json.dumps(data, ensure_ascii=False)},
            )
    migrate(database)
    with database.reading() as session:
        events = session.scalars(select(Event).order_by(Event.id)).all()
        kept = {one.event_id: one for one in session.scalars(select(Remark))}
        assert [kept[event.id].text for event in events[:3]] == ["您住几床？", "您8月12日的费用已退回。", "没有线索。"]
        assert all(remarks.proven(event, kept[event.id]) for event in events[:3])
        assert [sorted(event.data) for event in events] == [
            ["report_id", "words"],
            ["stopped", "words"],
            ["reason", "words"],
            ["started"],
        ]
    with pytest.raises(DBAPIError, match="appended, never changed"), database.transaction() as session:
        session.execute(text("UPDATE event SET kind = 'other'"))
    database.close()
