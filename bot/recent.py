"""The conversations that spoke last, as they stand: spares a read, and the version in the ledger decides all the same."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.dialogue.store import Remembered

MOST = 2000


class Recent:
    """A bounded memory by conversation, safe to use from many threads; forgetting is always right."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Remembered] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, conversation: str) -> Remembered | None:
        """What is remembered, None where nothing is."""
        return self._known.get(conversation)

    def put(self, conversation: str, remembered: Remembered) -> None:
        """Remember this, and forget who has been silent longest."""
        with self._lock:
            self._known[conversation] = remembered
            self._known.move_to_end(conversation)
            if len(self._known) > MOST:
                self._known.popitem(last=False)

    def forget(self, conversation: str) -> None:
        """Forget one conversation."""
        with self._lock:
            self._known.pop(conversation, None)
