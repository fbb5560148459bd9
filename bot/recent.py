"""What was used last, kept in memory to spare a read; the ledger decides all the same, so forgetting is always right."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

MOST = 2000

T = TypeVar("T")


class Recent(Generic[T]):
    """A bounded memory by conversation, safe to use from many threads."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, conversation: str) -> T | None:
        """What is remembered, None where nothing is."""
        return self._known.get(conversation)

    def put(self, conversation: str, known: T) -> None:
        """Remember this, and forget who has been silent longest."""
        with self._lock:
            self._known[conversation] = known
            self._known.move_to_end(conversation)
            if len(self._known) > MOST:
                self._known.popitem(last=False)

    def forget(self, conversation: str) -> None:
        """Forget one conversation."""
        with self._lock:
            self._known.pop(conversation, None)
