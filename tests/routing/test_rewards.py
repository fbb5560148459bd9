"""Deciding on rewards: from facts, by two people, under the ledger's own knowledge; refusals with reason and remedy."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select

from intake.models import Notice, OutgoingHold, Payment, Reward
from routing import desk
from routing.errors import (
    AccusedMayNotHandle,
    NotDecidedYet,
    NotEligible,
    NotNow,
    NotYourCase,
    RateUnknown,
    SecondNeeded,
    WrongRole,
)
from routing.rewards import RewardLaw
from tests.routing.conftest import RULES, Office, complaint, moment, report
from tests.routing.rewarding import (
    CLAIM,
    GOOD,
    OWN,
    by_one_who_wants,
    decided,
    granted,
    propose,
    ready,
    reward_of,
    running,
)


def test_from_the_decision_to_the_payment(office: Office) -> None:
    """The whole way, with each clock started and stopped where the table says."""
    receipt = decided(office)
    case, told = office.case(receipt), office.report(receipt)
    assert running(office, case) == {"tell_outcome", "reward_decide"}
    granted(office, receipt)
    assert "reward_decide" not in running(office, case)
    office.do("notify_reward", case, "officer", "2026-10-21", report_id=told.id)
    assert "reward_claim" in running(office, case)
    office.told("claim_reward", told, "2026-11-02", CLAIM)
    assert "reward_claim" not in running(office, case)
    office.do("pay_reward", case, "clerk", "2026-11-05", report_id=told.id, reference="2026-拨-0117")
    reward = reward_of(office, told)
    assert (reward.state, reward.amount, reward.paper) == ("paid", Decimal("3000.00"), "庆城医保举奖〔2026〕1号")
    line = office.session.scalars(select(Payment)).one()
    assert (line.kind, line.yuan, line.reference) == ("paid", Decimal("3000.00"), "2026-拨-0117")
    bodies = office.session.scalars(select(Notice.body).where(Notice.report_id == told.id)).all()
    assert any("3,000元" in body and "12月21日" in body for body in bodies)


def test_a_reward_needs_an_established_outcome(office: Office) -> None:
    """Before the decision, and after one that found nothing, there is nothing to propose, and no clock."""
    fresh = office.file(report(account="early"))
    with pytest.raises(NotDecidedYet):
        propose(office, fresh)
    nothing = decided(
        office, replace(report(account="nothing", institution="庆城县无有医院")), outcome="not_established"
    )
    with pytest.raises(NotDecidedYet):
        propose(office, nothing)
    assert "reward_decide" not in running(office, office.case(nothing))


def test_a_complaint_earns_no_reward(office: Office) -> None:
    """An enterprise that complains of an inspection is no reporter of fraud."""
    receipt = office.file(complaint())
    with pytest.raises(NotNow):
        office.told("waive_reward", office.report(receipt), "2026-09-19")


def test_nobody_who_does_not_want_one_is_waited_for(office: Office) -> None:
    """No clock runs where no teller asked for a reward; the officer may propose one all the same."""
    receipt = decided(office, report(account="modest"), wants=None)
    assert running(office, office.case(receipt)) == {"tell_outcome"}
    granted(office, receipt)
    assert reward_of(office, office.report(receipt)).state == "approved"


@pytest.mark.parametrize(
    ("who", "refusal"), [("officer", WrongRole), ("supervisor", WrongRole), ("foreign", NotYourCase)]
)
def test_only_a_second_person_of_the_right_place_approves(office: Office, who: str, refusal: type[Exception]) -> None:
    """The proposer, who looks on, and a leader of elsewhere are refused."""
    receipt = decided(office)
    propose(office, receipt)
    with pytest.raises(refusal):
        office.do("approve_reward", office.case(receipt), who, "2026-10-20", report_id=office.report(receipt).id)


def test_a_leader_who_proposed_does_not_approve(office: Office) -> None:
    """Not himself, not by refusing either; another leader, or the one above, does."""
    receipt = decided(office)
    case, told = office.case(receipt), office.report(receipt)
    propose(office, receipt, by="leader")
    for verb, words in (("approve_reward", {}), ("refuse_reward", {"text": "不符合条件"})):
        with pytest.raises(SecondNeeded):
            office.do(verb, case, "leader", "2026-10-20", report_id=told.id, **words)
    office.do("approve_reward", case, "mayor", "2026-10-20", report_id=told.id)
    assert reward_of(office, told).approver_id == office.staff("mayor").id


def test_an_interest_keeps_out_of_rewards(office: Office) -> None:
    """Whoever declared an interest neither proposes nor approves; an accused office does not approve."""
    receipt = decided(office)
    case = office.case(receipt)
    propose(office, receipt)
    office.staff("leader").interests = str(case.institution)
    office.session.flush()
    with pytest.raises(NotYourCase):
        office.do("approve_reward", case, "leader", "2026-10-20", report_id=office.report(receipt).id)
    case.routing = {**case.routing, "excluded": ["YB-621000"]}
    with pytest.raises(AccusedMayNotHandle):
        office.do("approve_reward", case, "mayor", "2026-10-20", report_id=office.report(receipt).id)


@pytest.mark.parametrize("fact", ["known_before", "supervisor_staff", "wrongdoer", "in_court"])
def test_a_rule_that_excludes_keeps_the_approval_back(office: Office, fact: str) -> None:
    """Each excluding fact, and each unanswered one, is named in the refusal."""
    for answer in (True, None):
        receipt = decided(office, report(account=f"{fact}-{answer}", institution=f"庆城县第{fact}{answer}医院"))
        propose(office, receipt, facts={**GOOD, fact: answer})
        with pytest.raises(NotEligible) as refused:
            office.do(
                "approve_reward", office.case(receipt), "leader", "2026-10-20", report_id=office.report(receipt).id
            )
        assert len(refused.value.sentence) > 20


def test_what_the_ledger_knows_is_not_overruled(office: Office) -> None:
    """Whoever took his report back before the decision is not rewarded, whatever the form says (RW-04)."""
    receipt = office.file(replace(report(), teller=replace(report().teller, wants_reward=True)))
    case, told = office.case(receipt), office.report(receipt)
    office.do("accept", case, "officer", "2026-09-21")
    office.told("withdraw", told, "2026-09-22")
    office.do("decide", case, "officer", "2026-10-10", outcome="established", finding="属实")
    propose(office, receipt, facts={**GOOD, "withdrawn": False})
    reward = reward_of(office, told)
    assert reward.facts["withdrawn"] is True
    assert (reward.opinion, reward.amount) == ("not_eligible", None)


def test_the_later_reporter_is_rewarded_only_for_what_he_adds(office: Office) -> None:
    """The first by time of receipt is the first (RW-09); a later one has his own reward for his own part (RW-10)."""
    late = office.file(by_one_who_wants("late", "2026-09-20"))
    first = decided(office, by_one_who_wants("first", "2026-09-18"))
    case = office.case(first)
    assert office.case(late).id == case.id
    facts = desk.rewardcase.known(office.session, case, office.report(first))
    assert facts["first_or_adds"] is True
    assert desk.rewardcase.known(office.session, case, office.report(late))["first_or_adds"] is None
    propose(office, late, facts={**GOOD, "first_or_adds": None})
    with pytest.raises(NotEligible):
        office.do("approve_reward", case, "leader", "2026-10-20", report_id=office.report(late).id)
    granted(office, late, case_value=Decimal(10000))
    granted(office, first)
    assert [one.amount for one in office.session.scalars(select(Reward).order_by(Reward.id))] == [300, 3000]
    assert "reward_decide" not in running(office, case)


def test_one_person_is_rewarded_once_for_a_matter(office: Office) -> None:
    """The same account told twice: the second report earns nothing more (RW-10)."""
    first = office.file(by_one_who_wants("same", "2026-09-18"))
    again = decided(office, by_one_who_wants("same", "2026-09-20"))
    granted(office, first)
    propose(office, again)
    with pytest.raises(NotEligible):
        office.do("approve_reward", office.case(again), "leader", "2026-10-20", report_id=office.report(again).id)


def test_a_refusal_has_its_reason_and_what_can_still_be_done(office: Office) -> None:
    """The teller reads why and the way on; never that somebody else told before him."""
    first = office.file(by_one_who_wants("first", "2026-09-18"))
    late = decided(office, by_one_who_wants("late", "2026-09-20"))
    told = office.report(late)
    propose(office, late, facts={**GOOD, "first_or_adds": False})
    office.do(
        "refuse_reward", office.case(late), "leader", "2026-10-20", report_id=told.id, text="经核对，不符合条件。"
    )
    body = office.session.scalars(
        select(Notice.body).where(Notice.report_id == told.id).order_by(Notice.id.desc())
    ).first()
    assert body is not None
    assert "经核对，不符合条件。" in body
    assert "行政复议" in body
    assert "已经掌握" in body
    assert "他人" not in body
    assert "先" not in body.split("经核对")[0]
    assert not office.session.scalars(
        select(Notice).where(Notice.report_id == office.report(first).id, Notice.body.contains("奖励"))
    ).all()


def test_a_refusal_that_may_tell_of_another_is_held(office: Office) -> None:
    """The words of a refusal pass the same gate as every text that leaves."""
    story = "我妈在庆城县桃源康复医院三楼康复科住院，8月12日办的入院手续，自费的3680.5元说好退一半。"
    office.file(by_one_who_wants("first", "2026-09-18", text=story))
    late = decided(office, by_one_who_wants("late", "2026-09-20"))
    words = {"report_id": office.report(late).id, "text": "8月12日自费3680.5元的情况已有人反映。"}
    propose(office, late, facts={**GOOD, "first_or_adds": False})
    held = desk.attempt(
        office.session, office.case(late).id, office.staff("leader"), "refuse_reward", words,
        rules=RULES, vault=office.vault, now=moment("2026-10-20"),
    )  # fmt: skip
    assert isinstance(held, OutgoingHold)
    assert reward_of(office, office.report(late)).state == "proposed"


def test_after_a_refusal_new_facts_may_be_proposed_again(office: Office) -> None:
    """Refused is not for ever: the teller adds something, and the officer proposes anew."""
    receipt = decided(office)
    case, told = office.case(receipt), office.report(receipt)
    propose(office, receipt, facts={**GOOD, "concrete": False})
    office.do("refuse_reward", case, "leader", "2026-10-20", report_id=told.id, text="线索不具体。")
    granted(office, receipt)
    assert reward_of(office, told).state == "approved"


def test_an_approval_is_taken_back_before_anything_was_paid(office: Office) -> None:
    """Hidden facts come to light after the notice: refused, the claim clock ends, nothing can be claimed."""
    receipt = ready(office, claimed=False)
    case, told = office.case(receipt), office.report(receipt)
    office.do("refuse_reward", case, "leader", "2026-10-25", report_id=told.id, text="查明隐瞒了有关情况。")
    assert running(office, case) == {"tell_outcome"}
    with pytest.raises(NotNow):
        office.told("claim_reward", told, "2026-10-26", CLAIM)


def test_where_no_rate_is_known_nothing_is_guessed(office: Office) -> None:
    """Gansu has no scheme in the packaged book: the sentence says that the bureau has to enter its own."""
    receipt = decided(office)
    bare = replace(RULES, rewards=RewardLaw.load())
    with pytest.raises(RateUnknown):
        desk.propose_reward(
            office.session, office.case(receipt).id, office.staff("officer"), report_id=office.report(receipt).id,
            rules=bare, vault=office.vault, now=moment("2026-10-19"), **OWN,
        )  # fmt: skip
