"""One lane a chat: what one person sends is handled in order, people beside each other."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiogram.types import Update

from bot.channels.telegram.pace import Pace

ALBUM_PARTS = 10  # Bot API: an album has two to ten parts


@dataclass(slots=True)
class Item:
    """One update on its way; `settled` is set once it may be confirmed to Telegram."""

    update: Update | None
    raw: dict[str, Any]
    settled: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def album(self) -> str | None:
        """The album to which the message belongs."""
        message = self.update.message if self.update else None
        return message.media_group_id if message else None

    def settle(self) -> None:
        """Nothing is left to do for this update."""
        if not self.settled.done():
            self.settled.set_result(None)


@dataclass(slots=True)
class _Lane:
    waiting: deque[Item]
    more: asyncio.Event
    task: asyncio.Task[None] | None = None


class Lanes:
    """All chats with something to do; a lane is gone as soon as it is empty."""

    def __init__(self, work: Callable[[int, list[Item]], Awaitable[None]], pace: Pace) -> None:
        self._work = work
        self._pace = pace
        self._lanes: dict[int, _Lane] = {}

    def put(self, chat: int, item: Item) -> bool:
        """Queue the item behind what the chat sent before; False where its lane is full and Telegram must wait."""
        lane = self._lanes.get(chat)
        if lane is None:
            lane = self._lanes[chat] = _Lane(deque(), asyncio.Event())
            lane.task = asyncio.get_running_loop().create_task(self._drive(chat, lane))
        if len(lane.waiting) >= self._pace.lane:
            return False
        lane.waiting.append(item)
        lane.more.set()
        return True

    async def drain(self, grace: float) -> None:
        """Let the lanes come to an end; what is not done after `grace` seconds is cut off and stays unconfirmed."""
        tasks = [lane.task for lane in self._lanes.values() if lane.task]
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _drive(self, chat: int, lane: _Lane) -> None:
        try:
            while lane.waiting:
                await self._work(chat, await self._next(lane))
        finally:
            del self._lanes[chat]
            for item in lane.waiting:
                item.settled.cancel()

    async def _next(self, lane: _Lane) -> list[Item]:
        """The next message, or the next album: its parts come as single messages, so a short pause ends it."""
        items = [lane.waiting.popleft()]
        album = items[0].album
        while album and len(items) < ALBUM_PARTS:
            if lane.waiting:
                if lane.waiting[0].album != album:
                    break
                items.append(lane.waiting.popleft())
                continue
            lane.more.clear()
            try:
                await asyncio.wait_for(lane.more.wait(), self._pace.album_pause)
            except TimeoutError:
                break
        return items
