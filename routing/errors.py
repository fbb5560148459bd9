"""What the desk refuses; the English docstring is for developers, people read the sentence in phrases.toml."""

from __future__ import annotations

from routing.wording import say, snake


class DeskError(Exception):
    """The desk could not do what was asked; nothing was changed."""

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(say(f"errors.{snake(type(self).__name__)}", **facts))

    @property
    def sentence(self) -> str:
        """What the person at the desk or the teller reads."""
        return str(self)


class LawSilent(DeskError):
    """The law book holds no value for this key on this day."""


class UnknownPlace(DeskError):
    """No division bears this code."""


class UnknownAuthority(DeskError):
    """No authority bears this code."""


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


class AccusedMayNotHandle(DeskError):
    """The receiving authority is one of those complained of in this case."""


class ReasonNeeded(DeskError):
    """The act needs a reason or a finding in words."""


class UnknownReason(DeskError):
    """The ground for declining is not on the list."""


class UnknownOutcome(DeskError):
    """The outcome is not on the list."""


class SameAuthority(DeskError):
    """The case is already with this authority."""


class NoSecondPass(DeskError):
    """A case once passed on goes only to the superior authority, never on to a third."""


class NothingToExtend(DeskError):
    """No running clock of this case can be extended, or it was extended already."""


class TooLateToExtend(DeskError):
    """The clock ran out; an extension must be granted before its last day ends."""


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


class RewardSettled(DeskError):
    """The case is closed and its reward decided: who told first cannot change any more."""


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
