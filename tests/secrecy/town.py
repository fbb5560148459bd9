"""A town of canaries: they tell by every channel, staff of every role act and read, and all that comes to light is kept.

What may be found all the same stands in exceptions.toml, each with its reason.
"""

from __future__ import annotations

import stat
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from bot.app import App
from bot.settings import Settings
from intake import staffing, tokens
from nlu.engine import Ear
from tests.databases import Postgres
from tests.secrecy import remains, staff, telling
from tests.secrecy.canaries import Canary, Search
from tests.secrecy.telling import Seen
from tests.serving import serving

LANES = 8
Leak = tuple[str, int, str]
"""Where, whose, what in which writing."""


@cache
def allowed() -> tuple[Mapping[str, Any], ...]:
    """The exceptions as written."""
    return tuple(tomllib.loads(Path(__file__).with_name("exceptions.toml").read_text("utf-8"))["allowed"])


@dataclass
class Gathered:
    """Everything that was looked through, what was found, and what of it is allowed."""

    searched: Counter[str] = field(default_factory=Counter)
    leaks: set[Leak] = field(default_factory=set)
    excepted: Counter[str] = field(default_factory=Counter)
    receipts: dict[int, dict[str, Any]] = field(default_factory=dict)
    refused: frozenset[int] = frozenset()
    """Whose row of the imported table was refused."""

    def look(self, search: Search, seen: Seen) -> None:
        """Search one thing."""
        self.searched[seen.place.split(" ", 1)[0]] += len(seen.content)
        for number, what in search.found(seen.content, own=seen.own):
            if place := self._allowed(seen.place, number, what):
                self.excepted[place] += 1
            else:
                self.leaks.add((seen.place, number, what))

    def _allowed(self, place: str, number: int, what: str) -> str:
        kind = what.rsplit(" ", 1)[0]
        for one in allowed():
            if (
                place.startswith(one["place"])
                and kind in one["kinds"]
                and number in {"refused": self.refused, "coded": telling.coded()}.get(one.get("whose", ""), {number})
            ):
                return str(one["place"])
        return ""


def live(data: Path, count: int, ear: Ear | None = None, server: Postgres | None = None) -> Gathered:
    """`count` canaries file, add and ask; staff read and act; then everything is searched."""
    people = [Canary(number) for number in range(count)]
    search, gathered = Search(people), Gathered()
    url = server.create() if server else ""
    settings = Settings(_env_file=None, data_folder=data, database_url=url)
    token = _prepared(settings, ear)
    log = data.parent / "service.log"

    def look(found: Iterable[Seen]) -> None:
        for one in found:
            gathered.look(search, one)

    with serving(data, log=log, **({"JIANTING_DATABASE_URL": url} if url else {})) as served:
        with httpx.Client(base_url=served.base, timeout=120, trust_env=False) as http:
            _tell(http, people, token, gathered, look)
            look(_import(settings, people, gathered))
            with _desk(served.base) as client:
                look(staff.handles(staff.signed_in(client, "officer")))
            _each(people, lambda one: _comes_back(http, one, gathered), look)
            _each(people, lambda one: _errs(http, one), look)
            for role in staff.ROLES:
                with _desk(served.base) as client:
                    look(staff.reads(staff.signed_in(client, role), role))
            for path in ("/metrics", "/healthz", "/readyz", "/", "/receipt", "/privacy"):
                gathered.look(search, Seen(f"page {path}", http.get(path).content))
        look(remains.disk(data))  # while it runs: the write-ahead log is not yet folded in
    look(remains.disk(data))
    look(remains.of_server(server, url) if server and url else remains.dump(data))
    look(remains.kept(settings, ear, data.parent / "kept"))
    gathered.look(search, Seen("log", log.read_bytes()))
    return gathered


def _desk(base: str) -> httpx.Client:
    return httpx.Client(base_url=base, headers={"accept": "text/html"}, timeout=120, trust_env=False)


def _prepared(settings: Settings, ear: Ear | None) -> str:
    """Staff and a hotline's token, before the service starts."""
    app, now = App.open(settings, ear=ear), datetime.now(UTC)
    with app.database.transaction() as session:
        for role, authority in staff.ROLES.items():
            staffing.hire(
                session, username=role, password=staff.PASSWORD, name=f"工号{role}", role=role, authority=authority,
                now=now,
            )  # fmt: skip
        token = tokens.issue(session, "hotline", vault=app.vault, now=now)
    app.close()
    return token


Look = Callable[[Iterable[Seen]], None]


def _each(people: Iterable[Canary], act: Callable[[Canary], list[Seen]], look: Look) -> None:
    """All of them, some at once."""
    with ThreadPoolExecutor(LANES) as lanes:
        for seen in lanes.map(act, people):
            look(seen)


def _tell(http: httpx.Client, people: list[Canary], token: str, gathered: Gathered, look: Look) -> None:
    """Chat and hotline at once, then the clerk, one after the other as he can."""

    def act(one: Canary) -> list[Seen]:
        chats = telling.way_of(one) == "chat"
        seen, gathered.receipts[one.number] = (
            telling.chats(http, one) if chats else telling.calls_a_hotline(http, one, token)
        )
        return seen

    _each([one for one in people if telling.way_of(one) in {"chat", "hotline"}], act, look)
    with _desk(str(http.base_url)) as client:
        clerk = staff.signed_in(client, "officer")
        for one in people:
            if telling.way_of(one) == "clerk":
                seen, gathered.receipts[one.number] = telling.sees_a_clerk(clerk, one)
                look(seen)


def _import(settings: Settings, people: list[Canary], gathered: Gathered) -> Iterable[Seen]:
    """The table of a hotline, imported by the command while the service runs; the importer keeps the codes."""
    folder = settings.data_folder.parent / "hotline"
    folder.mkdir()
    rows = [one for one in people if telling.way_of(one) == "table"]
    gathered.refused = frozenset(one.number for one in rows[4::5])
    path = telling.table(folder / "orders.csv", rows)
    errors, receipts = folder / "errors.csv", folder / "receipts.csv"
    words = ["import", "reports", str(path), "--mapping", "12345", "--errors", str(errors), "--receipts", str(receipts)]
    yield Seen("command import", remains.command(settings, *words))
    if gathered.refused:
        assert stat.S_IMODE(errors.stat().st_mode) == 0o600
        yield Seen("error file of the import", errors.read_bytes())
    yield Seen("receipts of the import", receipts.read_bytes())
    for line in receipts.read_text("utf-8-sig").splitlines()[1:]:
        number, _, code, *_ = line.split(",")
        gathered.receipts[int(number.strip('"').removeprefix("GD"))] = {"query_code": code.strip("'\"")}


def _comes_back(http: httpx.Client, one: Canary, gathered: Gathered) -> list[Seen]:
    """The status, a letter, a file whose name tells its owner, the status again; the proof of his receipt."""
    if one.number not in gathered.receipts:
        return []
    code = {"query_code": gathered.receipts[one.number]["query_code"]}
    name, content = telling.written(one)
    answers = [
        http.post("/api/v1/receipts/status", json=code),
        http.post("/api/v1/receipts/messages", json=code | {"text": one.letter}),
        http.post("/api/v1/receipts/messages", data=code, files=[("files", (name, content))]),
        http.post("/api/v1/receipts/status", json=code),
        http.post("/api/v1/receipts/proof", json=code),
    ]
    # An archive is no evidence: it is refused, and must leave nothing behind.
    refused = [answer.status_code == 422 and name.endswith(".zip") for answer in answers]
    assert refused[2] == name.endswith(".zip")
    assert all(said or answer.status_code == 200 for said, answer in zip(refused, answers, strict=True)), answers
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
