"""An older ledger in the place of a newer one: whole in itself, and told by the heads that lie outside of it."""

from __future__ import annotations

import shutil
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot import keeping, keys, sealing
from bot.app import App
from bot.settings import Settings
from intake import backup, heads, outside
from intake.errors import BackupDamaged
from intake.verification import Verdict
from tests.bot.proof.conftest import at, file_one, live, nothing, open_app, told_by
from tests.databases import Postgres
from tests.routing.conftest import report

LATER = at("2026-10-21")


def verified(app: App, *elsewhere: Path) -> Verdict:
    """The ledger, compared with copies of the heads kept elsewhere."""
    return sealing.verify(app, LATER, nothing, elsewhere=elsewhere)


def backed_up(app: App, root: Path) -> Path:
    """A backup as the command takes it; its folder."""
    beside = [(name, app.settings.data_folder / name) for name in keeping.BESIDE]
    mark = keys.master_key(app.settings, may_make=False).mark
    return backup.take(app.database, root, beside, key=mark, now=LATER).folder


def restored(app: App, folder: Path, target: Path, *elsewhere: Path) -> keeping.Restored:
    """Restored where the keys lie already."""
    target.mkdir(exist_ok=True)
    shutil.copy(app.settings.proof_key(), target)
    settings = Settings(_env_file=None, data_folder=target)
    return keeping.restore(settings, folder, nothing, LATER, elsewhere)


def grow(app: App) -> None:
    """One more report, signed."""
    file_one(app, told_by("web", 77, report(institution="庆城县新开医院", at="2026-10-20")))
    sealing.seal(app, LATER, whole=True)


def open_again(app: App, target: Path) -> App:
    """The restored ledger with the keys of the old one."""
    shutil.copy(app.settings.key_path(), target)
    return open_app(target)


@pytest.fixture
def lived(office: App) -> App:
    """A ledger of some weeks, signed."""
    live(office)
    return office


def test_the_heads_are_in_the_backup_and_the_restored_ledger_agrees_with_them(lived: App, tmp_path: Path) -> None:
    """Line by line the same; the ledger verifies against them, and goes on with the next head."""
    folder = backed_up(lived, tmp_path / "backups")
    done = restored(lived, folder, tmp_path / "new")
    assert done.against == {}
    kept = tmp_path / "new" / heads.FILE
    assert kept.read_bytes() == sealing.heads_file(lived).read_bytes() != b""
    again = open_again(lived, tmp_path / "new")
    with closing(again):
        assert verified(again, sealing.heads_file(lived)).sound
        grow(again)
        assert verified(again).sound


def test_a_backup_taken_while_a_head_is_signed_never_holds_more_heads_outside_than_within(
    lived: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is read before the snapshot: what is signed in between stands within, and is written down again."""
    take = sys.modules["intake.backup.take"]
    lite = take._lite

    def signed_meanwhile(database, draft):
        grow(lived)
        return lite(database, draft)

    monkeypatch.setattr(take, "_lite", signed_meanwhile)
    folder = backed_up(lived, tmp_path / "backups")
    restored(lived, folder, tmp_path / "new")
    assert len(heads.read_file(tmp_path / "new" / heads.FILE)) < len(heads.read_file(sealing.heads_file(lived)))
    again = open_again(lived, tmp_path / "new")
    with closing(again):
        assert verified(again, sealing.heads_file(lived)).sound


@pytest.mark.parametrize("where", ["in the data folder", "elsewhere"])
def test_a_ledger_older_than_the_heads_outside_is_said_to_be(lived: App, tmp_path: Path, where: str) -> None:
    """How many heads it lacks, and up to where they reach; said when it is restored, and whenever it is verified."""
    folder = backed_up(lived, tmp_path / "backups")
    grow(lived)
    target, newest = tmp_path / "new", tmp_path / "kept-elsewhere.jsonl"
    target.mkdir()
    shutil.copy(sealing.heads_file(lived), newest)
    if where == "elsewhere":
        done = restored(lived, folder, target, newest)
    else:
        shutil.copy(newest, target / heads.FILE)
        done = restored(lived, folder, target)
    (found,) = done.against.values()
    assert found.lost >= 1
    assert 0 < found.has < found.upto
    again = open_again(lived, target)
    with closing(again):
        verdict = verified(again, newest)
        assert [one.kind for one in verdict.findings] == ["older"]
        assert "kept-elsewhere.jsonl" in sealing.in_words(verdict.findings[0])
        remarked = [one.kind for one in verified(again).remarks if one.kind.startswith("restored")]
        assert remarked == ([] if where == "elsewhere" else ["restored_older"])
        assert verified(again).sound  # a restore that was made known is no manipulation
        grow(again)  # other reports under the numbers of the lost ones do not hide that those were lost
        grow(again)
        assert [one.kind for one in verified(again, newest).findings] == ["older"]
        assert verified(again).sound


def test_a_copy_kept_elsewhere_may_be_older_than_the_ledger(lived: App, tmp_path: Path) -> None:
    """Whoever looks at last month's copy finds nothing, as long as nothing of it was changed."""
    copy = tmp_path / "last-month.jsonl"
    shutil.copy(sealing.heads_file(lived), copy)
    grow(lived)
    assert verified(lived, copy).sound
    copy.write_bytes(copy.read_bytes() + b"{}\n")
    assert [one.kind for one in verified(lived, copy).findings] == ["line"]


def test_a_restore_that_fails_leaves_the_heads_where_they_were(lived: App, tmp_path: Path) -> None:
    """Nothing is set aside for a backup that could not be restored."""
    folder = backed_up(lived, tmp_path / "backups")
    (folder / "ledger.db").write_bytes(b"damaged")
    target = tmp_path / "new"
    target.mkdir()
    shutil.copy(sealing.heads_file(lived), target / heads.FILE)
    with pytest.raises(BackupDamaged):
        restored(lived, folder, target)
    assert (target / heads.FILE).read_bytes() == sealing.heads_file(lived).read_bytes()
    assert not list(target.glob("heads-before-*"))


def test_a_ledger_that_moves_to_postgresql_verifies_against_the_same_heads(
    lived: App, tmp_path: Path, postgres: Postgres
) -> None:
    """The kind of database does not matter to what was signed."""
    folder = backed_up(lived, tmp_path / "backups")
    url, target = postgres.create(), tmp_path / "new"
    target.mkdir()
    for key in (lived.settings.proof_key(), lived.settings.key_path()):
        shutil.copy(key, target)
    settings = Settings(_env_file=None, data_folder=target, database_url=url)
    keeping.restore(settings, folder, nothing, LATER)
    with keeping.keeping(settings, LATER) as kept, kept.database.reading() as session:
        assert outside.compare(session, sealing.heads_file(lived)).lost == 0
