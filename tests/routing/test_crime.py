"""A suspected crime, step by step: two look into it, the head decides, the police sign and answer (Decree 310)."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from intake.models import Event, FiledReport
from routing import desk
from routing.errors import (
    BadSum,
    Conflicted,
    CrimeOpen,
    HeadInTeam,
    NotForTeam,
    NotOfTeam,
    NoTransferYet,
    NotSuspectedNow,
    NotYours,
    ReasonNeeded,
    TeamOfTwo,
    WrongRole,
)
from routing.lives import life
from tests.routing.conftest import RULES, Office, complaint, moment, report
from tests.routing.criming import (
    DAY,
    POLICE,
    WHOLE,
    approved,
    clock_of,
    filed,
    kinds,
    notices_to,
    sent,
    suspected,
    team,
    transfer_of,
    with_police,
    words,
)
from tests.routing.rewarding import hired, running


def test_the_whole_way_to_the_police(office: Office) -> None:
    """Team, report, approval, papers, receipt, filing, goods; each step leaves its event and the next clock."""
    case = with_police(office)
    way = ["name_team", "report_crime", "approve_crime", "pack_crime", "send_crime", "police_files", "hand_goods"]
    assert [kind for kind in kinds(office, case) if kind in way] == way
    transfer = transfer_of(office, case)
    assert (transfer.state, transfer.ended_at) == ("with_police", None)
    assert transfer.organ == "庆城县公安局"
    assert not running(office, case) & life("crime").table["case"].keys()
    assert running(office, case) == {"clue_verify"}
    office.do("decide", case, "officer", "2026-09-28", **POLICE)
    office.do("reply", case, "officer", "2026-09-28", text="已依法移送。")
    office.do("close", case, "officer", "2026-09-29")
    assert (case.state, case.outcome) == ("closed", "police")


def test_each_step_waits_under_its_own_clock(office: Office) -> None:
    """Three days to decide, twenty-four hours to transfer, three days for the police, three days for the goods."""
    case = suspected(office)
    assert running(office, case) == {"clue_verify", "crime_report"}
    office.do("report_crime", case, "clerk", DAY, text="涉嫌诈骗。")
    assert running(office, case) == {"clue_verify", "crime_report_decide"}
    office.do("approve_crime", case, "leader", "2026-09-22")
    assert running(office, case) == {"clue_verify", "crime_transfer"}
    office.do("pack_crime", case, "officer", "2026-09-22", papers=WHOLE, organ="庆城县公安局")
    assert running(office, case) == {"clue_verify", "crime_transfer"}
    office.do(
        "send_crime", case, "officer", "2026-09-22T17:00", organ="公安局", receipt="1号", signed="2026-09-22T16:00"
    )
    assert running(office, case) == {"clue_verify", "police_answer_watch"}
    office.do("police_files", case, "officer", "2026-09-23")
    assert running(office, case) == {"clue_verify", "crime_goods"}


def test_three_days_show_the_stricter_date_and_the_other(office: Office) -> None:
    """Decree 310 does not say whether its days are working days: the earlier one counts, both are shown."""
    case = suspected(office)
    office.do("report_crime", case, "officer", "2026-09-30", text="涉嫌诈骗。")
    clock = clock_of(office, case, "crime_report_decide")
    assert clock.due_on == date(2026, 10, 8)  # the third day lies in the holiday
    assert any("如按工作日计算，为2026年10月10日" in step for step in clock.derivation["steps"])


def test_twenty_four_hours_are_hours(office: Office) -> None:
    """Approved at half past two before a holiday: half past two of the next day, holiday or not."""
    case = approved(office, at="2026-09-30T14:30")
    clock = clock_of(office, case, "crime_transfer")
    assert clock.due_on == date(2026, 10, 1)
    assert clock.derivation["due_at"] == "2026-10-01T14:30:00+08:00"
    assert "2026年10月1日（星期四）14时30分" in clock.derivation["steps"][-1]
    assert transfer_of(office, case).transfer_by == moment("2026-10-01T14:30")
    assert any("14时30分" in body for body in notices_to(office, "clerk"))


@pytest.mark.parametrize("second", ["colleague", "neighbour", "supervisor", "mayor"])
def test_who_may_not_look_into_it(office: Office, second: str) -> None:
    """Neither whoever has an interest, nor another authority, nor somebody who handles no cases."""
    case = office.case(office.file(report()))
    office.do("accept", case, "officer", "2026-09-18")
    pair = {"first": office.staff("officer").id, "second": office.staff(second).id}
    with pytest.raises(NotForTeam, match=second):
        office.do("name_team", case, "officer", DAY, **pair, text="涉嫌诈骗。")


def test_a_team_are_two(office: Office) -> None:
    """The same person twice is no team."""
    case = office.case(office.file(report()))
    office.do("accept", case, "officer", "2026-09-18")
    one = office.staff("officer").id
    with pytest.raises(TeamOfTwo):
        office.do("name_team", case, "officer", DAY, first=one, second=one, text="涉嫌诈骗。")


def test_a_team_is_named_anew_without_new_time(office: Office) -> None:
    """Somebody falls ill: another takes his place, and the period runs on."""
    case = suspected(office)
    before = clock_of(office, case, "crime_report")
    pair = {"first": office.staff("officer").id, "second": office.staff("leader").id}
    office.do("name_team", case, "officer", "2026-09-24", **pair, text="原成员请假。")
    assert clock_of(office, case, "crime_report").id == before.id
    assert transfer_of(office, case).second_id == office.staff("leader").id


def test_only_the_team_reports(office: Office) -> None:
    """Whoever is not one of the two writes no report; nor does somebody with an interest."""
    case = suspected(office)
    with pytest.raises(NotOfTeam):
        office.do("report_crime", case, "leader", DAY, text="涉嫌诈骗。")
    with pytest.raises(Conflicted):
        office.do("report_crime", case, "colleague", DAY, text="涉嫌诈骗。")
    with pytest.raises(ReasonNeeded):
        office.do("report_crime", case, "officer", DAY, text=" ")
    with pytest.raises(BadSum):
        office.do("report_crime", case, "officer", DAY, text="涉嫌诈骗。", yuan="很多")


def test_the_head_decides_and_is_not_of_the_team(office: Office) -> None:
    """An officer never decides; a leader not on what he himself looked into, then the authority above does."""
    case = suspected(office)
    pair = {"first": office.staff("officer").id, "second": office.staff("leader").id}
    office.do("name_team", case, "officer", DAY, **pair, text="换人。")
    office.do("report_crime", case, "leader", DAY, text="涉嫌诈骗。")
    assert any("移送待决定" in body for body in notices_to(office, "mayor"))
    with pytest.raises(WrongRole):
        office.do("approve_crime", case, "clerk", DAY)
    with pytest.raises(HeadInTeam):
        office.do("approve_crime", case, "leader", DAY)
    office.do("approve_crime", case, "mayor", "2026-09-22")
    assert transfer_of(office, case).decider_id == office.staff("mayor").id


def test_a_refusal_needs_reasons_and_ends_it(office: Office) -> None:
    """CR-02: reasons are recorded; afterwards any outcome but `police` is free again."""
    case = suspected(office)
    office.do("report_crime", case, "officer", DAY, text="涉嫌诈骗。")
    with pytest.raises(ReasonNeeded):
        office.do("refuse_crime", case, "leader", DAY, text="")
    office.do("refuse_crime", case, "leader", "2026-09-22", text="数额未达到标准，没有非法占有目的。")
    transfer = transfer_of(office, case)
    assert (transfer.state, transfer.ended_at) == ("refused", moment("2026-09-22"))
    assert "没有非法占有目的" in words(office, case)
    with pytest.raises(NoTransferYet):
        office.do("decide", case, "officer", "2026-09-23", **POLICE)
    office.do("decide", case, "officer", "2026-09-23", outcome="established", finding="属实。")


def test_no_penalty_in_place_of_a_transfer(office: Office) -> None:
    """CR-01: while it is open nothing else is decided, declined, passed on or closed; each refusal says where it stands."""
    case = suspected(office)
    for outcome in ("established", "partly_established", "not_established", "agreement"):
        with pytest.raises(CrimeOpen, match="专案组核实"):
            office.do("decide", case, "officer", "2026-09-23", outcome=outcome, finding="属实。")
    with pytest.raises(CrimeOpen):
        office.do("offer", case, "officer", "2026-09-23", authority="YB-621002", reason="管辖。")
    office.do(
        "ask",
        case,
        "officer",
        "2026-09-23",
        report_id=office.session.scalars(select(FiledReport.id)).first(),
        question="请补充。",
    )
    with pytest.raises(CrimeOpen):
        office.do("decline", case, "officer", "2026-09-23", reason="no_clue", text="线索不足。")
    assert case.outcome is None
    assert "crime_report" in running(office, case)


def test_a_suspected_case_is_not_merged_away(office: Office) -> None:
    """Another matter may be merged into it, it into none."""
    case = suspected(office)
    other = office.case(office.file(report(account="later", codes=("F14",), text="另外一件事。", at="2026-09-18")))
    office.do("accept", other, "officer", "2026-09-18")
    with pytest.raises(CrimeOpen):
        office.do("merge", case, "officer", "2026-09-23", into=other.id)
    office.do("merge", other, "officer", "2026-09-23", into=case.id)
    assert "crime_report" in running(office, case)


def test_a_second_suspicion_is_a_second_transfer(office: Office) -> None:
    """The first one ended; what is found later starts a new one, and both remain."""
    case = suspected(office)
    office.do("report_crime", case, "officer", DAY, text="涉嫌诈骗。")
    office.do("refuse_crime", case, "leader", "2026-09-22", text="证据不足。")
    first = transfer_of(office, case).id
    team(office, case, on="2026-09-28")
    assert transfer_of(office, case).id != first


def test_a_suspicion_may_come_after_the_decision(office: Office) -> None:
    """A case was decided as established; then a crime shows: it is transferred, the decision stands."""
    hired(office)
    case = office.case(office.file(report()))
    office.do("accept", case, "officer", "2026-09-18")
    office.do("decide", case, "officer", DAY, outcome="established", finding="属实。")
    team(office, case)
    assert "crime_report" in running(office, case)
    office.do("report_crime", case, "officer", DAY, text="涉嫌诈骗。")
    office.do("refuse_crime", case, "leader", "2026-09-22", text="证据不足。")
    assert case.outcome == "established"


@pytest.mark.parametrize("state", ["received", "closed"])
def test_too_early_and_too_late(office: Office, state: str) -> None:
    """Not before somebody took the case up, and not in one that is closed."""
    hired(office)
    case = office.case(office.file(report()))
    if state == "closed":
        office.do("decline", case, "officer", "2026-09-18", reason="no_clue", text="线索不足。")
        office.do("close", case, "officer", "2026-09-18")
    with pytest.raises(NotSuspectedNow):
        team(office, case)


def test_strangers_do_nothing(office: Office) -> None:
    """Neither a neighbour nor, where no head decides, the authority above."""
    case = sent(office)
    for who in ("neighbour", "city"):
        with pytest.raises(NotYours):
            office.do("police_files", case, who, "2026-09-23")


def test_a_withdrawn_complaint_with_a_suspicion_goes_on(office: Office) -> None:
    """A complaint ends where its only teller ends it, but not the crime that was found in it."""
    hired(office)
    case = office.case(office.file(complaint()))
    office.session.get_one(type(office.staff("mayor")), office.staff("mayor").id)
    office.do("accept", case, "city", "2026-09-18")
    pair = {"first": office.staff("city").id, "second": office.staff("mayor").id}
    office.do("name_team", case, "city", DAY, **pair, text="涉嫌诈骗。")
    office.told("withdraw", office.session.scalars(select(FiledReport)).one(), "2026-09-23")
    assert case.closed_at is None
    assert "crime_report" in running(office, case)


def test_a_report_that_may_tell_who_told_waits(office: Office) -> None:
    """The report leaves for the police: it is checked like every text that leaves, and changes nothing while it waits."""
    from intake.models import OutgoingHold

    case = suspected(office, text="我是庆城县桃源康复医院三楼康复科的护士，工号四四一七，床是空的。")
    given = {"text": "康复科护士工号四四一七反映，涉嫌诈骗。", "yuan": ""}
    kept = desk.attempt(
        office.session, case.id, office.staff("officer"), "report_crime", given,
        rules=RULES, vault=office.vault, now=moment(DAY),
    )  # fmt: skip
    assert isinstance(kept, OutgoingHold)
    assert transfer_of(office, case).state == "team"


def test_the_words_stand_beside_the_events(office: Office) -> None:
    """What people wrote is a remark and can be erased; the events hold numbers, days and keys alone."""
    case = filed(office)
    events = office.session.scalars(select(Event).where(Event.case_id == case.id, Event.kind.like("%crime%"))).all()
    said = "".join(str(event.data) for event in events)
    assert not any(word in said for word in ("诈骗", "公安局", "17号"))
    assert "涉嫌诈骗医保基金" in words(office, case)
