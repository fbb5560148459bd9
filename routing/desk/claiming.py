"""The teller's side of a reward: he claims it by his code or gives it up; time reminds him and lets it lapse.

Nothing here depends on other tellers: what he sees of his reward follows from his own report alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake import rewards
from intake.confidentiality import Vault
from intake.models import Case, Clock, FiledReport, Reward
from routing import states
from routing.desk import notices, people
from routing.desk.rewardcase import Subject, change, claim_clock
from routing.desk.rewarding import money
from routing.errors import BadClaim, ClaimTooLate, NotNow, PaidAlready
from routing.rules import Rules, legal_day
from routing.wording import long_day, say

HOW = ("bank", "window")
"""How a reward is paid; not in cash as a rule (RW-11)."""
FIELDS = ("how", "place", "name", "phone", "account")
FIELD_LIMIT = 200
SHOWN = frozenset({"refused", "notified", "claimed", "paid", "waived", "lapsed", "recovered"})
"""The states that the teller was told of; before them he reads only that he asked for a reward."""


@dataclass(frozen=True, slots=True)
class OwnReward:
    """What a teller sees of his reward; the sum only once he was told of it."""

    state: str
    yuan: Decimal | None
    claim_until: date | None
    may_claim: bool
    may_waive: bool

    @property
    def offered(self) -> bool:
        """Whether there is more to tell than what he said himself."""
        return self.state in SHOWN


def own_reward(session: Session, report: FiledReport, now: datetime) -> OwnReward | None:
    """How a report's reward stands for its teller; None for an enterprise, which earns none."""
    if report.side != "citizen":
        return None
    reward = session.scalar(select(Reward).where(Reward.report_id == report.id))
    if reward is None or reward.state not in SHOWN:
        state = {True: "undecided", False: "not_wanted", None: "not_said"}[report.wants_reward]
        return OwnReward(state, None, None, may_claim=False, may_waive=bool(report.wants_reward))
    clock = claim_clock(session, reward)
    until = clock.due_on if clock and reward.state == "notified" else None
    paid = rewards.payments(session, reward.id)
    told = reward.notified_at is not None and reward.state not in {"refused", "waived"}
    return OwnReward(
        state=reward.state,
        yuan=reward.amount if told else None,
        claim_until=until,
        may_claim=until is not None and legal_day(now) <= until,
        may_waive=reward.state in states.reward_moves()["waive_reward"].source and not paid,
    )


def claim_reward(
    session: Session, report: FiledReport, wanted: Mapping[str, str], *, rules: Rules, vault: Vault, now: datetime
) -> None:
    """The teller wants it: how and where, sealed for whoever pays; his claim clock stops."""
    it = _own(session, report)
    move = states.check_reward("claim_reward", it.state)
    reward = it.reward
    assert reward is not None
    clock = claim_clock(session, reward)
    if clock is None or legal_day(now) > clock.due_on:
        raise ClaimTooLate
    kept = {name: wanted.get(name, "").strip() for name in FIELDS}
    if kept["how"] not in HOW or any(len(value) > FIELD_LIMIT for value in kept.values()):
        raise BadClaim(limit=FIELD_LIMIT)
    rewards.keep_claim(reward, report, {name: value for name, value in kept.items() if value}, vault)
    reward.claimed_at = now
    event = change(session, it, reward, move, actor="teller", rules=rules, now=now)
    leaders = people.staff_of(session, [it.case.authority], "leader")
    to = {one.id: one for one in [*people.responsible(session, it.case), *leaders]}
    body = notices.to_staff("reward_claimed", it.case)
    notices.tell_staff(session, to.values(), it.case, notices.of(event), body, now=now)


def waive_reward(session: Session, report: FiledReport, *, rules: Rules, vault: Vault, now: datetime) -> None:
    """The teller gives the reward up, at any time before it is paid; that ends the procedure (RW-02)."""
    it = _own(session, report)
    move = states.check_reward("waive_reward", it.state)
    reward = it.reward
    if reward is None:
        reward = Reward(
            report_id=report.id, state="waived", facts={}, matter={}, people=1, steps=[], citations=[], schemes=[]
        )
        session.add(reward)
        session.flush()
    if rewards.payments(session, reward.id):
        raise PaidAlready
    reward.sealed_claim = None
    event = change(session, it, reward, move, actor="teller", rules=rules, now=now)
    body = notices.to_staff("reward_waived", it.case)
    notices.tell_staff(session, people.responsible(session, it.case), it.case, notices.of(event), body, now=now)


def claim_day(session: Session, clock: Clock, case: Case, stage: str, *, rules: Rules, now: datetime) -> int:
    """What time does to a claim: remind its teller, and the day after the last one let it lapse. Gives notices written."""
    reward = session.scalar(select(Reward).where(Reward.clock_id == clock.id))
    if reward is None or reward.state != "notified":
        return 0
    report = session.get_one(FiledReport, reward.report_id)
    told = {"number": report.number, "due": long_day(clock.due_on), "yuan": money(reward.amount or Decimal(0))}
    if legal_day(now) <= clock.due_on:
        occasion = f"clock-{clock.id}-{stage}"
        notices.tell(session, report, occasion, say("teller.reward_reminder", **told), now=now)
        return 1
    move = states.check_reward("lapse_reward", reward.state, "system")
    event = change(session, Subject(case, report, reward), reward, move, actor="system", rules=rules, now=now)
    notices.tell(session, report, notices.of(event), say("teller.reward_lapsed", **told), now=now)
    return 1


def _own(session: Session, report: FiledReport) -> Subject:
    """A teller's own report; NotNow for a complaint, which earns no reward."""
    case = people.own_case(session, report)
    if case.side != "citizen":
        raise NotNow(state=states.state_name(case.state), verb=say("reward.word"), allowed="—")
    return Subject(case, report, rewards.of_report(session, report.id))
