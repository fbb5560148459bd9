"""One message of one chat: heard, its files fetched, handed to the dialogue, and answered."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

import structlog
from aiogram.enums import ContentType
from aiogram.methods import AnswerCallbackQuery, EditMessageReplyMarkup, SendChatAction
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from bot.app import App
from bot.channels.door import Answer, Door
from bot.channels.message import File, Inbound, Reply
from bot.channels.sentences import sentence
from bot.channels.telegram.files import Fetcher, NotKept
from bot.channels.telegram.incoming import Attachment, Heard, hear, together
from bot.channels.telegram.lanes import Item
from bot.channels.telegram.outgoing import PRESS, Sender, answers, messages
from bot.channels.telegram.pace import Pace
from bot.trouble import described

CHANNEL = "telegram"
SPENT = "spent"
REMEMBERED = 5000

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Conversing:
    """What is done with the updates of a lane."""

    def __init__(
        self,
        app: App,
        door: Door,
        *,
        sender: Sender,
        fetcher: Fetcher,
        pace: Pace,
        wall: Callable[[], datetime],
    ) -> None:
        self._app = app
        self._door = door
        self._sender = sender
        self._fetcher = fetcher
        self._pace = pace
        self._wall = wall
        self._answered: OrderedDict[tuple[int, str], None] = OrderedDict()
        self._said: OrderedDict[tuple[int, int], str] = OrderedDict()

    async def handle(self, chat: int, items: list[Item]) -> None:
        """Answer one message, one album or one press of a button."""
        update = items[0].update
        if update is None:
            await self._say(chat, Reply(sentence("telegram.unreadable")))
        elif update.callback_query:
            await self._pressed(chat, update.callback_query)
        elif update.message:
            sent = [item.update.message for item in items if item.update and item.update.message]
            await self._message(chat, sent)
        elif update.edited_message:
            await self._edited(chat, update.edited_message)

    async def _message(self, chat: int, sent: list[Message]) -> None:
        first = sent[0]
        if first.chat.type != "private":
            await self._refuse_group(chat, first)
            return
        parts = [heard for message in sent if (heard := hear(message))]
        if not parts:
            return
        for message in sent:
            self._remember_text(chat, message)
        await self._hear(chat, _name(sent), together(parts), first.date)

    async def _edited(self, chat: int, message: Message) -> None:
        """A correction: heard as a message of its own, so that what was said before stays in the book."""
        if message.chat.type != "private" or message.location or not self._remember_text(chat, message):
            return
        heard = hear(message)
        if heard is None:
            return
        fresh = tuple(file for file in heard.attachments if not self._fetcher.knows(chat, file))
        text = sentence("telegram.correction", text=heard.text) if heard.text else ""
        edited = message.edit_date or int(message.date.timestamp())
        name = f"edit-{message.message_id}-{edited}"
        await self._hear(
            chat, name, replace(heard, text=text, attachments=fresh), datetime.fromtimestamp(edited, tz=UTC)
        )

    async def _pressed(self, chat: int, query: CallbackQuery) -> None:
        message = query.message if isinstance(query.message, Message) else None
        number = (query.data or "").removeprefix(PRESS)
        labels = _labels(message)
        if query.data == SPENT:
            await self._sender.try_once(AnswerCallbackQuery(callback_query_id=query.id))
            return
        if message is None or not number.isdecimal() or int(number) >= len(labels):
            stale = sentence("telegram.stale_button")
            await self._sender.try_once(AnswerCallbackQuery(callback_query_id=query.id, text=stale, show_alert=True))
            return
        await self._sender.try_once(AnswerCallbackQuery(callback_query_id=query.id))
        choice = labels[int(number)]
        # Spent before it is heard: a second press meanwhile would answer the next question.
        await self._sender.try_once(_spend(chat, message, choice))
        if not await self._hear(chat, f"press-{query.id}", Heard(text=choice), self._wall()):
            again = EditMessageReplyMarkup(
                chat_id=chat, message_id=message.message_id, reply_markup=message.reply_markup
            )
            await self._sender.try_once(again)

    async def _hear(self, chat: int, name: str, heard: Heard, at: datetime) -> bool:
        """Whether it was taken, or needed not to be."""
        if (chat, name) in self._answered:
            return True
        async with self._typing(chat):
            files, remarks = await self._fetch(chat, heard.attachments)
            inbound = Inbound(CHANNEL, str(chat), name, heard.text, at, tuple(files))
            answer = None
            lost = False
            if heard.text.strip() or files:
                answer = await self._converse(inbound)
                lost = answer is None
            if lost:
                remarks.append(sentence("telegram.lost"))
        if answer is not None or not heard.says_something:
            remarks.extend(heard.remarks)
        for remark in remarks:
            await self._say(chat, Reply(remark))
        if answer is not None:
            for message in answers(chat, answer.replies, answer.receipts):
                await self._sender.insist(message)
        _keep(self._answered, (chat, name), None)
        return not lost

    async def _converse(self, inbound: Inbound) -> Answer | None:
        """The dialogue's answer; None where it failed every time."""
        for tries in range(1, self._pace.message_tries + 1):
            try:
                if inbound.text.split()[:1] == ["/start"] and not inbound.files:
                    return await asyncio.to_thread(self._door.begin, self._app, CHANNEL, inbound.sender, self._wall())
                return await asyncio.to_thread(self._door.converse, self._app, inbound)
            except Exception as trouble:  # noqa: BLE001 - any failure is tried again, then told to the person
                log.warning("a message was not taken", trouble=described(trouble), tries=tries)
            if tries < self._pace.message_tries:
                await asyncio.sleep(self._pace.pause(tries))
        log.error("a message was given up and its sender told so", files=len(inbound.files))
        return None

    async def _fetch(self, chat: int, attachments: tuple[Attachment, ...]) -> tuple[list[File], list[str]]:
        results = await asyncio.gather(
            *(self._fetcher.fetch(chat, file) for file in attachments), return_exceptions=True
        )
        files = [result for result in results if isinstance(result, File)]
        remarks = [str(result) for result in results if isinstance(result, NotKept)]
        for file, result in zip(attachments, results, strict=True):
            if isinstance(result, BaseException) and not isinstance(result, NotKept):
                log.error("a file was not kept", trouble=described(result))
                remarks.append(sentence("file.not_fetched", name=file.name))
        return files, remarks

    async def _say(self, chat: int, reply: Reply) -> None:
        for message in messages(chat, reply):
            await self._sender.insist(message)

    async def _refuse_group(self, chat: int, message: Message) -> None:
        """Once a group: nobody should tell of fraud before others, and nobody wants a bot that nags."""
        if (
            ContentType(message.content_type).value in {"text", "photo", "document", "voice", "video"}
            and (chat, "group") not in self._answered
        ):
            _keep(self._answered, (chat, "group"), None)
            await self._say(chat, Reply(sentence("telegram.group")))

    def _remember_text(self, chat: int, message: Message) -> bool:
        """Whether the words are new: Telegram also calls it an edit when only a link's preview came."""
        media = [size.file_unique_id for size in message.photo or ()]
        words = hashlib.sha256(f"{message.text}\0{message.caption}\0{message.document}\0{media}".encode()).hexdigest()
        key = (chat, message.message_id)
        fresh = self._said.get(key) != words
        _keep(self._said, key, words)
        return fresh

    @asynccontextmanager
    async def _typing(self, chat: int) -> AsyncIterator[None]:
        task = asyncio.create_task(self._show_typing(chat))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _show_typing(self, chat: int) -> None:
        await asyncio.sleep(self._pace.typing_after)
        while True:
            await self._sender.try_once(SendChatAction(chat_id=chat, action="typing"))
            await asyncio.sleep(4.5)  # Bot API: the sign stays for five seconds or less


def _name(sent: list[Message]) -> str:
    """The stable number of a message; of an album, one that no other set of its parts has."""
    if len(sent) == 1:
        return str(sent[0].message_id)
    ids = sorted(message.message_id for message in sent)
    return f"album-{ids[0]}-{hashlib.sha256(repr(ids).encode()).hexdigest()[:16]}"


def _labels(message: Message | None) -> list[str]:
    """The choices of a message in their order: they stand under it, so that no memory of ours is needed."""
    markup = message.reply_markup if message else None
    buttons = [button for row in markup.inline_keyboard for button in row] if markup else []
    return [button.text for button in buttons if (button.callback_data or "").startswith(PRESS)]


def _spend(chat: int, message: Message, choice: str) -> EditMessageReplyMarkup:
    """What was chosen stays to be read; it cannot be pressed a second time."""
    button = InlineKeyboardButton(text=sentence("telegram.chosen", choice=choice), callback_data=SPENT)
    markup = InlineKeyboardMarkup(inline_keyboard=[[button]])
    return EditMessageReplyMarkup(chat_id=chat, message_id=message.message_id, reply_markup=markup)


def _keep(memory: OrderedDict[T, str] | OrderedDict[T, None], key: T, value: object) -> None:
    memory[key] = value  # type: ignore[assignment]
    memory.move_to_end(key)
    if len(memory) > REMEMBERED:
        memory.popitem(last=False)
