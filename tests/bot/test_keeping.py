"""The commands for the data, as they are typed: each says what it did, and what it cannot do in a sentence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from bot.app import App
from bot.cli import cli
from bot.settings import Settings
from intake.models import Case, Clock, Event, FiledReport
from intake.report import Receipt
from tests.bot.web.conftest import filed

LONG_AGO = datetime.now(UTC) - timedelta(days=4 * 366)


@pytest.fixture(autouse=True)
def house(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands read their settings from the environment."""
    monkeypatch.setenv("JIANTING_DATA_FOLDER", str(settings.data_folder))


@pytest.fixture
def held(app: App) -> Receipt:
    """A report whose case was closed as unfounded four years ago."""
    receipt = filed(app, "canary-account")
    with app.database.transaction() as session:
        report = session.scalars(select(FiledReport)).one()
        case = session.get_one(Case, report.case_id)
        case.state, case.closed_at, case.outcome = "closed", LONG_AGO, "not_established"
        for clock in session.scalars(select(Clock)):
            clock.state = "met"
    return receipt


def run(*words: str) -> Result:
    """One command, as it is typed."""
    return CliRunner().invoke(cli, list(words))


def refused(*words: str) -> str:
    """What a command says that refuses: exit code 2, one sentence, no trace."""
    done = run(*words)
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    return str(done.output)


def test_what_is_over_its_time_is_listed_and_then_goes(app: App, held: Receipt) -> None:
    """The dry run changes nothing and names rule, table, count and oldest day; the run leaves an event."""
    listed = run("retention", "--dry-run").stdout
    line = next(line for line in listed.splitlines() if line.startswith("unfounded"))
    assert line.split()[1:5] == ["identity", "erase", "1", f"{LONG_AGO:%Y-%m-%d}"]
    assert run("retention", "--dry-run").stdout == listed
    done = run("retention")
    assert (done.exit_code, done.stdout.split()) == (0, ["unfounded", "1"])
    with app.database.reading() as session:
        assert session.scalars(select(Event.data["rows"].as_integer()).where(Event.kind == "disposed")).all() == [1]
    assert run("retention").stdout == ""


def test_a_person_is_erased_by_number_and_ground(app: App, held: Receipt) -> None:
    """An unknown number, an unknown ground and a second time are refused."""
    assert "no such" in refused("erase", "621021-2020-000001-1", "--reason", "consent")
    refused("erase", held.case_number, "--reason", "周某要求")
    assert run("erase", held.case_number, "--reason", "consent").stdout == "erased: 1\n"
    assert "erased before" in refused("erase", held.case_number, "--reason", "consent")


def test_a_running_case_keeps_its_teller(app: App) -> None:
    """The reason is said, and nothing is changed."""
    number = filed(app, "running").case_number
    assert "not closed" in refused("erase", number, "--reason", "consent")


def test_a_ledger_moves_house_by_backup(
    app: App, held: Receipt, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Into a folder and into one file; proven; restored elsewhere, where the key is asked for."""
    app.evidence.store(b"some words", "a.txt")
    folder, file = tmp_path / "backups", tmp_path / "one.tar"
    assert "files: 1" in run("backup", str(folder)).stdout
    assert run("backup", str(file)).exit_code == 0
    assert "there already" in refused("backup", str(file))
    for where in (folder, file):
        assert "sound" in run("backup", str(where), "--verify").stdout
    assert "not empty" in refused("restore", str(file)) or "already" in refused("restore", str(file))
    for number, where in enumerate((folder, file)):
        other = tmp_path / f"other-{number}"
        monkeypatch.setenv("JIANTING_DATA_FOLDER", str(other))
        done = run("restore", str(where))
        assert done.exit_code == 0, done.output
        assert "vault.key" in done.output
        assert not (other / "vault.key").exists()
        (other / "vault.key").write_bytes(settings.key_path().read_bytes())
        (other / "model").symlink_to(settings.data_folder / "model")
        listed = run("retention", "--dry-run").stdout
        assert "unfounded    identity           erase          1" in listed


def test_a_damaged_or_absent_backup_is_said_to_be(app: App, held: Receipt, tmp_path: Path) -> None:
    """One sentence for each."""
    folder = tmp_path / "backups"
    run("backup", str(folder))
    ledger = next(folder.glob("*/ledger.db"))
    whole = bytearray(ledger.read_bytes())
    whole[len(whole) // 2] ^= 4
    ledger.write_bytes(whole)
    assert "ledger.db" in refused("backup", str(folder), "--verify")
    assert "no finished backup" in refused("backup", str(tmp_path / "nowhere"), "--verify")


def test_only_the_newest_are_kept_where_that_is_wanted(app: App, held: Receipt, tmp_path: Path) -> None:
    """Each backup is of its own second; of several as many stay as were asked for."""
    folder = tmp_path / "backups"
    assert run("backup", str(folder), "--keep", "1").exit_code == 0
    older = next(folder.glob("2*"))
    older.rename(folder / "20200101T000000Z")
    assert run("backup", str(folder), "--keep", "1").exit_code == 0
    assert len(list(folder.glob("2*"))) == 1
    assert not (folder / "20200101T000000Z").exists()


def test_what_commands_write_stands_in_the_chain(app: App, held: Receipt) -> None:
    """A rotation of keys and an erasure by command are events like all others: the chain takes them and verifies."""
    assert run("keys", "rotate").exit_code == 0
    assert run("retention").exit_code == 0
    verified = run("verify")
    assert verified.exit_code == 0, verified.output
