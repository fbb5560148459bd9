"""The tables, one file a noun."""

from intake.models.case import Case, Clock, Event
from intake.models.conversation import Conversation, Turn
from intake.models.evidence import Evidence, EvidenceUse
from intake.models.key import WrappedKey
from intake.models.notice import Lease, Letter, Notice
from intake.models.outgoing import OutgoingHold, Remark
from intake.models.person import Identity
from intake.models.report import FiledReport, MatchKey, Rating
from intake.models.service import ApiToken, Attempt, IdempotentAnswer, Sequence
from intake.models.staff import SignIn, Staff
from intake.models.tombstone import Tombstone
from intake.models.unmasking import Unmasking, Viewing

__all__ = [
    "ApiToken", "Attempt", "Case", "Clock", "Conversation", "Event", "Evidence", "EvidenceUse", "FiledReport",
    "IdempotentAnswer", "Identity", "Lease", "Letter", "MatchKey", "Notice", "OutgoingHold", "Rating", "Remark",
    "Sequence", "SignIn", "Staff", "Tombstone", "Turn", "Unmasking", "Viewing", "WrappedKey",
]  # fmt: skip
