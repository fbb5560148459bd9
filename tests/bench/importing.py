"""Bulk import as a bureau runs it: the command in a process of its own, an invented table, an empty ledger."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.reports import report
from tests.bench.screen import screen, table

SIZES = (2_000, 20_000)
LARGE = (20_000, 200_000, 1_000_000)
HEAD = ("编号", "时间", "内容", "机构", "地区", "姓名", "电话")
MAPPING = """kind = "reports"
source = "bench"
[columns]
source_number = "编号"
received_at = "时间"
text = "内容"
institution = "机构"
place = "地区"
name = "姓名"
phone = "电话"
[constants]
side = "citizen"
"""


def importing(folder: Path) -> None:
    """Rows a second, everything included; the work of all processes; the largest memory of one of them."""
    _measured(folder, SIZES)


def importing_much(folder: Path) -> None:
    """The same up to a million rows."""
    _measured(folder, LARGE)


def _measured(folder: Path, sizes: tuple[int, ...]) -> None:
    shown = table("bulk import", "rows", "seconds", "rows/s", "CPU ms a row", "peak MiB")
    for size in sizes:
        seconds, busy, memory = _import(folder / f"import-{size}", folder / "model", size)
        shown.add_row(
            f"{size}", f"{seconds:.1f}", f"{size / seconds:.0f}", f"{1000 * busy / size:.2f}", f"{memory:.0f}"
        )
    screen.print(shown)


def _import(data: Path, model: Path, size: int) -> tuple[float, float, float]:
    data.mkdir()
    (data / "model").symlink_to(model)
    (data / "map.toml").write_text(MAPPING, "utf-8")
    file = data / "table.csv"
    with file.open("w", encoding="gb18030", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(HEAD)
        for number in range(size):
            one = report(number)
            at = one.received_at.strftime("%Y-%m-%d %H:%M:%S") if number < 30_000 else "2026-11-20 10:00:00"
            told = one.teller
            lines.writerow((f"GD{number}", at, one.text, one.institution, one.place, told.name, told.phone))
    command = [sys.executable, "-m", "bot.cli", "import", "reports", str(file), "--mapping", str(data / "map.toml")]
    environment = {**os.environ, "JIANTING_DATA_FOLDER": str(data)}
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"the import ended with {process.returncode}")
    return time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
