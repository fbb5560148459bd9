"""The ear: speed, size and training; its own held-out sentences; other people's sets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import yaml

from bot import hearing
from nlu import entities, examples
from nlu.embedded import EmbeddedEar
from nlu.evaluate import Score, evaluate
from nlu.train import train
from tests.bench import sets
from tests.bench.entities import measure
from tests.bench.screen import quantile, screen, table, timed

HELD_OUT = Path(__file__).parent.parent / "sentences"
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
LENGTH = 60
MESSAGES = 2_000
MANY = 20_000

_LOADING = """
import json, resource, sys, time
def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024
bare = resident()
started = time.perf_counter()
from datetime import datetime, UTC
from pathlib import Path
from nlu.embedded import EmbeddedEar
ear = EmbeddedEar.load(Path(sys.argv[1]))
ear.parse("庆城县同济医院挂空床，人不在也算住院，上个月三千五", now=datetime(2026, 11, 20, tzinfo=UTC))
loaded = time.perf_counter() - started
for line in open(sys.argv[2], encoding="utf-8"):
    ear.parse(line, now=datetime(2026, 11, 20, tzinfo=UTC))
print(json.dumps([loaded, resident() - bare]))
"""


def messages() -> list[str]:
    """Different messages of about 60 characters, put together from the held-out sentences."""
    texts = [row.text for row in examples.read(HELD_OUT)]
    made, waiting = [], ""
    for text in texts * (1 + MESSAGES // max(len(texts) // 3, 1)):
        waiting = f"{waiting}，{text}" if waiting else text
        if len(waiting) >= LENGTH - 15:
            if len(waiting) <= LENGTH + 15:
                made.append(waiting)
            waiting = ""
    return made[:MESSAGES]


def understanding(folder: Path) -> None:
    """One message heard, everything included; many on all cores; load, memory, training."""
    model = model_at(folder)
    ear = EmbeddedEar.load(model)
    texts = messages()
    for text in texts[:100]:
        ear.parse(text, now=NOW, home="621000")
    whole = [timed(lambda text=text: ear.parse(text, now=NOW, home="621000")) for text in texts]  # type: ignore[misc]
    codes = [timed(lambda text=text: ear.judge(text)) for text in texts]  # type: ignore[misc]
    found = [timed(lambda text=text: entities.find(text, now=NOW, home="621000")) for text in texts]  # type: ignore[misc]
    shown = table(f"understanding, {len(texts)} messages of {LENGTH} characters", "", "p50", "p99", "messages/s")
    for name, seconds in (("all of it", whole), ("intents and codes alone", codes), ("entities alone", found)):
        shown.add_row(name, quantile(seconds, 0.5), quantile(seconds, 0.99), f"{len(seconds) / sum(seconds):.0f}")
    screen.print(shown)
    _many(ear, texts)
    _size(model, folder, texts)


def _many(ear: EmbeddedEar, texts: list[str]) -> None:
    workers = os.cpu_count() or 1

    def tasks() -> Iterator[hearing.Task]:
        for at in range(MANY):
            yield hearing.Task(at, f"{texts[at % len(texts)]}{at}", NOW, None, "621000")

    seconds = timed(lambda: sum(1 for _ in hearing.hear(tasks(), ear, workers)))
    screen.print(f"a file of {MANY} messages, {workers} workers: {MANY / seconds:.0f} messages/s")


def _size(model: Path, folder: Path, texts: list[str]) -> None:
    spoken = folder / "spoken.txt"
    spoken.write_text("\n".join(texts), "utf-8")
    done = subprocess.run([sys.executable, "-c", _LOADING, str(model), str(spoken)], capture_output=True, check=True)
    loaded, memory = json.loads(done.stdout)
    started = time.perf_counter()
    train(None, folder / "trained", workers=os.cpu_count() or 1)
    trained = time.perf_counter() - started
    screen.print(
        f"interpreter to first answer {loaded:.2f} s; {memory:.0f} MiB above the bare interpreter; "
        f"training from {len(examples.read(examples.packaged()))} sentences {trained:.0f} s"
    )


def model_at(folder: Path) -> Path:
    """The folder of the packaged data's model, trained once for all sections."""
    EmbeddedEar.open(folder / "model")
    return next(path for path in (folder / "model").iterdir() if (path / "model.json").exists())


def held_out(folder: Path) -> None:
    """Sentences by other hands, none of which the ear has seen."""
    found = evaluate(model_at(folder), HELD_OUT)
    shown = table(
        "held-out sentences", "", "count", "top-1", "top-3", "macro-F1", "micro-F1", "ECE", "at 85 % coverage"
    )
    for score in filter(None, (found.intents, found.codes)):
        figures = (score.accuracy, score.top_three, score.macro_f1, score.micro_f1, score.calibration_error)
        shown.add_row(score.kind, str(score.count), *(f"{one:.3f}" for one in figures), f"{_at_coverage(score):.3f}")
    screen.print(shown)


def _at_coverage(score: Score, wanted: float = 0.85) -> float:
    """The share of right answers among the surest sentences that make up the wanted share."""
    return max((cover.accuracy for cover in score.covers if cover.coverage >= wanted), default=0.0)


def others(folder: Path) -> None:
    """Other people's labelled sets, learnt and heard by the same code."""
    if not sets.SETS.exists():
        screen.print(f"other people's sets: not here ({sets.SETS})")
        return
    named = table("named things in other people's rows", "", "reached", "wanted")
    for row in measure(sets.SETS):
        named.add_row(*row)
    screen.print(named)
    shown = table("other people's sets", "", "accuracy", "macro-F1")
    for name, figures in (("government mail, 5 folds", sets.government_mail), ("health queries", sets.health_queries)):
        accuracy, macro = figures(folder)
        shown.add_row(name, f"{accuracy:.3f}", f"{macro:.3f}")
    screen.print(shown)


HANDS = ("g", "h", "i", "j", "l", "m", "n", "o")
"""Writers of tellings for a quarter of the codes each, two of them a quarter."""


def across_hands(folder: Path) -> None:
    """Trained without one writer, heard on that writer's sentences: as a stranger's will be heard."""
    shown = table(
        "each writer heard by an ear that never read him", "hand", "tellings", "top-1", "top-3", "micro-F1", "ECE"
    )
    for hand in HANDS:
        place = folder / f"hand-{hand}"
        model = train(_blocks(place / "others", lambda by: by != hand), place / "model", workers=os.cpu_count() or 1)  # noqa: B023 — called at once
        found = evaluate(model, _blocks(place / "own", lambda by: by == hand)).codes  # noqa: B023 — called at once
        assert found is not None
        figures = (found.accuracy, found.top_three, found.micro_f1, found.calibration_error)
        shown.add_row(hand, str(found.count), *(f"{one:.3f}" for one in figures))
    screen.print(shown)


def _blocks(out: Path, wanted: Callable[[str], bool]) -> Path:
    """A copy of the packaged sentences with the blocks of the wanted hands alone."""
    for path in examples.files(examples.packaged()):
        content = yaml.load(path.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        blocks = [one for one in content["nlu"] if wanted(str((one.get("metadata") or {}).get("hand", "")))]
        if blocks:
            to = out / path.relative_to(examples.packaged())
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_text(yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True), "utf-8")
    return out
