"""What a channel needs of the dialogue: three functions, so that it can also be given others."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from bot.channels.message import Inbound, Reply
from intake.report import Receipt

if TYPE_CHECKING:
    from bot.app import App


class Answer(Protocol):
    """What is said back to one message; receipts are already committed when they come here."""

    @property
    def replies(self) -> tuple[Reply, ...]:
        """What is said, in order."""
        ...

    @property
    def receipts(self) -> tuple[Receipt, ...]:
        """Receipts to show, at most once in clear."""
        ...


class Door(Protocol):
    """The one way into the dialogue; `bot.talk` is it. Blocking: call it in a thread."""

    def begin(self, app: App, channel: str, sender: str, now: datetime) -> Answer:
        """Greets, or takes up an open conversation."""
        ...

    def converse(self, app: App, inbound: Inbound) -> Answer:
        """Hears one message and commits; the same message_id again gives the same answer."""
        ...

    def tell(
        self,
        app: App,
        channel: str,
        sender: str,
        told: Reply,
        key: str,
        report_number: str | None,
        kind: str,
        now: datetime,
    ) -> None:
        """Puts a message of the desk into a conversation; the same key again does nothing."""
        ...
