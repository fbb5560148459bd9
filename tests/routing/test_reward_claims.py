"""The teller's side of a reward, and what time does: claimed, given up, reminded, lapsed; nobody else learns."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from intake.models import Clock, Notice
from routing import desk
from routing.digest import gather
from routing.errors import (
    BadClaim,
    ClaimTooLate,
    NotNow,
)
from routing.sweep import sweep
from tests.routing.conftest import RULES, Office, moment, report
from tests.routing.rewarding import (
    CLAIM,
    OWN,
    all_told,
    by_one_who_wants,
    claim_clock_of,
    decided,
    granted,
    notices_to,
    propose,
    ready,
    reward_of,
    running,
)


def test_it_may_be_given_up_at_any_time_before_it_is_paid(office: Office) -> None:
    """Before a proposal, after it, after the notice, after the claim; each ends the procedure and its clocks."""
    for index, until in enumerate(("decided", "proposed", "notified", "claimed")):
        told_of = by_one_who_wants(f"w{index}", "2026-09-18", institution=f"庆城县{until}医院")
        receipt = (
            decided(office, told_of)
            if until in {"decided", "proposed"}
            else ready(office, told=told_of, claimed=until == "claimed")
        )
        if until == "proposed":
            propose(office, receipt)
        told = office.report(receipt)
        office.told("waive_reward", told, "2026-11-03")
        assert reward_of(office, told).state == "waived"
        assert reward_of(office, told).sealed_claim is None
        assert running(office, office.case(receipt)) == {"tell_outcome"}
        for verb, words in (("propose_reward", OWN), ("notify_reward", {})):
            with pytest.raises(NotNow):
                office.do(verb, office.case(receipt), "officer", "2026-11-04", report_id=told.id, **words)


def test_the_reward_goes_on_when_the_case_is_closed(office: Office) -> None:
    """Closing ends the clocks of the case, not those of the reward; the desk is still reminded of them."""
    receipt = decided(office)
    case, told = office.case(receipt), office.report(receipt)
    office.do("reply", case, "officer", "2026-10-13", text="经核查，情况属实，已依法处理。")
    office.do("close", case, "officer", "2026-10-13")
    assert running(office, case) == {"reward_decide"}
    due = office.session.scalars(select(Clock).where(Clock.kind == "reward_decide")).one().due_on
    sweep(office.session, rules=RULES, now=moment(due.isoformat()))
    gather(office.session, rules=RULES, now=moment(due.isoformat()))
    assert office.session.scalars(select(Notice.id).where(Notice.body.contains("决定是否奖励"))).first()
    granted(office, receipt)
    office.do("notify_reward", case, "officer", "2026-10-22", report_id=told.id)
    assert case.next_due == claim_clock_of(office, told).due_on
    office.told("waive_reward", told, "2026-10-23")
    assert case.next_due is None


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
    office.told("claim_reward", told, f"{last.isoformat()}T23:59", CLAIM)
    point.rollback()
    office.session.expire_all()
    with pytest.raises(ClaimTooLate):
        office.told("claim_reward", told, day.isoformat(), CLAIM)
    sweep(office.session, rules=RULES, now=moment(day.isoformat()))
    assert reward_of(office, told).state == "lapsed"
    said = notices_to(office, told)
    for later in range(1, 40):
        sweep(office.session, rules=RULES, now=moment((day + timedelta(days=later)).isoformat()))
    assert notices_to(office, told) == said


def test_the_teller_is_reminded_before_it_lapses(office: Office) -> None:
    """Three working days before, one before, and on the day; by name of the day, and to nobody else."""
    receipt = ready(office, claimed=False)
    told = office.report(receipt)
    clock = claim_clock_of(office, told)
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
    office.told("claim_reward", told, "2026-12-30", CLAIM)
    assert reward_of(office, told).state == "claimed"


def test_two_tellers_of_a_case_have_their_own_claim_clocks(office: Office) -> None:
    """Told on different days, each has his own last day."""
    first = office.file(by_one_who_wants("first", "2026-09-18"))
    late = decided(office, by_one_who_wants("late", "2026-09-20"))
    granted(office, first)
    granted(office, late, case_value=Decimal(10000))
    office.do("notify_reward", office.case(first), "officer", "2026-10-21", report_id=office.report(first).id)
    office.do("notify_reward", office.case(late), "officer", "2026-11-02", report_id=office.report(late).id)
    days = [claim_clock_of(office, office.report(one)).due_on for one in (first, late)]
    assert days == [date(2026, 12, 21), date(2027, 1, 4)]
    office.told("claim_reward", office.report(first), "2026-11-10", CLAIM)
    assert "reward_claim" in running(office, office.case(late))


def test_another_teller_never_learns(office: Office) -> None:
    """Neither his notices, nor his letters, nor his own date, nor his own reward tell of the other's reward."""
    other = office.file(report(account="other", at="2026-09-19"))
    one = decided(office, by_one_who_wants("one", "2026-09-18"))
    case, silent = office.case(one), office.report(other)
    assert case.id == silent.case_id
    now = moment("2026-12-01")
    law: dict[str, Any] = {"rules": RULES, "now": now}
    before = (all_told(office, silent), desk.promised(office.session, silent, case, **law))
    granted(office, one)
    office.do("notify_reward", case, "officer", "2026-10-21", report_id=office.report(one).id)
    sweep(office.session, rules=RULES, now=now)
    office.told("claim_reward", office.report(one), "2026-12-02", CLAIM)
    office.do("pay_reward", case, "clerk", "2026-12-03", report_id=office.report(one).id, reference="拨1")
    assert (all_told(office, silent), desk.promised(office.session, silent, case, **law)) == before
    mine = desk.own_reward(office.session, silent, now)
    assert mine is not None
    assert (mine.state, mine.offered) == ("not_said", False)


def test_the_teller_reads_the_sum_only_once_he_was_told(office: Office) -> None:
    """Proposed and approved are the house's own; he reads that he asked."""
    receipt = decided(office)
    told, now = office.report(receipt), moment("2026-10-21")
    granted(office, receipt)
    mine = desk.own_reward(office.session, told, now)
    assert mine is not None
    assert (mine.state, mine.yuan, mine.may_claim, mine.may_waive) == ("undecided", None, False, True)
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


def test_who_gave_it_up_before_the_decision_is_not_waited_for(office: Office) -> None:
    """The wish of the first day was taken back: no clock starts when the case is decided."""
    receipt = office.file(by_one_who_wants("early", "2026-09-18"))
    case = office.case(receipt)
    office.told("waive_reward", office.report(receipt), "2026-09-19")
    office.do("accept", case, "officer", "2026-09-21")
    office.do("decide", case, "officer", "2026-10-12", outcome="established", finding="经查证属实。")
    assert running(office, case) == {"tell_outcome"}
