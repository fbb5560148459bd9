"""通报: which cases are on the list, who reads it, and that nothing small leaves."""

from __future__ import annotations

from datetime import date

import pytest

from intake.errors import NotAllowed
from routing.reported import Late, published, reported
from tests.routing.conftest import RULES, Office, moment, report


def numbers(office: Office, who: str, day: str) -> list[str]:
    """The numbers on one leader's list."""
    today = moment(day).date()
    return [one.number for one in reported(office.session, viewer=office.staff(who), rules=RULES, today=today)]


def test_a_case_is_on_the_list_from_the_sixth_working_day_until_it_is_closed(office: Office) -> None:
    """Due 15 October: not on the 22nd, on it from the 23rd; both the county and the city see it."""
    case = office.case(office.file(report()))
    office.do("accept", case, "officer", "2026-09-21")
    assert numbers(office, "leader", "2026-10-22") == []
    for who in ("leader", "mayor", "province"):
        assert numbers(office, who, "2026-10-23") == [case.number]
    office.do("decide", case, "officer", "2026-10-24", outcome="established", finding="属实。")
    office.do("reply", case, "officer", "2026-10-24", text="属实。")
    office.do("close", case, "officer", "2026-10-24")
    assert numbers(office, "mayor", "2026-12-01") == []


def test_a_leader_sees_his_own_region_and_what_he_may_know(office: Office) -> None:
    """What he declared an interest in is on no list of his."""
    other = office.case(office.file(report(place="621026", institution="宁县某医院", account="b")))
    assert numbers(office, "mayor", "2026-10-23") == [other.number]
    assert numbers(office, "leader", "2026-10-23") == []
    office.staff("mayor").interests = "宁县某医院"
    assert numbers(office, "mayor", "2026-10-23") == []


@pytest.mark.parametrize("who", ["officer", "supervisor"])
def test_nobody_but_leaders_reads_the_list(office: Office, who: str) -> None:
    """Supervisors read their own list, without institutions; an officer has his queue."""
    with pytest.raises(NotAllowed):
        numbers(office, who, "2026-10-23")


def late(authority: str, many: int) -> list[Late]:
    """So many cases of one office, each with two clocks over time."""
    return [Late(f"{authority}-{i}", authority, "线索核查", date(2026, 10, 15), 9) for i in range(many) for _ in "ab"]


def test_what_leaves_counts_cases_by_office_and_withholds_what_is_small() -> None:
    """Two offices below five: neither is shown; the total tells neither; nobody at all is told as nobody."""
    whole = published([*late("YB-621021", 7), *late("YB-621022", 2), *late("YB-621023", 3)], 5)
    counts = dict(whole.offices)
    assert counts["庆城县医疗保障局"] == 7
    assert sorted(map(str, counts.values())) == ["7", "None", "None"]
    assert whole.total in {12, None}
    alone = published([*late("YB-621021", 7), *late("YB-621022", 2)], 5)
    assert alone.total is None or list(dict(alone.offices).values()) == [None, None]
    assert published([], 5).total == 0
