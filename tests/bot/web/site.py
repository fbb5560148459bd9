"""The web application behind a real HTTP server in a thread of the test, and a client that speaks to it."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn

from bot.app import App
from bot.web.app import create_app


@dataclass
class Site:
    """A running site: its application, its address, a client without proxies."""

    app: App
    base: str
    http: httpx.Client

    def post(self, path: str, **how: Any) -> httpx.Response:
        """POST under the API."""
        return self.http.post(f"/api/v1{path}", **how)


@contextmanager
def site(app: App) -> Iterator[Site]:
    """Serve `app` on a free loopback port until the block is left."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(create_app(app), log_level="error", access_log=False, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            with httpx.Client(base_url=base, timeout=60, trust_env=False) as http:
                yield Site(app, base, http)
        finally:
            server.should_exit = True
            thread.join(20)


@dataclass
class Person:
    """Somebody who talks over the API."""

    site: Site
    conversation: str = ""
    token: str = ""
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def begin(self) -> dict[str, Any]:
        """Open the conversation."""
        begun: dict[str, Any] = self.site.post("/conversations").json()
        self.conversation, self.token = begun["conversation"], begun["token"]
        return begun

    @property
    def headers(self) -> dict[str, str]:
        """The bearer token."""
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def path(self) -> str:
        """Where messages go."""
        return f"/conversations/{self.conversation}/messages"

    def say(self, text: str, **how: Any) -> dict[str, Any]:
        """One message, answered."""
        body = {"message_id": f"m{next(self.numbers)}", "text": text}
        answer = self.site.post(self.path, headers=self.headers, **({"json": body} | how))
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json()
        return said
