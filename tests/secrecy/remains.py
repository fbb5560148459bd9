"""What is left of a town when its service has stopped: files, dumps, backups, a restored copy, exports."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from bot import keeping, sealing
from bot.app import App
from bot.settings import Settings
from nlu.engine import Ear
from tests.databases import Postgres
from tests.secrecy.telling import Seen
from tests.secrecy.unpacking import opened


def nothing(_stage: str, _done: int, _total: int) -> None:
    """No bar."""


def disk(folder: Path, place: str = "file") -> Iterator[Seen]:
    """Every file of a folder but the model, unpacked; the write-ahead log and the file of heads among them."""
    for file in sorted(folder.rglob("*")):
        if file.is_file() and "model" not in file.relative_to(folder).parts:
            for content in opened(file.read_bytes()):
                yield Seen(f"{place} {file.relative_to(folder)}", content)


def dump(data: Path) -> Iterator[Seen]:
    """The ledger as SQL text."""
    with closing(sqlite3.connect(data / "jianting.db")) as connection:
        yield Seen("dump", "\n".join(connection.iterdump()).encode())


def of_server(server: Postgres, url: str) -> Iterator[Seen]:
    """A PostgreSQL's dump, and every file of its data folder, pages and log, once all is on disk."""
    yield Seen("dump", server.dump(url))
    server.run("CHECKPOINT")
    yield from disk(server.data, "server")


def kept(settings: Settings, ear: Ear | None, folder: Path) -> Iterator[Seen]:
    """Backups as folder and as one file, a restored copy, the chain for strangers, and what commands say."""
    now = datetime.now(UTC)
    folder.mkdir()
    app = App.open(settings, ear=ear)
    try:
        sealing.verify(app, now, nothing)
        sealing.export(app, folder / "chain.ndjson", now, nothing)
    finally:
        app.close()
    with keeping.keeping(settings, now) as held:
        keeping.back_up(held, folder / "backups", now, keep=0, progress=nothing)
        keeping.back_up(held, folder / "backup.tar", now, keep=0, progress=nothing)
    yield from disk(folder / "backups", "backup")
    yield from (Seen("backup.tar", part) for part in opened((folder / "backup.tar").read_bytes()))
    yield from (Seen("export", part) for part in opened((folder / "chain.ndjson").read_bytes()))
    target = folder / "restored"
    target.mkdir()
    for key in (settings.key_path(), settings.proof_key()):
        shutil.copy(key, target)
    keeping.restore(Settings(_env_file=None, data_folder=target), folder / "backup.tar", nothing, now)
    yield from disk(target, "restored")
    yield from dump(target)
    for words in (["retention", "--dry-run"], ["verify"], ["registry", "institutions"]):
        yield Seen("command", command(settings, *words))


def command(settings: Settings, *words: str) -> bytes:
    """What a command of the house says."""
    environment = {**os.environ, "JIANTING_DATA_FOLDER": str(settings.data_folder)}
    if settings.database_url:
        environment["JIANTING_DATABASE_URL"] = settings.database_url
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", *words], env=environment, capture_output=True, check=False, timeout=300
    )
    assert done.returncode in {0, 1}, done.stderr.decode()
    return done.stdout + done.stderr
