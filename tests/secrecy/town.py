"""A town of canaries: they tell over HTTP, staff act over HTTP, and everything that comes to light is gathered."""

from __future__ import annotations

import io
import re
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from bot.app import App
from bot.settings import Settings
from intake import staffing, tokens
from nlu.engine import Ear
from tests.bench.load import ANSWERS, LONGEST
from tests.bot.desk.conftest import Browser
from tests.secrecy.canaries import Canary, Search
from tests.serving import serving

PASSWORD = "correct horse battery"
STAFF = (("officer", "YB-621021"), ("leader", "YB-621000"), ("supervisor", "YB-621000"), ("administrator", "YB-621000"))
LANES = 8
CASE = re.compile(r'href="(/desk/cases/[\w-]+)[?"#]')
PAPER = re.compile(r'href="(/desk/papers/\d+)"')
Leak = tuple[str, int, str]
"""Where, whose, what in which writing."""


@dataclass
class Seen:
    """What one reader got to see, and which canary may recognise himself in it."""

    place: str
    content: bytes
    own: int | None = None


@dataclass
class Gathered:
    """Everything that was looked through, and what was found."""

    searched: dict[str, int] = field(default_factory=dict)
    leaks: set[Leak] = field(default_factory=set)
    receipts: dict[int, dict[str, Any]] = field(default_factory=dict)

    def look(self, search: Search, seen: Seen) -> None:
        """Search one thing."""
        kind = seen.place.split(" ", 1)[0]
        self.searched[kind] = self.searched.get(kind, 0) + len(seen.content)
        self.leaks |= {(seen.place, number, what) for number, what in search.found(seen.content, own=seen.own)}


def live(data: Path, count: int, ear: Ear | None = None) -> Gathered:
    """`count` canaries file, add and ask; staff read and act; then everything is searched."""
    people = [Canary(number) for number in range(count)]
    search, gathered = Search(people), Gathered()
    token = _prepared(data, ear)
    log = data.parent / "service.log"
    with serving(data, log=log) as served:
        address = served.base
        with httpx.Client(base_url=address, timeout=60, trust_env=False) as http, ThreadPoolExecutor(LANES) as lanes:

            def all_of(act: Callable[[Canary], list[Seen]]) -> None:
                for seen in lanes.map(act, people):
                    for one in seen:
                        gathered.look(search, one)

            all_of(lambda one: _files(http, one, token, gathered.receipts))
            for seen in _works(address, "officer", act=True):
                gathered.look(search, seen)
            all_of(lambda one: _comes_back(http, one, gathered.receipts[one.number]))
            all_of(lambda one: _errs(http, one))
            for role, _ in STAFF:
                for seen in _works(address, role):
                    gathered.look(search, seen)
            for path in ("/metrics", "/healthz", "/readyz", "/", "/receipt", "/privacy"):
                gathered.look(search, Seen(f"page {path}", http.get(path).content))
        for seen in _disk(data):  # while it runs: the write-ahead log is not yet folded in
            gathered.look(search, seen)
    for seen in (*_disk(data), *_dump(data), Seen("log", log.read_bytes())):
        gathered.look(search, seen)
    return gathered


def _prepared(data: Path, ear: Ear | None) -> str:
    """Staff and a hotline's token, before the service starts."""
    app, now = App.open(Settings(_env_file=None, data_folder=data), ear=ear), datetime.now(UTC)
    with app.database.transaction() as session:
        for role, authority in STAFF:
            staffing.hire(
                session, username=role, password=PASSWORD, name=f"工号{role}", role=role, authority=authority, now=now
            )
        token = tokens.issue(session, "hotline", vault=app.vault, now=now)
    app.close()
    return token


def _files(http: httpx.Client, one: Canary, token: str, receipts: dict[int, dict[str, Any]]) -> list[Seen]:
    """Every fifth is told by a hotline, the others tell themselves."""
    if one.number % 5 == 4:
        reporter = {"mode": "named", "name": one.name, "phone": one.phone_as_told}
        body = {"text": one.story, "side": "citizen", "institution": f"{one.hospital}医院", "place": "621021"}
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"key {one.number}"}
        answer = http.post("/api/v1/reports", json=body | {"reporter": reporter}, headers=headers)
        assert answer.status_code == 201, answer.text
        receipts[one.number] = answer.json()
        return [Seen("answer of the hotline", answer.content, one.number)]
    begun = http.post("/api/v1/conversations", json={}).json()
    where, headers = f"/api/v1/conversations/{begun['conversation']}/messages", {"Authorization": ""}
    headers["Authorization"] = f"Bearer {begun['token']}"
    mode = ("保密", "实名", "匿名")[one.number % 3]
    mine = {"name": one.name, "phone": one.phone_as_told, "identity": mode, "institution": f"庆城县{one.hospital}医院"}
    mine |= {"place": "庆阳市庆城县", "how_known": f"我是{one.name}，在那里上班", "evidence": "没有"}
    seen, text = [], one.story
    for turn in range(LONGEST):
        answer = http.post(where, json={"message_id": f"m{turn}", "text": text}, headers=headers)
        seen.append(Seen("answer of the chat", answer.content, one.number))
        said = answer.json()
        if said["receipts"]:
            receipts[one.number] = said["receipts"][0]
            return seen
        last = said["replies"][-1]
        text = mine.get(last["asks"]) or ANSWERS.get(last["asks"], last["choices"][0] if last["choices"] else "不知道")
    raise AssertionError(f"canary {one.number} got no receipt: {said}")


def _comes_back(http: httpx.Client, one: Canary, receipt: dict[str, Any]) -> list[Seen]:
    """The status, a letter, a file whose name tells its owner, the status again."""
    code = {"query_code": receipt["query_code"]}
    content = f"{one.story}\n{one.name} {one.phone} {one.identity}\n".encode()
    files = [("files", (one.file_name, content, "text/plain"))]
    answers = [
        http.post("/api/v1/receipts/status", json=code),
        http.post("/api/v1/receipts/messages", json=code | {"text": one.letter}),
        http.post("/api/v1/receipts/messages", data=code, files=files),
        http.post("/api/v1/receipts/status", json=code),
    ]
    assert [answer.status_code for answer in answers] == [200] * 4, [answer.text for answer in answers]
    return [Seen("answer to the code", answer.content, one.number) for answer in answers]


def _errs(http: httpx.Client, one: Canary) -> list[Seen]:
    """Mistakes that hold personal things: what is refused must not be kept, or written into a log."""
    told = {"text": one.story, "message_id": one.phone, one.name: one.identity}
    answers = [
        http.post(f"/api/v1/conversations/{one.account}/messages", json=told, headers={"Authorization": one.account}),
        http.post("/api/v1/receipts/status", json={"query_code": one.identity}),
        http.post("/api/v1/reports", json={"text": one.story}, headers={"Authorization": f"Bearer {one.account}"}),
        http.get(f"/{one.name}/{one.phone}", params={"q": one.story}),
        http.post("/api/v1/understand", content=one.story.encode("utf-16")),
    ]
    assert all(answer.status_code >= 400 for answer in answers), [answer.status_code for answer in answers]
    return [Seen("answer to an error", answer.content, one.number) for answer in answers]


def _works(address: str, role: str, *, act: bool = False) -> Iterator[Seen]:
    """Every page that this member of staff can reach; with `act` he handles each case as far as he may."""
    with httpx.Client(base_url=address, headers={"accept": "text/html"}, timeout=60, trust_env=False) as client:
        browser = Browser(client)
        assert browser.sign_in(role, PASSWORD).status_code == 303
        cases: set[str] = set()
        for number in range(1, 200):
            answer = browser.get("/desk", page=str(number))
            yield Seen(f"desk of the {role}", answer.content)
            found = set(CASE.findall(answer.text)) - cases
            if not found:
                break
            cases |= found
        for case in sorted(cases):
            shown = browser.get(case)
            yield Seen(f"desk of the {role}, {case}", shown.content)
            yield from _papers(browser, shown.text)
            if act:
                yield from _handles(browser, case, shown.text)
        for path in ("/desk/notices", "/desk/authorities?q=庆城"):
            yield Seen(f"desk of the {role}, {path}", browser.get(path).content)


def _papers(browser: Browser, shown: str) -> Iterator[Seen]:
    """The papers of a case as pages and as files, unpacked: packed nobody would recognise himself."""
    for path in PAPER.findall(shown):
        yield Seen(f"paper {path}", browser.get(path).content)
        with zipfile.ZipFile(io.BytesIO(browser.get(f"{path}/docx").content)) as parts:
            yield Seen(f"paper {path}", b"".join(parts.read(name) for name in parts.namelist()))


def _handles(browser: Browser, case: str, shown: str) -> Iterator[Seen]:
    """Accepted, a question asked of each teller."""
    csrf = browser.token("/desk")
    answers = [browser.client.post(f"{case}/accept", data={"csrf": csrf})]
    for report in sorted(set(re.findall(r'id="report-(\d+)"', shown))):
        question = {"csrf": csrf, "report_id": report, "question": "请问是哪一层楼？"}
        answers.append(browser.client.post(f"{case}/ask", data=question))
    for answer in answers:
        assert answer.status_code == 303, answer.text
        yield Seen(f"desk act on {case}", answer.content)


def _disk(data: Path) -> Iterator[Seen]:
    """Every file of the data folder but the model, the write-ahead log among them."""
    for file in sorted(data.rglob("*")):
        if file.is_file() and "model" not in file.relative_to(data).parts:
            yield Seen(f"file {file.relative_to(data)}", file.read_bytes())


def _dump(data: Path) -> Iterator[Seen]:
    """The ledger as SQL text."""
    with closing(sqlite3.connect(data / "jianting.db")) as connection:
        yield Seen("dump", "\n".join(connection.iterdump()).encode())
