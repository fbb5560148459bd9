"""Every stored reward worked out anew under the law of its own day, and held against its ledger of payments.

Old schemes stay in the law book for ever, so the sum of years ago comes out again; what differs is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from intake import rewards
from intake.models import Payment, Reward
from routing.errors import SchemeUnknown
from routing.judging import from_json, judge
from routing.rules import Rules
from routing.wording import say

SETTLED = Decimal(0)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing about one reward that does not come out as it is stored."""

    number: str
    what: str
    stored: str
    found: str

    @property
    def sentence(self) -> str:
        """The difference in words."""
        return say(f"rewardaudit.{self.what}", number=self.number, stored=self.stored, found=self.found)


@dataclass(slots=True)
class Audit:
    """How many rewards were looked at, and what was wrong."""

    rewards: int
    differences: list[Difference]


def audit(session: Session, rules: Rules) -> Audit:
    """Look at every reward; nothing is changed."""
    done = Audit(0, [])
    for reward, report in rewards.every(session):
        done.rewards += 1
        lines = rewards.payments(session, reward.id)
        found = [*_law(reward, rules), *_ledger(reward, lines)]
        done.differences += [Difference(report.number, *one) for one in found]
    return done


def _law(reward: Reward, rules: Rules) -> Iterator[tuple[str, str, str]]:
    """What the law of that day says now: opinion, sum, steps, schemes."""
    if reward.law_day is None:  # given up before anybody proposed
        return
    try:
        judged = judge(
            reward.facts,
            from_json(reward.matter),
            law=rules.rewards,
            place=reward.place,
            on=reward.law_day,
            reporter=reward.reporter,
        )
    except SchemeUnknown as unknown:
        yield "law_missing", str(reward.law_day), unknown.sentence
        return
    if judged.eligibility.opinion != reward.opinion:
        yield "opinion", _opinion(reward.opinion), _opinion(judged.eligibility.opinion)
    if reward.amount is None:
        return
    if judged.amount is None:
        yield "law_missing", str(reward.law_day), judged.trouble
        return
    if judged.amount.yuan != reward.amount:
        yield "amount", f"{reward.amount:,.2f}", f"{judged.amount.yuan:,.2f}"
    elif list(judged.amount.schemes) != reward.schemes or list(judged.amount.steps) != reward.steps:
        yield "steps", "；".join(reward.schemes), "；".join(judged.amount.schemes)


def _ledger(reward: Reward, lines: list[Payment]) -> Iterator[tuple[str, str, str]]:
    """Whether what was paid and taken back fits the sum and the state."""
    granted = reward.amount or SETTLED
    paid, back = rewards.total(lines, "paid"), rewards.total(lines, "recovered")
    if paid > granted:
        yield "overpaid", f"{granted:,.2f}", f"{paid:,.2f}"
    if back > paid:
        yield "overtaken", f"{paid:,.2f}", f"{back:,.2f}"
    if reward.state == "paid" and paid != granted:
        yield "unpaid", f"{granted:,.2f}", f"{paid:,.2f}"
    if reward.state not in {"claimed", "paid", "recovered"} and paid:
        yield "paid_early", reward.state, f"{paid:,.2f}"
    if reward.approver_id is not None and reward.approver_id == reward.proposer_id:
        yield "one_person", "", ""


def _opinion(opinion: str | None) -> str:
    return say(f"reward.opinions.{opinion}") if opinion else "—"
