"""Two services on one PostgreSQL: people talk through both in turn, and lose nothing when the database stumbles."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select

from bot.dialogue import store
from bot.keys import open_vault
from bot.settings import Settings
from bot.talk import CHINA
from intake.confidentiality import Vault
from intake.db import Database
from intake.models import Case, Conversation, FiledReport, Notice, Staff
from routing import desk
from routing.rules import Rules
from tests.bench.load import ANSWERS, LONGEST, story
from tests.databases import Postgres, on_postgresql
from tests.serving import Served, serving

PEOPLE = 24
TRIES = 60
Trouble = Callable[[], Awaitable[None]]


@dataclass
class Person:
    """Somebody whose messages go now to the one, now to the other service; he repeats what was not answered."""

    number: int
    services: tuple[Served, Served]
    session: aiohttp.ClientSession
    conversation: str = ""
    token: str = ""
    said: list[str] = field(default_factory=list)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    turn: int = 0

    async def post(self, path: str, body: object) -> dict[str, Any]:
        """One call, by turns; a service that says "try again" is tried again, at the other door."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        for _ in range(TRIES):
            self.turn += 1
            base = self.services[(self.turn + self.number) % 2].base
            async with self.session.post(f"{base}/api/v1{path}", json=body, headers=headers) as response:
                if response.status != 503:
                    response.raise_for_status()
                    return dict(await response.json())
            await asyncio.sleep(0.1)
        raise AssertionError("never answered")

    async def tell(self) -> None:
        """From the greeting to the receipt; every message is sent to both services, and both say the same."""
        begun = await self.post("/conversations", {})
        self.conversation, self.token = begun["conversation"], begun["token"]
        where, text = f"/conversations/{self.conversation}/messages", story(self.number)
        for number in range(LONGEST):
            body = {"message_id": f"m{number:02}", "text": text}
            answer, again = await self.post(where, body), await self.post(where, body)
            assert answer == again
            self.said.append(text)
            if answer["receipts"]:
                self.receipts += answer["receipts"]
                return
            last = answer["replies"][-1]
            text = ANSWERS.get(last["asks"], last["choices"][0] if last["choices"] else "不知道")


@pytest.fixture
def services(tmp_path: Path, model_folder: Path, database_url: str) -> Iterator[tuple[Served, Served]]:
    """Two processes with one data folder (the key, the files) and one database."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "model").symlink_to(model_folder)
    with ExitStack() as stack:
        yield tuple(  # type: ignore[misc]
            stack.enter_context(
                serving(
                    data, JIANTING_DATABASE_URL=database_url, JIANTING_COURIER_EVERY="PT1S", JIANTING_SWEEP_EVERY="PT1S"
                )
            )
            for _ in range(2)
        )


async def _tell_all(services: tuple[Served, Served], trouble: Trouble) -> list[Person]:
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        people = [Person(number, services, session) for number in range(PEOPLE)]
        telling = asyncio.gather(*(person.tell() for person in people))
        await trouble()
        await telling
    return people


def _check(people: list[Person], database: Database, vault: Vault) -> None:
    """Each person's messages stand in his order, each once; his receipts are the reports that there are."""
    with database.reading() as session:
        numbers = set(session.scalars(select(FiledReport.number)))
        for person in people:
            kept = store.turns(session, vault, store.key_of(vault, "web", person.conversation))
            said = [one.text for one in kept if not one.message_id.startswith(store.MARK)]
            assert said == person.said
            assert len(person.receipts) == 1
    assert {receipt["case_number"] for person in people for receipt in person.receipts} == numbers
    assert len(numbers) == PEOPLE


@on_postgresql
@pytest.mark.parametrize("what", ["connections ended", "server restarted"])
def test_people_who_talk_through_both_in_turn_are_answered_once(
    services: tuple[Served, Served], tmp_path: Path, database_url: str, postgres: Postgres, what: str
) -> None:
    """While they talk, connections are ended again and again, or the server restarts."""

    async def trouble() -> None:
        for _ in range(3):
            await asyncio.sleep(0.3)
            if what == "connections ended":
                await asyncio.to_thread(postgres.end_connections, database_url)
            else:
                await asyncio.to_thread(postgres.restart)

    people = asyncio.run(_tell_all(services, trouble))
    database = Database(database_url)
    settings = Settings(_env_file=None, data_folder=tmp_path / "data", database_url=database_url)
    vault = open_vault(settings, database, datetime.now(UTC))
    _check(people, database, vault)
    _accept_everything(database, vault)
    told = asyncio.run(_told(people))
    assert told == Counter({person.conversation: 1 for person in people})
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Conversation)) == PEOPLE
        assert set(session.scalars(select(Notice.state))) == {"sent"}
    database.close()


def _accept_everything(database: Database, vault: Vault) -> None:
    """An officer of each authority takes every case up, which each teller is told once."""
    rules = Rules.load()
    with database.transaction() as session:
        for case in session.scalars(select(Case).order_by(Case.id)).all():
            name = f"officer {case.authority}"
            officer = session.scalars(select(Staff).where(Staff.username == name)).one_or_none()
            if officer is None:
                officer = Staff(username=name, password_hash="-", name=name, role="officer", authority=case.authority)
                session.add(officer)
                session.flush()
            now = case.opened_at.astimezone(CHINA)
            desk.accept(session, case.id, officer, rules=rules, vault=vault, now=now)


async def _told(people: list[Person]) -> Counter[str]:
    """How many messages of the desk each conversation has, once everybody has one and a while has passed."""
    heard: Counter[str] = Counter()
    async with aiohttp.ClientSession() as session:
        for late in (*range(20), None):
            heard.clear()
            for person in people:
                url = f"{person.services[0].base}/api/v1/conversations/{person.conversation}/messages?after=0"
                async with session.get(url, headers={"Authorization": f"Bearer {person.token}"}) as response:
                    heard[person.conversation] += len((await response.json())["messages"])
            if late is None:
                break
            await asyncio.sleep(0.5 if min(heard.values()) == 0 else 0.1)
    return heard
