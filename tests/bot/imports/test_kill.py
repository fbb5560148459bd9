"""Promise 1 for imports: killed at any row, the same command goes on, and every row is there once."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import func, select

from intake.db import Database
from intake.models import FiledReport, Handed, ImportRun
from tests.bot.imports.tables import HEAD, PLAIN, as_csv, order
from tests.crash.kills import examined
from tests.crash.writer import Ledger

ROWS = 1500
KILLS = 4


def test_a_killed_import_goes_on_and_every_row_is_there_once(
    tmp_path: Path, model_folder: Path, database_url: str
) -> None:
    """A real process, killed without warning again and again; at the end nothing is missing, doubled or told twice."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "model").symlink_to(model_folder)
    (tmp_path / "map.toml").write_text(PLAIN, "utf-8")
    bad = range(7, ROWS, 7)
    path = as_csv(
        tmp_path / "a.csv", [HEAD, *(order(at, 受理时间="昨天") if at in bad else order(at) for at in range(ROWS))]
    )
    command = [sys.executable, "-m", "bot.cli", "import", "reports", str(path)]
    command += ["--mapping", str(tmp_path / "map.toml"), "--receipts", str(tmp_path / "receipts.csv")]
    environment = {**os.environ, "JIANTING_DATA_FOLDER": str(data), "JIANTING_DATABASE_URL": database_url}
    ledger = Ledger(data, database_url)
    watched = Database(database_url)
    killed = 0
    for kill in range(KILLS):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        before = settled(watched)
        while process.poll() is None and settled(watched) < before + 200 * (kill % 2 + 1):
            time.sleep(0.01)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait()
    assert killed, "the import was over before it could be killed"
    last = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert last.returncode == 1, last.stderr  # rows were refused, as they must be
    assert f"读取 {ROWS} 行" in last.stdout
    with watched.reading() as session:
        numbers = session.scalars(select(FiledReport.number)).all()
        handed = set(session.scalars(select(Handed.number)))
    watched.close()
    assert handed == {f"GD{at}" for at in range(ROWS) if at not in bad}
    assert len(numbers) == len(set(numbers)) == len(handed)
    assert {line[1] for line in lines(tmp_path / "receipts.csv")} == set(numbers)
    assert [line[0] for line in lines(tmp_path / "a.errors.csv")] == [str(at + 2) for at in bad]
    found = examined(ledger, ())
    assert found.whole, found


def settled(database: Database) -> int:
    """How many rows are committed."""
    with database.reading() as session:
        return session.scalar(select(func.max(ImportRun.settled))) or 0


def lines(path: Path) -> list[list[str]]:
    """The lines of a companion file, without its head."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))[1:]
