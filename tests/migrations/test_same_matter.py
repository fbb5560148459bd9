"""A ledger of the first schema is keyed anew: what was filed then is found now, and by its teller too."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from alembic import command
from sqlalchemy import text

from intake.confidentiality import Vault
from intake.db import Database
from intake.identity import account_hash, phone_hash
from intake.matching import find_match, sought_of
from intake.report import Teller
from intake.schema import configuration, migrate
from tests.intake.conftest import NOW, REPORT, by

VAULT = Vault(b"0123456789abcdef0123456789abcdef")
TOLD = replace(REPORT, teller=Teller("web", "anna", phone="13812345678"))


def old_ledger(path: Path, reports: int) -> Database:
    """A ledger of the released schema, with so many reports and the keys of then."""
    database = Database(f"sqlite:///{path}")
    with database.engine.connect() as connection, connection.begin():
        command.upgrade(configuration(connection), "0001")
    period = TOLD.period
    assert period is not None
    with database.engine.begin() as connection:
        for number in range(1, reports + 1):
            facts = {
                "id": number, "number": f"621021-2026-{number:06d}-0", "at": NOW.replace(tzinfo=None), "text": TOLD.redacted,
                "account": account_hash(VAULT, "web", "anna") if number == 1 else f"{number:064x}",
                "phone": phone_hash(VAULT, "13812345678") if number == 1 else None,
                "claims": json.dumps([{"code": "F03", "probability": 0.9, "words": []}]),
                "house": TOLD.institution if number == 1 else f"{'甲乙丙丁'[number % 4]}{'东南西北'[number % 3]}医院",
                "first": period.first, "last": period.last,
            }  # fmt: skip
            for statement in (
                (
                    'INSERT INTO "case" (id, number, side, state, authority, codes, summary, routing, opened_at) '
                    "VALUES (:id, :number, 'citizen', 'received', 'YB-621021', '[]', '-', '{}', :at)"
                ),
                (
                    "INSERT INTO identity (id, mode, channel, sealed, account_hash, phone_hash, created_at) "
                    "VALUES (:id, 'anonymous', 'web', x'00', :account, :phone, :at)"
                ),
                (
                    "INSERT INTO report (id, case_id, identity_id, number, query_hash, side, channel, conversation, "
                    "received_at, sealed_text, redacted, claims, institution, place, period_first, period_last, ongoing, "
                    "facts, match, due_on, derivation) VALUES (:id, :id, :id, :number, :number, 'citizen', 'web', 'c', "
                    ":at, x'00', :text, :claims, :house, '621021', :first, :last, 0, '{}', '{}', :first, '-')"
                ),
                "INSERT INTO match_key (key, report_id) VALUES ('institution:' || :house, :id)",
            ):
                connection.execute(text(statement), facts)
    return database


def test_reports_of_the_first_schema_are_found_by_matter_and_by_teller(tmp_path: Path) -> None:
    """More of them than are keyed at a time."""
    database = old_ledger(tmp_path / "ledger.db", 1100)
    migrate(database)
    with database.reading() as session:
        kept = set(session.scalars(text("SELECT key FROM match_key WHERE report_id = 1")))
        assert kept == set(sought_of(TOLD, VAULT).stored_keys)
        assert session.scalar(text("SELECT count(DISTINCT report_id) FROM match_key")) == 1100
        other = find_match(session, by("bob"), vault=VAULT)
        assert (other.decision, other.report_id) == ("attached", 1)
        words = "换了个说法，还是那家的事。"
        again = replace(TOLD, text=words, redacted=words, teller=Teller("telegram", "7", phone="13812345678"))
        assert find_match(session, again, vault=VAULT).same_teller
    database.close()
