"""How long the Telegram channel waits for what; tests hurry it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Waits in seconds, and how often a thing is tried."""

    long_poll: int = 25
    """How long Telegram holds a call for updates open."""
    look_again: float = 0.3
    """While something is under way, new updates of others are fetched this often."""
    album_pause: float = 0.8
    """An album is complete when no further part came for this long."""
    lane: int = 50
    """Most updates of one chat that wait; beyond that they are left with Telegram."""
    retry: float = 0.5
    """Pause before the second try; it doubles with each further one."""
    longest_retry: float = 30.0
    message_tries: int = 5
    """A message that fails this often is answered with a sentence."""
    file_tries: int = 3
    send_tries: int = 20
    """A reply, with a pause of up to `longest_retry`: about eight minutes without Telegram."""
    typing_after: float = 0.6
    """Whoever waits longer sees that we are typing."""
    webhook_patience: float = 50.0
    """Telegram gives a webhook call about a minute; without an answer it comes again."""
    closing: float = 10.0

    def pause(self, tries: int) -> float:
        """How long to wait after so many failed tries."""
        return float(min(self.retry * 2 ** (tries - 1), self.longest_retry))
