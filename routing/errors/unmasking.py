"""What is refused of unmasking."""

from __future__ import annotations

from routing.errors.base import DeskError


class NotTheHandler(DeskError):
    """Only the handler of a case and the leaders of its authority may ask for an identity or for original words."""


class NothingToUnmask(DeskError):
    """No field that can be unmasked was chosen."""


class AnonymousTeller(DeskError):
    """The teller is anonymous: there is no name to show, and what could lead to him stays sealed."""


class UnknownPurpose(DeskError):
    """The purpose of an unmasking is not on the list."""


class AskedAlready(DeskError):
    """The same person's request for the same report still waits, or still holds."""


class NoCustodian(DeskError):
    """Nobody is there who could decide: no other custodian of this authority or of one above, free of interest."""


class NotTheCustodian(DeskError):
    """The request is not this person's to decide: not a custodian, of a foreign authority, or the asker himself."""


class AgreedAlready(DeskError):
    """The custodian has agreed before; the second agreement must be another person's."""


class DecidedAlready(DeskError):
    """The request was decided or has ended."""


class AskerGone(DeskError):
    """The asker may no longer handle the case."""


class GrantEnded(DeskError):
    """The grant does not hold: not given, run out, taken back, somebody else's, or the case has passed on."""
