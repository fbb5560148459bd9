"""A hundred thousand random lives through the tables: whoever does whatever on whatever day, some things always hold.

The walk is in memory and moves by the functions by which the ledger moves (`states.check`, `course`, `standstill`,
`deadlines`); `test_life.py` takes a few hundred lives through the real ledger, where cases are also merged and parted.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from random import Random

import pytest

from routing import states
from routing.authorities import by_code
from routing.course import SUSPENDED
from routing.errors import DeskError
from routing.lives import life
from tests.routing.conftest import RULES
from tests.routing.walking import CLOSED, DAY, HOTLINE, Life, received, step

LIVES = 100_000
PARTS = 10
STEPS = 12


def check(case: Life) -> None:
    """The invariants of issue and table."""
    kinds = [clock.kind for clock in case.clocks]
    own = [kind for kind in kinds if kind not in states.of_tellers()]
    assert by_code(case.authority).code not in case.routing["excluded"]
    if case.state == CLOSED:
        assert set(kinds) <= states.of_rewards(), f"{kinds} on a closed case"
    else:
        assert own, f"nothing runs under the law in the state {case.state}"
    assert len(own) == len(set(own)), "one clock of a kind"
    assert (HOTLINE in kinds) == (case.ticket in {"open", "supervised"}), "an open ticket has its clock, no other has"
    for clock in case.clocks:
        lasting = [span for span in clock.spans if span.until is None]
        assert len(lasting) == (clock.state == SUSPENDED)
        if clock.spans:
            assert {span.reason for span in clock.spans} <= set(RULES.law.kind(clock.kind).exclude)


@pytest.mark.parametrize("part", range(PARTS))
def test_no_random_life_breaks_a_promise(part: int) -> None:
    """One authority, a running or lawfully suspended clock while open, nothing but rewards after; refusals change nothing."""
    done: Counter[str] = Counter()
    for number in range(LIVES // PARTS):
        dice = Random(part * LIVES + number)
        today = date(2026, 1, 5) + DAY * dice.randrange(120)
        case = received(dice, today)
        check(case)
        for _ in range(STEPS):
            today += DAY * dice.choice((0, 1, 2, 5, 12))
            before = case.shot()
            try:
                done[step(case, dice, today)] += 1
            except DeskError:
                assert case.shot() == before, "a refused act changed something"
                continue
            check(case)
    every = {*states.moves(), *life("ticket").moves}
    assert {verb for verb in every if done[verb] < 20} == set(), "every act of the tables was done, not only refused"
