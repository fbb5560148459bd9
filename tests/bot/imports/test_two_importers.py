"""Two services import the same table at once, and one is killed again and again: every row is there once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import func, select

from intake.db import Database
from intake.models import FiledReport, Handed
from tests.bot.imports.tables import HEAD, PLAIN, as_csv, order
from tests.bot.imports.test_kill import lines
from tests.crash.kills import examined
from tests.crash.writer import Ledger

ROWS = 1200
KILLS = 2
TRIES = 5
"""An import that others are in the way of says so and ends; it is begun again."""


def importer(folder: Path, name: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """One service's import of its own copy of the table, with its own files beside it."""
    own = folder / name
    own.mkdir(exist_ok=True)
    path = own / "a.csv"
    if not path.exists():
        as_csv(path, [HEAD, *(order(at) for at in range(ROWS))])
    command = [sys.executable, "-m", "bot.cli", "import", "reports", str(path)]
    command += ["--mapping", str(folder / "map.toml"), "--receipts", str(own / "receipts.csv")]
    command += ["--errors", str(own / "errors.csv")]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def handed(database: Database) -> int:
    """How many rows are committed."""
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Handed)) or 0


def test_of_two_importers_one_is_killed_and_nothing_is_lost_or_doubled(
    tmp_path: Path, model_folder: Path, database_url: str
) -> None:
    """On either database: numbers, receipts and chain agree at the end, whoever filed which row."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "model").symlink_to(model_folder)
    (tmp_path / "map.toml").write_text(PLAIN, "utf-8")
    environment = {**os.environ, "JIANTING_DATA_FOLDER": str(data), "JIANTING_DATABASE_URL": database_url}
    ledger, watched = Ledger(data, database_url), Database(database_url)
    steady, killed = importer(tmp_path, "one", environment), 0
    for kill in range(KILLS):
        shaken = importer(tmp_path, "two", environment)
        before = handed(watched)
        while shaken.poll() is None and steady.poll() is None and handed(watched) < before + 200 * (kill + 1):
            time.sleep(0.01)
        if shaken.poll() is None:
            shaken.send_signal(signal.SIGKILL)
            killed += 1
        shaken.wait()
    assert killed
    for name, first in (("one", steady), ("two", importer(tmp_path, "two", environment))):
        ended = [first.wait()]
        while ended[-1] and len(ended) < TRIES:
            ended.append(importer(tmp_path, name, environment).wait())
        assert ended[-1] == 0, name
    with watched.reading() as session:
        numbers = session.scalars(select(FiledReport.number)).all()
        told = session.scalars(select(Handed.number)).all()
    watched.close()
    assert sorted(told) == sorted(f"GD{at}" for at in range(ROWS))
    assert len(numbers) == len(set(numbers)) == ROWS
    given = [line[1] for name in ("one", "two") for line in lines_of(tmp_path / name / "receipts.csv")]
    assert set(given) <= set(numbers)
    assert len(given) == len(set(given))
    assert not (tmp_path / "one" / "errors.csv").exists()
    found = examined(ledger, ())
    assert found.whole, found


def lines_of(path: Path) -> list[list[str]]:
    """The lines of a companion file; none where nothing was written."""
    return lines(path) if path.exists() else []
