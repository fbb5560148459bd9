"""Updates that Telegram brings to us."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from fastapi import FastAPI

from bot.app import App
from bot.channels.telegram import router
from bot.channels.telegram.channel import Telegram, listening
from tests.bot.doubles import Echo
from tests.bot.telegram.conftest import channel_to
from tests.bot_api_server import BotApi
from tests.serving import free_port


@asynccontextmanager
async def hooked(api: BotApi, app: App, echo: Echo) -> AsyncIterator[tuple[Telegram, str]]:
    """A web service with the webhook, registered at the Bot API."""
    web = FastAPI()
    web.include_router(router)
    port = free_port()
    base = f"http://127.0.0.1:{port}/telegram/webhook"
    server = uvicorn.Server(uvicorn.Config(web, port=port, log_level="error"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn offers no event
        await asyncio.sleep(0.01)
    channel = channel_to(api, app, echo, telegram_mode="webhook", webhook_url=base)
    try:
        async with listening(channel):
            web.state.telegram = channel
            await api.until(lambda: api.webhook)
            yield channel, base
    finally:
        server.should_exit = True
        await serving


async def test_the_answer_to_telegram_is_the_confirmation(api: BotApi, small: App) -> None:
    """A message brought to the webhook is heard, answered and confirmed; an album brought in parallel is one message."""
    echo = Echo(failures=[RuntimeError("once")])
    async with hooked(api, small, echo):
        await api.say(7, "挂空床")
        assert [said.text for said in await api.replies(7)] == ["听到:挂空床"]
        for part in range(3):
            await api.send(7, photo=[api.file(b"\xff\xd8\xff" + bytes([part]), width=9, height=9)], media_group_id="a")
        await api.replies(7)
    assert [len(heard.files) for heard in echo.heard] == [0, 3]


async def test_only_telegram_may_call(api: BotApi, small: App) -> None:
    """A call without the secret is turned away; a body that is no update is refused; neither is heard."""
    echo = Echo()
    async with hooked(api, small, echo) as (channel, base), httpx.AsyncClient() as stranger:
        assert (await stranger.post(base, json={"update_id": 1})).status_code == 401
        header = {"X-Telegram-Bot-Api-Secret-Token": channel.secret}
        assert (await stranger.post(base, content=b"no json", headers=header)).status_code == 400
        assert (await stranger.post(base, content=b"[]", headers=header)).status_code == 400
        assert (await stranger.post(base, content=b"x" * 2**21, headers=header)).status_code == 400
        assert api.webhook
        assert api.webhook["secret_token"] == channel.secret
    assert not echo.heard
