"""What can come out of cleaning: a clean copy, no copy, or the finding that the file is a trap."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may become when it is unpacked; whatever needs more is not unpacked."""

    pixels: int = 110_000_000
    """Of one picture; a phone's full sensor has 108 million."""
    frames: int = 1_000
    """Pictures in one animation or paper."""
    pages: int = 2_000
    """Of a PDF."""
    unpacked: int = 1 << 30
    """Bytes that the packed parts of a document become, together."""
    seconds: float = 30.0
    memory: int = 1536 << 20
    """Address space of the process that cleans, in bytes."""


@dataclass(slots=True)
class Cleaned:
    """The copy's bytes and type, and what was left out of it: how many findings of each kind."""

    content: bytes
    media_type: str
    removed: Counter[str] = field(default_factory=Counter)


class Hostile(Exception):
    """The file is made to harm whoever opens it; `reason` is one of REASONS."""

    REASONS = ("bomb", "polyglot", "macros", "name", "lies")

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Withheld(Exception):
    """No clean copy can be made; `reason` is one of REASONS."""

    REASONS = ("encrypted", "damaged", "legacy", "heavy", "unknown")

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
