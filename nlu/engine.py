"""The protocol behind which every ear stands."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from nlu.meaning import Understanding


class Ear(Protocol):
    """Hears one message; never raises on any text."""

    def parse(
        self,
        text: str,
        *,
        now: datetime,
        asked: str | None = None,
        home: str | None = None,
    ) -> Understanding:
        """Understand `text`, said at `now` in answer to the slot `asked`, in a channel at home in division `home`."""
        ...
