"""What is refused of a suspected crime."""

from __future__ import annotations

from routing.errors.base import DeskError


class CrimeOpen(DeskError):
    """A suspected crime of the case is being followed: nothing else may take the place of its transfer."""


class NoTransferYet(DeskError):
    """The outcome `police` stands only where the police have received the case and have not refused it."""


class NotSuspectedNow(DeskError):
    """In this state of the case no suspicion of a crime is followed yet, or any more."""


class NotForTeam(DeskError):
    """The person cannot look into the suspicion: of another authority, gone, without the role, or with an interest."""


class TeamOfTwo(DeskError):
    """The team that looks into a suspicion are two different people."""


class NotOfTeam(DeskError):
    """The written report comes from the team and from nobody else."""


class HeadInTeam(DeskError):
    """Whoever looked into the suspicion does not decide on his own report."""


class PaperMissing(DeskError):
    """The transfer set is not whole: a paper is neither enclosed nor said to be absent for a reason."""


class UnknownAnswer(DeskError):
    """The answer is not on the list."""


class BadMoment(DeskError):
    """What was typed is no moment, lies before the step it follows, or is still to come."""


class BadName(DeskError):
    """The name of an organ is missing, too long, or holds what looks like a person's number."""
