"""`make bench`: figures of one run on one machine, as ratios where the machine's speed would matter."""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bot import talk
from bot.app import App
from bot.channels.message import Inbound
from bot.settings import Settings
from nlu.embedded import EmbeddedEar
from tests.bench import ear, ledger, load, sweeping
from tests.bench.canaries import canaries
from tests.bench.importing import importing, importing_much
from tests.bench.jurisdiction import routing
from tests.bench.kills import kills
from tests.bench.matching import decisions, matching, million
from tests.bench.proof import proof
from tests.bench.rasa import beside_rasa
from tests.bench.screen import quantile, screen, table
from tests.serving import free_port, running, serving

LEVELS = ((1, 40), (20, 200), (200, 400))
WRITERS = 8
WARM = 50
"""People served before anything is measured: compiled statements and first imports are not the subject."""


def main() -> None:
    """Measure everything, or only the sections named on the command line."""
    wanted = sys.argv[1:] or list(SECTIONS)
    screen.print(f"{os.cpu_count()} cores, {_memory()} GiB, {platform.system()}, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        EmbeddedEar.open(Path(folder) / "model")
        for name in wanted:
            (SECTIONS | ON_REQUEST)[name](Path(folder))


def _memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _data(folder: Path, name: str) -> Path:
    data = folder / name
    data.mkdir()
    (data / "model").symlink_to(folder / "model")
    return data


def _app(folder: Path, name: str) -> App:
    return App.open(Settings(_env_file=None, data_folder=_data(folder, name)))


def chat(folder: Path) -> None:
    """Whole conversations over HTTP beside the bare echo of the same framework; memory and start-up of the service."""
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.echo", str(port), str(folder / "echo.db")]
    shown = table(
        "chat over HTTP", "at once", "", "requests/s", "p50 ms", "p99 ms", "rate/echo", "p99/echo", "receipts"
    )
    with (
        running(command, f"http://127.0.0.1:{port}", "/openapi.json") as bare,
        serving(_data(folder, "chat")) as served,
    ):
        load.echo(bare.base, WRITERS, WARM)
        load.chat(served.base, WRITERS, WARM)
        for at_once, people in LEVELS:
            echo = load.echo(bare.base, at_once, people)
            told = load.chat(served.base, at_once, people)
            for name, one in (("echo", echo), ("chat", told)):
                ratios = ("", "", "") if one is echo else (
                    f"{told.rate / echo.rate:.2f}", f"{told.at(0.99) / echo.at(0.99):.2f}", str(told.receipts)
                )  # fmt: skip
                figures = (f"{one.rate:.0f}", f"{one.at(0.5):.1f}", f"{one.at(0.99):.1f}")
                shown.add_row(str(at_once), name, *figures, *ratios)
        screen.print(shown)
        screen.print(f"service: first answer {served.seconds:.2f} s after start; resident {served.memory():.0f} MiB")


def turn(folder: Path) -> None:
    """One chat turn without HTTP, to see what of it is ours."""
    app = _app(folder, "turn")
    seconds = []
    for person in range(60):
        text = load.story(person)
        for count in range(load.LONGEST):
            inbound = Inbound("web", f"p{person}", f"m{count}", text, datetime.now(UTC))
            started = time.perf_counter()
            answer = talk.converse(app, inbound)
            seconds.append(time.perf_counter() - started)
            if answer.receipts:
                break
            last = answer.replies[-1]
            text = load.ANSWERS.get(last.asks or "", last.choices[0] if last.choices else "不知道")
    shown = table("chat turn in process", "turns", "mean", "p50", "p99")
    shown.add_row(
        str(len(seconds)),
        f"{1000 * statistics.mean(seconds):.2f} ms",
        quantile(seconds, 0.5),
        quantile(seconds, 0.99),
    )
    screen.print(shown)
    app.close()


SECTIONS: dict[str, Callable[[Path], None]] = {
    "understanding": ear.understanding,
    "held-out": ear.held_out,
    "sets": ear.others,
    "turn": turn,
    "ledger": ledger.filing,
    "import": importing,
    "matching": matching,
    "decision": decisions,
    "sweep": sweeping.some,
    "proof": proof,
    "routing": routing,
    "chat": chat,
    "canaries": canaries,
}
ON_REQUEST: dict[str, Callable[[Path], None]] = {
    "rasa": beside_rasa,
    "import-million": importing_much,
    "hands": ear.across_hands,
    "matching-million": million,
    "kills": kills,
    "sweep-million": sweeping.million,
}
"""Sections that take too long to be measured unasked."""

if __name__ == "__main__":
    main()
