"""What can go wrong in the ledger; each docstring is the message."""

from __future__ import annotations

from datetime import datetime
from typing import Any


class IntakeError(Exception):
    """The ledger could not do what was asked."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class SealBroken(IntakeError):
    """A sealed value does not open: another key, another context, or changed bytes; check the key file."""


class BadMasterKey(IntakeError):
    """A master key is 32 bytes, written raw, as 64 hexadecimal digits, or in base64; what was given is something else."""


class WrongMasterKey(IntakeError):
    """The master key does not open this ledger: it is another ledger's, or the keys were moved under a new one."""


class KeyNotRotated(IntakeError):
    """There is no purpose of this name whose key can be rotated; keyed hashes keep theirs, or nobody would be known again."""


class ProofKeyWrong(IntakeError):
    """The proof key is not the one with which this ledger's heads were signed; put back the right key file."""


class ReceiptWrong(IntakeError):
    """The receipt does not fit this ledger."""


class ReceiptUnreadable(ReceiptWrong):
    """What was given is neither a verification string (jt1.…) nor a proof file."""


class ReceiptForged(ReceiptWrong):
    """The receipt was not signed for this ledger, or its content was changed."""


class ReceiptNotInChain(ReceiptWrong):
    """The receipt is genuine, but its report has no place in the chain: it was removed, or it was changed."""


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


class PaperErased(IntakeError):
    """The text of this paper was erased with its teller's data; its number and its digest remain."""


class PaperAltered(IntakeError):
    """The paper is not the one that went out: its digest differs from that in the chained event."""


class WholeMonthsOnly(IntakeError):
    """Figures for those who look on are given for whole calendar months only: periods must not be played off."""


class NotFound(IntakeError):
    """There is no such case, report or letter in the ledger."""


class TooManyTries(IntakeError):
    """Too many wrong tries from this origin; wait until the moment given in `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__()
        self.until = until


class Braked(TooManyTries):
    """So many wrong query codes come in from everywhere that a new place waits a moment, wrong itself or not."""


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


class BackupMissing(IntakeError):
    """There is no finished backup here: no manifest lies in this folder."""


class BackupExists(IntakeError):
    """A backup of this very second is there already; try again in a moment."""


class BackupDamaged(IntakeError):
    """The backup is not as it was written; take another one, and find out why."""

    def __init__(self, part: str) -> None:
        super().__init__(f"The backup is not as it was written: {part}. Take another one, and find out why.")


class BackupOfAnotherKind(IntakeError):
    """The backup is of an older schema: restore it to its own kind of database first, and back that up anew."""


class BackupTooNew(IntakeError):
    """The backup was taken by a newer version of this program: restore it with that one."""


class NotEmpty(IntakeError):
    """There is a ledger or a file in this place already: a backup is only restored where nothing can be overwritten."""


class WrongKey(IntakeError):
    """The key in this place is not the one with which the backup was sealed: put the right key file there first."""


class StillRunning(IntakeError):
    """The case is not closed or a period still runs: its teller must remain reachable until it is done."""


class RewardRunning(IntakeError):
    """A reward was asked for and the matter was found true: settle it first, then say so with --reward-settled."""


class OtherReportRunning(IntakeError):
    """The same conversation holds another report that still runs: erasing its log would cut that one off."""


class ErasedAlready(IntakeError):
    """The teller of this report was erased before."""


class EvidenceHostile(EvidenceRefused):
    """The file is made to harm whoever opens it, or looks so: make it anew and send it again."""

    stored: Any = None
    """What the file was, where that is known: for the record, it is not kept."""


class EvidenceBomb(EvidenceHostile):
    """Unpacked, the file becomes larger than allowed: send a smaller picture, or the document in several parts."""


class EvidencePolyglot(EvidenceHostile):
    """Other programs would read something else in the file: save it anew in its own program and send it again."""


class EvidenceMacros(EvidenceHostile):
    """The document holds macros: save it without macros, or as PDF, and send it again."""


class EvidenceNameHostile(EvidenceHostile):
    """The file's name, or one inside it, holds signs that deceive: give it a simple name and send it again."""


class EvidenceDeceives(EvidenceHostile):
    """The ending of the file's name does not fit its content: send the original file, or mend the ending."""


class EvidenceWithheld(EvidenceRefused):
    """There is no working copy of this file: who must see the original asks for it by unmasking."""
