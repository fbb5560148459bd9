"""What the desk refuses; the English docstring is for developers, people read the sentence in phrases.toml."""

from __future__ import annotations

from routing.leaks.values import Verdict
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


class NoSuchEntry(DeskError):
    """The law book has no entry of this name; near ones are named."""


class SchemeUnknown(DeskError):
    """No reward scheme was in force on this day, or none bears this key."""


class RateUnknown(DeskError):
    """No scheme says how much is paid: the bureau has to enter its own rule."""


class SchemeFaulty(RateUnknown):
    """The bureau's own scheme of rewards has a fault: no sum is worked out until it is mended."""


class BadLadder(DeskError):
    """A bureau's own ladder of reminders cannot be read."""


class BadHours(DeskError):
    """A bureau's own hours for messages cannot be read."""


class FactMissing(DeskError):
    """A paper cannot be written: a fact that it needs was not given."""


class PaperTells(DeskError):
    """A paper would hold words that may tell who reported, and that passed no check of their own; nothing was done."""


class UnknownPlace(DeskError):
    """No division bears this code."""


class UnknownAuthority(DeskError):
    """No authority bears this code."""


class CaseNotFound(DeskError):
    """No case bears this number."""


class ReportNotInCase(DeskError):
    """The report belongs to another case."""


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


class WrongSide(DeskError):
    """Cases of this side do not know this act."""


class NotTheHandler(DeskError):
    """Only the handler of a case and the leaders of its authority may ask for an identity or for original words."""


class NothingToUnmask(DeskError):
    """No field that can be unmasked was chosen."""


class AnonymousTeller(DeskError):
    """The teller is anonymous: there is no name to show, and what could lead to him stays sealed."""


class UnknownPurpose(DeskError):
    """The purpose of an unmasking is not on the list."""


class AskedAlready(DeskError):
    """The same person's request for the same report still waits, or still holds."""


class NoCustodian(DeskError):
    """Nobody is there who could decide: no other custodian of this authority or of one above, free of interest."""


class NotTheCustodian(DeskError):
    """The request is not this person's to decide: not a custodian, of a foreign authority, or the asker himself."""


class AgreedAlready(DeskError):
    """The custodian has agreed before; the second agreement must be another person's."""


class DecidedAlready(DeskError):
    """The request was decided or has ended."""


class AskerGone(DeskError):
    """The asker may no longer handle the case."""


class GrantEnded(DeskError):
    """The grant does not hold: not given, run out, taken back, somebody else's, or the case has passed on."""


class TooLong(DeskError):
    """The text is longer than the desk takes in one piece."""


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


class RewriteText(DeskError):
    """The text may tell who reported, and its writer may not see the case: he has to write it anew."""


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


class BadPaper(DeskError):
    """The number of a paper is too long."""


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


class TextHeld(DeskError):
    """A text that would leave may tell who reported; nothing was changed, it waits for a person."""

    def __init__(self, verdict: Verdict, text: str, **facts: object) -> None:
        self.verdict, self.text = verdict, text
        super().__init__(**facts)


class HoldSettled(DeskError):
    """The held text is no longer there to decide on: sent, changed or dropped meanwhile."""


class NotYourText(DeskError):
    """Only its writer changes or drops a held text."""


class SecondPersonNeeded(DeskError):
    """A held text is released by somebody else than its writer, with the role and the right to see the case."""


class TellerErased(DeskError):
    """The teller of this report was erased: nobody is left to write to."""


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


class BadClaim(DeskError):
    """A claim says how to be paid, in short fields."""


class ClaimTooLate(DeskError):
    """The period for claiming has run out."""
