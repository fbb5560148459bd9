"""What can go wrong in the ledger; each docstring is the message."""

from __future__ import annotations


class IntakeError(Exception):
    """The ledger could not do what was asked."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class SealBroken(IntakeError):
    """A sealed value does not open: another key, another context, or changed bytes; check the key file."""


class LedgerBusy(IntakeError):
    """The database is locked by another writer; nothing was written, try again in a moment."""


class LedgerFull(IntakeError):
    """The database cannot grow: the disk is full; nothing was written, free some space."""
