"""Handing a case over by agreement: exactly one authority is responsible at any time, and nobody lets it lie."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from intake import handovers
from intake.models import Case, Clock, Event, Handover, Notice, Staff
from routing import desk, errors
from routing.sweep import sweep
from tests.routing.conftest import RULES, Office, complaint, moment, report


@pytest.fixture
def case(office: Office) -> Case:
    """A clue at 庆城县, received on Friday 2026-09-18 and taken up."""
    case = office.case(office.file(report()))
    office.do("accept", case, "officer", "2026-09-21")
    return case


def row(office: Office, case: Case) -> Handover:
    """The last handover."""
    found = handovers.latest(office.session, case.id)
    assert found is not None
    return found


def running(office: Office, case: Case) -> dict[str, date]:
    """The running clocks with their days."""
    query = select(Clock).where(Clock.case_id == case.id, Clock.state == "running")
    return {clock.kind: clock.due_on for clock in office.session.scalars(query)}


def heard(office: Office, case: Case, who: str) -> list[str]:
    """What this member of staff was told about the case."""
    query = select(Notice.body).where(Notice.case_id == case.id, Notice.staff_id == office.staff(who).id)
    return list(office.session.scalars(query.order_by(Notice.id)))


def told(office: Office, case: Case) -> list[str]:
    """What the tellers were told."""
    query = select(Notice.body).where(Notice.case_id == case.id, Notice.report_id.is_not(None))
    return list(office.session.scalars(query.order_by(Notice.id)))


def offered(office: Office, case: Case, to: str = "YB-621002") -> Case:
    """The case, offered on Tuesday 2026-09-22."""
    return office.do("offer", case, "officer", "2026-09-22", authority=to, reason="该院在西峰区")


def test_an_offer_changes_nothing_until_it_is_taken(office: Office, case: Case) -> None:
    """The giver stays responsible, its clock runs, an answer is owed within a working day; tellers hear nothing."""
    before = told(office, case)
    offered(office, case)
    assert (case.authority, case.state) == ("YB-621021", "accepted")
    assert case.handler_id == office.staff("officer").id
    assert running(office, case) == {"clue_verify": date(2026, 10, 15), "send_back": date(2026, 9, 23)}
    assert told(office, case) == before
    assert "庆城县医疗保障局拟移送" in heard(office, case, "neighbour")[-1]
    office.do("extend", case, "leader", "2026-09-22", reason="病历较多")


def test_whoever_takes_it_is_responsible_from_then_on(office: Office, case: Case) -> None:
    """And the teller hears once where his matter is now."""
    offered(office, case)
    office.do("take", case, "neighbour", "2026-09-23")
    assert (case.authority, case.state, row(office, case).state) == ("YB-621002", "received", "accepted")
    assert running(office, case) == {"clue_verify": date(2026, 10, 21)}
    assert sum("西峰区医疗保障局" in body for body in told(office, case)) == 1
    assert "已经接收" in heard(office, case, "officer")[-1]


def test_it_can_be_sent_back_with_an_article(office: Office, case: Case) -> None:
    """The giver keeps it and reads ground, article and reason; a ground that is none is refused."""
    offered(office, case)
    with pytest.raises(errors.UnknownGround, match="行政处罚法"):
        office.do("send_back", case, "neighbour", "2026-09-23", ground="no", reason="不在我区")
    office.do("send_back", case, "neighbour", "2026-09-23", ground="place", reason="该院在庆城县")
    assert (case.authority, row(office, case).state) == ("YB-621021", "refused")
    assert list(running(office, case)) == ["clue_verify"]
    assert "第二十二条" in heard(office, case, "officer")[-1]
    assert "该院在庆城县" in heard(office, case, "officer")[-1]


def test_a_dispute_has_seven_working_days_and_then_a_designation(office: Office, case: Case) -> None:
    """Penalty Law Art. 25: they negotiate, else the common superior designates, which is final."""
    offered(office, case)
    office.do("dispute", case, "neighbour", "2026-09-23", reason="两地都有违法行为")
    assert running(office, case)["jurisdiction_dispute"] == date(2026, 10, 10)
    assert "庆阳市医疗保障局" in heard(office, case, "mayor")[-1]
    with pytest.raises(errors.NotYourAnswer, match="庆阳市"):
        office.do("designate", case, "leader", "2026-09-24", authority="YB-621021", reason="归我")
    with pytest.raises(errors.WrongRole):
        office.do("designate", case, "city", "2026-09-24", authority="YB-621021", reason="归县")
    office.do("designate", case, "mayor", "2026-09-25", authority="YB-621002", reason="主要行为在西峰区")
    assert (case.authority, row(office, case).state) == ("YB-621002", "designated")
    assert list(running(office, case)) == ["clue_verify"]
    assert any("指定西峰区" in body or "西峰区医疗保障局承办" in body for body in heard(office, case, "neighbour"))
    with pytest.raises(errors.NoSecondPass):
        office.do("offer", case, "neighbour", "2026-09-28", authority="YB-621022", reason="管辖")


def test_where_the_common_superior_has_nobody_the_next_one_above_designates(office: Office, case: Case) -> None:
    """A dispute is never without somebody who can end it."""
    office.staff("mayor").active = False
    offered(office, case)
    office.do("dispute", case, "neighbour", "2026-09-23", reason="不在我区")
    assert row(office, case).superior == "YB-620000"
    assert "甘肃省医疗保障局" in heard(office, case, "province")[-1]
    office.do("designate", case, "province", "2026-09-24", authority="YB-621021", reason="在庆城县")
    assert row(office, case).state == "designated"


def test_a_designation_of_whoever_has_it_restarts_nothing(office: Office, case: Case) -> None:
    """The period of the office that had it all along goes on."""
    offered(office, case)
    office.do("send_back", case, "neighbour", "2026-09-23", ground="place", reason="不在我区")
    office.do("dispute", case, "officer", "2026-09-23", reason="请市局指定")
    office.do("designate", case, "mayor", "2026-09-24", authority="YB-621021", reason="在庆城县")
    assert running(office, case) == {"clue_verify": date(2026, 10, 15)}
    assert case.handler_id == office.staff("officer").id


def test_who_took_it_does_not_pass_it_on_but_asks_the_superior(office: Office, case: Case) -> None:
    """令第4号 Art. 10–12: no passing on twice; while it is disputed whoever has it stays responsible."""
    offered(office, case)
    office.do("take", case, "neighbour", "2026-09-23")
    with pytest.raises(errors.NoSecondPass, match="庆阳市医疗保障局"):
        office.do("offer", case, "neighbour", "2026-09-24", authority="YB-621022", reason="管辖")
    office.do("dispute", case, "neighbour", "2026-09-24", reason="不归我区")
    assert (case.authority, row(office, case).state) == ("YB-621002", "disputed")
    office.do("take_back", case, "neighbour", "2026-09-25", reason="已经查清，由我区办理")
    assert (case.authority, row(office, case).state) == ("YB-621002", "accepted")


def test_an_unanswered_offer_is_reminded_and_then_goes_to_the_superior(office: Office, case: Case) -> None:
    """Nobody may let it lie."""
    offered(office, case)
    sweep(office.session, rules=RULES, now=moment("2026-09-23"))
    assert "今天到期" in heard(office, case, "neighbour")[-1]
    assert not any("今天到期" in body for body in heard(office, case, "officer")), "it is not his to answer"
    sweep(office.session, rules=RULES, now=moment("2026-09-24"))
    assert row(office, case).state == "disputed"
    assert case.authority == "YB-621021"
    for who in ("mayor", "officer", "neighbour"):
        assert "逾期未答" in heard(office, case, who)[-1]
    sweep(office.session, rules=RULES, now=moment("2026-10-12"))
    assert "等待指定" in heard(office, case, "mayor")[-1]
    office.do("take", case, "neighbour", "2026-10-13")
    assert case.authority == "YB-621002"


def test_what_would_settle_it_waits_for_the_answer(office: Office, case: Case) -> None:
    """Deciding a case that is just being offered would take the question out of the other's hands."""
    offered(office, case)
    with pytest.raises(errors.HandoverOpen, match="西峰区"):
        office.do("decide", case, "officer", "2026-09-22", outcome="established", finding="属实")
    with pytest.raises(errors.NotNow):
        office.do("offer", case, "officer", "2026-09-22", authority="YB-621022", reason="管辖")
    office.do("take_back", case, "officer", "2026-09-22", reason="由我县办理")
    office.do("decide", case, "officer", "2026-09-23", outcome="established", finding="属实")
    with pytest.raises(errors.NotNow):
        office.do("take", case, "neighbour", "2026-09-23")


def test_the_receiver_sees_what_decides_competence_and_a_list_of_papers(office: Office, case: Case) -> None:
    """Not one word of a report before it has taken the case; somebody with an interest not even that."""
    office.session.add(
        Staff(
            username="owner", password_hash="-", name="owner", role="officer", authority="YB-621002",
            interests="庆城县桃源康复医院",
        )
    )  # fmt: skip
    offered(office, case)
    office.session.flush()
    (seen,) = handovers.listed(office.session, viewer=office.staff("neighbour"))
    assert (seen.number, seen.institution, seen.codes) == (case.number, "庆城县桃源康复医院", ("F01",))
    assert seen.said == (("offered", "该院在西峰区"),)
    assert seen.papers is not None
    assert (seen.papers.reports, seen.papers.clocks, seen.papers.reasons) == (1, 2, 1)
    assert "床是空的" not in repr(seen)
    assert handovers.listed(office.session, viewer=office.staff("owner")) == []
    assert not heard(office, case, "owner")
    for outsider in ("city", "province"):
        found = handovers.listed(office.session, viewer=office.staff(outsider))
        assert [one.number for one in found] == ([case.number] if outsider == "city" else [])


def test_the_words_of_an_answer_pass_the_gate(office: Office) -> None:
    """The receiver holds no text back that he could not come back to: he is asked to write it anew."""
    nurse = "我是康复科上大夜班的护士，9月3号晚上体温单都是照着前一天的抄的。"
    case = office.case(office.file(report(account="relative")))
    office.file(report(nurse + report().text, account="nurse"))
    offered(office, case)
    leak = "据该院上大夜班的护士反映，9月3日体温单照着前一天的抄。"
    with pytest.raises(errors.RewriteText):
        desk.attempt(
            office.session,
            case.id,
            office.staff("neighbour"),
            "send_back",
            {"ground": "place", "reason": leak},
            rules=RULES,
            vault=office.vault,
            now=moment("2026-09-23"),
        )
    assert row(office, case).state == "offered"


def test_no_event_of_a_handover_holds_words(office: Office, case: Case) -> None:
    """The history commits to them; they lie beside it."""
    offered(office, case)
    office.do("dispute", case, "neighbour", "2026-09-23", reason="不在我区")
    office.do("designate", case, "mayor", "2026-09-24", authority="YB-621002", reason="指定西峰")
    kinds = list(office.session.scalars(select(Event.kind).where(Event.case_id == case.id).order_by(Event.id)))
    steps = [kind for kind in kinds if kind in {"offered", "disputed", "designated", "transferred"}]
    assert steps == ["offered", "disputed", "designated", "transferred"]
    assert all("区" not in str(data) for data in office.session.scalars(select(Event.data)))


def test_a_subordinate_is_assigned_and_never_offered(office: Office) -> None:
    """A superior hands down directly; its own day stands beside the statutory clock and never replaces it."""
    case = office.case(office.file(complaint(organ="西峰区医保局")))
    assert case.authority == "YB-621000"
    with pytest.raises(errors.AssignInstead):
        office.do("offer", case, "city", "2026-09-21", authority="YB-621021", reason="请办理")
    with pytest.raises(errors.WrongRole):
        office.do("assign", case, "city", "2026-09-21", authority="YB-621021", reason="请办理")
    office.do("assign", case, "mayor", "2026-09-21", authority="YB-621021", reason="请办理", due="2026-09-30")
    assert case.authority == "YB-621021"
    assert running(office, case) == {"complaint_accept": date(2026, 9, 29), "assigned_ordinary": date(2026, 9, 30)}
    office.do("accept", case, "officer", "2026-09-22")
    assert "assigned_ordinary" in running(office, case)
    with pytest.raises(errors.NoSecondPass):
        office.do("offer", case, "officer", "2026-09-22", authority="YB-621022", reason="管辖")


def test_an_assigned_case_is_closed_when_the_superior_was_told(office: Office, case: Case) -> None:
    """RP-10: thirty working days where the superior named no day, three months where it is complex."""
    office.do("note_assignment", case, "officer", "2026-09-21", authority="YB-000000", paper="医保函〔2026〕1号")
    assert running(office, case)["assigned_ordinary"] == date(2026, 11, 9)
    with pytest.raises(errors.AssignedAlready, match="国家医疗保障局"):
        office.do("note_assignment", case, "officer", "2026-09-21", authority="YB-620000")
    office.do("decide", case, "officer", "2026-09-22", outcome="not_established", finding="查无此事")
    office.do("reply", case, "officer", "2026-09-23", text="没有查到您说的情况。")
    with pytest.raises(errors.ReportBackFirst, match="国家医疗保障局"):
        office.do("close", case, "officer", "2026-09-24")
    office.do("report_back", case, "officer", "2026-09-24", text="经查不属实。")
    office.do("close", case, "officer", "2026-09-24")
    assert running(office, case) == {}
    assert RULES.due("assigned_complex", date(2026, 9, 21)).due_on == date(2026, 12, 21)
    assert RULES.due("assigned_major", date(2026, 8, 31)).due_on == date(2027, 3, 1), "February has no 31st"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ({"authority": "YB-621002"}, errors.AssignerNotAbove),
        ({"authority": "YB-620000", "weight": "light"}, errors.UnknownWeight),
        ({"authority": "YB-620000", "due": "明天"}, errors.BadDay),
        ({"authority": "YB-620000", "due": "2026-09-01"}, errors.DueInPast),
        ({"authority": "YB-620000", "paper": "函" * 61}, errors.BadPaper),
    ],
)
def test_a_bad_assignment_gets_a_sentence(
    office: Office, case: Case, words: dict[str, str], error: type[errors.DeskError]
) -> None:
    """And changes nothing."""
    with pytest.raises(error, match="。"):
        office.do("note_assignment", case, "officer", "2026-09-21", **words)
    assert handovers.owed(office.session, case.id) is None


def test_a_department_outside_is_written_to_and_the_teller_told(office: Office, case: Case) -> None:
    """It never answers in the system: the matter is answered here, with the department and its telephone."""
    with pytest.raises(errors.NotInSystem):
        office.do("offer", case, "officer", "2026-09-22", authority="JW-621021", reason="违纪")
    with pytest.raises(errors.UnknownDepartment, match="卫生健康"):
        office.do("refer", case, "officer", "2026-09-22", department="nobody", text="请处理")
    office.do("refer", case, "officer", "2026-09-22", department="market", text="属于价格问题。", paper="移〔2026〕3号")
    assert (case.state, case.outcome) == ("replied", "referred")
    assert list(running(office, case)) == ["close_case"]
    assert "12315" in told(office, case)[-1]
    office.do("close", case, "officer", "2026-09-23")
