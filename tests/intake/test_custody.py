"""The chain of custody: every station of a file, found by report, telling no teller of another."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import select, text

from intake import custody, evidence, filing
from intake.db import Database
from intake.errors import EvidenceHostile
from intake.evidence import EvidenceStore, Stored
from intake.models import Custody, Event, FiledReport
from intake.schema import configuration, migrate
from tests.intake.conftest import NOW, REPORT, Ledger, by
from tests.intake.sanitise import corpus

MINUTE = timedelta(minutes=1)


@pytest.fixture
def store(tmp_path: Path, ledger: Ledger) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence", ledger.vault)


def send(ledger: Ledger, stored: Stored, filed: FiledReport, minutes: int) -> None:
    """A file comes, and a minute later it is part of a report."""
    came = NOW + minutes * MINUTE
    with ledger.database.transaction() as session:
        evidence.record(session, stored, came)
        custody.received(session, stored, came)
    with ledger.database.transaction() as session:
        report = session.get_one(FiledReport, filed.id)
        filing.use_evidence(session, report, (stored.digest,), vault=ledger.vault, now=came + MINUTE)


def test_two_tellers_of_the_same_photo_do_not_show_in_each_others_record(ledger: Ledger, store: EvidenceStore) -> None:
    """The content lies there once; each use has its own receipt, its own attachment and its own lookers."""
    first, second = ledger.file(REPORT), ledger.file(by("bert", institution="安康诊所"))
    stored = store.store(corpus.jpeg(), "a.jpg")
    send(ledger, stored, first, 0)
    send(ledger, stored, second, 10)
    with ledger.database.transaction() as session:
        copy = store.copy_of(stored.digest)
        custody.cleaned(session, stored.digest, copy, NOW)
        custody.cleaned(session, stored.digest, copy, NOW)
        custody.viewed(session, session.get_one(FiledReport, first.id), stored.digest, copy, 7, NOW + 30 * MINUTE)
    with ledger.database.reading() as session:
        one, other = custody.of_reports(session, [first.id]), custody.of_reports(session, [second.id])
    assert [(line.kind, line.at) for line in one] == [
        (custody.RECEIVED, NOW),
        (custody.CLEANED, NOW),
        (custody.ATTACHED, NOW + MINUTE),
        (custody.VIEWED, NOW + 30 * MINUTE),
    ]
    assert [(line.kind, line.at) for line in other] == [
        (custody.CLEANED, NOW),
        (custody.RECEIVED, NOW + 10 * MINUTE),
        (custody.ATTACHED, NOW + 11 * MINUTE),
    ]


def test_the_record_follows_a_report_into_another_case(ledger: Ledger, store: EvidenceStore) -> None:
    """Merging moves reports; what happened to their files moves with them, though events stay where they were."""
    first, second = ledger.file(REPORT), ledger.file(by("bert", institution="安康诊所"))
    send(ledger, store.store(corpus.png(), "a.png"), first, 0)
    with ledger.database.transaction() as session:
        session.get_one(FiledReport, first.id).case_id = second.case_id
    with ledger.database.reading() as session:
        kinds = [line.kind for line in custody.of_reports(session, [first.id, second.id])]
    assert kinds == [custody.RECEIVED, custody.ATTACHED]


def test_no_event_of_custody_says_what_the_file_was_called(ledger: Ledger, store: EvidenceStore) -> None:
    """A name may tell who sent it: it lies sealed beside the use, and nowhere else."""
    filed = ledger.file(REPORT)
    send(ledger, store.store(corpus.jpeg(), "王小明的照片.jpg"), filed, 0)
    with ledger.database.reading() as session:
        told = [str(event.data) for event in session.scalars(select(Event))]
    assert told
    assert not [data for data in told if "王小明" in data or "jpg" in data]


def test_a_refused_trap_is_written_down_with_its_digest(ledger: Ledger, store: EvidenceStore) -> None:
    """The same trap, sent again, is known again; it belongs to no case."""
    with pytest.raises(EvidenceHostile) as refused:
        store.store(corpus.jpeg(behind=b"Rar!\x1a\x07\x01\x00"), "a.jpg")
    with ledger.database.transaction() as session:
        custody.refused(session, type(refused.value).__name__, refused.value.stored, NOW)
    with ledger.database.reading() as session:
        event = session.scalars(select(Event).where(Event.kind == custody.REFUSED)).one()
        assert event.case_id is None
        assert event.data["reason"] == "EvidencePolyglot"
        assert event.data["media_type"] == "image/jpeg"
        assert len(event.data["digest"]) == 64


def test_what_was_opened_before_this_release_is_in_the_record(tmp_path: Path) -> None:
    """The migration finds the events of a populated ledger and the use that each was about."""
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    with database.engine.begin() as connection:
        command.upgrade(configuration(connection), "0001")
    digest, moment = "a" * 64, "2026-11-22 01:00:00"
    rows = [
        (
            'INSERT INTO "case" (id, number, side, state, authority, codes, summary, routing, opened_at) '
            f"VALUES (1, 'n', 'citizen', 'received', 'YB-621021', '[]', 's', '{{}}', '{moment}')"
        ),
        f"INSERT INTO evidence VALUES ('{digest}', '{'b' * 64}', 'image/png', 3, '{moment}')",
        f"INSERT INTO event VALUES (1, 1, '{moment}', 'staff:7', 'evidence_viewed', '{{\"digest\": \"{digest}\"}}')",
        f"INSERT INTO event VALUES (2, 1, '{moment}', 'staff:7', 'accepted', '{{}}')",
    ]
    with database.engine.begin() as connection:
        connection.execute(text("PRAGMA foreign_keys=OFF"))
        for row in rows:
            connection.execute(text(row))
        columns = [column[1] for column in connection.execute(text("PRAGMA table_info(report)"))]
        needed = {"id": "5", "case_id": "1", "identity_id": "1", "claims": "'[]'"}
        needed |= {"period_first": "NULL", "period_last": "NULL"}
        values = ", ".join(needed.get(column, f"'{moment}'" if column.endswith("_at") else "'1'") for column in columns)
        connection.execute(text(f"INSERT INTO identity VALUES ({_identity(connection)})"))
        connection.execute(text(f"INSERT INTO report VALUES ({values})"))
        connection.execute(text(f"INSERT INTO evidence_use VALUES (1, '{digest}', 5, 'x', '{moment}')"))
    migrate(database)
    with database.reading() as session:
        links = [(one.event_id, one.sha256, one.report_id) for one in session.scalars(select(Custody))]
    assert links == [(1, digest, 5)]
    database.close()


def _identity(connection) -> str:
    columns = [column[1] for column in connection.execute(text("PRAGMA table_info(identity)"))]
    hashes = {"id": "1", "account_hash": f"'{'c' * 64}'", "phone_hash": "NULL"}
    return ", ".join(hashes.get(column, "'2026-11-22 01:00:00'") for column in columns)
