"""What the law book refuses."""

from __future__ import annotations

from routing.errors.base import DeskError


class LawSilent(DeskError):
    """The law book holds no value for this key on this day."""


class NoSuchEntry(DeskError):
    """The law book has no entry of this name; near ones are named."""


class SchemeUnknown(DeskError):
    """No reward scheme was in force on this day, or none bears this key."""


class RateUnknown(DeskError):
    """No scheme says how much is paid: the bureau has to enter its own rule."""


class SchemeFaulty(RateUnknown):
    """The bureau's own scheme of rewards has a fault: no sum is worked out until it is mended."""


class BadLadder(DeskError):
    """A bureau's own ladder of reminders cannot be read."""


class BadHours(DeskError):
    """A bureau's own hours for messages cannot be read."""


class UnknownPlace(DeskError):
    """No division bears this code."""


class UnknownAuthority(DeskError):
    """No authority bears this code."""
