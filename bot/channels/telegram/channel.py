"""The Telegram channel: from an update to the dialogue and back, in order, and confirmed only when it is done."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any, cast

import structlog
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods import DeleteWebhook, SendMessage, SetMyCommands, SetWebhook
from aiogram.types import BotCommand
from aiohttp import ClientTimeout

from bot.app import App
from bot.channels.delivery import InDoubt, Later, Refused
from bot.channels.door import Door
from bot.channels.message import Reply
from bot.channels.sentences import commands
from bot.channels.telegram.conversing import Conversing
from bot.channels.telegram.files import Fetcher
from bot.channels.telegram.lanes import Item, Lanes
from bot.channels.telegram.outgoing import Sender, messages
from bot.channels.telegram.pace import Pace
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.reading import KINDS, chat_of, read
from bot.trouble import described

REMEMBERED = 5000

log = structlog.get_logger(__name__)


class Telegram:
    """One bot; `start` begins to listen, `stop` lets what is under way come to its end."""

    def __init__(
        self,
        app: App,
        door: Door,
        *,
        pace: Pace | None = None,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        token = app.settings.telegram_token
        if token is None:
            raise ValueError("the Telegram channel needs JIANTING_TELEGRAM_TOKEN")
        self.app = app
        self.pace = pace or Pace()
        api = TelegramAPIServer.from_base(app.settings.telegram_api)
        # A connection that never came about is known by its own error: nothing was sent, so it may be tried again.
        timeout = cast("float", ClientTimeout(total=40, sock_connect=10))
        self.bot = Bot(token.get_secret_value(), session=AiohttpSession(api=api, timeout=timeout))
        self.sender = Sender(self.bot, self.pace)
        self._conversing = Conversing(
            app, door, sender=self.sender, fetcher=Fetcher(app, self.bot, self.pace), pace=self.pace, wall=wall
        )
        self._lanes = Lanes(self._work, self.pace)
        self._open: dict[int, Item] = {}
        self._done: OrderedDict[int, None] = OrderedDict()
        self._tasks: list[asyncio.Task[None]] = []
        self._poller: Poller | None = None

    @property
    def secret(self) -> str:
        """What Telegram repeats in each webhook call; made from the vault's key where none is set."""
        if self.app.settings.webhook_secret:
            return self.app.settings.webhook_secret.get_secret_value()
        return self.app.vault.fingerprint(self.app.settings.telegram_api, "telegram webhook")

    async def start(self) -> None:
        """Begin to listen; returns at once, whether Telegram can be reached or not."""
        listen = self._receive_by_webhook if self.app.settings.telegram_mode == "webhook" else self._receive_by_polling
        self._tasks = [asyncio.create_task(listen()), asyncio.create_task(self._publish_commands())]

    async def stop(self) -> None:
        """Take nothing new, end what is under way, and confirm it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._lanes.drain(self.pace.closing)
        if self._poller:
            with suppress(Exception):
                await asyncio.wait_for(self._poller.confirm(), 2)
        await self.bot.session.close()

    def accept(self, raw: dict[str, Any]) -> asyncio.Future[None] | None:
        """Take an update; the future is done when it may be confirmed, None asks to bring it again later."""
        number = int(raw["update_id"])
        if number in self._open:
            return self._open[number].settled
        if number in self._done:
            return _settled()
        update = read(raw)
        if update is None:
            log.warning("an update could not be read", update=number)
        chat = chat_of(raw)
        if chat is None:
            log.info("an update without chat was passed over", update=number)
            return _settled()
        item = Item(update, raw)
        if not self._lanes.put(chat, item):
            return None
        self._open[number] = item
        item.settled.add_done_callback(lambda settled: self._close(number, settled))
        return item.settled

    async def deliver(self, chat: int, told: Reply) -> None:
        """Say something to a chat once, for the courier; raises Later, Refused or InDoubt."""
        said = False
        for message in messages(chat, told):
            try:
                if said:
                    await self._patiently(message)
                else:
                    await self.sender.once(message)
            except (Later, Refused) as failed:
                if said:
                    raise InDoubt from failed
                raise
            said = True

    async def _patiently(self, message: SendMessage) -> None:
        """The further pieces of a long notice: the first arrived, so a refusal for now is waited out."""
        for tries in range(1, self.pace.message_tries):
            try:
                await self.sender.once(message)
            except Later as later:
                await asyncio.sleep(later.seconds or self.pace.pause(tries))
            else:
                return
        await self.sender.once(message)

    async def _work(self, chat: int, items: list[Item]) -> None:
        """One message, one album or one press; whatever happens, the lane goes on."""
        try:
            await self._conversing.handle(chat, items)
        except Exception as trouble:  # noqa: BLE001 - a lane must outlive any of its messages
            number = items[0].raw["update_id"]
            log.error("a message ended in an error", trouble=described(trouble), update=number)  # noqa: TRY400 - see described
        except asyncio.CancelledError:
            for item in items:
                item.settled.cancel()
            raise
        for item in items:
            item.settle()

    def _close(self, number: int, settled: asyncio.Future[None]) -> None:
        self._open.pop(number, None)
        if settled.cancelled():
            return
        self._done[number] = None
        if len(self._done) > REMEMBERED:
            self._done.popitem(last=False)

    async def _publish_commands(self) -> None:
        menu = [BotCommand(command=command.name, description=command.about) for command in commands()]
        await self.sender.insist(SetMyCommands(commands=menu))

    async def _receive_by_polling(self) -> None:
        await self.sender.insist(DeleteWebhook(drop_pending_updates=False))
        self._poller = Poller(self.bot, self.accept, self.pace, list(KINDS))
        await self._poller.run()

    async def _receive_by_webhook(self) -> None:
        if not self.app.settings.webhook_url:
            log.error("JIANTING_WEBHOOK_URL is not set: Telegram cannot reach us")
            return
        await self.sender.insist(
            SetWebhook(url=self.app.settings.webhook_url, secret_token=self.secret, allowed_updates=list(KINDS))
        )


@asynccontextmanager
async def listening(channel: Telegram) -> AsyncIterator[Telegram]:
    """The channel started, and stopped at the end."""
    await channel.start()
    try:
        yield channel
    finally:
        await channel.stop()


def _settled() -> asyncio.Future[None]:
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.set_result(None)
    return future
