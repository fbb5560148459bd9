"""What is refused between authorities."""

from __future__ import annotations

from routing.errors.base import DeskError


class NotOverseer(DeskError):
    """Only leaders of the office itself or of one above it oversee a case, and only those who opened it lead it on."""


class OverseenAlready(DeskError):
    """Each office oversees a case once at a time."""


class OversightNotFound(DeskError):
    """The case has no such oversight."""


class OnlyAboveSummons(DeskError):
    """The head of an office is summoned by an authority above it, not by himself."""


class BadTalkDay(DeskError):
    """The day of the talk is missing or lies in the past."""


class AccusedMayNotHandle(DeskError):
    """The receiving authority is one of those complained of in this case."""


class SameAuthority(DeskError):
    """The case is already with this authority."""


class NoSecondPass(DeskError):
    """A case once passed on goes only to the superior authority, never on to a third."""


class NoHandover(DeskError):
    """The case is not offered to anybody, or the offer is settled."""


class HandoverOpen(DeskError):
    """The case is being offered: what would settle it has to wait for the answer."""


class NotYourAnswer(DeskError):
    """The step of a handover belongs to another authority."""


class AssignInstead(DeskError):
    """A subordinate is not offered a case; it is assigned one."""


class AssignDownwards(DeskError):
    """Only a subordinate can be assigned a case."""


class NotInSystem(DeskError):
    """Such an authority never answers in the system; a case is referred to it on paper."""


class UnknownGround(DeskError):
    """No such ground for sending back is known."""


class UnknownDepartment(DeskError):
    """No such department is known."""


class ReportBackFirst(DeskError):
    """A superior assigned the case and has not been reported to."""


class NoAssignment(DeskError):
    """No assignment of a superior is open on the case."""


class AssignedAlready(DeskError):
    """An assignment of a superior is open already."""


class AssignerNotAbove(DeskError):
    """Only an authority above can assign."""


class UnknownWeight(DeskError):
    """No such weight of an assignment is known."""


class DueInPast(DeskError):
    """The day by which a superior wants the report has passed."""


class BadDay(DeskError):
    """What was written is no day."""
