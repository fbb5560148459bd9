"""Rewards on the case page: proposed with live steps, approved by another, told, claimed, paid by a third."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from intake.models import Event, FiledReport, Payment, Reward
from intake.report import Teller
from routing import desk
from routing.eligibility import rules
from tests.bot.desk.conftest import Browser, House

NAME, PHONE, ACCOUNT = "周远山", "13800000077", "6217000010001234567"
ANSWERS = {f"fact-{rule['fact']}": "yes" for rule in rules() if rule["fact"] != "reporter_allowed"}
GOOD = {**ANSWERS, "case_value": "41,150", "grade": "1", "accused": "unit", "reporter": "person", "people": "1"}


def decided(house: House, name: str) -> tuple[str, int]:
    """A case that was decided: its number, and the number of its report in the ledger."""
    teller = Teller("web", f"account of {name}", "named", NAME, PHONE, wants_reward=True)
    number = house.file(name, ago=3, teller=teller).case_number
    officer = house.browser("officer")
    officer.act(number, "accept")
    officer.act(number, "decide", outcome="established", finding="经查证属实。")
    with house.app.database.reading() as session:
        return number, session.scalars(select(FiledReport.id).where(FiledReport.number == number)).one()


def act(browser: Browser, number: str, report: int, what: str, **fields: str) -> httpx.Response:
    """One act on a reward."""
    form = {"csrf": browser.token("/desk"), **fields}
    return browser.client.post(f"/desk/cases/{number}/rewards/{report}/{what}", data=form)


def claimed(house: House, name: str) -> tuple[str, int]:
    """A reward on its way to be paid."""
    number, report = decided(house, name)
    officer, leader = house.browser("officer"), house.browser("leader")
    assert act(officer, number, report, "propose", **GOOD).status_code == 303
    assert act(leader, number, report, "approve").status_code == 303
    assert act(officer, number, report, "notify").status_code == 303
    with house.app.database.transaction() as session:
        told = session.get_one(FiledReport, report)
        law: dict[str, Any] = {"rules": house.app.rules, "vault": house.app.vault, "now": datetime.now(UTC)}
        desk.claim_reward(session, told, {"how": "bank", "account": ACCOUNT}, **law)
    return number, report


def test_the_whole_way_over_the_page(house: House) -> None:
    """Proposal, approval, notice, paper, claim, payment: each shown, each with its confirmation."""
    number, report = decided(house, "庆城县奖励一医院")
    officer, leader, clerk = (house.browser(name) for name in ("officer", "leader", "second"))
    path = f"/desk/cases/{number}"
    assert "提交审批" in officer.get(path).text
    done = act(officer, number, report, "propose", **GOOD)
    assert done.headers["location"] == f"{path}?done=propose_reward#reward-{report}"
    page = leader.get(path).text
    assert "1,234.50 元" in page
    assert "按全部案值的3%计算：1,234.5元。" in page
    assert "批准奖励" in page
    assert ">批准奖励<" not in officer.get(path).text
    assert act(leader, number, report, "approve").status_code == 303
    assert act(officer, number, report, "notify").status_code == 303
    (link,) = re.findall(r"奖励通知书.*?(/desk/papers/\d+/docx)", officer.get(path).text, re.DOTALL)
    paper = officer.get(link)
    text = zipfile.ZipFile(io.BytesIO(paper.content)).read("word/document.xml").decode()
    assert "举报奖励领取通知书" in text
    assert "1,234.50元" in text
    assert NAME not in text
    with house.app.database.transaction() as session:
        told = session.get_one(FiledReport, report)
        law: dict[str, Any] = {"rules": house.app.rules, "vault": house.app.vault, "now": datetime.now(UTC)}
        desk.claim_reward(session, told, {"how": "bank", "account": ACCOUNT}, **law)
    done = act(clerk, number, report, "pay", reference="2026-拨-0117", share="1")
    assert done.status_code == 303
    page = officer.get(path).text
    assert "已发放" in page
    assert "2026-拨-0117" in page


def test_the_steps_follow_what_is_typed(house: House) -> None:
    """The preview counts, names what is open, and what is no sum; nothing is written."""
    number, report = decided(house, "庆城县奖励二医院")
    officer = house.browser("officer")
    lines = act(officer, number, report, "preview", **GOOD).json()["lines"]
    assert lines[0] == "意见：符合奖励条件。"
    assert "奖励金额：1,234.5元。" in lines
    lines = act(officer, number, report, "preview", **{**GOOD, "fact-in_court": ""}).json()["lines"]
    assert "待核实：举报以前没有进入诉讼、仲裁程序" in lines
    lines = act(officer, number, report, "preview", **{**GOOD, "fact-in_court": "no"}).json()["lines"]
    assert lines[0] == "意见：不符合奖励条件。"
    assert len(lines) == 2
    assert (
        "不是有效的金额" in act(officer, number, report, "preview", **{**GOOD, "case_value": "很多"}).json()["lines"][0]
    )
    with house.app.database.reading() as session:
        assert session.scalars(select(Reward).where(Reward.report_id == report)).all() == []


@pytest.mark.parametrize(
    ("what", "fields", "says"),
    [
        ("propose", {**GOOD, "case_value": "四万块"}, "四万块"),
        ("propose", {**GOOD, "people": "0"}, "人数"),
        ("propose", {**GOOD, "grade": ""}, "比例"),
        ("approve", {}, "不能"),
    ],
)
def test_a_refusal_comes_back_with_what_was_typed(house: House, what: str, fields: dict[str, str], says: str) -> None:
    """The page says why, and the form still holds the sum."""
    number, report = decided(house, f"庆城县拒绝{what}{len(str(fields))}{says[:2]}医院")
    who = house.browser("leader" if what == "approve" else "officer")
    answer = act(who, number, report, what, **fields)
    assert answer.status_code == 409
    assert says in answer.text
    assert str(fields.get("case_value", "")) in answer.text


def test_a_stale_form_loses_nothing(house: House) -> None:
    """Without the token of the sign-in nothing is done, and what was typed is still there."""
    number, report = decided(house, "庆城县奖励三医院")
    officer = house.browser("officer")
    answer = officer.client.post(f"/desk/cases/{number}/rewards/{report}/propose", data={**GOOD, "csrf": "old"})
    assert answer.status_code == 403
    assert "41,150" in answer.text


def test_only_whoever_pays_sees_who_is_paid(house: House) -> None:
    """The officer, the leader and a stranger never see name, telephone or account; the third person does, written down."""
    number, report = claimed(house, "庆城县奖励四医院")
    for who, status in (("officer", 409), ("leader", 409), ("stranger", 404), ("keeper", 404), ("watcher", 409)):
        answer = act(house.browser(who), number, report, "payee")
        assert answer.status_code == status, who
        assert not any(secret in answer.text for secret in (NAME, PHONE, ACCOUNT))
    answer = act(house.browser("second"), number, report, "payee")
    assert answer.status_code == 200
    assert all(secret in answer.text for secret in (NAME, PHONE, ACCOUNT))
    assert answer.headers["cache-control"] == "no-store"
    for who in ("officer", "leader", "second"):
        page = house.browser(who).get(f"/desk/cases/{number}").text
        assert not any(secret in page for secret in (NAME, PHONE, ACCOUNT))
    with house.app.database.reading() as session:
        events = session.scalars(select(Event).where(Event.kind == "payee_shown")).all()
        assert sum(event.data["report_id"] == report for event in events) == 1


def test_a_stranger_reaches_no_reward(house: House) -> None:
    """Another office, the supervisor and the administrator get none of the acts."""
    number, report = claimed(house, "庆城县奖励五医院")
    for who in ("stranger", "watcher", "keeper"):
        browser = house.browser(who)
        for what in ("propose", "approve", "refuse", "notify", "pay", "recover", "preview"):
            answer = act(browser, number, report, what, **GOOD, text="x", reference="x", yuan="1")
            assert answer.status_code in {403, 404, 409}, (who, what)
    with house.app.database.reading() as session:
        assert session.scalars(select(Payment).join(Reward).where(Reward.report_id == report)).all() == []


def test_a_report_of_another_case_is_refused(house: House) -> None:
    """The number in the address and the report must belong together."""
    number, _ = decided(house, "庆城县奖励六医院")
    _, other = decided(house, "庆城县奖励七医院")
    assert act(house.browser("officer"), number, other, "propose", **GOOD).status_code == 409
    assert act(house.browser("officer"), number, 999_999, "propose", **GOOD).status_code == 409
    assert act(house.browser("officer"), number, other, "burn", **GOOD).status_code == 404
