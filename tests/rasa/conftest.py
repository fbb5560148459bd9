"""A real Rasa, trained on a handful of our sentences and served on loopback; ended with the session."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from nlu import examples, rasa_export
from nlu.examples import Example
from tests.rasa_serving import trained_and_served
from tests.serving import Served

CODES = ("F02", "F09", "X06", "X13")
INTENTS = ("appeal_penalty", "ask_policy_reward", "greet")
EACH = 25
EPOCHS = 10


def few() -> list[Example]:
    """The first sentences of a few codes and intents."""
    taken: Counter[str] = Counter()
    chosen = []
    for row in examples.read(examples.packaged()):
        label = row.intent if row.intent in INTENTS else "".join(row.codes[:1])
        if label in (*INTENTS, *CODES) and set(row.codes) <= {*CODES, "X00"} and taken[label] < EACH:
            taken[label] += 1
            chosen.append(row)
    return chosen


@pytest.fixture(scope="session")
def sentences(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Rasa is trained on."""
    path = tmp_path_factory.mktemp("sentences") / "few.yml"
    path.write_text(rasa_export.sentences(few()), "utf-8")
    return path


@pytest.fixture(scope="session")
def served(sentences: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The generated project, trained and served."""
    project = tmp_path_factory.mktemp("rasa")
    rasa_export.write(project, sentences, EPOCHS)
    with trained_and_served(project) as rasa:
        yield rasa
