"""A real Rasa, trained from a generated project and served on loopback; ended with the block that asked for it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nlu.rasa_server import RasaServer
from tests.serving import Served, free_port, running

RASA = Path(__file__).parent.parent / ".venv-rasa" / "bin" / "rasa"
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONWARNINGS": "ignore",
    "LOG_LEVEL": "ERROR",
}
PATIENCE = 60.0


@contextmanager
def trained_and_served(project: Path) -> Iterator[Served]:
    """The project in this folder (config.yml, domain.yml, nlu.yml), ready to be asked."""
    assert RASA.exists(), "there is no Rasa in .venv-rasa: make test-rasa"
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
