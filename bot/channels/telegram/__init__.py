"""Telegram: `listening` runs the channel where a token is set, `router` is its webhook.

aiogram takes seconds to import, so it is imported only for a service that has a token, and beside the running loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from bot.channels.telegram.webhook import router

if TYPE_CHECKING:
    from bot.app import App
    from bot.channels.door import Door
    from bot.channels.telegram.channel import Telegram

__all__ = ["listening", "router"]


@asynccontextmanager
async def listening(app: App, door: Door) -> AsyncIterator[Telegram | None]:
    """The channel, listening until the block is left; None without a token. Webhook: set it as `state.telegram`."""
    if app.settings.telegram_token is None:
        yield None
        return
    channel: Telegram = (await asyncio.to_thread(import_module, "bot.channels.telegram.channel")).Telegram(app, door)
    await channel.start()
    try:
        yield channel
    finally:
        await channel.stop()
