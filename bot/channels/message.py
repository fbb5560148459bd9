"""The two values every channel speaks: what comes in and what goes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with a message, already on our disk; `digest` is its SHA-256."""

    digest: str
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message of one person, whatever the channel; `message_id` is unique within (channel, sender).

    `origin` is a keyed hash of where it came from, for a channel on which anybody can be a new sender at will:
    wrong query codes are counted against it. Elsewhere it is empty, and the sender himself is counted.
    """

    channel: str
    sender: str
    message_id: str
    text: str
    at: datetime
    files: tuple[File, ...] = ()
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """One thing said to the person: `choices` are quick replies, `asks` the slot that it wants to know."""

    text: str
    choices: tuple[str, ...] = ()
    asks: str | None = None
