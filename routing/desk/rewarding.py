"""Deciding on rewards: one person proposes from facts, a second approves or refuses, then the teller is told.

A reward follows from a decision that established what was told; the amount is worked out by the law of that day.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from intake import rewards
from intake.confidentiality import Vault
from intake.models import Case, FiledReport, Reward, Staff
from routing import states
from routing.authorities import by_code
from routing.desk import moves, notices, outgoing, papers, people
from routing.desk.rewardcase import (
    Subject,
    change,
    claim_clock,
    fact_names,
    judged_again,
    law_day,
    may_decide,
    subject,
    sure,
)
from routing.errors import NobodyShares, NotEligible, PaidAlready, RewardMoved
from routing.judging import Judged, as_json, judge
from routing.rewards import Accused, Matter, amount
from routing.rules import Rules
from routing.wording import long_day, say

NOTICE = "reward_notice"
MOST_PEOPLE = 1000


def propose_reward(
    session: Session,
    case_id: int,
    officer: Staff,
    *,
    report_id: int,
    facts: Mapping[str, bool | None],
    case_value: Decimal | None,
    grade: int | None = None,
    accused: Accused | None = None,
    kinds: Collection[str] = (),
    reporter: str = "person",
    people_sharing: int = 1,
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """Write down facts and matter of one report; opinion and amount follow from them. A new proposal replaces the old."""
    it = subject(session, case_id, report_id)
    people.may_handle(officer, it.case)
    move = states.check_reward("propose_reward", it.state, officer.role)
    if not 1 <= people_sharing <= MOST_PEOPLE:
        raise NobodyShares(most=MOST_PEOPLE)
    on, place = law_day(session, it.case), by_code(it.case.authority).place
    answered = {name: facts.get(name) for name in fact_names()} | sure(session, it.case, it.report)
    matter = Matter(case_value, grade, accused, frozenset(kinds))
    judged = judge(answered, matter, law=rules.rewards, place=place, on=on, reporter=reporter)
    if judged.eligibility.opinion == "eligible" and judged.amount is None:
        amount(matter, rules.rewards.at(place, on))  # says which scheme is silent
    reward = it.reward or Reward(report_id=it.report.id, state="proposed", facts={}, matter={}, people=1, steps=[])
    reward.place, reward.law_day, reward.reporter = place, on, reporter
    reward.facts, reward.matter, reward.people = answered, as_json(matter), people_sharing
    reward.proposer_id, reward.approver_id, reward.proposed_at = officer.id, None, now
    _keep(reward, judged)
    session.add(reward)
    session.flush()
    event = change(session, it, reward, move, actor=moves.by(officer), rules=rules, now=now)
    leaders = [one for one in people.staff_of(session, [it.case.authority], "leader") if one.id != officer.id]
    body = notices.to_staff("reward_proposed", it.case, officer=officer.name)
    notices.tell_staff(session, leaders, it.case, notices.of(event), body, now=now)
    return it.case


def _keep(reward: Reward, judged: Judged) -> None:
    """What came out of the judgement; no amount for whoever is not to be rewarded."""
    reward.opinion = judged.eligibility.opinion
    found = judged.amount if reward.opinion != "not_eligible" else None
    reward.amount = found.yuan if found else None
    reward.steps, reward.citations, reward.schemes = (
        [list(one) for one in (found.steps, found.citations, found.schemes)] if found else ([], [], [])
    )


def approve_reward(
    session: Session, case_id: int, leader: Staff, *, report_id: int, rules: Rules, vault: Vault, now: datetime
) -> Case:
    """A second person approves; everything is worked out once more, and must come out as it was proposed."""
    it = subject(session, case_id, report_id)
    move = states.check_reward("approve_reward", it.state, leader.role)
    reward = _of(it)
    may_decide(session, it.case, leader, reward)
    law_day(session, it.case)  # a case that was taken up again has no result that could be rewarded
    judged = judged_again(session, it, reward, rules)
    if judged.eligibility.opinion != "eligible":
        findings = judged.eligibility.against or judged.eligibility.missing
        raise NotEligible(why="".join(one.sentence.rstrip("。") + "；" for one in findings).rstrip("；"))
    if judged.amount is None or judged.amount.yuan != reward.amount or not reward.amount:
        raise RewardMoved
    reward.approver_id, reward.decided_at = leader.id, now
    data = {"yuan": str(reward.amount)}
    event = change(session, it, reward, move, actor=moves.by(leader), rules=rules, now=now, data=data)
    body = notices.to_staff("reward_approved", it.case)
    notices.tell_staff(session, people.responsible(session, it.case), it.case, notices.of(event), body, now=now)
    return it.case


def refuse_reward(
    session: Session,
    case_id: int,
    leader: Staff,
    *,
    report_id: int,
    text: str,
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """A second person refuses, or takes an approval back before anything was paid; the teller hears why and what he can do."""
    it = subject(session, case_id, report_id)
    move = states.check_reward("refuse_reward", it.state, leader.role)
    reward = _of(it)
    may_decide(session, it.case, leader, reward)
    if reward.state == "claimed" and rewards.payments(session, reward.id):
        raise PaidAlready
    words = {"report_id": report_id, "text": text}
    text = notices.in_words(text)
    outgoing.check(
        session, it.case, "refuse_reward", words, text, to=outgoing.TELLER, vault=vault, now=now, tellers=[it.report]
    )
    reasons = judged_again(session, it, reward, rules).eligibility.against
    reward.approver_id, reward.decided_at = leader.id, now
    event = change(session, it, reward, move, actor=moves.by(leader), rules=rules, now=now, words=text)
    authority = by_code(it.case.authority)
    superior = by_code(authority.superior).name if authority.superior else authority.name
    body = say(
        "teller.reward_refused",
        number=it.report.number,
        authority=authority.name,
        reasons="".join(one.told or one.sentence for one in reasons),
        text=text,
        superior=superior,
    )
    _write(session, it.report, body, event_of=notices.of(event), vault=vault, now=now)
    return it.case


def notify_reward(
    session: Session, case_id: int, officer: Staff, *, report_id: int, rules: Rules, vault: Vault, now: datetime
) -> Case:
    """Tell the teller what he may claim and until when; his claim clock starts today."""
    it = subject(session, case_id, report_id)
    people.may_handle(officer, it.case)
    move = states.check_reward("notify_reward", it.state, officer.role)
    reward = _of(it)
    reward.notified_at = now
    event = change(session, it, reward, move, actor=moves.by(officer), rules=rules, now=now)
    reward.paper = _paper(session, it, reward, officer, vault=vault, now=now)
    _write(session, it.report, _notified(session, it, reward), event_of=notices.of(event), vault=vault, now=now)
    return it.case


def renew_reward(
    session: Session,
    case_id: int,
    leader: Staff,
    *,
    report_id: int,
    reason: str,
    rules: Rules,
    vault: Vault,
    now: datetime,
) -> Case:
    """Let a lapsed reward be claimed after all, for a good reason (RW-13): the claim clock starts anew."""
    it = subject(session, case_id, report_id)
    move = states.check_reward("renew_reward", it.state, leader.role)
    reward = _of(it)
    may_decide(session, it.case, leader, reward)
    reason = notices.in_words(reason)
    event = change(session, it, reward, move, actor=moves.by(leader), rules=rules, now=now, words=reason)
    reward.paper = _paper(session, it, reward, leader, vault=vault, now=now)
    _write(session, it.report, _notified(session, it, reward), event_of=notices.of(event), vault=vault, now=now)
    return it.case


def _of(it: Subject) -> Reward:
    """The reward of a state that only a row can have."""
    assert it.reward is not None
    return it.reward


def _notified(session: Session, it: Subject, reward: Reward) -> str:
    clock = claim_clock(session, reward)
    assert clock is not None
    return say(
        "teller.reward_notified",
        number=it.report.number,
        authority=by_code(it.case.authority).name,
        yuan=money(reward.amount or Decimal(0)),
        due=long_day(clock.due_on),
    )


def _paper(session: Session, it: Subject, reward: Reward, officer: Staff, *, vault: Vault, now: datetime) -> str:
    """The notice on paper, made from the reward's own row, so that it says what was decided; gives its number."""
    clock = claim_clock(session, reward)
    assert clock is not None
    facts = {
        "citation": "、".join(reward.citations),
        "yuan": money(reward.amount or Decimal(0)),
        "steps": "".join(reward.steps),
        "due": papers.day(clock.due_on),
    }
    made = papers.make(
        session, it.case, NOTICE, facts, report=it.report, officer=officer, sender=by_code(it.case.authority),
        vault=vault, now=now,
    )  # fmt: skip
    return made.number


def _write(session: Session, report: FiledReport, body: str, *, event_of: str, vault: Vault, now: datetime) -> None:
    """The letter that stays on his receipt, and the notice through his channel."""
    notices.write_letter(session, report, body, kind="note", from_teller=False, vault=vault, now=now)
    notices.tell(session, report, event_of, body, now=now)


def money(yuan: Decimal) -> str:
    """A sum as people read it."""
    return f"{yuan:,.2f}".removesuffix(".00")
