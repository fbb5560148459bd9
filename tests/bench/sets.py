"""Other people's labelled sentences: the ear trained and measured on them, as anybody would with `jianting train`.

The sets are read where they lie (`../shared/eval`, or `JIANTING_EVAL`) and copied nowhere but into a folder that is
thrown away.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Sequence
from pathlib import Path

import yaml

from nlu.evaluate import Table, evaluate
from nlu.train import train

SETS = Path(os.environ.get("JIANTING_EVAL", Path(__file__).parent.parent.parent.parent / "shared" / "eval"))
FOLDS = 5

Labelled = tuple[str, str]


def rows(name: str, text: str) -> list[Labelled]:
    """(text, label) of every line of a set."""
    lines = (SETS / name).read_text("utf-8").splitlines()
    return [(row[text], row["label"]) for row in map(json.loads, lines)]


def write(sentences: Sequence[Labelled], path: Path) -> Path:
    """As Rasa's NLU YAML."""
    labels = list(dict.fromkeys(label for _, label in sentences))
    blocks = [
        {"intent": one, "examples": [{"text": " ".join(text.split())} for text, label in sentences if label == one]}
        for one in labels
    ]
    path.write_text(yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True), "utf-8")
    return path


def learnt(learn: Sequence[Labelled], hear: Sequence[Labelled], folder: Path) -> Table:
    """Trained on the ones, measured on the others."""
    folder.mkdir()
    model = train(write(learn, folder / "learn.yml"), folder / "model", workers=os.cpu_count() or 1)
    return evaluate(model, write(hear, folder / "hear.yml"))


def government_mail(folder: Path) -> tuple[float, float]:
    """Accuracy and macro-F1 over seven departments, the mean of five folds."""
    mail = rows("government_mail.jsonl", "text")
    random.Random(5).shuffle(mail)
    folds = [mail[at::FOLDS] for at in range(FOLDS)]
    scores = []
    for at, held in enumerate(folds):
        rest = [row for other, fold in enumerate(folds) if other != at for row in fold]
        scores.append(learnt(rest, held, folder / f"mail-{at}").intents)
    return sum(one.accuracy for one in scores) / FOLDS, sum(one.macro_f1 for one in scores) / FOLDS


def health_queries(folder: Path) -> tuple[float, float]:
    """Accuracy and macro-F1 over eleven wishes, on the development set."""
    learn, hear = rows("health_queries_train.jsonl", "query"), rows("health_queries_dev.jsonl", "query")
    found = learnt(learn, hear, folder / "queries").intents
    return found.accuracy, found.macro_f1
