"""Years later every reward comes out again as it was, and whatever does not is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from routing.rewardaudit import audit
from routing.rewards import RewardLaw
from tests.routing.conftest import RULES, Office
from tests.routing.rewarding import ready, reward_of


def test_an_old_reward_comes_out_under_the_law_of_its_day(office: Office) -> None:
    """A newer scheme with another rate changes nothing about what was decided before it."""
    ready(office)
    newer = next(one for one in RULES.rewards.schemes if one.key == "own-test")
    newer = replace(
        newer,
        key="own-2027",
        since=date(2027, 1, 1),
        rates=tuple(replace(one, percent=Decimal(9)) for one in newer.rates),
    )
    rules = replace(RULES, rewards=RewardLaw((*RULES.rewards.schemes, newer)))
    done = audit(office.session, rules)
    assert (done.rewards, done.differences) == (1, [])


def test_a_scheme_edited_afterwards_is_found_out(office: Office) -> None:
    """Somebody changes the rate of an old scheme instead of appending: stored and found sums stand side by side."""
    ready(office)
    edited = tuple(
        replace(one, rates=tuple(replace(rate, percent=Decimal(4)) for rate in one.rates))
        if one.key == "own-test"
        else one
        for one in RULES.rewards.schemes
    )
    found = audit(office.session, replace(RULES, rewards=RewardLaw(edited))).differences
    assert [(one.what, one.stored, one.found) for one in found] == [("amount", "3,000.00", "4,000.00")]
    assert "4,000.00元" in found[0].sentence


def test_a_scheme_taken_away_is_found_out(office: Office) -> None:
    """Without its scheme a reward cannot be worked out, and that is said."""
    ready(office)
    rest = tuple(one for one in RULES.rewards.schemes if one.key != "own-test")
    found = audit(office.session, replace(RULES, rewards=RewardLaw(rest))).differences
    assert [one.what for one in found] == ["law_missing"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"amount": Decimal(5000)}, "amount"),
        ({"opinion": "open"}, "opinion"),
        ({"steps": ["奖励金额：3,000元。"]}, "steps"),
        ({"state": "paid"}, "unpaid"),
    ],
)
def test_a_row_changed_past_the_desk_is_found_out(office: Office, change: dict[str, object], what: str) -> None:
    """Each kind of tampering has its name."""
    receipt = ready(office)
    reward = reward_of(office, office.report(receipt))
    for name, value in change.items():
        setattr(reward, name, value)
    office.session.flush()
    assert what in {one.what for one in audit(office.session, RULES).differences}
