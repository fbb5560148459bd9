"""Rasa for real: what it was trained on comes back through our ear, and its failures cost nothing."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import cli
from nlu.embedded import EmbeddedEar
from nlu.rasa_server import RasaEar, RasaServer, Rest
from tests.rasa.conftest import few
from tests.serving import Served

pytestmark = pytest.mark.rasa

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
TOLD = "庆城县康宁医院上周三刷一千给七百五,现金,当面点"


@pytest.fixture
def rasa(served: Served, ear: EmbeddedEar) -> Iterator[RasaEar]:
    """Our ear before the real server; a busy machine gets more time than a service would give."""
    server = RasaServer(served.base, limit=10)
    yield RasaEar(server, ear)
    server.close()


def test_what_was_taught_is_heard(rasa: RasaEar) -> None:
    """Intents, chief codes, sides and the code that an appeal implies come back from the server."""
    rows = few()
    heard = [rasa.parse(row.text, now=NOW) for row in rows]
    assert {one.engine for one in heard} == {"rasa"}
    assert sum(one.intent == row.intent for one, row in zip(heard, rows, strict=True)) >= 0.9 * len(rows)
    alleging = [(one, row) for one, row in zip(heard, rows, strict=True) if row.codes]
    assert sum(row.codes[0] in [c.code for c in one.categories] for one, row in alleging) >= 0.8 * len(alleging)
    assert {one.side for one in heard} == {"citizen", "enterprise", None}


def test_entities_are_our_own(rasa: RasaEar, ear: EmbeddedEar) -> None:
    """Institution, place and time are found as the embedded ear finds them."""
    heard = rasa.parse(TOLD, now=NOW, home="621000")
    assert heard.engine == "rasa"
    assert heard.entities == ear.parse(TOLD, now=NOW, home="621000").entities
    assert {"institution", "place", "time"} <= {one.kind for one in heard.entities}


@pytest.mark.parametrize(
    "text", ["", "   ", "/greet", "/report_fraud{}", "\ud800", "👍", "长" * 20_000, "'; DROP TABLE--"]
)
def test_any_text_is_answered(rasa: RasaEar, text: str) -> None:
    """Nothing that people send is an exception, and nothing of it is a command to Rasa."""
    heard = rasa.parse(text, now=NOW)
    assert heard.text == text
    assert heard.engine == "rasa"
    assert not heard.intents or heard.intents[0].probability < 1


def test_evaluate_measures_it(served: Served, sentences: Path) -> None:
    """`jianting evaluate --engine rasa` prints the same table as for the embedded ear."""
    command = ["evaluate", "--engine", "rasa", "--model", served.base, "--data", str(sentences), "--json"]
    said = CliRunner().invoke(cli, command)
    assert said.exit_code == 0, said.output
    found = json.loads(said.stdout)
    assert found["engine"] == "rasa"
    assert found["intents"]["count"] == len(few())
    assert found["intents"]["accuracy"] >= 0.9
    assert found["codes"]["top_three"] >= 0.8


def test_it_may_hang_come_back_and_die(served: Served, ear: EmbeddedEar) -> None:
    """A server that hangs or is gone is not waited for; one that comes back is asked again. Last: it ends the server."""
    moment = [0.0]
    server = RasaServer(served.base, limit=10)
    rasa = RasaEar(server, ear, Rest(lambda: moment[0]))
    assert rasa.parse(TOLD, now=NOW).engine == "rasa"
    served.process.send_signal(signal.SIGSTOP)
    server._limit = 0.3
    try:
        assert rasa.parse(TOLD, now=NOW).engine == "embedded (rasa slow)"
    finally:
        served.process.send_signal(signal.SIGCONT)
    server._limit = 10
    assert rasa.parse(TOLD, now=NOW).engine == "embedded (rasa slow)", "it is left alone for a second"
    moment[0] = 2.0
    assert rasa.parse(TOLD, now=NOW).engine == "rasa"
    served.kill()
    assert rasa.parse(TOLD, now=NOW).engine == "embedded (rasa away)"
    server.close()
