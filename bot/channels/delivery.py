"""What became of something that a channel was asked to deliver, where it was not simply delivered."""

from __future__ import annotations


class Later(Exception):
    """The channel did not take it and says that it may be tried again, after `seconds` if it told how long."""

    def __init__(self, seconds: float | None = None) -> None:
        super().__init__("not sent")
        self.seconds = seconds


class Refused(Exception):
    """The channel will never take it: the chat is gone, we are blocked, or the call is malformed."""


class InDoubt(Exception):
    """The connection broke after the call may have arrived: it may have been delivered, or not."""
