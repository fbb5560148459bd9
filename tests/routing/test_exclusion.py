"""Promise 3, walked through: whoever is complained of never handles, sees, hears of, or designates anything in the case.

Every rule × every kind of accused office, named or not × every level × who has an interest or is named himself.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select

from intake import handovers, viewing
from intake.models import Case, Clock, Notice, Reminder, Staff
from nlu import taxonomy
from routing import errors
from routing.accused import table
from routing.authorities import AGENCY, BUREAU, by_code, common_superior, default_authority, line_above
from routing.jurisdiction import Facts, Routing, route
from routing.sweep import sweep
from tests.routing.conftest import RULES, Office, complaint, moment, report

PLACES = ("621021", "621002", "621000", "620000", "110101", "110000", "441900", "429004", "000000", None)
ORGANS = (None, "医保局", "县医保局", "市医保局", "省医保局", "国家医保局", "县医保中心", "市医保中心", "省医保中心",
          "庆阳市西峰区医保局", "西峰区医保中心", "县市场监督管理局", "公安局")  # fmt: skip
CODES = sorted({code for codes in table()["codes"].values() for code in codes} | {"F01", "X06", "X13"})
MORE: tuple[dict[str, Any], ...] = (
    {},
    {"institution": "某医院"},
    {"insured_place": "620102"},
    {"places": ("621002", "620102")},
    {"level": "city"},
    {"level": "province"},
    {"opened_by": "YB-621002"},
    {"opened_by": "YB-621021"},
    {"channel": "disclosure"},
    {"danger": True},
)


def every() -> Iterator[tuple[Facts, Routing]]:
    """Some ten thousand matters, each routed."""
    for side, place, organ, more in product(("citizen", "enterprise"), PLACES, ORGANS, MORE):
        for codes in ((), *((code,) for code in CODES)):
            facts = Facts(side=side, codes=codes, place=place, organ=organ, **more)
            yield facts, route(facts, home="621000")


def accused(facts: Facts) -> str | None:
    """The office complained of as a person reads it, written again by hand: kind from the name, level from the word."""
    organ = facts.organ or ""
    if "医保" not in organ or "西峰" in organ:
        return None
    kind = AGENCY if "中心" in organ else BUREAU
    here = default_authority(facts.place or "621000")
    line = [here, *line_above(here)]
    level = {"县": "county", "市": "city", "省": "province", "国家": "nation"}.get(organ.split("医保")[0])
    found = next((one for one in line if level and one.level == level), None)
    return f"{kind}-{found.place}" if found else None


def test_no_rule_leads_to_the_accused() -> None:
    """Neither as the authority, nor as one that gets a copy, nor as the superior that would designate."""
    seen: set[tuple[str, str]] = set()
    for facts, routing in every():
        assert routing.authority.code not in routing.excluded, (facts, routing)
        assert not {one.code for one in routing.copies} & set(routing.excluded), (facts, routing)
        own = by_code(routing.authority.code)
        if own.kind in {BUREAU, AGENCY}:
            other = default_authority("621022" if own.place != "621022" else "621021")
            assert common_superior(own, other, excluded=routing.excluded).code not in routing.excluded
        seen.add((routing.rule, facts.organ or ""))
    assert {rule for rule, _ in seen} == {row["id"] for row in table()["rule"]}, "every rule was reached"


def test_a_complaint_excludes_exactly_the_office_and_what_stands_under_it() -> None:
    """Of an enterprise: the named office is always out; of a bureau its agency too; of an agency its bureau not."""
    checked = 0
    for facts, routing in every():
        who = accused(facts)
        if facts.side != "enterprise" or who is None or routing.rule == "agreement_dispute":
            continue
        checked += 1
        assert who in routing.excluded, (facts, routing)
        if who.startswith(BUREAU):
            assert who.replace(BUREAU, AGENCY, 1) in routing.excluded, (facts, routing)
    assert checked > 1000


def test_every_category_is_routed() -> None:
    """No code of the taxonomy leads into an error, whatever organ is named."""
    for code, organ in product(taxonomy.load(), ORGANS):
        side = "enterprise" if code.startswith("X") else "citizen"
        assert route(Facts(side=side, codes=(code,), place="621021", organ=organ), home="621000").reasons


PEOPLE = (
    ("accused", "officer", "YB-621021"),
    ("accused_leader", "leader", "YB-621021"),
    ("accused_supervisor", "supervisor", "YB-621021"),
    ("agent", "officer", "JB-621021"),
)
INSPECTOR, OWNER = "孙检察", "owner"


def town(office: Office) -> tuple[Case, list[Staff]]:
    """A complaint about 庆城县's bureau that names its inspector, who meanwhile serves at the city; and who is kept out."""
    rows = [(name, role, at, "") for name, role, at in PEOPLE]
    rows += [(INSPECTOR, "officer", "YB-621000", ""), (f"{INSPECTOR}领导", "leader", "YB-620000", "")]
    rows += [(f"{OWNER}-{role}-{at}", role, at, "子虚大药房") for role in ("officer", "leader", "supervisor")
             for at in ("YB-621000", "YB-620000", "YB-621002", "YB-000000")]  # fmt: skip
    staff = [
        Staff(username=name, password_hash="-", name=name, role=role, authority=at, interests=interests)
        for name, role, at, interests in rows
    ]
    office.session.add_all(staff)
    office.session.flush()
    told = complaint(
        text=f"县医保局的{INSPECTOR}这个月第五次来查我们药店，{INSPECTOR}领导也来过。", codes=("X06", "X26")
    )
    return office.case(office.file(told)), staff


def told(office: Office, *staff: Staff) -> list[object]:
    """Everything that was said to them, or waits to be said with the next message of the day."""
    ids = [one.id for one in staff]
    notices = office.session.scalars(select(Notice.body).where(Notice.staff_id.in_(ids))).all()
    return [*notices, *office.session.scalars(select(Reminder.id).where(Reminder.staff_id.in_(ids)))]


def kept_out(office: Office, case: Case, staff: list[Staff]) -> None:
    """None of them sees the case or a handover of it, can act on it, or was told of it."""
    for one in staff:
        assert not viewing.may_see(office.session, case, viewer=one), one.name
        assert not office.session.scalars(select(Case.id).where(viewing.visible_to(one))).all(), one.name
        assert not told(office, one), one.name
        if one.role in viewing.ACTING:
            assert handovers.listed(office.session, viewer=one) == [], one.name


def test_whoever_is_complained_of_hears_and_sees_nothing_all_along(office: Office) -> None:
    """Through filing, reminders, offer, dispute, escalation and designation."""
    case, staff = town(office)
    assert case.authority == "YB-621000"
    kept_out(office, case, staff)
    day = moment("2026-09-18")
    for _ in range(30):
        day += timedelta(days=1)
        sweep(office.session, rules=RULES, now=day)
    kept_out(office, case, staff)
    office.session.add(
        Staff(username="far", password_hash="-", name="far", role="officer", authority="YB-622900", interests="")
    )
    office.session.flush()
    office.do("offer", case, "city", "2026-10-20", authority="YB-622900", reason="请对方办理")
    for _ in range(20):
        day += timedelta(days=1)
        sweep(office.session, rules=RULES, now=day)
    kept_out(office, case, staff)
    assert handovers.latest(office.session, case.id) is not None
    with pytest.raises(errors.AccusedMayNotHandle):
        office.do("designate", case, "province", "2026-11-10", authority="YB-621021", reason="指定")
    office.do("designate", case, "province", "2026-11-10", authority="YB-622900", reason="指定")
    kept_out(office, case, staff)


@pytest.mark.parametrize(
    "verb", ["accept", "take", "send_back", "dispute", "take_back", "designate", "offer", "assign"]
)
def test_none_of_them_can_do_anything(office: Office, verb: str) -> None:
    """Not the accused office, not the person named wherever he serves now, not who has an interest."""
    case, staff = town(office)
    words = {"send_back": {"ground": "place", "reason": "x"}, "dispute": {"reason": "x"}, "take_back": {"reason": "x"},
             "designate": {"authority": "YB-622900", "reason": "x"}, "offer": {"authority": "YB-622900", "reason": "x"},
             "assign": {"authority": "YB-621002", "reason": "x"}}.get(verb, {})  # fmt: skip
    if verb in {"take", "send_back", "dispute", "take_back", "designate"}:
        office.do("offer", case, "city", "2026-09-21", authority="YB-622900", reason="请对方办理")
    for one in staff:
        with pytest.raises(errors.DeskError):
            office.do(verb, case, one.username, "2026-09-22", **words)


@pytest.mark.parametrize("to", ["YB-621021", "JB-621021"])
@pytest.mark.parametrize("verb", ["offer", "assign", "designate"])
def test_the_accused_is_never_given_the_case(office: Office, verb: str, to: str) -> None:
    """Whichever way a case goes from one authority to another."""
    case, _ = town(office)
    by = {"offer": "city", "assign": "mayor", "designate": "province"}[verb]
    if verb == "designate":
        office.do("offer", case, "city", "2026-09-21", authority="YB-622900", reason="请对方办理")
    with pytest.raises(errors.AccusedMayNotHandle):
        office.do(verb, case, by, "2026-09-22", authority=to, reason="请办理")


def test_the_superior_that_designates_is_never_the_accused(office: Office) -> None:
    """A later report complains of the city: the province designates between its counties."""
    case = office.case(office.file(report()))
    case.routing = {**case.routing, "excluded": ["YB-621000", "JB-621000"]}
    office.do("offer", case, "officer", "2026-09-21", authority="YB-621002", reason="在西峰区")
    row = handovers.latest(office.session, case.id)
    assert row is not None
    assert row.superior == "YB-620000"
    office.do("dispute", case, "neighbour", "2026-09-22", reason="不在我区")
    for day in range(40):
        sweep(office.session, rules=RULES, now=moment("2026-09-22") + timedelta(days=day))
    mayor, city = office.staff("mayor"), office.staff("city_supervisor")
    assert not told(office, mayor, city)


def test_a_handler_who_declares_an_interest_later_is_passed_over(office: Office) -> None:
    """The others of the office are told instead; the clock does not fall silent."""
    case = office.case(office.file(report()))
    office.do("accept", case, "officer", "2026-09-21")
    office.staff("officer").interests = "庆城县桃源康复医院"
    office.session.add(
        Staff(username="third", password_hash="-", name="third", role="officer", authority="YB-621021", interests="")
    )
    office.session.flush()
    clock = office.session.scalars(select(Clock).where(Clock.case_id == case.id)).one()
    before = told(office, office.staff("officer"))
    sweep(office.session, rules=RULES, now=moment(clock.due_on.isoformat()))
    assert told(office, office.staff("officer")) == before
    assert told(office, office.staff("third"))


def test_an_interest_in_what_a_single_report_names_keeps_out_as_well(office: Office) -> None:
    """The case bears one name, its second report another: who is close to either neither acts nor is reminded."""
    case = office.case(office.file(report()))
    second = office.report(office.file(report(account="teller-2")))
    second.institution = "庆城县蓬莱门诊"
    office.session.add(
        Staff(
            username="near", password_hash="-", name="near", role="leader", authority="YB-621021",
            interests="庆城县蓬莱门诊",
        )
    )  # fmt: skip
    office.session.flush()
    with pytest.raises(errors.Conflicted):
        office.do("accept", case, "near", "2026-09-21")
    for day in range(60):
        sweep(office.session, rules=RULES, now=moment("2026-09-21") + timedelta(days=day))
    assert not told(office, office.staff("near"))
