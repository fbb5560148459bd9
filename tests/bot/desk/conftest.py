"""A desk over real HTTP: a served application on loopback, staff of two counties, and reports filed by the verbs."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy import select

from bot import reception
from bot.app import App
from bot.settings import Settings
from bot.web.app import create_app
from intake import staffing
from intake.models import FiledReport
from intake.report import Claim, Period, Receipt, Report, Teller
from nlu.meaning import Understanding
from routing import desk

OWN_LAW = Path(__file__).parents[2] / "routing" / "own_law" / "rewards.toml"
PASSWORD = "correct horse battery"
TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


class SilentEar:
    """An ear that hears nothing: the desk works with what was filed, and training has tests of its own."""

    def parse(self, text: str, *, now: datetime, asked: str | None = None, home: str | None = None) -> Understanding:
        return Understanding(text, None, 0.0, (), (), (), True, "silent")


@dataclass(frozen=True)
class House:
    """The served application and what tests do to it behind the pages."""

    app: App
    address: str
    clients: list[httpx.Client] = field(default_factory=list)
    open_browsers: dict[str, Browser] = field(default_factory=dict)

    def file(self, institution: str | None, **given: Any) -> Receipt:
        """A report received now, or `ago` days before."""
        now = datetime.now(UTC) - timedelta(days=given.pop("ago", 0))
        files = given.pop("files", {})
        text = given.pop("text", f"{institution}三楼的床一直空着，人在家里，医保照样扣钱。")
        teller = given.pop("teller", Teller("web", f"account of {institution}", "named", "赵栓柱", "13800000001"))
        report = replace(
            Report(
                side="citizen",
                teller=teller,
                conversation=teller.account,
                text=text,
                redacted=text,
                claims=(Claim("F01", 0.9, ("床一直空着",)),),
                received_at=now,
                institution=institution,
                place="621021",
                period=Period(date(2026, 8, 1), date(2026, 9, 1)),
            ),
            **given,
        )
        with self.app.database.transaction() as session:
            digests = []
            for name, content in files.items():
                stored = self.app.evidence.store(content, name)
                reception.enter(self.app, session, stored.digest, now)
                digests.append(stored.digest)
            report = replace(report, evidence=tuple(digests))
            return desk.file_report(session, report, rules=self.app.rules, vault=self.app.vault, home="621000", now=now)

    def answer(self, number: str, text: str) -> None:
        """The teller answers what the officer asked."""
        now = datetime.now(UTC)
        with self.app.database.transaction() as session:
            report = session.scalars(select(FiledReport).where(FiledReport.number == number)).one()
            desk.add_to_report(session, report, text, rules=self.app.rules, vault=self.app.vault, now=now, kind="reply")

    def browser(self, username: str = "", origin: str = "10.0.0.1") -> Browser:
        """A fresh browser; with a name, the one in which that person is signed in."""
        if username in self.open_browsers:
            return self.open_browsers[username]
        client = httpx.Client(
            base_url=self.address, headers={"accept": "text/html", "x-forwarded-for": origin}, trust_env=False
        )
        self.clients.append(client)
        browser = Browser(client)
        if username:
            answer = browser.sign_in(username, PASSWORD)
            assert answer.status_code == 303, answer.text
            self.open_browsers[username] = browser
        return browser


@dataclass
class Browser:
    """A person's browser: follows no redirect by itself, and fills forms with the token that the page gave."""

    client: httpx.Client

    def get(self, path: str, **params: str) -> httpx.Response:
        return self.client.get(path, params=params or None)

    def token(self, path: str) -> str:
        found = TOKEN.search(self.get(path).text)
        return found[1] if found else ""

    def sign_in(self, username: str, password: str) -> httpx.Response:
        form = {"username": username, "password": password, "csrf": self.token("/desk/sign-in"), "next": "/desk"}
        return self.client.post("/desk/sign-in", data=form)

    def act(self, number: str, act: str, **fields: str) -> httpx.Response:
        path = f"/desk/cases/{number}"
        return self.client.post(f"{path}/{act}", data={"csrf": self.token("/desk"), **fields})


STAFF = (
    ("officer", "officer", "YB-621021", ""),
    ("second", "officer", "YB-621021", "庆城县子虚医院"),
    ("leader", "leader", "YB-621000", ""),
    ("watcher", "supervisor", "YB-621000", ""),
    ("stranger", "officer", "YB-621002", ""),
    ("keeper", "administrator", "YB-621000", ""),
    ("locked", "officer", "YB-621002", ""),
)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One application for all tests of the desk; each files what it needs."""
    app = open_app(tmp_path_factory.mktemp("desk"))
    with app.database.transaction() as session:
        for username, role, authority, interests in STAFF:
            staffing.hire(
                session, username=username, password=PASSWORD, name=f"姓名{username}", role=role,
                authority=authority, interests=interests, now=datetime.now(UTC),
            )  # fmt: skip
    server = uvicorn.Server(uvicorn.Config(create_app(app), port=0, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    made = House(app, f"http://127.0.0.1:{port}")
    yield made
    for client in made.clients:
        client.close()
    server.should_exit = True
    thread.join(5)
    app.close()


def open_app(folder: Path) -> App:
    """An application with a real ledger, law and store, an own scheme of rewards, and an ear that hears nothing."""
    (folder / "law").mkdir(parents=True)
    (folder / "law" / "rewards.toml").write_text(OWN_LAW.read_text("utf-8"), "utf-8")
    settings = Settings(_env_file=None, data_folder=folder, trust_proxy=True)
    return App.open(settings, ear=SilentEar())
