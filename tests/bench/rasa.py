"""Rasa's DIET beside the embedded ear: the same sentences, the same machine, one run.

Left out of `make bench` unless it is named (`python -m tests.bench rasa`), since Rasa learns for a quarter of an hour.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table as RichTable

from nlu import examples, rasa_export
from nlu.embedded import EmbeddedEar
from nlu.engine import Ear
from nlu.evaluate import Score, Table, evaluate
from nlu.examples import Example
from nlu.rasa_server import RasaEar, RasaServer
from nlu.train import train
from tests.bench import sets
from tests.bench.ear import NOW
from tests.bench.screen import quantile, screen, table, timed
from tests.rasa_serving import PATIENCE, RASA, trained_and_served

EPOCHS = int(os.environ.get("JIANTING_BENCH_EPOCHS", "12"))
CODES = ("F01", "F02", "F08", "F09", "F14", "F16", "F18", "F19", "F20", "F21", "X06", "X07", "X12", "X13", "X14", "X17")
EACH = 60
HELD_OUT = Path(__file__).parent.parent / "sentences"


def beside_rasa(folder: Path) -> None:
    """Both engines trained on the same sentences and asked the same."""
    if not RASA.exists():
        screen.print("Rasa: not here (make test-rasa installs it)")
        return
    shown = table(
        f"beside Rasa DIET, {EPOCHS} epochs",
        "",
        "",
        "trained in",
        "accuracy",
        "macro-F1",
        "p50",
        "p99",
        "MiB of server",
    )
    for name, learn, hear in (
        ("codes", *_codes(folder)),
        *([("health queries", *_queries(folder))] if sets.SETS.exists() else []),
    ):
        _both(name, learn, hear, folder, shown)
    screen.print(shown)


def _both(name: str, learn: Path, hear: Path, folder: Path, shown: RichTable) -> None:
    place = folder / name.replace(" ", "-")
    texts = [row.text for row in examples.read(hear)][:300]
    started = time.perf_counter()
    train(learn, place / "model", workers=os.cpu_count() or 1)
    ours = time.perf_counter() - started
    ear = EmbeddedEar.load(place / "model")
    _row(shown, name, "embedded", ours, evaluate(ear, hear), _seconds(ear, texts), "")
    alone = [timed(lambda text=text: ear.judge(text)) for text in texts]  # type: ignore[misc]
    rasa_export.write(place / "rasa", learn, EPOCHS)
    started = time.perf_counter()
    with trained_and_served(place / "rasa") as served:
        theirs = time.perf_counter() - started
        server = RasaServer(served.base, limit=PATIENCE)
        rasa = RasaEar(server)
        found = evaluate(rasa, hear)
        _row(shown, name, "rasa", theirs, found, _seconds(rasa, texts), f"{served.memory():.0f}")
        asked = [timed(lambda text=text: server.ask(text)) for text in texts]  # type: ignore[misc]
        server.close()
    whole = sorted(_seconds(ear, texts))[len(texts) // 2]
    screen.print(
        f"{name}: intents and codes alone, Rasa : embedded = {_middle(asked) / _middle(alone):.0f}; "
        f"all of it {_middle(asked) / whole:.0f} and more"
    )


def _seconds(ear: Ear, texts: Sequence[str]) -> list[float]:
    return [timed(lambda text=text: ear.parse(text, now=NOW)) for text in texts]  # type: ignore[misc]


def _middle(seconds: list[float]) -> float:
    return sorted(seconds)[len(seconds) // 2]


def _row(
    shown: RichTable, name: str, engine: str, trained: float, found: Table, seconds: list[float], memory: str
) -> None:
    score: Score = found.codes or found.intents
    figures = (f"{score.accuracy:.3f}", f"{score.macro_f1:.3f}", quantile(seconds, 0.5), quantile(seconds, 0.99))
    shown.add_row(name, engine, f"{trained:.0f} s", *figures, memory)


def _codes(folder: Path) -> tuple[Path, Path]:
    """Sixteen codes, some sentences each: what Rasa can learn in minutes."""
    learn, hear = folder / "codes-learn.yml", folder / "codes-hear.yml"
    learn.write_text(rasa_export.sentences(_some(examples.packaged(), EACH)), "utf-8")
    hear.write_text(rasa_export.sentences(_some(HELD_OUT, EACH)), "utf-8")
    return learn, hear


def _some(place: Path, most: int) -> list[Example]:
    taken: dict[str, int] = {}
    chosen = []
    for row in examples.read(place):
        code = row.codes[0] if row.codes else ""
        if code in CODES and row.intent in {"report_fraud", "complain_inspection"} and set(row.codes) <= set(CODES):
            taken[code] = taken.get(code, 0) + 1
            if taken[code] <= most:
                chosen.append(row)
    return chosen


def _queries(folder: Path) -> tuple[Path, Path]:
    learn, hear = folder / "queries-learn.yml", folder / "queries-hear.yml"
    sets.write(sets.rows("health_queries_train.jsonl", "query"), learn)
    sets.write(sets.rows("health_queries_dev.jsonl", "query"), hear)
    return learn, hear
