"""Promise 1 for imports: killed at any row, the same command goes on, and every row is there once."""

from __future__ import annotations

import csv
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from tests.bot.imports.tables import HEAD, PLAIN, as_csv, order

ROWS = 1500
KILLS = 4


def test_a_killed_import_goes_on_and_every_row_is_there_once(tmp_path: Path, model_folder: Path) -> None:
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
    environment = {**os.environ, "JIANTING_DATA_FOLDER": str(data), "JIANTING_DATABASE_URL": ""}
    killed = 0
    for kill in range(KILLS):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        before = settled(data)
        while process.poll() is None and settled(data) < before + 200 * (kill % 2 + 1):
            time.sleep(0.01)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait()
    assert killed, "the import was over before it could be killed"
    last = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert last.returncode == 1, last.stderr  # rows were refused, as they must be
    assert f"读取 {ROWS} 行" in last.stdout
    with closing(sqlite3.connect(data / "jianting.db")) as ledger:
        numbers = [row[0] for row in ledger.execute("SELECT number FROM report")]
        handed = {row[0] for row in ledger.execute("SELECT number FROM handed")}
    assert handed == {f"GD{at}" for at in range(ROWS) if at not in bad}
    assert len(numbers) == len(set(numbers)) == len(handed)
    assert {line[1] for line in lines(tmp_path / "receipts.csv")} == set(numbers)
    assert [line[0] for line in lines(tmp_path / "a.errors.csv")] == [str(at + 2) for at in bad]


def settled(data: Path) -> int:
    """How many rows are committed."""
    try:
        with closing(sqlite3.connect(f"file:{data / 'jianting.db'}?mode=ro", uri=True)) as ledger:
            return int(ledger.execute("SELECT coalesce(max(settled), 0) FROM import_run").fetchone()[0])
    except sqlite3.Error:
        return 0


def lines(path: Path) -> list[list[str]]:
    """The lines of a companion file, without its head."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))[1:]
