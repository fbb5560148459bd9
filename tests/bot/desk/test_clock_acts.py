"""Suspension, extension, the opening of a penalty case and tickets, each by its form."""

from __future__ import annotations

from sqlalchemy import select

from intake.models import Clock, Staff, Ticket
from intake.report import Teller
from tests.bot.desk.conftest import House


def head(house: House) -> None:
    """A leader of the county, who signs in with the password of everybody."""
    with house.app.database.transaction() as session:
        like = session.scalars(select(Staff).where(Staff.username == "officer")).one()
        if session.scalar(select(Staff.id).where(Staff.username == "head")) is None:
            session.add(
                Staff(
                    username="head",
                    password_hash=like.password_hash,
                    name="县局负责人",
                    role="leader",
                    authority=like.authority,
                    interests="",
                )
            )


def test_a_clock_is_suspended_and_resumed_by_forms(house: House) -> None:
    """Only grounds that the law excludes are offered; meanwhile the light is grey and the words say so."""
    number = house.file("庆城县送检医院").case_number
    officer, page = house.browser("officer"), f"/desk/cases/{number}"
    officer.act(number, "accept")
    shown = officer.get(page).text
    assert 'value="test"' in shown
    assert 'value="hearing"' not in shown
    assert officer.act(number, "suspend", ground="test", note="委托检测，编号7。").status_code == 303
    shown = officer.get(page).text
    assert "已中止计时" in shown
    assert "lamp grey" in shown
    assert "尚未恢复" in shown
    assert 'id="act-resume"' in shown
    assert 'id="act-suspend"' not in shown
    assert "已中止计时" in officer.get(f"/desk?q={number}").text
    assert officer.act(number, "resume", note="报告已收到。").status_code == 303
    assert "恢复时限" in officer.get(page).text
    refused = officer.act(number, "resume", note="再来")
    assert refused.status_code == 409
    assert "没有中止的时限" in refused.text


def test_the_head_opens_a_penalty_case_and_the_handler_tells_it(house: House) -> None:
    """The handler is offered to ask for time, the head to give it and to open the case."""
    head(house)
    number = house.file("庆城县立案医院").case_number
    officer, leader, page = house.browser("officer"), house.browser("head"), f"/desk/cases/{number}"
    officer.act(number, "accept")
    mine, theirs = officer.get(page).text, leader.get(page).text
    assert 'id="act-ask_extension"' in mine
    assert 'id="act-extend"' not in mine
    assert 'id="act-open_case"' not in mine
    assert 'id="act-extend"' in theirs
    assert leader.act(number, "extend", reason="同意。").status_code == 303
    refused = officer.act(number, "open_case", reason="符合条件")
    assert refused.status_code == 409
    assert "符合条件" in refused.text
    assert leader.act(number, "open_case", reason="有违法事实。").status_code == 303
    shown = officer.get(page).text
    assert "已立案，正在调查" in shown
    assert "作出处罚决定" in shown
    assert 'id="act-conclude"' in shown
    assert officer.act(number, "conclude", outcome="established", finding="处罚决定书7号。").status_code == 303


def test_the_second_extension_of_a_decision_asks_for_days_and_record(house: House) -> None:
    """Fewer days than the law's may be granted, and the record of the discussion is asked for."""
    head(house)
    number = house.file("庆城县延期医院").case_number
    house.browser("officer").act(number, "accept")
    leader, page = house.browser("head"), f"/desk/cases/{number}"
    leader.act(number, "open_case", reason="有违法事实。")
    assert 'name="record"' not in leader.get(page).text
    leader.act(number, "extend", reason="复杂。")
    shown = leader.get(page).text
    assert 'name="record"' in shown
    assert "最多 60 日" in shown
    assert leader.act(number, "extend", reason="复杂。", days="20").status_code == 409
    assert leader.act(number, "extend", reason="复杂。", days="20", record="会议记录2号").status_code == 303
    with house.app.database.reading() as session:
        assert [0, 20] in session.scalars(select(Clock.granted).where(Clock.kind == "case_decide")).all()


def test_a_ticket_is_shown_with_its_own_limit_and_closed_alone(house: House) -> None:
    """Queue and case page show both limits; after the ticket is closed only the law's is left."""
    caller = Teller("hotline", "12345 12345-7", "confidential")
    told = house.file("庆城县热线医院", teller=caller, answers={"source_number": "12345-7"})
    number = told.case_number
    officer, page = house.browser("officer"), f"/desk/cases/{number}"
    assert "热线" in officer.get(f"/desk?q={number}").text
    officer.act(number, "accept")
    shown = officer.get(page).text
    assert "热线时限" in shown
    assert "12345-7" in shown
    with house.app.database.reading() as session:
        report = session.scalars(select(Ticket.report_id).where(Ticket.number == "12345-7")).one()
    assert officer.act(number, "close_ticket", report_id=str(report)).status_code == 303
    shown = officer.get(page).text
    assert "已转立案、核查程序" in shown
    assert "热线时限" not in shown
    assert 'id="act-reopen_ticket"' in shown
    assert officer.act(number, "reopen_ticket", report_id=str(report), text="没有人来看过。").status_code == 303
    assert "已重办 1 次" in officer.get(page).text
