"""When something goes wrong: a sentence, the right status, nothing lost, nothing told to the wrong people."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest
import structlog
from sqlalchemy import event, text

from bot.app import App
from bot.web.door import origin
from bot.web.guard import CONTENT_SECURITY
from tests.bot.web.site import Person, Site, site

PAGES = ("/", "/receipt", "/privacy")


@pytest.mark.parametrize("path", [*PAGES, "/static/base.css", "/api/v1/openapi.json", "/nowhere", "/healthz"])
def test_every_answer_carries_the_security_headers(here: Site, path: str):
    """Own scripts only, no frames, no referrer, no guessing of types; and no cookie."""
    headers = here.http.get(path).headers
    assert headers["content-security-policy"] == CONTENT_SECURITY
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "set-cookie" not in headers


def test_nothing_personal_is_cached_and_named_files_are_kept(here: Site):
    """Pages and API: no-store; a static file only where its address names its content."""
    assert here.http.get("/").headers["cache-control"] == "no-store"
    assert here.post("/conversations").headers["cache-control"] == "no-store"
    assert here.http.get("/static/base.css").headers["cache-control"] == "no-cache"
    assert "immutable" in here.http.get("/static/base.css?v=1").headers["cache-control"]


@pytest.mark.parametrize("path", PAGES)
def test_pages_need_no_outside_address(here: Site, path: str):
    """No scheme with a host stands in a page or in what it loads, and no script or style stands in the page itself."""
    page = here.http.get(path).text
    assert "http://" not in page
    assert "https://" not in page
    assert "<style" not in page
    assert " style=" not in page
    assert 'lang="zh-CN"' in page
    for part in page.split('"'):
        if part.startswith("/static/"):
            loaded = here.http.get(part)
            assert loaded.status_code == 200
            assert "https://" not in loaded.text


def test_a_visitor_without_javascript_is_sent_to_the_hotline(here: Site):
    """Both pages say what to do instead."""
    for path in ("/", "/receipt"):
        page = here.http.get(path).text
        assert "12393" in page[page.index("<noscript>") : page.index("</noscript>")]


def test_an_unknown_address_gets_a_page_or_json(here: Site):
    """People read a page, programs the usual shape."""
    page = here.http.get("/nowhere", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert "没有这个页面" in page.text
    told = here.http.get("/api/v1/nowhere", headers={"Accept": "text/html"})
    assert (told.status_code, told.json()["code"]) == (404, "not_found")
    assert here.http.get("/api/v1/understand").json()["code"] == "method"


def test_a_json_body_is_bounded(here: Site):
    """More than a megabyte of JSON is refused before it is read."""
    answer = here.post("/understand", json={"text": "x" * (1 << 20)})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


@contextmanager
def ledger_with(here: Site, pragma: str, back: str) -> Iterator[None]:
    """Every connection of the service runs `pragma` first; afterwards `back`."""
    engine = here.app.database.engine

    def prepare(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(pragma.format(pages=connection.execute("PRAGMA page_count").fetchone()[0]))

    event.listen(engine, "checkout", prepare)
    try:
        yield
    finally:
        event.remove(engine, "checkout", prepare)
        with engine.connect() as connection:
            connection.execute(text(back))
        engine.dispose()


def test_a_locked_ledger_asks_to_come_again(here: Site, person: Person):
    """Another process holds the lock: 503 with Retry-After and a sentence; the same message succeeds afterwards."""
    body = {"message_id": "locked", "text": "我要举报"}
    other = sqlite3.connect(here.app.settings.data_folder / "jianting.db", isolation_level=None)
    with closing(other), ledger_with(here, "PRAGMA busy_timeout = 50", "PRAGMA busy_timeout = 10000"):
        other.execute("BEGIN IMMEDIATE")
        answer = here.post(person.path, headers=person.headers, json=body)
        other.execute("ROLLBACK")
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["retry-after"]) > 0
    assert "不会重复登记" in answer.json()["message"]
    assert here.post(person.path, headers=person.headers, json=body).status_code == 200


def test_a_full_disk_is_said(here: Site, person: Person):
    """SQLite that may not grow: 503, its own sentence, and the conversation goes on afterwards."""
    with ledger_with(here, "PRAGMA max_page_count = {pages}", "PRAGMA max_page_count = 1073741823"):
        answers = [
            here.post(person.path, headers=person.headers, json={"message_id": f"full{n}", "text": "满" * 7000})
            for n in range(4)
        ]
    assert answers[-1].status_code == 503
    assert answers[-1].json()["code"] == "ledger_full"
    assert "12393" in answers[-1].json()["message"]
    assert person.say("好了吗")["replies"]


def test_the_unforeseen_leaves_a_sentence_and_no_words_in_the_log(shared_app: App):
    """500 with the headers; the log has kind and place, never what a person wrote."""

    class Deaf:
        def parse(self, text: str, **_: object) -> None:
            raise ValueError(text)

    with site(replace(shared_app, ear=Deaf())) as broken, structlog.testing.capture_logs() as logs:  # type: ignore[arg-type]
        answer = broken.post("/understand", json={"text": "张三的秘密"})
    assert (answer.status_code, answer.json()["code"]) == (500, "broken")
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY
    assert "张三" not in answer.text
    assert "张三" not in str(logs)
    assert "ValueError" in str(logs)


class _Asked:
    """A request as far as its origin is concerned."""

    def __init__(self, app: App, peer: str, forwarded: str | None) -> None:
        self.app = type("Web", (), {"state": type("State", (), {"jianting": app})})
        self.client = type("Peer", (), {"host": peer})
        self.headers = {"x-forwarded-for": forwarded} if forwarded else {}


def test_an_origin_is_a_keyed_hash_and_cannot_be_invented(shared_app: App):
    """The address itself is kept nowhere; X-Forwarded-For counts only behind our own proxy, and only its last entry."""

    def seen(peer: str, forwarded: str | None = None, *, trust: bool = False) -> str:
        settings = shared_app.settings.model_copy(update={"trust_proxy": trust})
        return origin(_Asked(replace(shared_app, settings=settings), peer, forwarded))  # type: ignore[arg-type]

    plain = seen("192.0.2.7")
    assert len(plain) == 64
    assert plain == shared_app.vault.fingerprint("192.0.2.7", "origin")
    assert seen("192.0.2.7", "198.51.100.1") == plain
    assert seen("10.0.0.1", "203.0.113.5, 192.0.2.7", trust=True) == plain
    assert seen("10.0.0.1", trust=True) == seen("10.0.0.1")
