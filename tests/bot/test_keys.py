"""Where the master key comes from, what is refused and how it is said, and the commands of whoever keeps it."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from typer.testing import CliRunner, Result

from bot.app import App
from bot.cli import cli
from bot.clock import ticking
from bot.keys import COMMAND_SECONDS, KeyTrouble, make_file, master_key
from bot.settings import Settings
from intake.errors import WrongMasterKey
from intake.masterkey import MasterKey
from intake.models import Event
from nlu.embedded import EmbeddedEar
from tests.bot.doubles import Echo, small_app

KEY = bytes(range(32)).hex()


def settings(folder: Path, **more: object) -> Settings:
    """Settings of a data folder, without the environment's file."""
    return Settings(_env_file=None, data_folder=folder, **more)  # type: ignore[arg-type]


def told(folder: Path, **more: object) -> str:
    """The sentence with which a start is refused."""
    with pytest.raises(KeyTrouble) as refused:
        master_key(settings(folder, **more), may_make=True)
    return str(refused.value)


def test_the_key_file_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    """Several starting processes agree on one key, and no draft of it stays behind."""
    marks: list[str] = []
    trial = settings(tmp_path, key_file=tmp_path / "key")
    threads = [threading.Thread(target=lambda: marks.append(master_key(trial, may_make=True).mark)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(marks) == 8
    assert len(set(marks)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["key"]
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_a_service_starts_only_with_a_master_key_of_its_keeper(tmp_path: Path) -> None:
    """Without a source the sentence names all three; nothing is made in its place."""
    sentence = told(tmp_path, mode="service")
    assert all(name in sentence for name in ("JIANTING_KEY_FILE", "JIANTING_KEY_COMMAND", "JIANTING_KEY", "keys make"))
    assert "not there" in told(tmp_path, mode="service", key_file=tmp_path / "absent")
    assert list(tmp_path.iterdir()) == []


def test_a_service_refuses_a_key_that_others_may_read(tmp_path: Path) -> None:
    """The mode is told, and how to mend it; afterwards it starts."""
    file = tmp_path / "key"
    make_file(file)
    for mode in (0o640, 0o604, 0o660):
        file.chmod(mode)
        sentence = told(tmp_path, mode="service", key_file=file)
        assert f"{mode:04o}" in sentence
        assert f"chmod 600 {file}" in sentence
    file.chmod(0o600)
    assert master_key(settings(tmp_path, mode="service", key_file=file), may_make=False)


def test_a_service_refuses_a_key_file_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever owns the file can read it, whatever its mode says."""
    file = tmp_path / "key"
    make_file(file)
    monkeypatch.setattr("os.geteuid", lambda: file.stat().st_uid + 1)
    assert "another user" in told(tmp_path, mode="service", key_file=file)


def test_file_variable_and_command_give_the_same_key(tmp_path: Path) -> None:
    """Three sources, one key; two at once are one too many."""
    file = tmp_path / "key"
    file.write_text(KEY + "\n")
    command = f"{sys.executable} -c 'print(\"{KEY}\")'"
    sources: list[dict[str, object]] = [{"key_file": file}, {"key": SecretStr(KEY)}, {"key_command": command}]
    marks = {master_key(settings(tmp_path, **source), may_make=False).mark for source in sources}
    assert marks == {MasterKey(bytes.fromhex(KEY)).mark}
    assert "more than one source" in told(tmp_path, key_file=file, key=SecretStr(KEY))


@pytest.mark.parametrize(
    ("command", "part"),
    [
        ("/nowhere/kms-client", "cannot be run"),
        ("'unbalanced", "cannot be run"),
        (f"{sys.executable} -c 'import sys; print(\"{KEY}\"); sys.exit(3)'", "exit code 3"),
        (f"{sys.executable} -c 'print(\"{KEY}aa\")'", "32 bytes"),
        (f"{sys.executable} -c 'import sys; sys.stderr.write(\"{KEY}\"); sys.exit(1)'", "exit code 1"),
    ],
)
def test_a_key_command_that_fails_is_told_without_what_it_printed(tmp_path: Path, command: str, part: str) -> None:
    """Its output may hold the key or a part of it, so no error repeats it."""
    sentence = told(tmp_path, key_command=command)
    assert part in sentence
    assert KEY not in sentence


def test_a_key_command_that_hangs_is_not_waited_for_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key store that is away is told as such."""

    def hang(*_command: object, **_how: object) -> None:
        raise subprocess.TimeoutExpired(KEY, COMMAND_SECONDS, output=KEY.encode())

    monkeypatch.setattr(subprocess, "run", hang)
    with pytest.raises(KeyTrouble) as refused:
        master_key(settings(tmp_path, key_command="kms"), may_make=False)
    assert KEY not in str(refused.value)
    assert refused.value.__suppress_context__


def test_no_print_of_the_settings_shows_the_key(tmp_path: Path) -> None:
    """Settings are printed when something is wrong with them."""
    assert KEY not in repr(settings(tmp_path, key=SecretStr(KEY), new_key=SecretStr(KEY)))


def test_a_lost_key_file_is_not_replaced_by_a_new_one(tmp_path: Path) -> None:
    """A ledger that is sealed waits for its key; a fresh key beside it would only hide what happened."""
    small_app(tmp_path).close()
    key = tmp_path / "vault.key"
    kept = key.read_bytes()
    key.unlink()
    with pytest.raises(KeyTrouble, match="Put the file back"):
        small_app(tmp_path)
    assert not key.exists()
    key.write_bytes(kept)
    small_app(tmp_path).close()


def test_a_foreign_key_is_told_at_the_start(app: App, ear: EmbeddedEar) -> None:
    """The whole application refuses, before anything is served."""
    app.settings.key_path().write_bytes(bytes(32))
    with pytest.raises(WrongMasterKey):
        App.open(app.settings, ear=ear)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger with its key, and commands that find it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JIANTING_DATA_FOLDER", str(tmp_path))
    small_app(tmp_path).close()
    return tmp_path


def run(*words: str) -> Result:
    """One command, as it is typed."""
    return CliRunner().invoke(cli, ["keys", *words])


def unsealed(folder: Path, sealed: bytes, **more: object) -> bytes:
    """What a service started now reads."""
    app = small_app(folder, **more)
    try:
        return app.vault.unseal(sealed, "text 1")
    finally:
        app.close()


def sealed_now(folder: Path) -> bytes:
    """What a service started now writes."""
    app = small_app(folder)
    try:
        return app.vault.seal(b"told", "text 1")
    finally:
        app.close()


def test_keys_are_listed_rotated_and_moved_by_commands(house: Path) -> None:
    """A whole year of the keeper of the keys; what was sealed at each moment opens at the end, and each act is told."""
    first = sealed_now(house)
    listed = run("list")
    assert listed.exit_code == 0
    assert all(purpose in listed.stdout for purpose in ("identity", "text", "letters", "fingerprints"))
    assert run("rotate", "--purpose", "text").stdout.strip() == "1"
    assert run("rotate").stdout.strip() == "7"
    assert len(re.findall(r"\btext\b", run("list").stdout)) == 3
    second = sealed_now(house)
    assert run("make", str(house / "new.key")).exit_code == 0
    moved = run("rewrap", "--new-file", str(house / "new.key"))
    assert moved.exit_code == 0, moved.output
    assert run("list").exit_code == 2
    for one in (first, second):
        assert unsealed(house, one, key_file=house / "new.key") == b"told"
    app = small_app(house, key_file=house / "new.key")
    with app.database.reading() as session:
        kinds = session.scalars(select(Event.kind).order_by(Event.id)).all()
    app.close()
    assert kinds == ["keys_rotated", "keys_rotated", "master_key_changed"]


def test_a_new_master_key_may_come_from_the_environment(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It never stands on the command line, where every user of the machine could read it."""
    sealed = sealed_now(house)
    monkeypatch.setenv("JIANTING_NEW_KEY", KEY)
    done = run("rewrap")
    assert done.exit_code == 0, done.output
    assert KEY not in done.output
    assert unsealed(house, sealed, key=SecretStr(KEY)) == b"told"


def test_commands_refuse_in_sentences(house: Path) -> None:
    """Unknown purposes, two new keys, none, and a file that is there already."""
    for words in (
        ("rotate", "--purpose", "fingerprints"),
        ("rewrap",),
        ("rewrap", "--new-file", "a", "--new-command", "b"),
        ("make", str(house / "vault.key")),
    ):
        done = run(*words)
        assert done.exit_code == 2, words
        assert "Traceback" not in done.output
    assert sealed_now(house)


def test_a_running_service_takes_new_keys_at_its_tick(house: Path) -> None:
    """Nobody has to start anything anew after a rotation."""
    app = small_app(house, sweep_every=timedelta(seconds=1))
    before = app.vault.seal(b"", "text 1")[:8]
    assert run("rotate").exit_code == 0

    async def tick() -> None:
        async with ticking(app, Echo()):
            while app.vault.seal(b"", "text 1")[:8] == before:  # noqa: ASYNC110 — the clock tells nobody when it ticked
                await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(tick(), 20))
    app.close()


def test_commands_need_no_ear(house: Path) -> None:
    """Whoever keeps the keys does not wait for a model to be trained."""
    assert run("list").exit_code == 0
    assert not (house / "model").exists()
