"""The tables, one file a noun."""

from intake.models.case import Case, Clock, Event
from intake.models.conversation import Conversation, Turn
from intake.models.evidence import Evidence, EvidenceUse
from intake.models.notice import Lease, Letter, Notice
from intake.models.person import Identity
from intake.models.report import FiledReport, Rating
from intake.models.same import MatchKey, Merging, Rematching, ReportMove, Suggestion
from intake.models.service import ApiToken, Attempt, IdempotentAnswer, Sequence
from intake.models.staff import SignIn, Staff

__all__ = [
    "ApiToken", "Attempt", "Case", "Clock", "Conversation", "Event", "Evidence", "EvidenceUse", "FiledReport",
    "IdempotentAnswer", "Identity", "Lease", "Letter", "MatchKey", "Merging", "Notice", "Rating", "Rematching",
    "ReportMove", "Sequence", "SignIn", "Staff", "Suggestion", "Turn",
]  # fmt: skip
