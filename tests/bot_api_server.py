"""A Bot API server on loopback: real HTTP, with Telegram's rules and its troubles, for tests of the real channel.

    async with BotApi() as telegram:
        settings = Settings(telegram_token=telegram.token, telegram_api=telegram.base)
        await telegram.say(7, "医院挂空床")
        for said in await telegram.replies(7):
            said.text, said.buttons

`replies` waits until the bot has confirmed everything that was sent to it, so that nothing depends on sleeping.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.bot_api_methods import FILE_LIMIT, ApiError, Methods, Said

JSON_FIELDS = {"reply_markup", "entities", "commands", "allowed_updates", "link_preview_options"}


class BotApi(Methods):
    """The server, and what people do in its chats."""

    def __init__(self, token: str = "4242:loopback") -> None:
        super().__init__()
        self.token = token
        self.base = ""
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._troubles: dict[str, list[tuple[str | int, int]]] = defaultdict(list)
        self._read: dict[int, int] = defaultdict(int)
        self._updates = iter(range(500, 10**9))
        self._hooks: set[asyncio.Task[None]] = set()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=FILE_LIMIT * 2)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.base = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._hooks:
            task.cancel()
        await asyncio.gather(*self._hooks, return_exceptions=True)
        if self._runner:
            await self._runner.cleanup()

    # What people do.

    async def say(self, chat: int, text: str) -> int:
        """A person writes a text; gives the message's number."""
        return await self.send(chat, text=text)

    async def send(self, chat: int, *, kind: str = "private", **content: Any) -> int:
        """A person sends a message of any content, as the Bot API shapes it."""
        message = self.message(chat, kind, **content)
        self.push(message=message)
        return int(message["message_id"])

    async def edit(self, chat: int, message_id: int, **content: Any) -> None:
        """A person changes a message that was sent before."""
        message = self.message(chat, "private", **content)
        message.update(message_id=message_id, edit_date=int(time.time()) + next(self.numbers) % 1000)
        self.push(edited_message=message)

    async def press(self, chat: int, label: str) -> None:
        """A person presses the latest button that bears `label`."""
        for said in reversed(self.said[chat]):
            for key in said.keys:
                if key["text"] != label:
                    continue
                if "callback_data" not in key:
                    await self.say(chat, label)
                    return
                query = f"query-{next(self.numbers)}"
                self.presses.add(query)
                shown = self.message(chat, "private", text=said.text, reply_markup=said.markup)
                shown.update(message_id=said.message_id, **{"from": {"id": 4242, "is_bot": True, "first_name": "兼听"}})
                person = {"id": chat, "is_bot": False, "first_name": "某人"}
                self.push(
                    callback_query={
                        "id": query,
                        "from": person,
                        "chat_instance": "1",
                        "message": shown,
                        "data": key["callback_data"],
                    }
                )
                return
        raise AssertionError(f"no button {label!r} in chat {chat}")

    def file(self, content: bytes, **more: Any) -> dict[str, Any]:
        """A file that lies at Telegram, as messages refer to it."""
        number = f"file{next(self.numbers)}"
        self.files[number] = content
        return {"file_id": number, "file_unique_id": f"unique{number}", "file_size": len(content), **more}

    async def replies(self, chat: int, within: float = 10) -> list[Said]:
        """What the bot said to the chat since the last call, once it has confirmed everything it was sent."""
        await self.settled(within)
        start, self._read[chat] = self._read[chat], len(self.said[chat])
        return self.said[chat][start:]

    async def settled(self, within: float = 10) -> None:
        """Wait until the bot has confirmed every update."""
        await self.until(lambda: not self.unconfirmed, within)

    async def until(self, condition: Any, within: float = 10) -> None:
        """Wait until something has become true of the server."""
        async with asyncio.timeout(within):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    # What goes wrong.

    def trouble(self, method: str, *kinds: str | int, retry_after: int = 1) -> None:
        """The next calls of `method` meet trouble, one each: 429, 500, "page" (a proxy's 502), "drop", "lost answer"."""
        self._troubles[method] += [(kind, retry_after) for kind in kinds]

    def push(self, number: int | None = None, **update: Any) -> int:
        """Put an update before the bot; a `number` that was used before repeats it."""
        number = next(self._updates) if number is None else number
        self.unconfirmed[number] = {"update_id": number, **update}
        self.handed_out.discard(number)
        if self.webhook:
            task = asyncio.get_running_loop().create_task(self._bring(number))
            self._hooks.add(task)
            task.add_done_callback(self._hooks.discard)
        self.changed.set()
        return number

    # HTTP.

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method, fields = request.match_info["method"], {**request.query, **await request.post()}
        params = {key: json.loads(str(value)) if key in JSON_FIELDS else value for key, value in fields.items()}
        self.calls.append((method, params))
        trouble, retry_after = self._troubles[method].pop(0) if self._troubles[method] else ("", 0)
        if trouble == "page":
            return web.Response(status=502, text="<html>Bad Gateway</html>", content_type="text/html")
        if trouble == "drop":
            return _cut(request)
        try:
            self._refuse(request.match_info["token"], trouble, retry_after)
            result = await getattr(self, f"do_{method}", self._unknown)(params)
        except ApiError as refused:
            return web.json_response(refused.body, status=refused.code)
        finally:
            self.changed.set()
        return _cut(request) if trouble == "lost answer" else web.json_response({"ok": True, "result": result})

    def _refuse(self, token: str, trouble: str | int, retry_after: int) -> None:
        if token != self.token:
            raise ApiError(401, "Unauthorized")
        if trouble == 429:
            raise ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)
        if trouble == 500:
            raise ApiError(500, "Internal Server Error")

    @staticmethod
    async def _unknown(_: dict[str, Any]) -> Any:
        raise ApiError(404, "Not Found")

    async def _download(self, request: web.Request) -> web.StreamResponse:
        if self._troubles["download"]:
            self._troubles["download"].pop(0)
            return _cut(request)
        return web.Response(body=self.files[request.match_info["path"].removeprefix("kept/")])

    async def _bring(self, number: int) -> None:
        """Bring one update to the webhook until it is taken."""
        async with aiohttp.ClientSession() as session:
            while self.webhook and number in self.unconfirmed:
                headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook.get("secret_token", "")}
                try:
                    body = self.unconfirmed[number]
                    async with session.post(self.webhook["url"], json=body, headers=headers) as answer:
                        if answer.status == 200:
                            self.unconfirmed.pop(number, None)
                            self.changed.set()
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.05)


def _cut(request: web.Request) -> web.StreamResponse:
    """Break the connection without an answer."""
    if request.transport:
        request.transport.abort()
    return web.Response()
