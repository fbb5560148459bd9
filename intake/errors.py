"""What can go wrong in the ledger; each docstring is the message."""

from __future__ import annotations

from datetime import datetime


class IntakeError(Exception):
    """The ledger could not do what was asked."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class SealBroken(IntakeError):
    """A sealed value does not open: another key, another context, or changed bytes; check the key file."""


class LedgerBusy(IntakeError):
    """The database is locked by another writer; nothing was written, try again in a moment."""


class LedgerConflict(LedgerBusy):
    """Two writers stood in each other's way and this one gave way; nothing was written, try again."""


class LedgerAway(LedgerBusy):
    """The database cannot be reached, or the connection to it was lost; nothing was written, try again in a moment."""


class LedgerUncertain(IntakeError):
    """The connection to the database was lost while it was confirming; look whether it was written before trying again."""


class LedgerFull(IntakeError):
    """The database cannot grow: the disk is full; nothing was written, free some space."""


class DoesNotFit(IntakeError):
    """A text is longer or a number larger than the ledger has room for; nothing was written, make it shorter."""


class NotAllowed(IntakeError):
    """The viewer may not see what was asked for."""


class NotFound(IntakeError):
    """There is no such case, report or letter in the ledger."""


class TooManyTries(IntakeError):
    """Too many wrong tries from this origin; wait until the moment given in `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__()
        self.until = until


class KeyReused(IntakeError):
    """The idempotency key was already used for another request; take a new key."""


class UsernameTaken(IntakeError):
    """There is already a member of staff with this user name; choose another."""


class WeakPassword(IntakeError):
    """A password needs at least 10 characters."""


class EvidenceRefused(IntakeError):
    """The file cannot be taken as evidence."""


class EvidenceEmpty(EvidenceRefused):
    """The file is empty: choose it again, or send another one."""


class EvidenceTooLarge(EvidenceRefused):
    """The file is larger than allowed: send a shorter recording, a smaller picture, or several parts."""


class EvidenceTypeNotAllowed(EvidenceRefused):
    """Files of this kind are not taken: send pictures, PDF, office documents, text, sound or video."""


class EvidenceMissing(EvidenceRefused):
    """No file with this hash is stored: send it again."""
