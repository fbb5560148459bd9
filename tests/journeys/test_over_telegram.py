"""The journeys that are marked `telegram`, typed and pressed in chats of a Bot API server on loopback."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest
from pydantic import SecretStr

from bot import talk
from bot.app import App
from bot.channels.telegram.channel import Telegram, listening
from bot.courier import Courier
from tests.bot.telegram.conftest import HURRIED
from tests.bot_api_methods import Said
from tests.bot_api_server import BotApi
from tests.journeys.player import Heard, Journey, Player, journeys

T = TypeVar("T")
NUMBER = re.compile(r"编号：(\S+)")
CODE = re.compile(r"查询码：([\d ]{16,})")
AUTHORITY = re.compile(r"承办单位：(\S+)")


class TimedApi(BotApi):
    """The Bot API server at the journey's time: Telegram dates the messages."""

    at = datetime.now(UTC)

    def message(self, chat: int, kind: str, **content: Any) -> dict[str, Any]:
        """A message of a person in a chat, dated."""
        return super().message(chat, kind, **content) | {"date": int(self.at.timestamp())}


class OverTelegram:
    """One private chat for each person of the journey."""

    def __init__(self, loop: asyncio.AbstractEventLoop, api: TimedApi, channel: Telegram) -> None:
        self.loop, self.api, self.channel = loop, api, channel
        self.chats: dict[str, int] = {}

    def say(self, person: str, text: str, files: list[tuple[str, bytes]], at: datetime) -> Heard:
        """Press the button that bears the text, else type it; photos with the text as their caption."""
        chat = self.chats.setdefault(person, 100 + len(self.chats))
        self.api.at = at
        said = self._run(self._send(chat, text, files))
        turns = talk.history(self.channel.app, "telegram", str(chat))
        asked = turns[-1].answer.replies[-1].asks if turns and turns[-1].answer.replies else None
        return Heard([one.text for one in said], list(said[-1].buttons) if said else [], asked, _receipts(said))

    def told(self, person: str, at: datetime) -> list[str]:
        """What the courier brought into the chat."""
        self.api.at = at
        return self._run(self._deliver(self.chats[person]))

    async def _send(self, chat: int, text: str, files: list[tuple[str, bytes]]) -> list[Said]:
        if files:
            album = {"media_group_id": f"album{self.api.at.timestamp():.0f}"} if len(files) > 1 else {}
            for number, (_, content) in enumerate(files):
                photo = self.api.file(content, width=800, height=600)
                caption = {"caption": text} if text and not number else {}
                await self.api.send(chat, photo=[photo], **caption, **album)
        elif self.api.said[chat] and text in self.api.said[chat][-1].buttons:
            await self.api.press(chat, text)
        else:
            await self.api.say(chat, text)
        return await self.api.replies(chat)

    async def _deliver(self, chat: int) -> list[str]:
        await self.api.replies(chat)
        await Courier(self.channel.app, talk, self.channel, wall=lambda: self.api.at).run()
        return [said.text for said in await self.api.replies(chat)]

    def _run(self, doing: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(doing, self.loop).result(30)


def _receipts(said: list[Said]) -> list[dict[str, Any]]:
    """The receipts that the person reads in the chat."""
    found = []
    for one in said:
        number, code, authority = (pattern.search(one.text) for pattern in (NUMBER, CODE, AUTHORITY))
        if one.protected and number and code and authority:
            code_digits = code[1].replace(" ", "")
            found.append({"case_number": number[1], "query_code": code_digits, "authority": authority[1]})
    return found


@contextmanager
def chatting(app: App) -> Iterator[OverTelegram]:
    """The real channel, polling a Bot API server; both run in a thread of their own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    opened: asyncio.Queue[OverTelegram] = asyncio.Queue()
    over = asyncio.Event()

    async def serve() -> None:
        async with TimedApi() as api:
            token = {"telegram_token": SecretStr(api.token), "telegram_api": api.base}
            there = replace(app, settings=app.settings.model_copy(update=token))
            async with listening(Telegram(there, talk, pace=HURRIED, wall=lambda: api.at)) as channel:
                await opened.put(OverTelegram(loop, api, channel))
                await over.wait()

    served = asyncio.run_coroutine_threadsafe(serve(), loop)
    try:
        yield asyncio.run_coroutine_threadsafe(opened.get(), loop).result(20)
    finally:
        loop.call_soon_threadsafe(over.set)
        served.result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()


@pytest.mark.parametrize("journey", journeys("telegram"), ids=lambda journey: journey.name)
def test_journey_over_telegram(journey: Journey, app: App) -> None:
    """The journey keeps its promise in a Telegram chat, buttons pressed and photos sent."""
    with chatting(app) as chats:
        Player(app, chats).play(journey)


def test_enough_journeys_go_over_telegram() -> None:
    """At least ten whole conversations are played over Telegram."""
    assert len(journeys("telegram")) >= 10
