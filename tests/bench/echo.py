"""The bare echo: the same framework and server, one endpoint that writes one row and answers; the yardstick."""

from __future__ import annotations

import sqlite3
import sys
import threading

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

_local = threading.local()
_writer = threading.Lock()


class Message(BaseModel):
    """What the chat's message endpoint takes."""

    message_id: str
    text: str


def create(path: str) -> FastAPI:
    """The echo over a database with the ledger's own settings: WAL and full synchronisation."""
    web = FastAPI()
    with sqlite3.connect(path) as first:
        first.execute("PRAGMA journal_mode=WAL")
        first.execute("CREATE TABLE IF NOT EXISTS echo (id INTEGER PRIMARY KEY, text TEXT)")

    def connection() -> sqlite3.Connection:
        if not hasattr(_local, "connection"):
            _local.connection = sqlite3.connect(path, timeout=10)
            _local.connection.execute("PRAGMA synchronous=FULL")
        return _local.connection  # type: ignore[no-any-return]

    @web.post("/echo")
    def echo(message: Message) -> dict[str, object]:
        with _writer, connection() as mine:
            mine.execute("INSERT INTO echo (text) VALUES (?)", (message.text,))
        return {"replies": [{"text": message.text, "choices": [], "asks": None}], "receipts": []}

    return web


if __name__ == "__main__":
    uvicorn.run(create(sys.argv[2]), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
