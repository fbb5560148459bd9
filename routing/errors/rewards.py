"""What is refused of rewards."""

from __future__ import annotations

from routing.errors.base import DeskError


class RewardSettled(DeskError):
    """The case is closed and its reward decided: who told first cannot change any more."""


class BadSum(DeskError):
    """What was typed is no sum in yuan with at most two decimals."""


class NotDecidedYet(DeskError):
    """A reward follows from a decision that established what was reported; there is none, or not such a one."""


class NobodyShares(DeskError):
    """A reward is shared by at least one person, and by no more than a joint report can have."""


class NotEligible(DeskError):
    """A rule excludes the reward, or nobody looked into one: it cannot be approved."""


class RewardMoved(DeskError):
    """Worked out once more the amount is another one than proposed: it has to be proposed anew."""


class SecondNeeded(DeskError):
    """Whoever proposed a reward does not decide on it."""


class NotYourCase(DeskError):
    """The case is not this leader's to see: another region, or an interest of his own."""


class ThirdPersonPays(DeskError):
    """Whoever proposed, approved or handles the case does not pay, since who pays learns who reported."""


class PaidAlready(DeskError):
    """The share was paid, or something was: it is never paid twice, and no longer given up or refused."""


class MoreThanPaid(DeskError):
    """No more can be taken back than was paid and has not come back."""


class BadReference(DeskError):
    """The number of a voucher is missing, too long, or holds what looks like a person's number."""


class BadClaim(DeskError):
    """A claim says how to be paid, in short fields."""


class ClaimTooLate(DeskError):
    """The period for claiming has run out."""
