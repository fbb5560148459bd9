"""Merging and parting beside rewards: a claim goes with its report, and what was settled stays settled."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from intake.models import Case, Clock
from intake.report import Receipt
from routing import errors
from tests.routing.conftest import Office, report
from tests.routing.rewarding import claim_clock_of, granted, hired, wanting
from tests.routing.test_merge import OTHER, two


def test_after_the_reward_was_decided_nobody_is_moved(office: Office) -> None:
    """Closed and rewarded: who told first is settled."""
    first, second = two(office)
    kept, gone = office.case(first), office.case(second)
    office.do("merge", gone, "officer", "2026-09-22", into=kept.id)
    office.do("accept", kept, "officer", "2026-09-22")
    office.do("decide", kept, "officer", "2026-09-23", outcome="established", finding="属实")
    office.do("reply", kept, "officer", "2026-09-24", text="属实")
    granted(office, first, on="2026-09-25")
    office.do("close", kept, "officer", "2026-09-26")
    with pytest.raises(errors.RewardSettled):
        office.do("unmerge", gone, "officer", "2026-09-27")


def promised_to_the_later(office: Office) -> tuple[Receipt, Receipt]:
    """Two merged cases, decided; the later teller was told of his reward, so that his claim clock runs."""
    hired(office)
    first = office.file(wanting(report(at="2026-09-18")))
    second = office.file(wanting(report(account="teller-2", at="2026-09-21", **OTHER)))  # type: ignore[arg-type]
    kept = office.case(first)
    office.do("merge", office.case(second), "officer", "2026-09-22", into=kept.id)
    office.do("accept", kept, "officer", "2026-09-22")
    office.do("decide", kept, "officer", "2026-10-12", outcome="established", finding="属实")
    for told in (first, second):
        granted(office, told)
        office.do("notify_reward", kept, "officer", "2026-10-21", report_id=office.report(told).id)
    return first, second


@pytest.mark.parametrize("verb", ["split", "unmerge"])
def test_the_claim_clock_of_a_reward_goes_where_its_report_goes(office: Office, verb: str) -> None:
    """It runs on to the day of which its teller was told; the other teller's stays, and nobody gets a second one."""
    first, second = promised_to_the_later(office)
    kept, told = office.case(first), office.report(second)
    gone = office.session.scalars(select(Case).where(Case.number == second.case_number)).one()
    clock = claim_clock_of(office, told)
    due = clock.due_on
    if verb == "split":
        office.do("split", kept, "officer", "2026-10-22", report_id=told.id)
    else:
        office.do("unmerge", gone, "officer", "2026-10-22")
    there = office.case(second)
    assert there.id != kept.id
    assert (clock.case_id, clock.state, clock.due_on) == (there.id, "running", due)
    assert claim_clock_of(office, office.report(first)).case_id == kept.id
    claims = select(Clock.case_id).where(Clock.kind == "reward_claim")
    assert sorted(office.session.scalars(claims)) == sorted((kept.id, there.id))


def test_a_merged_report_takes_its_running_claim_along(office: Office) -> None:
    """The case that is merged stops its clocks, but what runs for a teller alone goes on with his report."""
    first, second = promised_to_the_later(office)
    kept, told = office.case(first), office.report(second)
    office.do(
        "unmerge",
        office.session.scalars(select(Case).where(Case.number == second.case_number)).one(),
        "officer",
        "2026-10-22",
    )
    target = office.file(report(account="teller-3", at="2026-10-22", institution="庆城县子虚医院", codes=("F14",)))
    gone = office.case(second)
    assert gone.id != kept.id
    office.do("merge", gone, "officer", "2026-10-23", into=office.case(target).id)
    clock = claim_clock_of(office, told)
    assert (clock.case_id, clock.state) == (office.case(target).id, "running")
