"""The real channel against the loopback Bot API, with an echoing dialogue behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.app import App
from bot.channels.door import Door
from bot.channels.telegram.channel import Telegram, listening
from bot.channels.telegram.pace import Pace
from bot.settings import Settings
from tests.bot.doubles import Echo, small_app
from tests.bot_api_server import BotApi

HURRIED = Pace(
    long_poll=5,
    look_again=0.02,
    album_pause=0.15,
    retry=0.01,
    longest_retry=0.05,
    message_tries=3,
    typing_after=0.05,
    closing=2,
)


@dataclass
class Line:
    """A person's end, the bot, and the dialogue behind it."""

    api: BotApi
    channel: Telegram
    echo: Echo


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One ledger and store for the tests of this folder: the channel itself writes no rows."""
    app = small_app(tmp_path_factory.mktemp("telegram"))
    yield app
    app.close()


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    """The Bot API server."""
    async with BotApi() as server:
        yield server


def channel_to(api: BotApi, app: App, echo: Door, pace: Pace = HURRIED, **settings: Any) -> Telegram:
    """A channel that speaks to the loopback server."""
    chosen = {**app.settings.model_dump(), "telegram_token": api.token, "telegram_api": api.base, **settings}
    return Telegram(replace(app, settings=Settings(**chosen)), echo, pace=pace)


@pytest.fixture
async def line(api: BotApi, small: App) -> AsyncIterator[Line]:
    """A channel that polls."""
    echo = Echo()
    async with listening(channel_to(api, small, echo)) as channel:
        yield Line(api, channel, echo)
