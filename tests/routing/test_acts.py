"""What officers and tellers do to a case: allowed moves, clocks, notices, and refusals in plain words."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from intake.models import Case, Clock, Event, Letter, Notice, Rating, Staff
from routing import desk, errors
from tests.routing.conftest import RULES, Office, complaint, moment, report


def running(office: Office, case: Case) -> dict[str, date]:
    query = select(Clock).where(Clock.case_id == case.id, Clock.state == "running")
    return {clock.kind: clock.due_on for clock in office.session.scalars(query)}


def to_tellers(office: Office, case: Case) -> list[str]:
    query = select(Notice.body).where(Notice.case_id == case.id, Notice.report_id.is_not(None)).order_by(Notice.id)
    return list(office.session.scalars(query))


def to_staff(office: Office, case: Case, username: str) -> list[str]:
    query = select(Notice.body).join(Staff, Staff.id == Notice.staff_id)
    return list(office.session.scalars(query.where(Staff.username == username, Notice.case_id == case.id)))


@pytest.fixture
def case(office: Office) -> Case:
    return office.case(office.file(report()))


def decided(office: Office, case: Case) -> None:
    office.do("accept", case, "officer", "2026-09-21")
    office.do("decide", case, "officer", "2026-10-09", outcome="established", finding="核实空床十二张。")


def test_a_report_of_fraud_from_receipt_to_rating(office: Office) -> None:
    """Accepted, decided, answered, closed and judged; at every step a clock runs until it is closed."""
    told = office.report(office.file(report()))
    case = office.session.get_one(Case, told.case_id)
    office.do("accept", case, "officer", "2026-09-21")
    assert (case.state, case.handler_id) == ("accepted", office.staff("officer").id)
    assert running(office, case) == {"clue_verify": date(2026, 10, 15)}
    office.do("decide", case, "officer", "2026-10-09", outcome="established", finding="核实空床十二张。")
    assert running(office, case) == {"tell_outcome": date(2026, 10, 15)}
    office.do("reply", case, "officer", "2026-10-12", text="您反映的情况属实，已责令退回。")
    assert list(running(office, case)) == ["close_case"]
    office.do("close", case, "officer", "2026-10-13")
    assert (case.state, case.next_due, running(office, case)) == ("closed", None, {})
    assert case.closed_at == moment("2026-10-13")
    office.told("rate", told, "2026-10-14", 5, "很快")
    assert office.session.get_one(Rating, told.id).stars == 5
    kinds = list(office.session.scalars(select(Event.kind).order_by(Event.id)))
    assert kinds == ["opened", "filed", "accepted", "paper", "decided", "replied", "paper", "closed", "rated"]
    bodies = to_tellers(office, case)
    assert ["受理" in bodies[0], "属实" in bodies[1], "评" in bodies[2]] == [True, True, True]
    assert all(told.number in body for body in bodies)


def test_a_real_name_teller_is_owed_notice_in_five_working_days(office: Office) -> None:
    """令第5号: within five working days after the decision; so it is also when only one of two tellers gave his name."""
    case = office.case(office.file(report()))
    office.file(report(account="teller-2", mode="named", at="2026-09-21"))
    decided(office, case)
    assert running(office, case) == {"tell_real_name": date(2026, 10, 15)}
    clock = office.session.scalars(select(Clock).where(Clock.kind == "tell_real_name")).one()
    assert "令第5号" in clock.derivation["citation"]


def test_a_complaint_is_accepted_answered_and_closed_by_its_own_clocks(office: Office) -> None:
    """Five working days to accept, then fifteen to answer."""
    case = office.case(office.file(complaint()))
    assert list(running(office, case)) == ["complaint_accept"]
    office.do("accept", case, "city", "2026-09-21")
    assert running(office, case) == {"complaint_reply": date(2026, 10, 19)}
    office.do("decide", case, "city", "2026-09-28", outcome="established", finding="一年五次，超出合理频次。")
    assert list(running(office, case)) == ["complaint_reply"]
    office.do("reply", case, "city", "2026-09-29", text="投诉属实，已责令改正。")
    assert list(running(office, case)) == ["close_case"]


def test_declining_needs_a_listed_ground_and_words_and_tells_the_remedy(office: Office, case: Case) -> None:
    """The teller reads ground, explanation and what he can still do."""
    with pytest.raises(errors.UnknownReason, match="没有明确的对象"):
        office.do("decline", case, "officer", "2026-09-21", reason="no_time", text="忙")
    with pytest.raises(errors.ReasonNeeded):
        office.do("decline", case, "officer", "2026-09-21", reason="no_clue", text="  ")
    office.do("decline", case, "officer", "2026-09-21", reason="no_clue", text="没有写明时间和科室。")
    (body,) = to_tellers(office, case)
    for part in ("没有明确的对象", "没有写明时间和科室", "补充", "庆阳市医疗保障局", "行政复议"):
        assert part in body
    assert (case.state, case.outcome) == ("declined", "declined")
    assert list(running(office, case)) == ["close_case"]


def test_a_question_reaches_one_teller_and_his_answer_brings_the_case_back(office: Office) -> None:
    """The other teller hears nothing; the clock goes on meanwhile."""
    first = office.report(office.file(report()))
    second = office.report(office.file(report(account="teller-2", at="2026-09-21")))
    case = office.session.get_one(Case, first.case_id)
    office.do("accept", case, "officer", "2026-09-22")
    office.do("ask", case, "officer", "2026-09-23", report_id=second.id, question="请问是几楼？")
    assert (case.state, list(running(office, case))) == ("supplementing", ["clue_verify"])
    asked = office.session.scalars(select(Notice).where(Notice.body.contains("几楼"))).one()
    assert asked.report_id == second.id
    office.told("add_to_report", second, "2026-09-24", "三楼，我的电话是13812345678。")
    assert case.state == "accepted"
    letters = office.session.scalars(select(Letter).order_by(Letter.id)).all()
    assert [(letter.kind, letter.from_teller) for letter in letters] == [("question", False), ("supplement", True)]
    assert "13812345678" not in letters[1].redacted
    assert any("补充" in body for body in to_staff(office, case, "officer"))


def test_asking_about_a_report_of_another_case_is_refused(office: Office, case: Case) -> None:
    """A report number from elsewhere opens nothing."""
    other = office.report(office.file(report(institution="庆城县昆仑医院", account="teller-9", codes=("F05",))))
    with pytest.raises(errors.ReportNotInCase):
        office.do("ask", case, "officer", "2026-09-21", report_id=other.id, question="？")


def test_a_case_taken_over_restarts_the_clocks_and_says_so(office: Office, case: Case) -> None:
    """The receiving authority has its full period from the day of transfer; the old clock is cancelled."""
    office.do("accept", case, "officer", "2026-09-21")
    office.do("offer", case, "officer", "2026-09-21", authority="YB-621002", reason="医院在西峰区")
    office.do("take", case, "neighbour", "2026-09-22")
    assert (case.authority, case.state, case.handler_id) == ("YB-621002", "received", None)
    assert running(office, case) == {"clue_verify": date(2026, 10, 20)}
    clocks = office.session.scalars(select(Clock).order_by(Clock.id)).all()
    assert [clock.state for clock in clocks] == ["cancelled", "met", "running"]
    assert "移送" in clocks[2].derivation["steps"][0]
    assert "西峰区医疗保障局" in to_tellers(office, case)[-1]
    assert to_staff(office, case, "neighbour")
    with pytest.raises(errors.NotYours, match="西峰区"):
        office.do("accept", case, "officer", "2026-09-23")


def test_nothing_is_ever_passed_to_the_accused(office: Office) -> None:
    """The county bureau is complained of: neither it nor its agency can be handed the case."""
    case = office.case(office.file(complaint()))
    for accused in ("YB-621021", "JB-621021"):
        with pytest.raises(errors.AccusedMayNotHandle):
            office.do("offer", case, "city", "2026-09-21", authority=accused, reason="请处理")
    with pytest.raises(errors.SameAuthority):
        office.do("offer", case, "city", "2026-09-21", authority="YB-621000", reason="请处理")
    with pytest.raises(errors.UnknownAuthority):
        office.do("offer", case, "city", "2026-09-21", authority="YB-999999", reason="请处理")


def test_a_clock_is_extended_once_with_a_reason_and_in_time(office: Office) -> None:
    """The new date counts from the old start; each teller hears the date of his own receipt; the handler hears too."""
    first = office.report(office.file(report()))
    second = office.report(office.file(report(account="teller-2", at="2026-09-21")))
    case = office.session.get_one(Case, first.case_id)
    office.do("accept", case, "officer", "2026-09-22")
    with pytest.raises(errors.ReasonNeeded):
        office.do("extend", case, "leader", "2026-10-15", reason="")
    office.do("extend", case, "leader", "2026-10-15", reason="需走访四十户")
    assert running(office, case) == {"clue_verify": date(2026, 11, 5)}
    own = {
        notice.report_id: notice.body
        for notice in office.session.scalars(select(Notice).where(Notice.body.contains("延长到")))
    }
    assert "11月5日" in own[first.id]
    assert "11月9日" in own[second.id]
    assert to_staff(office, case, "officer")
    with pytest.raises(errors.NothingToExtend):
        office.do("extend", case, "leader", "2026-10-16", reason="再延")


def test_after_its_last_day_nothing_is_extended(office: Office, case: Case) -> None:
    """The last day itself is still in time, the next is not."""
    with pytest.raises(errors.TooLateToExtend, match="10月15日"):
        office.do("extend", case, "leader", "2026-10-16", reason="忘了")


@pytest.mark.parametrize(
    ("by", "refusal"),
    [
        ("colleague", errors.Conflicted),  # declared an interest in the hospital
        ("neighbour", errors.NotYours),  # another county
        ("city", errors.NotYours),  # the superior watches, but does not handle
        ("supervisor", errors.WrongRole),  # watches only
    ],
)
def test_who_may_not_handle_is_refused(office: Office, case: Case, by: str, refusal: type[errors.DeskError]) -> None:
    """Authority, role and interest are asked before every act."""
    with pytest.raises(refusal):
        office.do("accept", case, by, "2026-09-21")
    assert case.state == "received"


def test_an_illegal_move_is_refused_with_what_is_possible(office: Office, case: Case) -> None:
    """The sentence names state, act and the moves that are open."""
    with pytest.raises(errors.NotNow, match=r"已收到.*作出处理.*受理"):
        office.do("decide", case, "officer", "2026-09-21", outcome="established", finding="属实")
    with pytest.raises(errors.CaseNotFound):
        desk.accept(
            office.session, 999, office.staff("officer"), rules=RULES, vault=office.vault, now=moment("2026-09-21")
        )
    decided(office, case)
    with pytest.raises(errors.NotNow):
        office.do("accept", case, "officer", "2026-10-09")


def test_an_outcome_must_be_on_the_list(office: Office, case: Case) -> None:
    """Free outcomes cannot be counted."""
    office.do("accept", case, "officer", "2026-09-21")
    with pytest.raises(errors.UnknownOutcome, match="查证属实"):
        office.do("decide", case, "officer", "2026-09-22", outcome="fine", finding="没事")


def test_every_teller_gets_his_own_answer_and_none_of_another(office: Office) -> None:
    """One notice and one letter each, under his own number."""
    first = office.report(office.file(report()))
    second = office.report(office.file(report(account="teller-2", at="2026-09-21", mode="anonymous")))
    case = office.session.get_one(Case, first.case_id)
    decided(office, case)
    office.do("reply", case, "officer", "2026-10-12", text="已责令退回。")
    replies = office.session.scalars(select(Notice).where(Notice.body.contains("已责令退回"))).all()
    assert {notice.report_id for notice in replies} == {first.id, second.id}
    for notice in replies:
        other = second if notice.report_id == first.id else first
        assert other.number not in notice.body


def test_a_rating_comes_once_after_the_answer_and_has_one_to_five_stars(office: Office) -> None:
    """Not before anything was answered, not twice, and the history keeps no stars."""
    told = office.report(office.file(report()))
    case = office.session.get_one(Case, told.case_id)
    with pytest.raises(errors.RatingTooEarly):
        office.told("rate", told, "2026-09-19", 5)
    decided(office, case)
    office.do("reply", case, "officer", "2026-10-12", text="属实。")
    with pytest.raises(errors.BadStars):
        office.told("rate", told, "2026-10-13", 6)
    office.told("rate", told, "2026-10-13", 2, "慢")
    with pytest.raises(errors.RatedAlready):
        office.told("rate", told, "2026-10-14", 5)
    event = office.session.scalars(select(Event).where(Event.kind == "rated")).one()
    assert event.data == {"report_id": told.id}


def test_a_withdrawn_report_of_fraud_does_not_end_the_case(office: Office) -> None:
    """The fund is not the teller's to dispose of; he hears nothing more, the desk knows."""
    told = office.report(office.file(report()))
    case = office.session.get_one(Case, told.case_id)
    office.told("withdraw", told, "2026-09-21", "我不想再管了。")
    assert case.state == "received"
    office.do("accept", case, "officer", "2026-09-22")
    assert to_tellers(office, case) == []
    with pytest.raises(errors.WithdrawnAlready):
        office.told("withdraw", told, "2026-09-22")


def test_a_complaint_ends_when_its_only_teller_freely_ends_it(office: Office) -> None:
    """Freely: where somebody presses him the case goes on and the leaders hear at once."""
    pressed = office.report(office.file(complaint()))
    case = office.session.get_one(Case, pressed.case_id)
    office.told("withdraw", pressed, "2026-09-21", "他们让我撤。", pressed=True)
    assert case.state == "received"
    assert any("施压" in body for body in to_staff(office, case, "mayor"))
    free = office.report(office.file(complaint(institution="庆城县乌有大药房", account="other", codes=("X13",))))
    ended = office.session.get_one(Case, free.case_id)
    assert ended.id != case.id
    office.told("withdraw", free, "2026-09-21", "已经沟通好了。")
    assert (ended.state, ended.outcome, running(office, ended)) == ("closed", "withdrawn", {})


def test_urging_is_heard_once_a_day_and_answers_with_the_tellers_own_date(office: Office) -> None:
    """Ten clicks are one reminder."""
    told = office.report(office.file(report()))
    case = office.session.get_one(Case, told.case_id)
    assert [office.told("urge", told, "2026-09-25") for _ in range(3)] == [date(2026, 10, 15)] * 3
    assert sum("催办" in body for body in to_staff(office, case, "officer")) == 1
    later = office.report(office.file(report(account="teller-2", at="2026-09-22")))
    assert office.told("urge", later, "2026-09-25") == date(2026, 10, 20)


def test_an_addition_is_taken_even_after_closing(office: Office, case: Case) -> None:
    """Nothing that a person tells is lost; nothing at all is refused with a sentence."""
    decided(office, case)
    office.do("reply", case, "officer", "2026-10-12", text="属实。")
    office.do("close", case, "officer", "2026-10-13")
    told = office.session.get_one(type(office.report(office.file(report(account="x")))), 1)
    office.told("add_to_report", told, "2026-10-20", "又开始挂床了。")
    with pytest.raises(errors.ReasonNeeded):
        office.told("add_to_report", told, "2026-10-20", "   ")
    with pytest.raises(errors.TooLong, match="20000"):
        office.told("add_to_report", told, "2026-10-20", "空" * 20001)
