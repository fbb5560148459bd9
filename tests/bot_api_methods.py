"""What a Bot API server knows and answers: the methods that the channel calls, with Telegram's own refusals."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

FILE_LIMIT = 20 * 1024 * 1024
TEXT_LIMIT = 4096


class ApiError(Exception):
    """An answer that says no, in Telegram's form."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.body = {"ok": False, "error_code": code, "description": description}
        if parameters:
            self.body["parameters"] = parameters


@dataclass(slots=True)
class Said:
    """A message that the bot sent to a chat."""

    message_id: int
    text: str
    raw: dict[str, Any]
    at: float = field(default_factory=time.monotonic)

    @property
    def protected(self) -> bool:
        """Whether it can be forwarded."""
        return self.raw.get("protect_content") == "true"

    @property
    def markup(self) -> dict[str, Any]:
        """The keyboard under it."""
        return self.raw.get("reply_markup") or {}

    @property
    def keys(self) -> list[dict[str, Any]]:
        """Its buttons, inline or of the keyboard."""
        found = self.markup.get("inline_keyboard") or self.markup.get("keyboard") or []
        return [key for row in found for key in row]

    @property
    def buttons(self) -> tuple[str, ...]:
        """What stands on its buttons."""
        return tuple(key["text"] for key in self.keys)


class Methods:
    """The state of the server, and one method of ours for each of the Bot API's."""

    def __init__(self) -> None:
        self.said: dict[int, list[Said]] = defaultdict(list)
        self.unconfirmed: dict[int, dict[str, Any]] = {}
        self.handed_out: set[int] = set()
        self.blocked: set[int] = set()
        self.chats: dict[int, str] = {}
        self.webhook: dict[str, Any] | None = None
        self.files: dict[str, bytes] = {}
        self.presses: set[str] = set()
        self.numbers: Iterator[int] = iter(range(1001, 10**9))
        self.changed = asyncio.Event()
        self._polling: asyncio.Event | None = None

    def message(self, chat: int, kind: str, **content: Any) -> dict[str, Any]:
        """A message of a person in a chat."""
        self.chats[chat] = kind
        person = {"id": chat, "is_bot": False, "first_name": "某人"}
        place = {"id": chat, "type": kind, "first_name": "某人"} if kind == "private" else {"id": chat, "type": kind}
        return {"message_id": next(self.numbers), "date": int(time.time()), "chat": place, "from": person, **content}

    async def do_getMe(self, _: dict[str, Any]) -> Any:  # noqa: N802
        return {"id": 4242, "is_bot": True, "first_name": "兼听", "username": "jianting_bot"}

    async def do_getUpdates(self, params: dict[str, Any]) -> Any:  # noqa: N802
        if self.webhook:
            raise ApiError(409, "Conflict: can't use getUpdates method while webhook is active")
        if self._polling:
            self._polling.set()
        ended = self._polling = asyncio.Event()
        offset = int(params.get("offset", 0))
        for number in [number for number in self.unconfirmed if number < offset and number in self.handed_out]:
            del self.unconfirmed[number]
        self.changed.set()
        deadline = time.monotonic() + int(params.get("timeout", 0))
        while not self.unconfirmed and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
            if ended.is_set():
                raise ApiError(409, "Conflict: terminated by other getUpdates request")
        given = sorted(self.unconfirmed)[: int(params.get("limit", 100))]
        self.handed_out.update(given)
        return [self.unconfirmed[number] for number in given]

    async def do_setWebhook(self, params: dict[str, Any]) -> Any:  # noqa: N802
        self.webhook = params
        return True

    async def do_deleteWebhook(self, _: dict[str, Any]) -> Any:  # noqa: N802
        self.webhook = None
        return True

    async def do_setMyCommands(self, _: dict[str, Any]) -> Any:  # noqa: N802
        return True

    async def do_sendChatAction(self, _: dict[str, Any]) -> Any:  # noqa: N802
        return True

    async def do_sendMessage(self, params: dict[str, Any]) -> Any:  # noqa: N802
        chat = int(params["chat_id"])
        if chat in self.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if chat not in self.chats:
            raise ApiError(400, "Bad Request: chat not found")
        if not params.get("text", "").strip():
            raise ApiError(400, "Bad Request: message text is empty")
        if len(params["text"].encode("utf-16-le")) // 2 > TEXT_LIMIT:
            raise ApiError(400, "Bad Request: message is too long")
        said = Said(next(self.numbers), params["text"], params)
        if any(len(key.get("callback_data", "").encode()) > 64 for key in said.keys):
            raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
        self.said[chat].append(said)
        return self.message(chat, self.chats[chat], text=said.text) | {"message_id": said.message_id}

    async def do_answerCallbackQuery(self, params: dict[str, Any]) -> Any:  # noqa: N802
        if params["callback_query_id"] not in self.presses:
            raise ApiError(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        return True

    async def do_editMessageReplyMarkup(self, params: dict[str, Any]) -> Any:  # noqa: N802
        chat, number = int(params["chat_id"]), int(params["message_id"])
        said = next(said for said in self.said[chat] if said.message_id == number)
        said.raw["reply_markup"] = params["reply_markup"]
        return self.message(chat, "private", text=said.text) | {"message_id": number}

    async def do_getFile(self, params: dict[str, Any]) -> Any:  # noqa: N802
        content = self.files[params["file_id"]]
        if len(content) > FILE_LIMIT:
            raise ApiError(400, "Bad Request: file is too big")
        number = params["file_id"]
        return {"file_id": number, "file_unique_id": f"unique{number}", "file_path": f"kept/{number}"}
