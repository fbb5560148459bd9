"""The tables, one file a noun."""

from intake.models.case import STANDING, Case, Clock, Event
from intake.models.chain import Head, Link
from intake.models.conversation import Conversation, Turn
from intake.models.crime import CrimeTransfer
from intake.models.evidence import Custody, Evidence, EvidenceUse
from intake.models.handover import Assignment, Handover
from intake.models.imported import Handed, ImportRun
from intake.models.key import WrappedKey
from intake.models.notice import Lease, Letter, Notice
from intake.models.outgoing import OutgoingHold, Remark
from intake.models.paper import Paper
from intake.models.person import Identity
from intake.models.registry import Inspection, Institution, Office, Term
from intake.models.reminder import Oversight, Reminder
from intake.models.report import FiledReport, Rating
from intake.models.reward import Payment, Reward
from intake.models.same import MatchKey, Merging, Rematching, ReportMove, Suggestion
from intake.models.service import ApiToken, Attempt, IdempotentAnswer, Sequence
from intake.models.staff import SignIn, Staff
from intake.models.ticket import Ticket
from intake.models.tombstone import Tombstone
from intake.models.unmasking import Unmasking, Viewing

__all__ = [
    "STANDING",
    "ApiToken",
    "Assignment",
    "Attempt",
    "Case",
    "Clock",
    "Conversation",
    "CrimeTransfer",
    "Custody",
    "Event",
    "Evidence",
    "EvidenceUse",
    "FiledReport",
    "Handed",
    "Handover",
    "Head",
    "IdempotentAnswer",
    "Identity",
    "ImportRun",
    "Inspection",
    "Institution",
    "Lease",
    "Letter",
    "Link",
    "MatchKey",
    "Merging",
    "Notice",
    "Office",
    "OutgoingHold",
    "Oversight",
    "Paper",
    "Payment",
    "Rating",
    "Remark",
    "Rematching",
    "Reminder",
    "ReportMove",
    "Reward",
    "Sequence",
    "SignIn",
    "Staff",
    "Suggestion",
    "Term",
    "Ticket",
    "Tombstone",
    "Turn",
    "Unmasking",
    "Viewing",
    "WrappedKey",
]  # fmt: skip
