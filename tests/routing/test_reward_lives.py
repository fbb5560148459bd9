"""Random lives of rewards: whoever does whatever in whatever order, the promises hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from intake import rewards
from intake.confidentiality import Vault
from intake.db import Database
from intake.models import Case, Clock, FiledReport, Reward
from routing import states
from routing.errors import DeskError
from routing.rewardaudit import audit
from routing.sweep import sweep
from tests.routing.conftest import RULES, Office, moment, report
from tests.routing.rewarding import CLAIM, GOOD, OWN, hired, wanting

WHO = ("officer", "leader", "clerk", "mayor", "colleague", "supervisor", "neighbour", "foreign")
FACTS: tuple[dict[str, bool | None], ...] = (GOOD, {**GOOD, "in_court": True}, {**GOOD, "concrete": None}, GOOD)
NEXT = {
    "none": ("propose_reward", "officer"),
    "proposed": ("approve_reward", "leader"),
    "approved": ("notify_reward", "officer"),
    "notified": ("claim_reward", ""),
    "claimed": ("pay_reward", "clerk"),
    "paid": ("recover_reward", "leader"),
    "recovered": ("recover_reward", "leader"),
    "refused": ("propose_reward", "officer"),
    "lapsed": ("renew_reward", "leader"),
    "waived": ("propose_reward", "officer"),
}
"""What usually comes next and who does it: three steps in four follow it, else lives would end in refusals."""
STEP = st.tuples(
    st.sampled_from([*states.reward_moves(), "decide", "reply", "close", "sweep", "pay_reward", "approve_reward"]),
    st.sampled_from(WHO),
    st.integers(0, 2),
    st.integers(0, 20),
    st.integers(0, 3),
    st.integers(0, 3),
)


def take(office: Office, case: Case, step: tuple[str, str, int, int, int, int], day: str) -> None:
    """One step; a refusal is as good as a deed."""
    verb, who, which, _, usual, n = step
    told = list(
        office.session.scalars(select(FiledReport).where(FiledReport.case_id == case.id).order_by(FiledReport.id))
    )
    one = told[which % len(told)]
    if usual:
        row = rewards.of_case(office.session, case.id).get(one.id)
        verb, who = NEXT[row.state if row else "none"]
    words: dict[str, Any] = {"report_id": one.id}
    acts: dict[str, Callable[[], object]] = {
        "sweep": lambda: sweep(office.session, rules=RULES, now=moment(day)),
        "claim_reward": lambda: office.told("claim_reward", one, day, CLAIM),
        "waive_reward": lambda: office.told("waive_reward", one, day),
        "lapse_reward": lambda: sweep(office.session, rules=RULES, now=moment(day)),
        "decide": lambda: office.do("decide", case, who, day, outcome="established", finding="属实"),
        "reply": lambda: office.do("reply", case, who, day, text="属实"),
        "close": lambda: office.do("close", case, who, day),
    }
    more: dict[str, dict[str, Any]] = {
        "propose_reward": {**OWN, "facts": FACTS[n], "people_sharing": n + 1, "case_value": Decimal(10000 * (n + 1))},
        "refuse_reward": {"text": "不符合条件。"},
        "renew_reward": {"reason": "有正当理由。"},
        "pay_reward": {"reference": f"拨{day}", "share": n + 1},
        "recover_reward": {"text": "材料不实。", "yuan": str(100 * (n + 1)), "reference": f"收{day}"},
    }
    if verb in acts:
        acts[verb]()
    else:
        office.do(verb, case, who, day, **words, **more.get(verb, {}))


def check(office: Office, case: Case) -> None:
    """The promises, over every reward."""
    office.session.flush()
    running = list(office.session.scalars(select(Clock).where(Clock.case_id == case.id, Clock.state == "running")))
    assert case.next_due == min((clock.due_on for clock in running), default=None)
    claims = set()
    for reward in office.session.scalars(select(Reward)):
        lines = rewards.payments(office.session, reward.id)
        paid, back = rewards.total(lines, "paid"), rewards.total(lines, "recovered")
        shares = [one.share for one in lines if one.kind == "paid"]
        assert len(shares) == len(set(shares))
        assert paid <= (reward.amount or 0)
        assert back <= paid
        assert reward.approver_id is None or reward.approver_id != reward.proposer_id
        if paid:
            assert case.outcome == "established"
            assert reward.facts["found_true"] is True
            assert reward.opinion == "eligible"
            assert not {one.staff_id for one in lines if one.kind == "paid"} & {reward.proposer_id, case.handler_id}
        if reward.state == "notified":
            claims.add(reward.clock_id)
    assert claims == {clock.id for clock in running if clock.kind == "reward_claim"}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=15, max_size=45))
def test_the_promises_hold_whatever_people_do(
    database: Database, vault: Vault, steps: list[tuple[str, str, int, int, int, int]]
) -> None:
    """Never twice, never more than approved, never by one person, never without an established fact, never for ever."""
    with database.writing() as session:
        office = Office(session, vault)
        hired(office)
        day = date(2025, 11, 3)
        case = office.case(office.file(wanting(report(at=day.isoformat()))))
        office.file(wanting(report(at="2025-11-04", account="later")))
        office.do("accept", case, "officer", "2025-11-05")
        for step in [("decide", "officer", 0, 0, 0, 0), *steps]:
            day += timedelta(days=step[3])
            point = session.begin_nested()
            try:
                take(office, case, step, day.isoformat())
                point.commit()
            except DeskError:
                point.rollback()
                session.expire_all()
            check(office, case)
        session.flush()
        assert audit(session, RULES).differences == []
        session.rollback()
