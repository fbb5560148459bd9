"""Backup while people file, and its restoring: every receipt that was there is there again, every byte is proven."""

from __future__ import annotations

import hashlib
import shutil
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from intake import backup, erasure, evidence, filing, queries, retention
from intake.backup import Place
from intake.backup.manifest import Manifest, backups
from intake.confidentiality import Vault
from intake.db import Base, Database
from intake.errors import BackupDamaged, BackupExists, BackupMissing, BackupTooNew, NotEmpty, WrongKey
from intake.evidence import EvidenceStore
from intake.models import Case, Conversation, Event, EvidenceUse, FiledReport
from intake.receipts import new_query_code, query_hash
from intake.report import Teller
from intake.schema import migrate
from intake.scrub import scrub
from routing import leaks
from tests.databases import Postgres
from tests.intake.conftest import NOW, REPORT, Ledger

KEY = "the mark of a master key"


def file_one(ledger: Ledger, number: int, files: tuple[str, ...] = ()) -> str:
    """A filed report; gives its query code, as its teller holds it."""
    code = new_query_code()
    report = replace(
        REPORT, teller=Teller("web", f"person-{number}"), institution=f"第{number}医院", text=f"第{number}件\t事\\n情\n",
        evidence=files,
    )  # fmt: skip
    ledger.file(report, code=code)
    return code


def stored(ledger: Ledger, folder: Path, content: bytes) -> str:
    """A file in the store with its row."""
    store = EvidenceStore(folder / "evidence", ledger.vault)
    with ledger.database.transaction() as session:
        one = store.store(content, "名字.txt")
        evidence.record(session, one, NOW)
    return one.digest


def taken(ledger: Ledger, root: Path, folder: Path, later: int = 0) -> backup.Taken:
    """A backup, so many seconds later."""
    beside = [("evidence", folder / "evidence")]
    return backup.take(ledger.database, root, beside, key=KEY, now=NOW + timedelta(seconds=later))


@pytest.fixture
def kind() -> str:
    """What is backed up lies on SQLite, where a test does not say otherwise."""
    return "sqlite"


@pytest.fixture
def pieces(ledger: Ledger, tmp_path: Path) -> tuple[list[str], Path]:
    """Some reports with files, and their codes; the folder of the backups."""
    digests = [stored(ledger, tmp_path, f"第{n}页".encode() * 1000) for n in range(3)]
    codes = [file_one(ledger, n, (digests[n % 3],)) for n in range(12)]
    return codes, tmp_path / "backups"


@pytest.fixture
def empty(tmp_path: Path) -> Place:
    """An empty place."""
    folder = tmp_path / "restored"
    folder.mkdir()
    return Place(f"sqlite:///{folder / 'ledger.db'}", folder)


def opens(database: Database, vault: Vault, codes: list[str]) -> list[str]:
    """The texts that the codes open, in full."""
    with database.reading() as session:
        found = [queries.report_by_code(session, query_hash(vault, code)) for code in codes]
        return [filing.text_of(report, vault) for report in found if report is not None]


def test_a_restored_ledger_is_the_ledger(
    ledger: Ledger, tmp_path: Path, pieces: tuple[list[str], Path], empty: Place
) -> None:
    """Every code opens its report, every file its content, every table has its rows."""
    codes, root = pieces
    done = taken(ledger, root, tmp_path)
    assert done.fresh == 3
    backup.restore(done.folder, empty, key=KEY)
    store = EvidenceStore(empty.folder / "evidence", ledger.vault)
    with closing(Database(empty.url)) as database:
        migrate(database)
        assert opens(database, ledger.vault, codes) == opens(ledger.database, ledger.vault, codes)
        with database.reading() as session:
            assert session.scalar(select(func.count(Event.id))) == done.manifest.tables["event"]
            assert {len(store.read(digest)) for digest in session.scalars(select(EvidenceUse.sha256))} == {7000}


def test_a_backup_under_load_holds_everything_acknowledged_before_it_began(
    ledger: Ledger, tmp_path: Path, empty: Place
) -> None:
    """Four people file without pause; what was acknowledged before the beginning is restored, nothing half."""
    acknowledged: list[str] = []
    over = threading.Event()

    def keep_filing(first: int) -> None:
        number = first
        while not over.is_set():
            acknowledged.append(file_one(ledger, number))
            number += 4

    people = [threading.Thread(target=keep_filing, args=(n,)) for n in range(4)]
    for one in people:
        one.start()
    try:
        while len(acknowledged) < 40:
            over.wait(0.01)
        before = list(acknowledged)
        done = taken(ledger, tmp_path / "backups", tmp_path)
        seen = len(acknowledged)
        while len(acknowledged) < seen + 5:
            over.wait(0.01)
    finally:
        over.set()
        for one in people:
            one.join()
    backup.restore(done.folder, empty, key=KEY)
    with closing(Database(empty.url)) as database:
        assert len(opens(database, ledger.vault, before)) == len(before)
        with database.reading() as session:
            filed = session.scalar(select(func.count(Event.id)).where(Event.kind == "filed"))
            assert filed == session.scalar(select(func.count(FiledReport.id)))


def test_a_flipped_bit_is_found_wherever_it_is(ledger: Ledger, tmp_path: Path, pieces: tuple[list[str], Path]) -> None:
    """In the ledger, in a file, in the manifest, in its guard; a missing file as well; and nothing is restored."""
    _, root = pieces
    folder = taken(ledger, root, tmp_path).folder
    assert backup.verify(folder).tables["report"] == 12
    parts = [path for path in root.rglob("*") if path.is_file()]
    assert len(parts) == 6
    for path in parts:
        whole = path.read_bytes()
        for at in (0, len(whole) // 2, len(whole) - 2):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            with pytest.raises(BackupDamaged):
                backup.verify(folder)
        path.write_bytes(whole)
    (root / "files").rename(root / "elsewhere")
    place = Place(f"sqlite:///{tmp_path / 'r' / 'ledger.db'}", tmp_path / "r")
    with pytest.raises(BackupDamaged):
        backup.restore(folder, place, key=KEY)
    assert not place.folder.exists()


def test_only_what_is_new_is_copied(ledger: Ledger, tmp_path: Path, pieces: tuple[list[str], Path]) -> None:
    """A second backup adds one file, and both restore what was there at their time."""
    _, root = pieces
    first = taken(ledger, root, tmp_path)
    file_one(ledger, 99, (stored(ledger, tmp_path, b"new"),))
    second = taken(ledger, root, tmp_path, later=60)
    assert (second.fresh, len(second.manifest.files)) == (1, 4)
    assert backups(root) == [first.folder, second.folder]
    assert backup.verify(first.folder).tables["report"] == 12
    assert backup.verify(second.folder).tables["report"] == 13
    with pytest.raises(BackupExists):
        taken(ledger, root, tmp_path, later=60)


def test_old_backups_go_with_what_only_they_needed(
    ledger: Ledger, tmp_path: Path, pieces: tuple[list[str], Path]
) -> None:
    """Of three only the newest stays, and a file that was erased meanwhile is in none any more."""
    _, root = pieces
    gone = stored(ledger, tmp_path, b"to be erased")
    taken(ledger, root, tmp_path)
    EvidenceStore(tmp_path / "evidence", ledger.vault).forget(gone)
    taken(ledger, root, tmp_path, later=1)
    last = taken(ledger, root, tmp_path, later=2)
    assert len([*(root / "files").glob("*/*")]) == 4
    assert backup.prune(root, 1) == 2
    assert backups(root) == [last.folder]
    assert len([*(root / "files").glob("*/*")]) == 3
    backup.verify(last.folder)


def test_nothing_is_overwritten_and_no_other_key_fits(
    ledger: Ledger, tmp_path: Path, pieces: tuple[list[str], Path], empty: Place
) -> None:
    """A place with a ledger or a file is refused, and so is a key that did not seal this."""
    _, root = pieces
    folder = taken(ledger, root, tmp_path).folder
    with pytest.raises(NotEmpty):
        backup.restore(folder, Place(str(ledger.database.engine.url), empty.folder), key=KEY)
    with pytest.raises(WrongKey):
        backup.restore(folder, empty, key="another")
    one = Manifest.read(folder).files[0]
    target = empty.folder / one.path
    target.parent.mkdir(parents=True)
    target.write_bytes(b"somebody's")
    with pytest.raises(NotEmpty):
        backup.restore(folder, empty, key=KEY)
    assert target.read_bytes() == b"somebody's"
    with pytest.raises(BackupMissing):
        backup.verify(tmp_path)


def test_a_broken_off_backup_is_none(ledger: Ledger, tmp_path: Path, pieces: tuple[list[str], Path]) -> None:
    """What a killed process left is not taken for a backup, and the next one is whole."""
    _, root = pieces
    first = taken(ledger, root, tmp_path)
    shutil.copytree(first.folder, root / "20261120T020001Z.part")
    (root / "20261120T020001Z.part" / "manifest.json").unlink()
    assert backups(root) == [first.folder]
    backup.verify(taken(ledger, root, tmp_path, later=1).folder)


def test_the_key_is_in_no_backup(ledger: Ledger, tmp_path: Path, pieces: tuple[list[str], Path]) -> None:
    """Neither the key nor anything derived from it but a short mark."""
    _, root = pieces
    taken(ledger, root, tmp_path)
    secret = b"0123456789abcdef0123456789abcdef"
    whole = b"".join(path.read_bytes() for path in root.rglob("*") if path.is_file())
    assert secret not in whole
    assert hashlib.sha256(secret).hexdigest().encode() not in whole


# ---- PostgreSQL ----


def content(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, as values."""
    with database.looking() as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for name, table in Base.metadata.tables.items()
        }


def test_from_sqlite_to_postgresql_and_back_nothing_changes(
    ledger: Ledger, tmp_path: Path, pieces: tuple[list[str], Path], postgres: Postgres, empty: Place
) -> None:
    """Every value of every table: restored from SQLite to PostgreSQL, backed up there, restored to SQLite."""
    codes, root = pieces
    over, url = tmp_path / "over", postgres.create()
    backup.restore(taken(ledger, root, tmp_path).folder, Place(url, over), key=KEY)
    with closing(Database(url)) as there:
        assert content(there) == content(ledger.database)
        assert len(opens(there, ledger.vault, codes)) == len(codes)
        beside = [("evidence", over / "evidence")]
        again = backup.take(there, tmp_path / "more", beside, key=KEY, now=NOW)
    assert again.manifest.dialect == "postgresql"
    backup.verify(again.folder)
    backup.restore(again.folder, empty, key=KEY)
    with closing(Database(empty.url)) as back:
        assert content(back) == content(ledger.database)


def test_postgresql_is_restored_to_postgresql_and_counts_on(
    ledger: Ledger, tmp_path: Path, pieces: tuple[list[str], Path], postgres: Postgres
) -> None:
    """Its own dump by COPY; the next report gets a number that is free; a full database is refused."""
    codes, root = pieces
    one, two = postgres.create(), postgres.create()
    backup.restore(taken(ledger, root, tmp_path).folder, Place(one, tmp_path / "one"), key=KEY)
    with closing(Database(one)) as first:
        done = backup.take(first, tmp_path / "more", [], key=KEY, now=NOW)
        whole = content(first)
    backup.restore(done.folder, Place(two, tmp_path / "two"), key=KEY)
    with closing(Database(two)) as second:
        migrate(second)
        assert content(second) == whole
        ledger.database.close()
        ledger.database = second
        codes.append(file_one(ledger, 500))
        assert len(opens(second, ledger.vault, codes)) == 13
    with pytest.raises(NotEmpty):
        backup.restore(done.folder, Place(two, tmp_path / "two"), key=KEY)


def test_a_backup_of_postgresql_under_load_is_one_moment(
    ledger: Ledger, tmp_path: Path, postgres: Postgres, empty: Place
) -> None:
    """Tables are read one after the other, and yet nothing of a filing is missing in one that is in another."""
    url = postgres.create()
    with closing(Database(url)) as there:
        migrate(there)
        ledger.database.close()
        ledger.database = there
        acknowledged: list[str] = []
        over = threading.Event()

        def keep_filing(first: int) -> None:
            for number in range(first, 100_000, 3):
                if over.is_set():
                    return
                acknowledged.append(file_one(ledger, number))

        people = [threading.Thread(target=keep_filing, args=(n,)) for n in range(3)]
        for one in people:
            one.start()
        try:
            while len(acknowledged) < 30:
                over.wait(0.01)
            before = list(acknowledged)
            done = backup.take(there, tmp_path / "backups", [], key=KEY, now=NOW)
        finally:
            over.set()
            for one in people:
                one.join()
    backup.restore(done.folder, empty, key=KEY)
    with closing(Database(empty.url)) as database:
        assert len(opens(database, ledger.vault, before)) == len(before)
        with database.reading() as session:
            filed = session.scalar(select(func.count(Event.id)).where(Event.kind == "filed"))
            assert filed == session.scalar(select(func.count(FiledReport.id)))


def test_erasing_and_keeping_time_work_on_postgresql_too(ledger: Ledger, postgres: Postgres) -> None:
    """The same statements: a talk goes after its year, a teller on his wish, dead rows are given free."""
    with closing(Database(postgres.create())) as there:
        migrate(there)
        ledger.database.close()
        ledger.database = there
        code = file_one(ledger, 1)
        later = NOW + timedelta(days=400)
        with there.transaction() as session:
            session.add(Conversation(id="old", channel="web", sealed_state=b"x", created_at=NOW, spoken_at=NOW))
            case = session.scalars(select(Case)).one()
            case.state, case.closed_at, case.outcome = "closed", NOW, "not_established"
        for rule in retention.rules():
            with there.transaction() as session:
                done = retention.step(session, rule, vault=ledger.vault, now=later, hide=leaks.hidden)
                assert done.rows == (1 if rule.name == "talk" else 0)
        with there.transaction() as session:
            report = session.scalars(select(FiledReport)).one()
            erasure.erase(
                session, report, ground="consent", actor="administrator", vault=ledger.vault, now=later, hide=leaks.hidden
            )  # fmt: skip
        assert scrub(there, erasure.REWRITTEN)
        with there.reading() as session:
            found = queries.report_by_code(session, query_hash(ledger.vault, code))
            assert found is not None
            assert erasure.is_erased(session, found.id)


def test_a_backup_of_a_newer_program_is_refused(
    ledger: Ledger, tmp_path: Path, pieces: tuple[list[str], Path], empty: Place
) -> None:
    """Nothing is put into the place."""
    _, root = pieces
    with ledger.database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'of the future'"))
    folder = taken(ledger, root, tmp_path).folder
    with pytest.raises(BackupTooNew):
        backup.restore(folder, empty, key=KEY)
    assert list(empty.folder.iterdir()) == []
