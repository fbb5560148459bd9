"""The ear that asks Rasa: what it makes of an answer, and what it does where there is none."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app import App
from bot.ear import open_ear
from bot.settings import Settings
from nlu import rasa_answer
from nlu.embedded import EmbeddedEar
from nlu.rasa_server import NoAnswer, RasaEar, RasaServer, Rest
from tests.serving import free_port

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
TOLD = "上周三庆城县康宁医院刷一千给七百五,现金"


def ranked(key: str, **chances: float) -> list[dict[str, object]]:
    return [{key: name.replace("__", "/"), "confidence": chance} for name, chance in chances.items()]


FRAUD: dict[str, Any] = {
    "intent_ranking": ranked("name", report_fraud=0.9, appeal_penalty=0.06, greet=0.04),
    "response_selector": {
        "all_retrieval_intents": ["report_fraud", "complain_inspection"],
        "report_fraud": {"ranking": ranked("intent_response_key", report_fraud__F09=0.8, report_fraud__F20=0.2)},
        "complain_inspection": {"ranking": ranked("intent_response_key", complain_inspection__X06=1.0)},
    },
}


class Handler(BaseHTTPRequestHandler):
    """Answers as it is told and keeps connections."""

    protocol_version = "HTTP/1.1"
    status = 200
    body = json.dumps(FRAUD).encode()
    delay = 0.0
    drip = 0.0
    hang_up = False
    asked: list[tuple[str, dict[str, Any]]]
    callers: set[tuple[str, int]]

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.path, said))
        self.callers.add(self.client_address)
        time.sleep(self.delay)
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        step = 10 if self.drip else len(self.body) or 1
        for at in range(0, len(self.body), step):
            time.sleep(self.drip)
            try:
                self.wfile.write(self.body[at : at + step])
            except OSError:
                break
        self.close_connection = self.hang_up

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def played(**told: Any) -> Iterator[tuple[str, type[Handler]]]:
    """A server on loopback that answers as told, and what it was asked."""
    handler = type("Told", (Handler,), {"asked": [], "callers": set(), **told})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", handler
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def hearing(address: str, ear: EmbeddedEar | None, rest: Rest | None = None, **how: Any) -> Iterator[RasaEar]:
    server = RasaServer(address, **how)
    try:
        yield RasaEar(server, ear, rest)
    finally:
        server.close()


def test_an_answer_becomes_an_understanding(ear: EmbeddedEar) -> None:
    """Intents and codes are Rasa's, entities and flags our own, and the engine says so."""
    with played() as (address, _), hearing(address, ear, limit=5) as rasa:
        heard = rasa.parse(TOLD, now=NOW, home="621000")
    assert (heard.engine, heard.text, heard.side, heard.intent) == ("rasa", TOLD, "citizen", "report_fraud")
    assert [one.code for one in heard.categories] == ["F09"]
    assert [one.code for one in heard.suggestions][:2] == ["F09", "F20"]
    own = ear.parse(TOLD, now=NOW, home="621000")
    assert heard.entities == own.entities != ()
    assert heard.flags == own.flags
    assert not heard.abstained


def test_an_intent_with_one_code_brings_it() -> None:
    """Whoever appeals a penalty alleges just that."""
    answer = rasa_answer.read({"intent_ranking": ranked("name", appeal_penalty=0.95, greet=0.05)})
    heard = rasa_answer.understood("处罚太重,我不服", answer, None, ())
    assert (heard.side, [one.code for one in heard.categories]) == ("enterprise", ["X00"])


def test_what_was_asked_is_weighed() -> None:
    """After a question for the place, a short text is an answer first."""
    answer = rasa_answer.read({"intent_ranking": ranked("name", report_fraud=0.6, inform=0.4)})
    assert rasa_answer.understood("城关的", answer, None, ()).intent == "report_fraud"
    assert rasa_answer.understood("城关的", answer, "place", ()).intent == "inform"


def test_nothing_heard_is_an_abstention() -> None:
    """Rasa ranks nothing for an empty text."""
    heard = rasa_answer.understood("", rasa_answer.read({"intent_ranking": []}), "place", ())
    assert heard.abstained
    assert (heard.intent, heard.side, heard.suggestions) == ("unclear", None, ())


def test_talk_of_other_things_alleges_nothing() -> None:
    """Codes that a selector always gives are only faint suggestions where nobody alleges."""
    ranking = {"intent_ranking": ranked("name", out_of_scope=0.97, report_fraud=0.03)}
    heard = rasa_answer.understood("菜价太贵", rasa_answer.read(FRAUD | ranking), None, ())
    assert heard.categories == ()
    assert all(one.probability < 0.1 for one in heard.suggestions)


def test_one_connection_serves_many_messages(ear: EmbeddedEar) -> None:
    """Connections are kept; a token goes along; Rasa never sees a command of its own."""
    with played() as (address, server), hearing(address, ear, limit=5, token="a b") as rasa:
        for _ in range(5):
            rasa.parse("/greet", now=NOW)
        assert len(server.callers) == 1
        assert server.asked == [("/model/parse?token=a%20b", {"text": "greet"})] * 5


def test_a_dropped_connection_is_opened_anew(ear: EmbeddedEar) -> None:
    """A server may close what was kept, without a word."""
    with played(hang_up=True) as (address, server), hearing(address, ear, limit=5) as rasa:
        for _ in range(3):
            assert rasa.parse(TOLD, now=NOW).engine == "rasa"
            time.sleep(0.02)
        assert len(server.callers) == 3


@pytest.mark.parametrize(
    "told",
    [
        {"status": 500},
        {"status": 409, "body": b"{}"},
        {"body": b""},
        {"body": b"<html>"},
        {"body": b"\xff\xfe"},
        {"body": b"[]"},
        {"body": b"[" * 100_000},
        {"body": b"null"},
        {"body": b'{"intent_ranking": null}'},
        {"body": b'{"intent_ranking": [{"name": null, "confidence": 1}]}'},
        {"body": b'{"intent_ranking": [{"name": "greet", "confidence": NaN}]}'},
        {"body": b'{"intent_ranking": [], "response_selector": {"report_fraud": {}}}'},
        {"body": b" " * (1024 * 1024 + 1)},
    ],
)
def test_nonsense_is_not_believed(ear: EmbeddedEar, told: dict[str, Any]) -> None:
    """Whatever else comes than an answer of Rasa's, the embedded ear answers and says why."""
    with played(**told) as (address, _), hearing(address, ear, limit=5) as rasa:
        heard = rasa.parse(TOLD, now=NOW)
    assert heard.engine == "embedded (rasa unclear)"
    assert heard.categories == ear.parse(TOLD, now=NOW).categories


def test_a_slow_server_is_not_waited_for(ear: EmbeddedEar) -> None:
    """After the limit the embedded ear answers, also where the answer only drips."""
    for told in ({"delay": 0.5}, {"drip": 0.05}):
        with played(**told) as (address, _), hearing(address, ear, limit=0.1) as rasa:
            before = time.perf_counter()
            assert rasa.parse(TOLD, now=NOW).engine == "embedded (rasa slow)"
            assert time.perf_counter() - before < 0.4


def test_a_failing_server_is_left_alone(ear: EmbeddedEar) -> None:
    """One message finds out; the next are not held up; later one tries again, and all is well."""
    moment = [0.0]
    with played(delay=0.3) as (address, server), hearing(address, ear, Rest(lambda: moment[0]), limit=0.1) as rasa:
        for _ in range(20):
            assert rasa.parse(TOLD, now=NOW).engine == "embedded (rasa slow)"
        assert len(server.asked) == 1
        server.delay = 0.0
        rasa.server._limit = 5
        moment[0] = 1.0
        assert rasa.parse(TOLD, now=NOW).engine == "rasa"
        assert rasa.parse(TOLD, now=NOW).engine == "rasa"


def test_each_rest_is_longer_and_one_asks_at_its_end() -> None:
    """One second, two, four … at most a minute; at the end of a rest a single asker goes first."""
    moment = [0.0]
    rest = Rest(lambda: moment[0])
    assert rest.over()
    for expected in (1, 2, 4, 8, 16, 32, 60, 60):
        rest.failed("away")
        moment[0] += expected - 0.01
        assert not rest.over()
        moment[0] += 0.02
        assert [rest.over(), rest.over()] == [True, False]
    rest.answered()
    assert rest.over()


def test_nobody_there(ear: EmbeddedEar) -> None:
    """A dead server costs nothing; who measures Rasa is told instead."""
    address = f"http://127.0.0.1:{free_port()}"
    with hearing(address, ear) as rasa:
        assert rasa.parse(TOLD, now=NOW).engine == "embedded (rasa away)"
    with hearing(address, None) as alone, pytest.raises(NoAnswer, match="away"):
        alone.parse(TOLD, now=NOW)


@pytest.mark.parametrize("address", ["127.0.0.1:5005", "ftp://rasa", "http://", "rasa"])
def test_a_wrong_address_is_refused_at_once(address: str) -> None:
    """What cannot be an address is an error when the service starts, not a silence."""
    with pytest.raises(ValueError, match="not the address"):
        RasaServer(address)


def test_the_settings_choose_the_ear(settings: Settings) -> None:
    """An address puts Rasa before the embedded ear; none leaves that alone."""
    assert isinstance(open_ear(settings), EmbeddedEar)
    app = App.open(settings.model_copy(update={"rasa_url": "http://127.0.0.1:9/"}))
    app.close()
    assert isinstance(app.ear, RasaEar)
    assert isinstance(app.ear.instead, EmbeddedEar)


ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["intent_ranking", "name", "confidence", "ranking", "response_selector", "intent_response_key"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(content=ANYTHING, text=st.text(max_size=30), asked=st.sampled_from([None, "place", "rating", "act"]))
def test_no_answer_is_an_exception(content: Any, text: str, asked: str | None) -> None:
    """Any JSON is an understanding or nonsense, nothing else; probabilities stay probabilities."""
    try:
        answer = rasa_answer.read(content)
    except rasa_answer.Nonsense:
        return
    heard = rasa_answer.understood(text, answer, asked, ())
    chances = [one.probability for one in heard.intents]
    chances += [one.probability for one in (*heard.categories, *heard.suggestions)]
    assert all(0 <= chance <= 1 for chance in (*chances, heard.side_probability))
