"""A small but full ledger as each released schema held it: every table has rows, with the awkward values among them.

Migrations are tested from here. What is written down is never edited: a new release gets a new entry.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from alembic import command
from sqlalchemy import Connection, MetaData, Table, text

from intake.db import Database
from intake.schema import configuration

AT = datetime(2026, 11, 20, 2, 0, 0, 123456, tzinfo=UTC)
HASH = "ab" * 32
Rows = dict[str, list[dict[str, Any]]]

# In the order in which one points to another.
FIRST: Rows = {
    "api_token": [{"token_hash": HASH, "name": "12345-热线", "created_at": AT, "revoked_at": None}],
    "attempt": [{"origin": HASH, "wrong": 7, "until": AT}],
    "conversation": [
        {
            "id": "c1",
            "channel": "web",
            "token_hash": HASH,
            "sealed_state": b"\x00sealed\xff",
            "version": 3,
            "created_at": AT,
            "spoken_at": AT,
        }
    ],
    "evidence": [{"sha256": HASH, "sm3": HASH, "media_type": "image/png", "size": 7, "stored_at": AT}],
    "idempotent_answer": [
        {"client": HASH, "key": "单号 1", "request_hash": HASH, "sealed": b"\x00answer", "at": AT},
    ],
    "identity": [
        {
            "id": number,
            "mode": mode,
            "channel": "web",
            "sealed": b"\x00who",
            "account_hash": HASH,
            "phone_hash": phone,
            "created_at": AT,
        }
        for number, mode, phone in ((1, "named", HASH), (2, "anonymous", None))
    ],
    "lease": [{"name": "sweep", "holder": "host-1-ab", "until": AT}],
    "sequence": [{"key": "621021-2026", "last": 2}],
    "staff": [
        {
            "id": number,
            "username": role,
            "password_hash": "scrypt$x",
            "name": "王敏",
            "role": role,
            "authority": "YB-621021",
            "telegram": telegram,
            "interests": "康宁医院\n益民大药房",
            "active": number != 4,
        }
        for number, role, telegram in (
            (1, "officer", "90"),
            (2, "leader", None),
            (3, "supervisor", None),
            (4, "administrator", None),
        )
    ],
    "case": [
        {
            "id": number,
            "number": f"621021-2026-00000{number}-{number}",
            "side": "citizen",
            "state": "closed" if closed else "received",
            "authority": "YB-621021",
            "handler_id": 1 if closed else None,
            "institution": "庆城县康宁医院",
            "subject": "康宁医院",
            "organ": None,
            "place": "621021",
            "codes": ["F03", "F01"],
            "summary": "把空床挂在医保上，“人”早就回家了\n第二行",
            "routing": {"rule": "place_of_act", "excluded": [], "reasons": ["地点"]},
            "outcome": "confirmed" if closed else None,
            "opened_at": AT,
            "closed_at": closed,
            "next_due": date(2026, 12, 11),
        }
        for number, closed in ((1, None), (2, AT))
    ],
    "sign_in": [{"token_hash": HASH, "staff_id": 1, "until": AT}],
    "turn": [
        {"conversation_id": "c1", "message_id": "m1", "sealed": b"\x00turn", "at": AT},
        {"conversation_id": "c1", "message_id": "~00000001:k", "sealed": b"\x00told", "at": AT},
    ],
    "clock": [
        {
            "id": 1,
            "case_id": 1,
            "kind": "clue_verify",
            "state": "running",
            "starts_on": date(2026, 11, 20),
            "due_on": date(2026, 12, 11),
            "extended": 0,
            "derivation": {"steps": ["自收到之日起"], "days": 15},
            "stopped_at": None,
            "wake_on": date(2026, 12, 8),
        }
    ],
    "event": [
        {"id": 1, "case_id": 1, "at": AT, "actor": "system", "kind": "opened", "data": {"authority": "YB-621021"}},
        {"id": 2, "case_id": 1, "at": AT, "actor": "teller", "kind": "filed", "data": {"report_id": 1}},
        {"id": 3, "case_id": None, "at": AT, "actor": "system", "kind": "started", "data": {}},
    ],
    "report": [
        {
            "id": number,
            "case_id": number,
            "identity_id": number,
            "number": f"621021-2026-00000{number}-{number}",
            "query_hash": digit * 64,
            "side": "citizen",
            "channel": "web",
            "conversation": "c1",
            "telling": None,
            "received_at": AT,
            "sealed_text": b"\x00text",
            "redacted": "康宁医院三楼的床空着😀",
            "claims": [{"code": "F03", "probability": 0.9, "words": ["空床"]}],
            "institution": "庆城县康宁医院",
            "organ": None,
            "place": "621021",
            "place_text": "庆城县",
            "period_first": date(2026, 9, 1),
            "period_last": date(2026, 9, 30),
            "ongoing": False,
            "amount_yuan": Decimal("12000.50"),
            "facts": {"people": 3, "demand": "查"},
            "wants_reward": None,
            "match": {"decision": "new"},
            "due_on": date(2026, 12, 11),
            "derivation": "15个工作日",
        }
        for number, digit in ((1, "a"), (2, "b"))
    ],
    "evidence_use": [{"id": 1, "sha256": HASH, "report_id": 1, "sealed_name": b"\x00name", "at": AT}],
    "letter": [
        {
            "id": 1,
            "report_id": 1,
            "from_teller": True,
            "kind": "supplement",
            "sealed": b"\x00letter",
            "redacted": "还有一件事",
            "at": AT,
        }
    ],
    "match_key": [{"key": "institution+code:康宁医院:F03", "report_id": number} for number in (1, 2)],
    "notice": [
        {
            "id": number,
            "key": f"filed-1-{whom}",
            "case_id": 1,
            "report_id": 1 if whom == "report" else None,
            "staff_id": 1 if whom == "staff" else None,
            "body": "到期提醒",
            "state": state,
            "attempts": 1,
            "next_try_at": AT,
            "created_at": AT,
            "sent_at": AT if state == "sent" else None,
            "seen_at": None,
            "last_error": None,
        }
        for number, whom, state in ((1, "staff", "sent"), (2, "report", "waiting"))
    ],
    "rating": [{"report_id": 2, "stars": 5, "comment": "", "at": AT}],
}

RELEASED: dict[str, Rows] = {"0001": FIRST}


def build(database: Database, revision: str) -> None:
    """The schema of this release, with its rows; on PostgreSQL the tables' own numbers stand behind them."""
    with database.engine.connect() as connection:
        with connection.begin():
            command.upgrade(configuration(connection), revision)
        with connection.begin():
            for name, rows in RELEASED[revision].items():
                table = Table(name, MetaData(), autoload_with=connection)
                connection.execute(table.insert(), [_as_kept(row, connection) for row in rows])
                if "id" in table.c and connection.dialect.name != "sqlite" and isinstance(rows[0]["id"], int):
                    last = {"last": max(row["id"] for row in rows)}
                    connection.execute(text(f"SELECT setval('{name}_id_seq', :last)"), last)


def read(database: Database, name: str) -> list[dict[str, Any]]:
    """The rows of a table as the database has them now, moments with their zone."""
    with database.engine.connect() as connection, connection.begin():
        table = Table(name, MetaData(), autoload_with=connection)
        return [
            {key: _as_told(value) for key, value in row.items()}
            for row in connection.execute(table.select()).mappings()
        ]


def _as_kept(row: dict[str, Any], connection: Connection) -> dict[str, Any]:
    """SQLite keeps moments in UTC without a zone."""
    if connection.dialect.name != "sqlite":
        return row
    return {key: value.replace(tzinfo=None) if isinstance(value, datetime) else value for key, value in row.items()}


def _as_told(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value
