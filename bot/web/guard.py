"""The outermost layer of every request: bounds its body, sets the security headers, counts it.

One plain ASGI layer for all three, because each layer costs every message; nothing is logged here, so that no
address of a person ever reaches a log.
"""

from __future__ import annotations

import json
from contextlib import suppress
from time import perf_counter

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web.errors import body, broken
from bot.web.metrics import Metrics
from bot.web.words import say

MIB = 1024 * 1024
JSON_LIMIT = MIB
DRAIN_LIMIT = 512 * MIB
"""How much of a too large body is read and thrown away, so that the sender gets to read why it was refused."""

CONTENT_SECURITY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = [
    (b"content-security-policy", CONTENT_SECURITY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
_NO_STORE = (b"cache-control", b"no-store")
_ASK_AGAIN = (b"cache-control", b"no-cache")
_KEEP = (b"cache-control", b"public, max-age=31536000, immutable")


def _in_utf_8(kind: bytes) -> bool:
    """Whether a body is in the letters that we read: the sender's choice of a codec is not followed.

    The form's parser would decode by whatever is named there: "idna" takes a minute for a megabyte.
    """
    _, named, rest = kind.lower().partition(b"charset")
    return not named or rest.lstrip(b' =*"').startswith((b"utf-8", b"utf8"))


class _TooLarge(Exception):
    """The body grew beyond its bound."""


class Guard:
    """The ASGI layer; `file_mb` bounds a multipart body, JSON bodies have a bound of their own."""

    def __init__(self, inner: ASGIApp, *, metrics: Metrics, file_mb: int, https: bool = False) -> None:
        self._inner, self._metrics, self._file_mb = inner, metrics, file_mb
        # Text and part headers come on top of the files.
        self._form_limit = (file_mb + 1) * MIB
        self._headers = [*_HEADERS, (b"strict-transport-security", b"max-age=31536000")] if https else _HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        started, status, begun = perf_counter(), 500, False

        async def sending(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                begun = True
                status = message["status"]
                self._dress(scope, message)
            await send(message)

        try:
            await self._bounded(scope, receive, sending)
        except Exception as error:  # whatever was not foreseen still leaves with a sentence and the headers
            if begun:
                raise
            await broken(Request(scope), error)(scope, receive, sending)
        finally:
            route = getattr(scope.get("route"), "path", "unknown")
            self._metrics.observe(scope["method"], route, status, perf_counter() - started)

    async def _bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on at most as many bytes as this kind of body may have."""
        kind = length = b""
        chunked = False
        for name, value in scope["headers"]:
            if name == b"content-type":
                kind = value
            elif name == b"content-length":
                length = value
            elif name == b"transfer-encoding":
                chunked = True
        if chunked:
            # RFC 9112 §6.3: it overrides the announced length, which then holds the sender to nothing.
            length = b""
        if not _in_utf_8(kind):
            await self._refuse(receive, send, 400, "bad_request")
            return
        form = kind.startswith(b"multipart/")
        limit = self._form_limit if form else JSON_LIMIT
        if length.isdigit() and int(length) > limit:
            await self._too_large(receive, send, 0, form)
            return
        if length.isdigit() or scope["method"] in ("GET", "HEAD"):
            # The server itself holds the sender to the announced length.
            await self._inner(scope, receive, send)
            return
        await self._counted(scope, receive, send, limit, form)

    async def _counted(self, scope: Scope, receive: Receive, send: Send, limit: int, form: bool) -> None:
        """A body of unannounced length is counted while it comes."""
        seen, begun = 0, False

        async def receiving() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise _TooLarge
            return message

        async def sending(message: Message) -> None:
            nonlocal begun
            if seen > limit:
                return
            begun = True
            await send(message)

        with suppress(_TooLarge):
            await self._inner(scope, receiving, sending)
        if seen > limit and not begun:
            await self._too_large(receive, send, seen, form)

    async def _too_large(self, receive: Receive, send: Send, seen: int, form: bool) -> None:
        limit = f"{self._file_mb} MB" if form else f"{JSON_LIMIT // MIB} MB"
        sentence = say("refused", "body_too_large", limit=limit)
        await self._refuse(receive, send, 413, "body_too_large", seen, sentence, "files" if form else "body")

    async def _refuse(
        self, receive: Receive, send: Send, status: int, code: str, seen: int = 0, sentence: str = "", field: str = ""
    ) -> None:
        """Read the rest into nothing, then say why."""
        while seen < DRAIN_LIMIT:
            message = await receive()
            seen += len(message.get("body", b""))
            if message["type"] == "http.disconnect" or not message.get("more_body", False):
                break
        sentence = sentence or say("refused", code)
        content = json.dumps(body(code, sentence, {field: sentence} if field else None), ensure_ascii=False)
        headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content.encode()})

    def _dress(self, scope: Scope, message: Message) -> None:
        """Security headers on everything; kept for good is only a static file whose address names its content."""
        headers = message["headers"] = [*message.get("headers", ()), *self._headers]
        if any(name == b"cache-control" for name, _ in headers):
            return
        if not scope["path"].startswith("/static/"):
            headers.append(_NO_STORE)
        elif message["status"] == 200:
            headers.append(_KEEP if scope["query_string"].startswith(b"v=") else _ASK_AGAIN)
