"""Saying something on Telegram: pieces that fit, buttons, and what a failed call means."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, TypeVar

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramAPIError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import SendMessage, TelegramMethod
from aiogram.types import (
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    LinkPreviewOptions,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from aiohttp import ClientConnectorError

from bot.channels.delivery import InDoubt, Later, Refused
from bot.channels.message import Reply
from bot.channels.receipts import code_in, receipt_of
from bot.channels.sentences import sentence
from bot.channels.telegram.pace import Pace
from intake.report import Receipt

LIMIT = 4096  # Bot API, sendMessage: 1-4096 characters, counted in UTF-16 units
ROW = 16  # characters that fit beside each other on a small phone
PRESS = "choice:"

T = TypeVar("T")
Markup = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove

log = structlog.get_logger(__name__)


def units(text: str) -> int:
    """The length of a text as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


def pieces(text: str, limit: int = LIMIT) -> Iterator[str]:
    """The text in pieces that fit, cut at a paragraph, a line or a sentence where there is one in the second half."""
    while units(text) > limit:
        head = text[:limit]
        while units(head) > limit:
            head = head[: len(head) - max(1, (units(head) - limit) // 2)]
        for mark in ("\n\n", "\n", "。", ";", ",", " "):
            at = head.rfind(mark)
            if at >= len(head) // 2:
                head = head[: at + len(mark)]
                break
        yield head.strip("\n") or head
        text = text[len(head) :].lstrip("\n")
    if text:
        yield text


def rows(choices: tuple[str, ...]) -> list[list[tuple[int, str]]]:
    """The choices with their numbers in rows: short ones beside each other, long ones alone."""
    made: list[list[tuple[int, str]]] = []
    room = 0
    for number, choice in enumerate(choices[:100]):
        width = len(choice) + 2
        if not made or width > room:
            made.append([])
            room = ROW
        made[-1].append((number, choice))
        room -= width
    return made


def keyboard(reply: Reply) -> Markup:
    """Buttons under the message; where the phone is asked for, keys that can hand over one's own number."""
    if reply.asks == "phone":
        share = [KeyboardButton(text=sentence("telegram.share_phone"), request_contact=True)]
        keys = [[KeyboardButton(text=choice) for _, choice in row] for row in rows(reply.choices)]
        return ReplyKeyboardMarkup(keyboard=[share, *keys], resize_keyboard=True, one_time_keyboard=True)
    if not reply.choices:
        return ReplyKeyboardRemove(remove_keyboard=True)
    return InlineKeyboardMarkup(inline_keyboard=_choices(reply))


def _choices(reply: Reply) -> list[list[InlineKeyboardButton]]:
    """A press brings the choice's number only: callback data may have 64 bytes, a choice has more."""
    return [
        [InlineKeyboardButton(text=choice, callback_data=f"{PRESS}{number}") for number, choice in row]
        for row in rows(reply.choices)
    ]


def messages(chat: int, reply: Reply) -> Iterator[SendMessage]:
    """The calls that say a reply; the buttons stand under its last piece."""
    parts = list(pieces(reply.text))
    for number, part in enumerate(parts, start=1):
        yield SendMessage(
            chat_id=chat,
            text=part,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
            reply_markup=keyboard(reply) if number == len(parts) else None,
        )


def answers(chat: int, replies: tuple[Reply, ...], receipts: tuple[Receipt, ...]) -> Iterator[SendMessage]:
    """The calls that say an answer; what holds a query code is kept from being passed on."""
    for reply in replies:
        receipt = receipt_of(reply, receipts)
        if receipt is None:
            yield from messages(chat, reply)
            continue
        yield _guarded(chat, reply, receipt)
        explained = sentence("receipt.explained", derivation=receipt.derivation)
        if receipt.proof:
            explained += "\n\n" + sentence("receipt.proof", proof=receipt.proof).strip()
        yield from messages(chat, Reply(explained))


def _guarded(chat: int, reply: Reply, receipt: Receipt) -> SendMessage:
    """A receipt: its code lies under a veil, and the message cannot be forwarded.

    Text so protected (protect_content) cannot be copied either, therefore a button copies the code.
    """
    found = code_in(reply.text, receipt)
    start, end = found.span() if found else (0, 0)
    copy = InlineKeyboardButton(
        text=sentence("receipt.copy", number=receipt.case_number), copy_text=CopyTextButton(text=receipt.query_code)
    )
    veil = MessageEntity(type="spoiler", offset=units(reply.text[:start]), length=units(reply.text[start:end]))
    return SendMessage(
        chat_id=chat,
        text=reply.text,
        entities=[veil],
        protect_content=True,
        reply_markup=InlineKeyboardMarkup(inline_keyboard=[[copy], *_choices(reply)]),
    )


class Sender:
    """Calls the Bot API and knows what its failures mean."""

    def __init__(self, bot: Bot, pace: Pace) -> None:
        self._bot = bot
        self._pace = pace

    async def once(self, method: TelegramMethod[T]) -> T:
        """One call; raises Later, Refused or InDoubt."""
        try:
            return await self._bot(method, request_timeout=30)
        except TelegramRetryAfter as flood:
            raise Later(flood.retry_after) from flood
        except TelegramServerError as trouble:
            # The Bot API itself answered that it failed; a proxy's page would not have been understood (below).
            raise Later from trouble
        except TelegramNetworkError as broken:
            if isinstance(broken.__cause__, ClientConnectorError):
                raise Later from broken
            raise InDoubt from broken
        except ClientDecodeError as strange:
            raise InDoubt from strange
        except TelegramAPIError as refused:
            raise Refused from refused
        except (AiogramError, OSError) as broken:
            raise InDoubt from broken

    async def insist(self, method: TelegramMethod[T]) -> T | None:
        """The call until Telegram took it: rather twice than never, since a receipt may hang on it."""
        for tries in range(1, self._pace.send_tries + 1):
            try:
                return await self.once(method)
            except Refused as refused:
                log.warning("Telegram refused a call", method=type(method).__name__, why=_why(refused))
                return None
            except Later as later:
                pause = later.seconds
            except InDoubt:
                pause = None
            await asyncio.sleep(self._pace.pause(tries) if pause is None else pause)
        log.error("a reply was given up", method=type(method).__name__)
        return None

    async def try_once(self, method: TelegramMethod[Any]) -> None:
        """A call that may fail: a progress bar, a sign of typing."""
        try:
            await self.once(method)
        except (Later, Refused, InDoubt):
            log.debug("a courtesy was not delivered", method=type(method).__name__)


def _why(refused: Refused) -> str:
    """The name of the refusal only: its text may hold the chat's number, which is somebody's identity."""
    return type(refused.__cause__).__name__
