"""Rewards: proposed, approved by a second person, told, claimed by code, paid by a third, never twice, never too much."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from intake import rewards
from intake.models import Case, Clock, Event, FiledReport, Letter, Notice, OutgoingHold, Payment, Reward
from intake.report import Receipt
from routing import desk
from routing.errors import (
    AccusedMayNotHandle,
    BadClaim,
    BadReference,
    ClaimTooLate,
    MoreThanPaid,
    NotDecidedYet,
    NotEligible,
    NotNow,
    NotYourCase,
    NotYours,
    PaidAlready,
    RateUnknown,
    SecondNeeded,
    ThirdPersonPays,
    WrongRole,
)
from routing.rewards import RewardLaw
from routing.sweep import sweep
from tests.routing.conftest import RULES, Office, complaint, moment, report
from tests.routing.rewarding import GOOD, OWN, decided, granted, ready, reward_of

BANK = {"how": "bank", "place": "中国银行庆城支行", "name": "周远山", "account": "6217000010001234567"}


def test_from_the_decision_to_the_payment(office: Office) -> None:
    """The whole way, with each clock started and stopped where the table says."""
    receipt = decided(office)
    case, told = office.case(receipt), office.report(receipt)
    assert _running(office, case) == {"tell_outcome", "reward_decide"}
    granted(office, receipt)
    assert "reward_decide" not in _running(office, case)
    office.do("notify_reward", case, "officer", "2026-10-21", report_id=told.id)
    assert "reward_claim" in _running(office, case)
    office.told("claim_reward", told, "2026-11-02", BANK)
    assert "reward_claim" not in _running(office, case)
    office.do("pay_reward", case, "clerk", "2026-11-05", report_id=told.id, reference="2026-拨-0117")
    reward = reward_of(office, told)
    assert (reward.state, reward.amount, reward.paper) == ("paid", Decimal("3000.00"), "庆城县医保奖〔2026〕1号")
    line = office.session.scalars(select(Payment)).one()
    assert (line.kind, line.yuan, line.reference) == ("paid", Decimal("3000.00"), "2026-拨-0117")
    bodies = office.session.scalars(select(Notice.body).where(Notice.report_id == told.id)).all()
    assert any("3,000元" in body and "12月21日" in body for body in bodies)


def test_a_reward_needs_an_established_outcome(office: Office) -> None:
    """Before the decision, and after one that found nothing, there is nothing to propose, and no clock."""
    fresh = office.file(report(account="early"))
    with pytest.raises(NotDecidedYet):
        _propose(office, fresh)
    nothing = decided(
        office, replace(report(account="nothing", institution="庆城县无有医院")), outcome="not_established"
    )
    with pytest.raises(NotDecidedYet):
        _propose(office, nothing)
    assert "reward_decide" not in _running(office, office.case(nothing))


def test_a_complaint_earns_no_reward(office: Office) -> None:
    """An enterprise that complains of an inspection is no reporter of fraud."""
    receipt = office.file(complaint())
    with pytest.raises(NotNow):
        office.told("waive_reward", office.report(receipt), "2026-09-19")


def test_nobody_who_does_not_want_one_is_waited_for(office: Office) -> None:
    """No clock runs where no teller asked for a reward; the officer may propose one all the same."""
    receipt = decided(office, report(account="modest"), wants=None)
    assert _running(office, office.case(receipt)) == {"tell_outcome"}
    granted(office, receipt)
    assert reward_of(office, office.report(receipt)).state == "approved"


@pytest.mark.parametrize(
    ("who", "refusal"), [("officer", WrongRole), ("supervisor", WrongRole), ("foreign", NotYourCase)]
)
def test_only_a_second_person_of_the_right_place_approves(office: Office, who: str, refusal: type[Exception]) -> None:
    """The proposer, who looks on, and a leader of elsewhere are refused."""
    receipt = decided(office)
    _propose(office, receipt)
    with pytest.raises(refusal):
        office.do("approve_reward", office.case(receipt), who, "2026-10-20", report_id=office.report(receipt).id)


def test_a_leader_who_proposed_does_not_approve(office: Office) -> None:
    """Not himself, not by refusing either; another leader, or the one above, does."""
    receipt = decided(office)
    case, told = office.case(receipt), office.report(receipt)
    _propose(office, receipt, by="leader")
    for verb, words in (("approve_reward", {}), ("refuse_reward", {"text": "不符合条件"})):
        with pytest.raises(SecondNeeded):
            office.do(verb, case, "leader", "2026-10-20", report_id=told.id, **words)
    office.do("approve_reward", case, "mayor", "2026-10-20", report_id=told.id)
    assert reward_of(office, told).approver_id == office.staff("mayor").id


def test_an_interest_keeps_out_of_rewards(office: Office) -> None:
    """Whoever declared an interest neither proposes nor approves; an accused office does not approve."""
    receipt = decided(office)
    case = office.case(receipt)
    _propose(office, receipt)
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
        _propose(office, receipt, facts={**GOOD, fact: answer})
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
    _propose(office, receipt, facts={**GOOD, "withdrawn": False})
    reward = reward_of(office, told)
    assert reward.facts["withdrawn"] is True
    assert (reward.opinion, reward.amount) == ("not_eligible", None)


def test_the_later_reporter_is_rewarded_only_for_what_he_adds(office: Office) -> None:
    """The first by time of receipt is the first (RW-09); a later one has his own reward for his own part (RW-10)."""
    late = office.file(_wanting("late", "2026-09-20"))
    first = decided(office, _wanting("first", "2026-09-18"))
    case = office.case(first)
    assert office.case(late).id == case.id
    facts = desk.rewardcase.known(office.session, case, office.report(first))
    assert facts["first_or_adds"] is True
    assert desk.rewardcase.known(office.session, case, office.report(late))["first_or_adds"] is None
    _propose(office, late, facts={**GOOD, "first_or_adds": None})
    with pytest.raises(NotEligible):
        office.do("approve_reward", case, "leader", "2026-10-20", report_id=office.report(late).id)
    granted(office, late, case_value=Decimal(10000))
    granted(office, first)
    assert [one.amount for one in office.session.scalars(select(Reward).order_by(Reward.id))] == [300, 3000]
    assert "reward_decide" not in _running(office, case)


def test_one_person_is_rewarded_once_for_a_matter(office: Office) -> None:
    """The same account told twice: the second report earns nothing more (RW-10)."""
    first = office.file(_wanting("same", "2026-09-18"))
    again = decided(office, _wanting("same", "2026-09-20"))
    granted(office, first)
    _propose(office, again)
    with pytest.raises(NotEligible):
        office.do("approve_reward", office.case(again), "leader", "2026-10-20", report_id=office.report(again).id)


def test_a_refusal_has_its_reason_and_what_can_still_be_done(office: Office) -> None:
    """The teller reads why and the way on; never that somebody else told before him."""
    first = office.file(_wanting("first", "2026-09-18"))
    late = decided(office, _wanting("late", "2026-09-20"))
    told = office.report(late)
    _propose(office, late, facts={**GOOD, "first_or_adds": False})
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
    office.file(_wanting("first", "2026-09-18", text=story))
    late = decided(office, _wanting("late", "2026-09-20"))
    words = {"report_id": office.report(late).id, "text": "8月12日自费3680.5元的情况已有人反映。"}
    _propose(office, late, facts={**GOOD, "first_or_adds": False})
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
    _propose(office, receipt, facts={**GOOD, "concrete": False})
    office.do("refuse_reward", case, "leader", "2026-10-20", report_id=told.id, text="线索不具体。")
    granted(office, receipt)
    assert reward_of(office, told).state == "approved"


def test_an_approval_is_taken_back_before_anything_was_paid(office: Office) -> None:
    """Hidden facts come to light after the notice: refused, the claim clock ends, nothing can be claimed."""
    receipt = ready(office, claimed=False)
    case, told = office.case(receipt), office.report(receipt)
    office.do("refuse_reward", case, "leader", "2026-10-25", report_id=told.id, text="查明隐瞒了有关情况。")
    assert _running(office, case) == {"tell_outcome"}
    with pytest.raises(NotNow):
        office.told("claim_reward", told, "2026-10-26", BANK)


@pytest.mark.parametrize("who", ["officer", "leader"])
def test_whoever_decided_or_handles_does_not_learn_who_is_paid(office: Office, who: str) -> None:
    """The identity opens for a third person alone, and each opening is an event that holds no name."""
    receipt = ready(office)
    case, told = office.case(receipt), office.report(receipt)
    law: dict[str, Any] = {"report_id": told.id, "vault": office.vault, "now": moment("2026-11-03")}
    with pytest.raises(ThirdPersonPays):
        desk.payee(office.session, case.id, office.staff(who), **law)
    with pytest.raises(NotYours):
        desk.payee(office.session, case.id, office.staff("neighbour"), **law)
    seen = desk.payee(office.session, case.id, office.staff("clerk"), **law)
    assert (seen.name, seen.account, seen.how) == ("周远山", BANK["account"], "bank")
    event = office.session.scalars(select(Event).where(Event.kind == "payee_shown")).one()
    assert set(event.data) == {"report_id", "reward"}


def test_who_is_paid_is_seen_for_a_running_claim_only(office: Office) -> None:
    """Not before the claim, not after the payment."""
    receipt = ready(office, claimed=False)
    case, told = office.case(receipt), office.report(receipt)
    law: dict[str, Any] = {"report_id": told.id, "vault": office.vault, "now": moment("2026-11-03")}
    with pytest.raises(NotNow):
        desk.payee(office.session, case.id, office.staff("clerk"), **law)
    office.told("claim_reward", told, "2026-11-02", BANK)
    office.do("pay_reward", case, "clerk", "2026-11-05", report_id=told.id, reference="拨1")
    with pytest.raises(NotNow):
        desk.payee(office.session, case.id, office.staff("clerk"), **law)


def test_an_anonymous_reporter_is_rewarded_by_his_code(office: Office) -> None:
    """RW-15: no name at telling; he names himself in the claim, for whoever pays."""
    receipt = ready(office, told=_wanting("nobody", "2026-09-18", mode="anonymous"))
    case, told = office.case(receipt), office.report(receipt)
    law: dict[str, Any] = {"report_id": told.id, "vault": office.vault, "now": moment("2026-11-03")}
    assert desk.payee(office.session, case.id, office.staff("clerk"), **law).name == "周远山"


def test_no_clear_identity_stands_in_the_ledger(office: Office) -> None:
    """Neither the claim nor the account is found in any event, notice, letter or row in clear."""
    ready(office)
    office.session.flush()
    dump = "\n".join(office.session.connection().connection.iterdump())
    assert BANK["account"] not in dump
    assert BANK["name"] not in dump


def test_nothing_is_paid_twice_nor_by_who_decided(office: Office) -> None:
    """A second payment is refused by the desk, and past the desk by the database."""
    receipt = ready(office)
    case, told = office.case(receipt), office.report(receipt)
    for who in ("officer", "leader"):
        with pytest.raises(ThirdPersonPays):
            office.do("pay_reward", case, who, "2026-11-05", report_id=told.id, reference="拨1")
    office.do("pay_reward", case, "clerk", "2026-11-05", report_id=told.id, reference="拨1")
    with pytest.raises(NotNow):
        office.do("pay_reward", case, "clerk", "2026-11-05", report_id=told.id, reference="拨2")
    line = office.session.scalars(select(Payment)).one()
    point = office.session.begin_nested()
    office.session.add(
        Payment(
            reward_id=line.reward_id, kind="paid", share=1, yuan=line.yuan, reference="x", staff_id=line.staff_id,
            at=line.at,
        )
    )  # fmt: skip
    with pytest.raises(IntegrityError):
        office.session.flush()
    point.rollback()


@pytest.mark.parametrize("statement", ["UPDATE payment SET yuan = 1", "DELETE FROM payment"])
def test_a_payment_is_never_changed_or_removed(office: Office, statement: str) -> None:
    """The database itself keeps the ledger."""
    receipt = ready(office)
    office.do(
        "pay_reward", office.case(receipt), "clerk", "2026-11-05", report_id=office.report(receipt).id, reference="拨1"
    )
    with pytest.raises(IntegrityError, match="appended, never changed"):
        office.session.connection().exec_driver_sql(statement)


@pytest.mark.parametrize("reference", ["", " ", "付给13800000001", "6217000010001234567", "凭" * 61])
def test_a_voucher_number_holds_no_person(office: Office, reference: str) -> None:
    """Empty, too long, or a telephone or card number: refused before anything is written."""
    receipt = ready(office)
    with pytest.raises(BadReference):
        office.do(
            "pay_reward", office.case(receipt), "clerk", "2026-11-05", report_id=office.report(receipt).id,
            reference=reference,
        )  # fmt: skip
    assert office.session.scalars(select(Payment)).all() == []


def test_a_joint_report_is_one_reporter_and_is_shared(office: Office) -> None:
    """Three people, 1 000.00 yuan: 333.34, 333.33, 333.33, each paid once; the reward ends with the last."""
    receipt = ready(office, case_value=Decimal("33333.33"), people_sharing=3)
    case, told = office.case(receipt), office.report(receipt)
    for share in (2, 1, 3):
        assert reward_of(office, told).state == "claimed"
        office.do("pay_reward", case, "clerk", "2026-11-05", report_id=told.id, reference=f"拨{share}", share=share)
        with pytest.raises((PaidAlready, NotNow)):
            office.do("pay_reward", case, "clerk", "2026-11-05", report_id=told.id, reference="再拨", share=share)
    paid = office.session.scalars(select(Payment.yuan).order_by(Payment.share)).all()
    assert paid == [Decimal("333.34"), Decimal("333.33"), Decimal("333.33")]
    assert reward_of(office, told).state == "paid"


def test_a_partly_paid_reward_is_neither_given_up_nor_refused(office: Office) -> None:
    """Once money flowed only recovery undoes it."""
    receipt = ready(office, people_sharing=2)
    case, told = office.case(receipt), office.report(receipt)
    office.do("pay_reward", case, "clerk", "2026-11-05", report_id=told.id, reference="拨1")
    with pytest.raises(PaidAlready):
        office.told("waive_reward", told, "2026-11-06")
    with pytest.raises(PaidAlready):
        office.do("refuse_reward", case, "leader", "2026-11-06", report_id=told.id, text="不再发放。")


def test_what_was_got_by_fraud_is_taken_back_and_no_more(office: Office) -> None:
    """RW-14: in parts, until all is back; the teller reads why."""
    receipt = ready(office)
    case, told = office.case(receipt), office.report(receipt)
    office.do("pay_reward", case, "clerk", "2026-11-05", report_id=told.id, reference="拨1")
    words = {"report_id": told.id, "text": "查明有关材料系伪造。", "reference": "收1"}
    office.do("recover_reward", case, "leader", "2026-12-01", yuan="1,000", **words)
    with pytest.raises(MoreThanPaid):
        office.do("recover_reward", case, "leader", "2026-12-02", yuan="2000.01", **words)
    office.do("recover_reward", case, "leader", "2026-12-03", yuan="2000", **words)
    lines = rewards.payments(office.session, reward_of(office, told).id)
    assert (rewards.total(lines, "paid"), rewards.total(lines, "recovered")) == (Decimal(3000), Decimal(3000))
    assert reward_of(office, told).state == "recovered"
    letters = office.session.scalars(select(Letter.redacted).where(Letter.report_id == told.id)).all()
    assert any("材料系伪造" in text for text in letters)


def test_it_may_be_given_up_at_any_time_before_it_is_paid(office: Office) -> None:
    """Before a proposal, after it, after the notice, after the claim; each ends the procedure and its clocks."""
    for index, until in enumerate(("decided", "proposed", "notified", "claimed")):
        told_of = _wanting(f"w{index}", "2026-09-18", institution=f"庆城县{until}医院")
        receipt = (
            decided(office, told_of)
            if until in {"decided", "proposed"}
            else ready(office, told=told_of, claimed=until == "claimed")
        )
        if until == "proposed":
            _propose(office, receipt)
        told = office.report(receipt)
        office.told("waive_reward", told, "2026-11-03")
        assert reward_of(office, told).state == "waived"
        assert reward_of(office, told).sealed_claim is None
        assert _running(office, office.case(receipt)) == {"tell_outcome"}
        for verb, words in (("propose_reward", OWN), ("notify_reward", {})):
            with pytest.raises(NotNow):
                office.do(verb, office.case(receipt), "officer", "2026-11-04", report_id=told.id, **words)


def test_the_reward_goes_on_when_the_case_is_closed(office: Office) -> None:
    """Closing ends the clocks of the case, not those of the reward; the desk is still reminded of them."""
    receipt = decided(office)
    case, told = office.case(receipt), office.report(receipt)
    office.do("reply", case, "officer", "2026-10-13", text="经核查，情况属实，已依法处理。")
    office.do("close", case, "officer", "2026-10-13")
    assert _running(office, case) == {"reward_decide"}
    due = office.session.scalars(select(Clock).where(Clock.kind == "reward_decide")).one().due_on
    sweep(office.session, rules=RULES, now=moment(due.isoformat()))
    assert office.session.scalars(select(Notice.id).where(Notice.body.contains("决定是否奖励"))).first()
    granted(office, receipt)
    office.do("notify_reward", case, "officer", "2026-10-22", report_id=told.id)
    assert case.next_due == reward_of_clock(office, told).due_on
    office.told("waive_reward", told, "2026-10-23")
    assert case.next_due is None


def reward_of_clock(office: Office, told: FiledReport) -> Clock:
    """The claim clock of a report's reward."""
    return office.session.get_one(Clock, reward_of(office, told).clock_id)


def _rests(day: date) -> bool:
    """Whether a day is a rest day, read from the calendar's own tables and not from its arithmetic."""
    calendar = RULES.calendar.at("621021")
    return calendar.rest(day) is not None and day not in calendar.worked


@pytest.mark.parametrize("start", ["2026-02-01", "2026-03-05", "2026-04-22", "2026-07-27", "2026-08-05", "2026-10-21"])
def test_it_lapses_the_day_after_the_last_one_and_not_before(office: Office, start: str) -> None:
    """60 calendar days; a last day that rests moves on, counted here by a walker of its own."""
    receipt = decided(office, decided_on="2026-01-20", at="2026-01-05")
    case, told = office.case(receipt), office.report(receipt)
    granted(office, receipt, on="2026-01-21")
    office.do("notify_reward", case, "officer", start, report_id=told.id)
    last = date.fromisoformat(start) + timedelta(days=60)
    while _rests(last):
        last += timedelta(days=1)
    day = date.fromisoformat(start)
    while day <= last:
        sweep(office.session, rules=RULES, now=moment(day.isoformat()))
        assert reward_of(office, told).state == "notified"
        day += timedelta(days=1)
    point = office.session.begin_nested()
    office.told("claim_reward", told, f"{last.isoformat()}T23:59", BANK)
    point.rollback()
    office.session.expire_all()
    with pytest.raises(ClaimTooLate):
        office.told("claim_reward", told, day.isoformat(), BANK)
    sweep(office.session, rules=RULES, now=moment(day.isoformat()))
    assert reward_of(office, told).state == "lapsed"
    said = _told_count(office, told)
    for later in range(1, 40):
        sweep(office.session, rules=RULES, now=moment((day + timedelta(days=later)).isoformat()))
    assert _told_count(office, told) == said


def test_the_teller_is_reminded_before_it_lapses(office: Office) -> None:
    """Three working days before, one before, and on the day; by name of the day, and to nobody else."""
    receipt = ready(office, claimed=False)
    told = office.report(receipt)
    clock = reward_of_clock(office, told)
    for days in range(-8, 1):
        sweep(office.session, rules=RULES, now=moment((clock.due_on + timedelta(days=days)).isoformat()))
    keys = office.session.scalars(select(Notice.key).where(Notice.key.startswith(f"clock-{clock.id}-"))).all()
    assert {key.split("-")[2] for key in keys} == {"before3", "before1", "due"}
    assert all(key.endswith(f"-report-{told.id}") for key in keys)


def test_a_lapsed_reward_is_renewed_for_a_good_reason(office: Office) -> None:
    """RW-13: overdue without good reason counts as given up; with one a leader starts the period anew."""
    receipt = ready(office, claimed=False)
    case, told = office.case(receipt), office.report(receipt)
    sweep(office.session, rules=RULES, now=moment("2026-12-28"))
    assert reward_of(office, told).state == "lapsed"
    office.do("renew_reward", case, "leader", "2026-12-29", report_id=told.id, reason="住院不能申领。")
    office.told("claim_reward", told, "2026-12-30", BANK)
    assert reward_of(office, told).state == "claimed"


def test_two_tellers_of_a_case_have_their_own_claim_clocks(office: Office) -> None:
    """Told on different days, each has his own last day."""
    first = office.file(_wanting("first", "2026-09-18"))
    late = decided(office, _wanting("late", "2026-09-20"))
    granted(office, first)
    granted(office, late, case_value=Decimal(10000))
    office.do("notify_reward", office.case(first), "officer", "2026-10-21", report_id=office.report(first).id)
    office.do("notify_reward", office.case(late), "officer", "2026-11-02", report_id=office.report(late).id)
    days = [reward_of_clock(office, office.report(one)).due_on for one in (first, late)]
    assert days == [date(2026, 12, 21), date(2027, 1, 4)]
    office.told("claim_reward", office.report(first), "2026-11-10", BANK)
    assert "reward_claim" in _running(office, office.case(late))


def test_another_teller_never_learns(office: Office) -> None:
    """Neither his notices, nor his letters, nor his own date, nor his own reward tell of the other's reward."""
    other = office.file(report(account="other", at="2026-09-19"))
    one = decided(office, _wanting("one", "2026-09-18"))
    case, silent = office.case(one), office.report(other)
    assert case.id == silent.case_id
    now = moment("2026-12-01")
    law: dict[str, Any] = {"rules": RULES, "now": now}
    before = (_of_teller(office, silent), desk.promised(office.session, silent, case, **law))
    granted(office, one)
    office.do("notify_reward", case, "officer", "2026-10-21", report_id=office.report(one).id)
    sweep(office.session, rules=RULES, now=now)
    office.told("claim_reward", office.report(one), "2026-12-02", BANK)
    office.do("pay_reward", case, "clerk", "2026-12-03", report_id=office.report(one).id, reference="拨1")
    assert (_of_teller(office, silent), desk.promised(office.session, silent, case, **law)) == before
    assert desk.own_reward(office.session, silent, now) is None


def test_the_teller_reads_the_sum_only_once_he_was_told(office: Office) -> None:
    """Proposed and approved are the house's own; he reads that he asked."""
    receipt = decided(office)
    told, now = office.report(receipt), moment("2026-10-21")
    granted(office, receipt)
    mine = desk.own_reward(office.session, told, now)
    assert mine is not None
    assert (mine.state, mine.yuan, mine.may_claim, mine.may_waive) == ("wished", None, False, True)
    office.do("notify_reward", office.case(receipt), "officer", "2026-10-21", report_id=told.id)
    mine = desk.own_reward(office.session, told, now)
    assert mine is not None
    assert (mine.state, mine.yuan, mine.may_claim, mine.claim_until) == (
        "notified",
        Decimal(3000),
        True,
        date(2026, 12, 21),
    )


@pytest.mark.parametrize("wanted", [{}, {"how": "gold"}, {"how": "bank", "account": "6" * 201}])
def test_a_claim_says_how(office: Office, wanted: dict[str, str]) -> None:
    """Without a way, with an unknown one, or with a novel in a field it is refused and nothing changes."""
    receipt = ready(office, claimed=False)
    with pytest.raises(BadClaim):
        office.told("claim_reward", office.report(receipt), "2026-11-02", wanted)
    assert reward_of(office, office.report(receipt)).state == "notified"


def test_where_no_rate_is_known_nothing_is_guessed(office: Office) -> None:
    """Gansu has no scheme in the packaged book: the sentence says that the bureau has to enter its own."""
    receipt = decided(office)
    bare = replace(RULES, rewards=RewardLaw.load())
    with pytest.raises(RateUnknown):
        desk.propose_reward(
            office.session, office.case(receipt).id, office.staff("officer"), report_id=office.report(receipt).id,
            rules=bare, vault=office.vault, now=moment("2026-10-19"), **OWN,
        )  # fmt: skip


def _wanting(account: str, at: str, **changes: Any) -> Any:
    made = report(account=account, at=at, **changes)
    return replace(made, teller=replace(made.teller, wants_reward=True))


def _propose(office: Office, receipt: Receipt, by: str = "officer", **words: Any) -> None:
    office.do(
        "propose_reward",
        office.case(receipt),
        by,
        "2026-10-19",
        report_id=office.report(receipt).id,
        **{**OWN, **words},
    )


def _running(office: Office, case: Case) -> set[str]:
    query = select(Clock.kind).where(Clock.case_id == case.id, Clock.state == "running")
    return set(office.session.scalars(query))


def _told_count(office: Office, told: FiledReport) -> int:
    return office.session.scalar(select(func.count(Notice.id)).where(Notice.report_id == told.id)) or 0


def _of_teller(office: Office, told: FiledReport) -> tuple[Any, ...]:
    notices = office.session.execute(select(Notice.key, Notice.body).where(Notice.report_id == told.id)).all()
    letters = office.session.scalars(select(Letter.redacted).where(Letter.report_id == told.id)).all()
    return tuple(notices), tuple(letters)
