"""Fetching updates by long polling; an update is confirmed to Telegram only after it was settled.

aiogram's own loop confirms an update as soon as it was handed to a task, and drops it when the task fails. Here the
offset never passes the earliest update that is still under way. Telegram then hands out the same updates again, up to
100, so that other people are served meanwhile; what is known already is passed over.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramConflictError, TelegramRetryAfter, TelegramUnauthorizedError
from aiogram.methods import GetUpdates
from aiohttp import ClientTimeout

from bot.channels.telegram.pace import Pace

log = structlog.get_logger(__name__)

Accept = Callable[[dict[str, Any]], "asyncio.Future[None] | None"]


class RawUpdates(GetUpdates):
    """getUpdates whose answer is left raw: one update that cannot be read must not hold up the others."""

    __returning__ = list[dict[str, Any]]


class Poller:
    """Asks for updates, hands them over, and moves the offset behind what is settled."""

    def __init__(self, bot: Bot, accept: Accept, pace: Pace, kinds: list[str]) -> None:
        self._bot = bot
        self._accept = accept
        self._pace = pace
        self._kinds = kinds
        self._window: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._offset: int | None = None

    async def run(self) -> None:
        """Until cancelled."""
        failed = 0
        while True:
            try:
                updates = await self._fetch(0 if self._window else self._pace.long_poll)
            except (AiogramError, OSError, TimeoutError) as trouble:
                failed += 1
                log.warning("updates were not fetched", trouble=type(trouble).__name__, tries=failed)
                await asyncio.sleep(self._after(trouble, failed))
                continue
            failed = 0
            taken = self._take(updates)
            if self._window:
                await asyncio.wait([future for _, future in self._window], timeout=self._pace.look_again)
            elif updates and not taken:
                await asyncio.sleep(self._pace.look_again)
            self._advance()

    async def confirm(self) -> None:
        """Tell Telegram what is settled, so that it does not come again after a restart."""
        self._advance()
        if self._offset is not None:
            await self._fetch(0, limit=1)

    def _take(self, updates: list[dict[str, Any]]) -> int:
        known = {number for number, _ in self._window}
        taken = 0
        for raw in updates:
            number = int(raw["update_id"])
            if number in known:
                continue
            future = self._accept(raw)
            if future is None:  # the lane is full: it comes again, and what comes behind it must not overtake it
                break
            self._window.append((number, future))
            taken += 1
        return taken

    def _advance(self) -> None:
        while self._window and self._window[0][1].done() and not self._window[0][1].cancelled():
            self._offset = self._window.popleft()[0] + 1

    async def _fetch(self, wait: int, limit: int = 100) -> list[dict[str, Any]]:
        method = RawUpdates(offset=self._offset, limit=limit, timeout=wait, allowed_updates=self._kinds)
        patience = cast("int", ClientTimeout(total=wait + 15, sock_connect=10))
        return cast("list[dict[str, Any]]", await self._bot(method, request_timeout=patience))

    def _after(self, trouble: Exception, failed: int) -> float:
        """How long to leave Telegram alone."""
        if isinstance(trouble, TelegramRetryAfter):
            return trouble.retry_after
        if isinstance(trouble, TelegramUnauthorizedError):
            log.error("Telegram does not know this token; check JIANTING_TELEGRAM_TOKEN")
            return self._pace.longest_retry
        if isinstance(trouble, TelegramConflictError):
            log.error("another process polls with the same token; only one may")
        return self._pace.pause(failed)
