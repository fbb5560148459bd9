"""The journeys that are marked `http`, spoken to the web service over loopback as any client would."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import datetime

import pytest

from bot import talk
from bot.app import App
from bot.courier import Courier
from bot.web.api import conversations
from tests.bot.web.site import Person, Site, site
from tests.journeys.player import Heard, Journey, Player, journeys


class Wall:
    """The clock on the wall of the service, set by the journey."""

    def __init__(self) -> None:
        self.at = datetime.now().astimezone()

    def __call__(self) -> datetime:
        """The time."""
        return self.at


class OverHttp:
    """One conversation over the public API for each person of the journey."""

    def __init__(self, here: Site, wall: Wall) -> None:
        self.here, self.wall = here, wall
        self.people: dict[str, Person] = {}
        self.cursors: dict[str, int] = defaultdict(int)

    def say(self, person: str, text: str, files: list[tuple[str, bytes]], at: datetime) -> Heard:
        """Send one message, as JSON or, with files, as a form."""
        self.wall.at = at
        if person not in self.people:
            self.people[person] = Person(self.here)
            self.people[person].begin()
        speaker = self.people[person]
        if files:
            form = {"message_id": f"f{next(speaker.numbers)}", "text": text}
            parts = [("files", (name, content, "image/png")) for name, content in files]
            answer = speaker.say(text, data=form, files=parts, json=None)
        else:
            answer = speaker.say(text)
        last = answer["replies"][-1] if answer["replies"] else {"choices": [], "asks": None}
        texts = [reply["text"] for reply in answer["replies"]]
        return Heard(texts, last["choices"], last["asks"], answer["receipts"])

    def told(self, person: str, at: datetime) -> list[str]:
        """What the desk has sent into the conversation since the last look."""
        self.wall.at = at
        asyncio.run(Courier(self.here.app, talk, wall=self.wall).run())
        speaker, after = self.people[person], self.cursors[person]
        answer = self.here.http.get(f"/api/v1{speaker.path}", params={"after": after}, headers=speaker.headers)
        messages = answer.json()["messages"]
        self.cursors[person] = max((message["cursor"] for message in messages), default=after)
        return [message["text"] for message in messages]


@pytest.mark.parametrize("journey", journeys("http"), ids=lambda journey: journey.name)
def test_journey_over_http(journey: Journey, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journey keeps its promise over real HTTP; only the clock is the journey's own."""
    wall = Wall()
    monkeypatch.setattr(conversations, "now", wall)
    with site(app) as here:
        Player(app, OverHttp(here, wall)).play(journey)


def test_enough_journeys_go_over_http() -> None:
    """At least fifteen whole conversations are played over HTTP."""
    assert len(journeys("http")) >= 15
