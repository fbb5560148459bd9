"""A real Rasa, trained on a handful of our sentences and served on loopback; ended with the session."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from nlu import examples, rasa_export
from nlu.examples import Example
from nlu.rasa_server import RasaServer
from tests.serving import Served, free_port, running

RASA = Path(__file__).parent.parent.parent / ".venv-rasa" / "bin" / "rasa"
CODES = ("F02", "F09", "X06", "X13")
INTENTS = ("appeal_penalty", "ask_policy_reward", "greet")
EACH = 25
EPOCHS = 10
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONWARNINGS": "ignore",
    "LOG_LEVEL": "ERROR",
}
PATIENCE = 60.0


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
    assert RASA.exists(), "there is no Rasa in .venv-rasa: make test-rasa"
    project = tmp_path_factory.mktemp("rasa")
    rasa_export.write(project, sentences, EPOCHS)
    names = ("--config", "config.yml", "--domain", "domain.yml", "--nlu", "nlu.yml", "--out", "model")
    trained = subprocess.run(
        [RASA, "train", "nlu", *names, "--fixed-model-name", "small"],
        cwd=project,
        env={**os.environ, **QUIET},
        capture_output=True,
        text=True,
        check=False,
    )
    assert trained.returncode == 0, trained.stderr
    port = free_port()
    model = str(project / "model" / "small.tar.gz")
    command = [str(RASA), "run", "--enable-api", "--model", model, "--interface", "127.0.0.1", "--port", str(port)]
    with running(command, f"http://127.0.0.1:{port}", "/status", **QUIET) as rasa:
        first = RasaServer(rasa.base, limit=PATIENCE)
        first.ask("热身")  # the first answer takes longer than any limit in service
        first.close()
        yield rasa
