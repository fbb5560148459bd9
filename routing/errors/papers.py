"""What papers and outgoing texts refuse."""

from __future__ import annotations

from routing.errors.base import DeskError
from routing.leaks.values import Verdict


class FactMissing(DeskError):
    """A paper cannot be written: a fact that it needs was not given."""


class PaperTells(DeskError):
    """A paper would hold words that may tell who reported, and that passed no check of their own; nothing was done."""


class RewriteText(DeskError):
    """The text may tell who reported, and its writer may not see the case: he has to write it anew."""


class BadPaper(DeskError):
    """The number of a paper is too long."""


class TextHeld(DeskError):
    """A text that would leave may tell who reported; nothing was changed, it waits for a person."""

    def __init__(self, verdict: Verdict, text: str, **facts: object) -> None:
        self.verdict, self.text = verdict, text
        super().__init__(**facts)


class HoldSettled(DeskError):
    """The held text is no longer there to decide on: sent, changed or dropped meanwhile."""


class NotYourText(DeskError):
    """Only its writer changes or drops a held text."""


class SecondPersonNeeded(DeskError):
    """A held text is released by somebody else than its writer, with the role and the right to see the case."""
