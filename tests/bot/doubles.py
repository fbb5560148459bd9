"""A dialogue of few words and an app without ear and law: what the channels need to be tried alone."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bot.app import App
from bot.channels.message import Inbound, Reply
from bot.keys import open_vault
from bot.settings import Settings
from intake.db import Database
from intake.evidence import EvidenceStore
from intake.report import Receipt
from intake.schema import migrate
from routing.hours import Hours

RECEIPT = Receipt("WB-621021-2026-000001", "4929000000000003", "庆城县医疗保障局", date(2026, 3, 9), "自收到之日起")


@dataclass(frozen=True, slots=True)
class Spoken:
    """An answer of the echoing dialogue."""

    replies: tuple[Reply, ...] = ()
    receipts: tuple[Receipt, ...] = ()


@dataclass
class Echo:
    """A dialogue that says what it heard, and remembers it; the same message gives the same answer."""

    answer: Callable[[Inbound], Spoken] = lambda inbound: Spoken((Reply(f"听到:{inbound.text}"),))
    heard: list[Inbound] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    told: dict[str, tuple[str, str, Reply, str | None, str]] = field(default_factory=dict)
    begun: list[str] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    slow: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, app: App, channel: str, sender: str, now: datetime) -> Spoken:
        """Greets."""
        self.begun.append(sender)
        return Spoken((Reply("您好,请说。"),))

    def converse(self, app: App, inbound: Inbound) -> Spoken:
        """Echoes."""
        time.sleep(self.slow.get(inbound.sender, 0))
        with self._lock:
            self.calls[inbound.message_id] += 1
            if self.failures:
                raise self.failures.pop(0)
            if all((seen.sender, seen.message_id) != (inbound.sender, inbound.message_id) for seen in self.heard):
                self.heard.append(inbound)
        return self.answer(inbound)

    def tell(self, app: App, channel: str, sender: str, told: Reply, key: str, *more: Any) -> None:
        """Keeps what the desk said, by key."""
        if self.failures:
            raise self.failures.pop(0)
        report_number, kind, _now = more
        self.told.setdefault(key, (channel, sender, told, report_number, kind))


def small_app(folder: Path, **settings: Any) -> App:
    """An app with a real ledger, vault and store of evidence; ear and law are left out, and nobody ever sleeps."""
    chosen = Settings(data_folder=folder, _env_file=None, **settings)
    folder.mkdir(parents=True, exist_ok=True)
    database = Database(chosen.database())
    migrate(database)
    vault = open_vault(chosen, database, datetime.now(UTC))
    nobody: Any = None
    lawless: Any = SimpleNamespace(hours=Hours(), calendar=SimpleNamespace(at=lambda _place: None))
    return App(chosen, database, vault, nobody, lawless, EvidenceStore(folder / "evidence", vault))
