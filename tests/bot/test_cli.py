"""The command line: every command does its work, and what it cannot use is said in a sentence, never in a trace."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text
from typer.testing import CliRunner, Result

from bot.app import App
from bot.cli import cli
from bot.settings import Settings
from intake import staffing, tokens
from intake.models import Staff
from nlu.embedded import EmbeddedEar
from tests.bot.web.conftest import filed
from tests.serving import free_port

PLACE = ("--name", "王敏", "--role", "officer", "--place", "621021")


@pytest.fixture(autouse=True)
def house(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands read their settings from the environment."""
    monkeypatch.setenv("JIANTING_DATA_FOLDER", str(settings.data_folder))


def run(*words: str) -> Result:
    """One command, as it is typed."""
    return CliRunner().invoke(cli, list(words))


def refused(*words: str) -> str:
    """What a command says that refuses: exit code 2, one sentence, no trace."""
    done = run(*words)
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    return str(done.output)


def lines(folder: Path, *rows: str) -> str:
    """A JSONL file."""
    file = folder / "rows.jsonl"
    file.write_text("\n".join(rows), "utf-8")
    return str(file)


def test_an_account_is_made_given_a_new_password_and_ended(settings: Settings, ear: EmbeddedEar) -> None:
    """Each password is shown once; after the new one the old fits no more, after the end none does."""
    first = run("add-staff", "wangmin", *PLACE).stdout.strip()
    second = run("staff-password", "wangmin").stdout.strip()
    app = App.open(settings, ear=ear)
    assert _fits(app, second)
    assert not _fits(app, first)
    assert run("remove-staff", "wangmin").exit_code == 0
    assert not _fits(app, second)
    app.close()
    assert "wangmin" in refused("staff-password", "wangmin")
    assert "nobody" in refused("remove-staff", "nobody")


def _fits(app: App, password: str) -> bool:
    from bot.web.door import now

    with app.database.reading() as session:
        found = staffing.authenticate(session, "wangmin", password, origin="x", vault=app.vault, now=now())
    return found is not None


@pytest.mark.parametrize("role", ["custodian", "federation", "auditor"])
def test_those_who_guard_and_look_on_are_hired_like_everybody(settings: Settings, ear: EmbeddedEar, role: str) -> None:
    """Each role of the table signs in with the password that was shown."""
    password = run("add-staff", "wangmin", "--name", "王敏", "--role", role, "--place", "621021").stdout.strip()
    app = App.open(settings, ear=ear)
    assert _fits(app, password)
    app.close()


def test_interests_are_declared_and_cleared(settings: Settings, ear: EmbeddedEar) -> None:
    """One institution a word of the command; without any, none is left; too many and strangers are refused."""
    run("add-staff", "wangmin", *PLACE)
    run("staff-interests", "wangmin", "庆城县桃源康复医院", "益民大药房")
    app = App.open(settings, ear=ear)
    assert _interests(app) == "庆城县桃源康复医院\n益民大药房"
    assert "400" in refused("staff-interests", "wangmin", "院" * 401)
    run("staff-interests", "wangmin")
    assert _interests(app) == ""
    app.close()
    assert "nobody" in refused("staff-interests", "nobody", "x")


def _interests(app: App) -> str:
    with app.database.reading() as session:
        return str(session.scalars(select(Staff.interests).where(Staff.username == "wangmin")).one())


def test_a_wrong_account_is_refused_in_a_sentence() -> None:
    """A name that is taken, a role or a place that does not exist."""
    run("add-staff", "wangmin", *PLACE)
    assert "user name" in refused("add-staff", "wangmin", *PLACE)
    assert "boss" in refused("add-staff", "x", "--name", "x", "--role", "boss", "--place", "621021")
    assert "999999" in refused("add-staff", "x", "--name", "x", "--role", "officer", "--place", "999999")


def test_a_token_opens_until_it_is_revoked(settings: Settings, ear: EmbeddedEar) -> None:
    """Revoking takes every token of that name, and a name without tokens is said to have none."""
    token = run("add-token", "12345-platform").stdout.strip()
    app = App.open(settings, ear=ear)
    with app.database.reading() as session:
        assert tokens.client_of(session, token, vault=app.vault, now=datetime.now(UTC)) is not None
    assert run("revoke-token", "12345-platform").stdout.strip() == "1"
    with app.database.reading() as session:
        assert tokens.client_of(session, token, vault=app.vault, now=datetime.now(UTC)) is None
    app.close()
    assert "12345-platform" in refused("revoke-token", "12345-platform")


def test_a_date_explains_itself_or_says_what_is_unknown() -> None:
    """An unknown kind, place or day is named, never passed over."""
    assert "2026年10月16日" in run("due", "clue_verify", "2026-09-20").output
    assert json.loads(run("due", "clue_verify", "2026-09-20", "--json").stdout)["due_on"] == "2026-10-16"
    assert "nonsense" in refused("due", "nonsense", "2026-09-20")
    assert "999999" in refused("due", "clue_verify", "2026-09-20", "--place", "999999")


def test_lines_are_understood_one_by_one(tmp_path: Path) -> None:
    """The keys of the API, and the line's own id."""
    done = run(
        "understand", lines(tmp_path, '{"id": 1, "text": "庆城县同济医院挂空床骗医保"}', "", '{"id": 2, "text": ""}')
    )
    heard = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in heard] == [1, 2]
    assert heard[0]["categories"]
    assert heard[1]["abstained"]


@pytest.mark.parametrize("row", ["{", "[]", '{"id": 1}', '{"id": 1, "text": "x", "now": "yesterday"}'])
def test_a_bad_line_is_named(tmp_path: Path, row: str) -> None:
    """The file and the number of the line, for whoever has to mend it."""
    assert "rows.jsonl:1" in refused("understand", lines(tmp_path, row)).replace("\n", "")


def test_a_long_file_is_understood_on_every_core_in_its_order(tmp_path: Path) -> None:
    """Ids come back in the order of the lines, each with the answer that it gets alone."""
    rows = [json.dumps({"id": at, "text": f"庆城县同济医院挂空床{at}张", "asked": None}) for at in range(700)]
    heard = [json.loads(line) for line in run("understand", lines(tmp_path, *rows)).stdout.split("\n") if line]
    assert [row["id"] for row in heard] == list(range(700))
    alone = run("understand", lines(tmp_path, rows[555]))
    assert json.loads(alone.stdout) == heard[555]


@pytest.mark.parametrize("text", ["挂床\u2028骗保", "挂床\x85骗保", "挂床\ud83d"])
def test_odd_characters_do_not_cut_a_line(tmp_path: Path, text: str) -> None:
    """Line separators of Unicode and half an emoji stay inside the text that holds them."""
    path = tmp_path / "odd.jsonl"
    path.write_text(json.dumps({"id": 1, "text": text}, ensure_ascii="\ud83d" in text) + "\n", "utf-8")
    assert [json.loads(line)["id"] for line in run("understand", str(path)).stdout.split("\n") if line] == [1]


def test_lines_are_matched_in_their_order(tmp_path: Path) -> None:
    """The same matter by another person is attached; a line without its moment is named before any work."""
    first = '{"id": "a", "text": "庆城县同济医院挂空床骗医保，人不在也算住院", "received_at": "2026-03-01T10:00:00"}'
    again = '{"id": "b", "text": "庆城县同济医院让人挂空床，人不在也算住院", "received_at": "2026-03-02T10:00:00"}'
    found = [json.loads(line) for line in run("match", lines(tmp_path, first, again)).stdout.splitlines()]
    assert [row["decision"] for row in found] == ["new", "attached"]
    assert "received_at" in refused("match", lines(tmp_path, '{"id": 1, "text": "x"}'))
    assert '"id"' in refused("match", lines(tmp_path, '{"text": "x", "received_at": "2026-03-01"}'))


def test_an_ear_is_measured_as_a_table_and_as_json(model_folder: Path) -> None:
    """Both forms of one evaluation."""
    model = str(max(model_folder.glob("ear-*"), key=lambda folder: folder.stat().st_mtime))
    data = str(Path(__file__).parent.parent / "sentences" / "F01.yml")
    assert "macro-F1" in run("evaluate", "--model", model, "--data", data).output
    assert json.loads(run("evaluate", "--model", model, "--data", data, "--json").stdout)["codes"]
    refused("evaluate", "--model", "nowhere", "--data", data)


def test_training_data_is_checked_and_a_folder_is_asked_for(tmp_path: Path) -> None:
    """Each fault on a line of its own, exit code 1 for a grave one; training without a folder names the option."""
    row = "- intent: {}\n  examples: |\n    - 他们天天挂空床\n"
    file = tmp_path / "few.yml"
    file.write_text('version: "3.1"\nnlu:\n' + row.format("inform"), "utf-8")
    checked = run("train", "--check", "--data", str(file))
    assert (checked.exit_code, "thin" in checked.stdout) == (0, True)
    file.write_text('version: "3.1"\nnlu:\n' + row.format("inform") + row.format("thanks"), "utf-8")
    checked = run("train", "--check", "--data", str(file))
    assert (checked.exit_code, "conflict" in checked.stdout) == (1, True)
    assert "--out" in refused("train")


def test_a_sweep_tells_how_many() -> None:
    """For the log of whoever runs it by hand."""
    assert "notices: 0" in run("sweep").output


def test_a_project_for_rasa_is_written(tmp_path: Path) -> None:
    """All that `rasa train nlu` needs, from any data, with the epochs that were asked for."""
    data = tmp_path / "few.yml"
    data.write_text('version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - 你好\n    - 您好\n', "utf-8")
    out = tmp_path / "project"
    done = run("export-rasa", "--out", str(out), "--data", str(data), "--epochs", "7")
    assert done.stdout == "2\n"
    assert sorted(file.name for file in out.iterdir()) == ["config.yml", "domain.yml", "nlu.yml"]
    assert "epochs: 7" in (out / "config.yml").read_text("utf-8")


def test_measuring_an_absent_rasa_is_refused(tmp_path: Path) -> None:
    """No other ear's figures are printed for Rasa's; what is no address is said to be none."""
    data = tmp_path / "few.yml"
    data.write_text('version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - 你好\n', "utf-8")
    asked = ("evaluate", "--engine", "rasa", "--data", str(data), "--model")
    assert "Rasa is away" in refused(*asked, f"http://127.0.0.1:{free_port()}")
    assert "not the address" in refused(*asked, "data/model")


def test_a_sound_ledger_verifies_and_a_changed_one_is_named(settings: Settings, ear: EmbeddedEar) -> None:
    """Exit code 0 and figures; exit code 1 and the place."""
    app = App.open(settings, ear=ear)
    held = filed(app, "verify")
    done = run("verify")
    assert done.exit_code == 0, done.output
    assert "findings: 0" in done.output
    assert run("verify", "--receipt", held.proof).output.startswith(held.case_number)
    with app.database.transaction() as session:
        session.execute(text("UPDATE report SET institution = 'other'"))
    app.close()
    done = run("verify")
    assert done.exit_code == 1
    assert "第 1 行被改动" in done.output


def test_the_chain_is_exported_and_the_key_printed_and_changed(settings: Settings, tmp_path: Path) -> None:
    """What strangers need: the file, and the key to compare."""
    key = run("verify", "--public-key").output.strip()
    assert len(key) == 64
    file = tmp_path / "chain.ndjson"
    assert run("verify", "--export", str(file)).output.strip() == "links: 0"
    assert json.loads(file.read_text("utf-8").splitlines()[0])["key"] == key
    fresh = run("verify", "--change-key").output.strip()
    assert run("verify", "--public-key").output.strip() == fresh != key
    assert run("verify").exit_code == 0


def test_a_receipt_that_does_not_fit_is_refused_in_a_sentence(tmp_path: Path) -> None:
    """Neither a string nor a file; a genuine form with a false signature."""
    assert "jt1" in refused("verify", "--receipt", lines(tmp_path, "{}"))
    assert "signed" in refused("verify", "--receipt", f"jt1.621021-2026-000001-6.{'A' * 43}.{'A' * 43}.{'A' * 86}")
