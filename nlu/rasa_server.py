"""The second ear: a Rasa server is asked for intents and codes; where it does not answer in time, another ear hears.

Rasa 3.6 needs a Python and libraries that cannot share our environment, so it is only ever a server (`POST /model/parse`).
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import quote, urlsplit

from nlu import entities, flags, rasa_answer
from nlu.engine import Ear
from nlu.meaning import Understanding
from nlu.rasa_answer import Answer, Nonsense
from nlu.rasa_export import folded

LIMIT = 0.3
HEARD = 2000
"""Characters of a message that are sent; the entities are looked for in all of it."""
_LARGEST = 1024 * 1024
_KEPT_LINES = 16
_FIRST_REST, _LONGEST_REST = 1.0, 60.0


class NoAnswer(ValueError):
    """Rasa is away, slow, or sent what is no answer."""

    def __init__(self, reason: str, detail: object = "") -> None:
        super().__init__(f"Rasa is {reason}: {detail}" if str(detail) else f"Rasa is {reason}.")
        self.reason = reason
        """In one word: away, slow or unclear."""


class RasaServer:
    """One server at one address, asked over connections that are kept; safe to share between threads."""

    def __init__(self, address: str, *, token: str = "", limit: float = LIMIT) -> None:
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{address!r} is not the address of a Rasa server, such as http://127.0.0.1:5005.")
        self._kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._host, self._port = parts.hostname, parts.port
        self._path = f"{parts.path.rstrip('/')}/model/parse" + (f"?token={quote(token, safe='')}" if token else "")
        self._limit = limit
        self._idle: list[HTTPConnection] = []

    def ask(self, text: str) -> Answer:
        """What Rasa makes of the text; `NoAnswer` where it cannot be had within the limit."""
        body = json.dumps({"text": text}).encode()
        until = time.monotonic() + self._limit
        try:
            return rasa_answer.read(json.loads(self._sent(body, until)))
        except TimeoutError as late:
            raise NoAnswer("slow", f"no answer within {self._limit} s") from late
        except OSError as broken:
            raise NoAnswer("away", broken) from broken
        except (HTTPException, Nonsense, ValueError, RecursionError) as wrong:
            raise NoAnswer("unclear", wrong) from wrong

    def close(self) -> None:
        """Give the kept connections back."""
        while self._idle:
            self._idle.pop().close()

    def _sent(self, body: bytes, until: float) -> bytes:
        """Over a kept connection, or a new one where the server has dropped that meanwhile."""
        try:
            kept = self._idle.pop()
        except IndexError:
            return self._exchange(self._kind(self._host, self._port), body, until)
        try:
            return self._exchange(kept, body, until)
        except ConnectionError:
            return self._exchange(self._kind(self._host, self._port), body, until)

    def _exchange(self, line: HTTPConnection, body: bytes, until: float) -> bytes:
        try:
            line.timeout = _left(until)
            if line.sock is not None:
                line.sock.settimeout(line.timeout)
            line.request("POST", self._path, body, {"Content-Type": "application/json"})
            content = _received(line, until)
        except BaseException:
            line.close()
            raise
        if line.sock is not None and len(self._idle) < _KEPT_LINES:
            self._idle.append(line)
        else:
            line.close()
        return content


def _received(line: HTTPConnection, until: float) -> bytes:
    """The body of a good answer, piece by piece, so that a server that drips cannot hold anybody."""
    content = b""
    sock = line.sock
    sock.settimeout(_left(until))
    with line.getresponse() as response:
        while part := response.read1(_LARGEST):
            content += part
            if len(content) > _LARGEST:
                raise Nonsense("an answer without end")
            sock.settimeout(_left(until))
        if response.status != 200:
            raise Nonsense(f"HTTP {response.status}")
    return content


def _left(until: float) -> float:
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


class Rest:
    """After a failure the server is left alone for a while, longer each time; then one message tries again."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._until = 0.0
        self.reason = ""

    def over(self) -> bool:
        """Whether to ask; where it was just lifted, for this one asker only."""
        with self._lock:
            if not self._failures:
                return True
            if self._clock() < self._until:
                return False
            self._until = self._clock() + self._length()
            return True

    def failed(self, reason: str) -> None:
        """Begin, or go on longer."""
        with self._lock:
            self._failures += 1
            self.reason = reason
            self._until = self._clock() + self._length()

    def answered(self) -> None:
        """End it."""
        with self._lock:
            self._failures = 0

    def _length(self) -> float:
        return min(_FIRST_REST * 2.0 ** min(self._failures - 1, 10), _LONGEST_REST)


class RasaEar:
    """Hears with Rasa; where Rasa gives no answer, with the ear `instead`, and `engine` says why.

    Without an ear `instead`, `NoAnswer` is raised: who measures Rasa wants no other's figures.
    """

    def __init__(self, server: RasaServer, instead: Ear | None = None, rest: Rest | None = None) -> None:
        self.server = server
        self.instead = instead
        self._rest = rest or Rest()

    def parse(self, text: str, *, now: datetime, asked: str | None = None, home: str | None = None) -> Understanding:
        """Understand `text`, said at `now` in answer to `asked`, in a channel at home in `home`."""
        if self.instead is None:
            answer = self.server.ask(folded(text)[:HEARD])
        else:
            try:
                answer = self._asked(text)
            except NoAnswer as silent:
                heard = self.instead.parse(text, now=now, asked=asked, home=home)
                return replace(heard, engine=f"{heard.engine} (rasa {silent.reason})")
        found = entities.find(text, now=now, home=home, asked=asked)
        return replace(rasa_answer.understood(text, answer, asked, found), flags=flags.find(text))

    def _asked(self, text: str) -> Answer:
        if not self._rest.over():
            raise NoAnswer(self._rest.reason)
        try:
            answer = self.server.ask(folded(text)[:HEARD])
        except NoAnswer as silent:
            self._rest.failed(silent.reason)
            raise
        self._rest.answered()
        return answer
