"""What is refused of clocks and tickets."""

from __future__ import annotations

from routing.errors.base import DeskError


class NothingToExtend(DeskError):
    """No running clock of this case can be extended, or it was extended already."""


class TooLateToExtend(DeskError):
    """The clock ran out; an extension must be granted before its last day ends."""


class ApprovalNeeded(DeskError):
    """Somebody else approves such an extension: the head, or a collective discussion that he registers."""


class RecordNeeded(DeskError):
    """An extension by collective discussion names the record of that discussion."""


class BadExtension(DeskError):
    """More days, or fewer, than the law lets anybody grant."""


class UnknownSuspension(DeskError):
    """The ground for suspending a clock is not on the list."""


class NothingToSuspend(DeskError):
    """No running clock of this case excludes the time of this ground."""


class SuspendedAlready(DeskError):
    """The clock stands still already."""


class TooLateToSuspend(DeskError):
    """The clock ran out; what is overdue cannot be made to stand still."""


class NothingSuspended(DeskError):
    """No clock of this case stands still."""


class NoTicket(DeskError):
    """The report came by no hotline, or without a number."""


class NotInProcedure(DeskError):
    """A ticket is closed as handed to the procedure only where the case is in it."""


class ReopenedEnough(DeskError):
    """The ticket was taken up again as often as allowed; now the head takes charge."""


class SuperviseLater(DeskError):
    """The head takes charge of a ticket once it was taken up again as often as allowed."""
