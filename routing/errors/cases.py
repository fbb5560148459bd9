"""What is refused of cases and of their tellers."""

from __future__ import annotations

from routing.errors.base import DeskError


class CaseNotFound(DeskError):
    """No case bears this number."""


class ReportNotInCase(DeskError):
    """The report belongs to another case."""


class NotNow(DeskError):
    """The table of moves does not allow this act in the case's present state."""


class NotYours(DeskError):
    """The officer belongs to another authority than the one responsible."""


class WrongRole(DeskError):
    """The table of moves gives this act to another role."""


class Conflicted(DeskError):
    """The officer has declared an interest in the institution concerned and must withdraw."""


class ReasonNeeded(DeskError):
    """The act needs a reason or a finding in words."""


class UnknownReason(DeskError):
    """The ground for declining is not on the list."""


class UnknownOutcome(DeskError):
    """The outcome is not on the list."""


class WrongSide(DeskError):
    """Cases of this side do not know this act."""


class TooLong(DeskError):
    """The text is longer than the desk takes in one piece."""


class SameCase(DeskError):
    """A case cannot be merged into itself."""


class OtherSide(DeskError):
    """A report of fraud and an enterprise's complaint never become one case."""


class OtherOffice(DeskError):
    """The two cases lie with different authorities; one has to be transferred first."""


class FurtherAlong(DeskError):
    """The case to be merged was accepted, the other one not yet: it has to be the other way round."""


class MergedElsewhere(DeskError):
    """The case lies in a third one already."""


class NotMerged(DeskError):
    """The case was never merged into another one."""


class NothingToSplit(DeskError):
    """The case has one report only."""


class SuggestionNotFound(DeskError):
    """No such suggestion concerns this case."""


class BadStars(DeskError):
    """A rating has one to five stars."""


class RatingTooEarly(DeskError):
    """A case can be rated once it was answered."""


class RatedAlready(DeskError):
    """The teller has rated before."""


class WithdrawnAlready(DeskError):
    """The teller has withdrawn before."""


class TooLateToWithdraw(DeskError):
    """The case is decided or closed; nothing is left to withdraw."""


class TellerErased(DeskError):
    """The teller of this report was erased: nobody is left to write to."""
