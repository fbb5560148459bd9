"""What every refusal of the desk has in common."""

from __future__ import annotations

from routing.wording import say, snake


class DeskError(Exception):
    """The desk could not do what was asked; nothing was changed."""

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(say(f"errors.{snake(type(self).__name__)}", **facts))

    @property
    def sentence(self) -> str:
        """What the person at the desk or the teller reads."""
        return str(self)
