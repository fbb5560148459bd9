"""Paying rewards: whoever pays sees who is paid, for that claim alone; each share is paid once; what was got by fraud returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from intake import audit, rewards
from intake.confidentiality import Vault
from intake.masks import masked
from intake.models import Case, Payment, Reward, Staff
from routing import states
from routing.authorities import by_code
from routing.desk import moves, notices, outgoing, people
from routing.desk.rewardcase import Subject, change, may_decide, subject
from routing.desk.rewarding import money
from routing.errors import BadReference, MoreThanPaid, PaidAlready, ThirdPersonPays
from routing.judging import sum_of
from routing.rewards import ZERO, shares
from routing.rules import Rules
from routing.wording import say

REFERENCE_LIMIT = 60


@dataclass(frozen=True, slots=True)
class Payee:
    """Who is paid and how, in clear: what the teller gave when he told, and what he gave with his claim."""

    name: str
    phone: str
    how: str
    place: str
    account: str


@dataclass(frozen=True, slots=True)
class Share:
    """One part of a reward, from 1, and whether it was paid."""

    number: int
    yuan: Decimal
    paid: bool


def payee(session: Session, case_id: int, payer: Staff, *, report_id: int, vault: Vault, now: datetime) -> Payee:
    """Open one claim for whoever pays it, and only while it is to be paid; every opening is an event.

    It is the only place where a reward meets a name; a grant of unmasking may be asked for before it is called.
    """
    it, reward = _to_pay(session, case_id, payer, report_id)
    told = rewards.payee_of(session, it.report, vault)
    wanted = rewards.claim_of(reward, it.report, vault)
    data = {"report_id": it.report.id, "reward": reward.id}
    audit.append(session, it.case.id, "payee_shown", moves.by(payer), data, now)
    return Payee(
        name=wanted.get("name") or told.get("name", ""),
        phone=wanted.get("phone") or told.get("phone", ""),
        how=wanted.get("how", ""),
        place=wanted.get("place", ""),
        account=wanted.get("account", ""),
    )


def pay_reward(
    session: Session,
    case_id: int,
    payer: Staff,
    *,
    report_id: int,
    reference: str,
    share: int = 1,
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """Write down that one share was paid, under the number of its voucher; the last one ends the reward."""
    it, reward = _to_pay(session, case_id, payer, report_id)
    reference = _clean(reference, now)
    parts = shares_of(session, reward)
    part = next((one for one in parts if one.number == share), None)
    if part is None or part.paid:
        raise PaidAlready
    session.add(
        Payment(
            reward_id=reward.id, kind="paid", share=share, yuan=part.yuan, reference=reference, staff_id=payer.id,
            at=now,
        )
    )  # fmt: skip
    session.flush()
    left = [one for one in parts if not one.paid and one is not part]
    move = states.check_reward("pay_reward", it.state, payer.role)
    data = {"yuan": str(part.yuan), "share": share}
    event = change(session, it, reward, move, actor=moves.by(payer), rules=rules, now=now, stay=bool(left), data=data)
    if not left:
        body = say("teller.reward_paid", number=it.report.number, authority=by_code(it.case.authority).name)
        notices.tell(session, it.report, notices.of(event), body, now=now)
    return it.case


def shares_of(session: Session, reward: Reward) -> tuple[Share, ...]:
    """The parts of a reward; a joint report is shared equally to the cent (RW-10)."""
    paid = {one.share for one in rewards.payments(session, reward.id) if one.kind == "paid"}
    parts = enumerate(shares(reward.amount or ZERO, reward.people), 1)
    return tuple(Share(number, yuan, number in paid) for number, yuan in parts if yuan > 0)


def may_pay(session: Session, it: Subject, payer: Staff) -> None:
    """Refuse whoever decided on the reward or handles the case: who pays learns who told, and they must not."""
    people.may_handle(payer, it.case)
    reward = it.reward
    if reward is None or payer.id in {reward.proposer_id, reward.approver_id, it.case.handler_id}:
        raise ThirdPersonPays


def recover_reward(
    session: Session,
    case_id: int,
    leader: Staff,
    *,
    report_id: int,
    yuan: str,
    reference: str,
    text: str,
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """Take back what was got by forged or hidden facts (RW-14): never more than was paid and not yet returned."""
    it = subject(session, case_id, report_id)
    move = states.check_reward("recover_reward", it.state, leader.role)
    reward = it.reward
    assert reward is not None
    may_decide(session, it.case, leader, reward)
    lines = rewards.payments(session, reward.id)
    back, left = sum_of(yuan) or ZERO, rewards.total(lines, "paid") - rewards.total(lines, "recovered")
    if not ZERO < back <= left:
        raise MoreThanPaid(left=money(left))
    words = {"report_id": report_id, "yuan": yuan, "reference": reference, "text": text}
    text, reference = notices.in_words(text), _clean(reference, now)
    outgoing.check(
        session, it.case, "recover_reward", words, text, to=outgoing.TELLER, vault=vault, now=now, tellers=[it.report]
    )
    number = sum(one.kind == "recovered" for one in lines) + 1
    session.add(
        Payment(
            reward_id=reward.id, kind="recovered", share=number, yuan=back, reference=reference, staff_id=leader.id,
            at=now,
        )
    )  # fmt: skip
    session.flush()
    data = {"yuan": str(back)}
    event = change(session, it, reward, move, actor=moves.by(leader), rules=rules, now=now, words=text, data=data)
    authority = by_code(it.case.authority).name
    body = say("teller.reward_recovered", number=it.report.number, authority=authority, yuan=money(back), text=text)
    notices.write_letter(session, it.report, body, kind="note", from_teller=False, vault=vault, now=now)
    notices.tell(session, it.report, notices.of(event), body, now=now)
    return it.case


def _to_pay(session: Session, case_id: int, payer: Staff, report_id: int) -> tuple[Subject, Reward]:
    """The claim that waits to be paid, for somebody who may pay it."""
    it = subject(session, case_id, report_id)
    states.check_reward("pay_reward", it.state, payer.role)
    may_pay(session, it, payer)
    assert it.reward is not None
    return it, it.reward


def _clean(reference: str, now: datetime) -> str:
    """The voucher's number; refused where it is empty, too long, or holds what looks like a person's number."""
    reference = " ".join(reference.split())
    if not reference or len(reference) > REFERENCE_LIMIT or masked(reference, now=now) != reference:
        raise BadReference(limit=REFERENCE_LIMIT)
    return reference
