"""Fetching what people send as files, from Telegram into the store of evidence."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import UTC, datetime
from io import BytesIO

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramBadRequest
from aiohttp import ClientError

from bot import reception
from bot.app import App
from bot.channels.message import File
from bot.channels.sentences import sentence, why_refused
from bot.channels.telegram.incoming import Attachment
from bot.channels.telegram.pace import Pace
from intake.errors import IntakeError

# Bot API, getFile: "bots can download files of up to 20MB in size".
TELEGRAM_MB = 20
MB = 1024 * 1024

log = structlog.get_logger(__name__)


class NotKept(Exception):
    """The file could not be kept; the message is the sentence for the person."""


class Fetcher:
    """Fetches files, few at a time, since each lies whole in memory until it is sealed."""

    def __init__(self, app: App, bot: Bot, pace: Pace) -> None:
        self._app = app
        self._bot = bot
        self._pace = pace
        self._few = asyncio.Semaphore(3)
        self._known: OrderedDict[tuple[int, str], File] = OrderedDict()
        self._limit_mb = min(TELEGRAM_MB, app.settings.max_file_mb)

    def knows(self, chat: int, attachment: Attachment) -> bool:
        """Whether this content came from this chat before: an edited caption does not bring its photo anew."""
        return (chat, attachment.unique) in self._known

    async def fetch(self, chat: int, attachment: Attachment) -> File:
        """The file, sealed on our disk; raises NotKept with a sentence."""
        if known := self._known.get((chat, attachment.unique)):
            return known
        if attachment.size is not None and attachment.size > self._limit_mb * MB:
            size = -(-attachment.size // MB)
            raise NotKept(sentence("file.too_large", name=attachment.name, size=size, limit=self._limit_mb))
        async with self._few:
            content = await self._download(attachment)
            file = await self._keep(attachment, content)
        self._known[chat, attachment.unique] = file
        if len(self._known) > 5000:
            self._known.popitem(last=False)
        return file

    async def _keep(self, attachment: Attachment, content: bytes) -> File:
        try:
            kept = await asyncio.to_thread(reception.take, self._app, content, attachment.name, datetime.now(UTC))
        except IntakeError as refused:
            raise NotKept(sentence("file.refused", name=attachment.name, reason=why_refused(refused))) from refused
        return File(digest=kept.digest, name=attachment.name, media_type=kept.media_type, size=kept.size)

    async def _download(self, attachment: Attachment) -> bytes:
        for tries in range(1, self._pace.file_tries + 1):
            if tries > 1:
                await asyncio.sleep(self._pace.pause(tries - 1))
            try:
                found = await self._bot.get_file(attachment.file_id, request_timeout=30)
                target = BytesIO()
                await self._bot.download_file(found.file_path or "", target, timeout=120)
                return target.getvalue()
            except TelegramBadRequest as refused:
                if "too big" in refused.message:
                    limit = self._limit_mb
                    raise NotKept(sentence("file.too_large_unknown", name=attachment.name, limit=limit)) from refused
                log.warning("a file was refused by Telegram", tries=tries)
            except (AiogramError, ClientError, TimeoutError, OSError) as trouble:
                log.warning("a file was not fetched", trouble=type(trouble).__name__, tries=tries)
        raise NotKept(sentence("file.not_fetched", name=attachment.name))
