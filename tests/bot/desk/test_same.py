"""The same matter on the desk: side by side, with reasons, and with buttons that merge, part and undo."""

from __future__ import annotations

import re
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import select

from intake import queries
from intake.models import Case, FiledReport
from intake.report import Claim, Teller
from tests.bot.desk.conftest import Browser, House

PAIR = re.compile(r"/desk/cases/([\w-]+)/same/(\d+)")


def by(name: str) -> Teller:
    return Teller("web", name, "confidential")


def post(browser: Browser, number: str, act: str, **fields: str) -> httpx.Response:
    """One of the forms."""
    return browser.client.post(
        f"/desk/cases/{number}/same/{act}", data={"csrf": browser.token(f"/desk/cases/{number}"), **fields}
    )


def case_of(house: House, number: str) -> str:
    """The number of the case in which a report lies."""
    with house.app.database.reading() as session:
        query = select(Case.number).join(FiledReport, FiledReport.case_id == Case.id)
        return session.scalars(query.where(FiledReport.number == number)).one()


def test_a_report_that_was_attached_waits_and_is_confirmed_by_one_click(house: House) -> None:
    """The mark leads to both tellings beside each other, with the reasons in words."""
    first = house.file("庆城县待确认医院", teller=by("eins")).case_number
    second = house.file("庆城县待确认医院", teller=by("zwei"), text="待确认医院病房没人，天天记账。").case_number
    officer = house.browser("officer")
    shown = officer.get(f"/desk/cases/{first}").text
    assert "并案待确认" in shown
    found = PAIR.search(shown)
    assert found is not None
    beside = officer.get(found[0]).text
    for words in (
        "医保照样扣钱",
        "病房没人",
        "机构相同",
        "反映的问题相同",
        "确认是同一件事",
        "不是同一件事，分开办理",
    ):
        assert words in beside
    done = post(officer, first, "confirm", suggestion=found[2])
    assert done.headers["location"] == f"/desk/cases/{first}?done=same_confirm"
    after = officer.get(f"/desk/cases/{first}?done=same_confirm").text
    assert "已确认为同一事项" in after
    assert "并案待确认" not in after
    assert case_of(house, second) == first
    assert officer.get(found[0]).status_code == 404, "what is settled is not asked again"


def test_refused_it_gets_a_case_of_its_own(house: House) -> None:
    """One click parts them; the receipt number of the second goes on as a case number."""
    first = house.file("庆城县分开医院", teller=by("eins")).case_number
    second = house.file("庆城县分开医院", teller=by("zwei")).case_number
    officer = house.browser("officer")
    found = PAIR.search(officer.get(f"/desk/cases/{first}").text)
    assert found is not None
    assert post(officer, first, "refuse", suggestion=found[2]).status_code == 303
    assert case_of(house, second) == second
    assert "由另一件案件分出" in officer.get(f"/desk/cases/{second}").text


def test_a_doubtful_pair_is_merged_and_taken_back(house: House) -> None:
    """Two cases, one suggestion: 并案, then 撤销并案, and both pages say what happened."""
    told = "庆城县疑似医院病案室连夜照抄手术记录，四十份字迹一样。"
    forged = (Claim("F18", 0.9),)
    first = house.file("庆城县疑似医院", teller=by("vague one"), claims=forged, text=told).case_number
    vague = told.replace("庆城县疑似医院", "县里一家医院")
    second = house.file(None, teller=by("vague two"), claims=forged, text=vague).case_number
    assert case_of(house, second) == second
    officer = house.browser("officer")
    found = PAIR.search(officer.get(f"/desk/cases/{second}").text)
    assert found is not None
    assert "是同一件事，并案" in officer.get(found[0]).text
    assert post(officer, second, "confirm", suggestion=found[2]).status_code == 303
    assert case_of(house, second) == first
    merged = officer.get(f"/desk/cases/{second}").text
    assert "本件已并案" in merged
    assert first in merged
    assert post(officer, first, "unmerge", of=second, reason="看错了").headers["location"].endswith("done=same_unmerge")
    assert case_of(house, second) == second
    history = officer.get(f"/desk/cases/{second}").text
    assert "撤销并案，恢复单独办理" in history
    assert "看错了" in history


def test_any_two_cases_can_be_merged_by_number_and_a_slip_loses_nothing(house: House) -> None:
    """A wrong number comes back with a sentence and with what was typed."""
    first = house.file("庆城县甲并医院", teller=by("eins")).case_number
    second = house.file("庆城县乙并诊所", teller=by("zwei")).case_number
    officer = house.browser("officer")
    refused = post(officer, second, "merge", into="621021-2026-999999-9", reason="同一老板同一件事")
    assert refused.status_code == 409
    assert "没有找到这件事项" in refused.text
    assert "同一老板同一件事" in refused.text
    assert (
        post(officer, second, "merge", into=first, reason="同一件事").headers["location"]
        == f"/desk/cases/{first}?done=same_merge"
    )
    assert case_of(house, second) == first


def test_a_report_is_split_off_by_its_form(house: House) -> None:
    """The form stands under each report once there are two."""
    first = house.file("庆城县分案医院", teller=by("eins")).case_number
    second = house.file("庆城县分案医院", teller=by("zwei")).case_number
    officer = house.browser("officer")
    ids = re.findall(r'id="report-(\d+)"', officer.get(f"/desk/cases/{first}").text)
    assert post(officer, first, "split", report_id=ids[1], reason="另一回事").status_code == 303
    assert case_of(house, second) == second
    assert post(officer, first, "split", report_id=ids[0], reason="剩下的一份").status_code == 409


@pytest.mark.parametrize("who", ["stranger", "watcher", "keeper"])
def test_whoever_may_not_see_a_case_sees_no_pair_of_it_and_moves_nothing(house: House, who: str) -> None:
    """Another county, a supervisor, the administrator."""
    first = house.file(f"庆城县不给看{who}医院", teller=by("eins")).case_number
    second = house.file(f"庆城县不给看{who}医院", teller=by("zwei")).case_number
    found = PAIR.search(house.browser("officer").get(f"/desk/cases/{first}").text)
    assert found is not None
    other = house.browser(who)
    assert other.get(found[0]).status_code in {403, 404}
    assert other.client.post(
        f"/desk/cases/{first}/same/refuse", data={"csrf": other.token("/desk"), "suggestion": found[2]}
    ).status_code in {403, 404, 409}
    assert case_of(house, second) == first


def test_a_form_without_its_token_moves_nothing(house: House) -> None:
    """A page of somebody else cannot make an officer merge."""
    first = house.file("庆城县令牌医院", teller=by("eins")).case_number
    second = house.file("庆城县令牌诊所", teller=by("zwei")).case_number
    answer = house.browser("officer").client.post(
        f"/desk/cases/{second}/same/merge", data={"into": first, "reason": "x"}
    )
    assert answer.status_code == 403
    assert case_of(house, second) == second


def test_a_query_code_opens_the_same_page_through_merging_and_parting(house: House) -> None:
    """The teller's number, state and date stay; nothing of the other case comes in."""
    first = house.file("庆城县查询甲医院", teller=by("eins"))
    second = house.file("庆城县查询乙医院", teller=by("zwei"))
    officer = house.browser("officer")

    def look() -> object:
        with house.app.database.reading() as session:
            filed = session.scalars(select(FiledReport).where(FiledReport.number == second.case_number)).one()
            page = queries.teller_page(session, filed.id, viewer=filed, vault=house.app.vault)
            assert first.case_number not in str(page)
            return replace(page, outcome=None)

    before = look()
    post(officer, second.case_number, "merge", into=first.case_number, reason="同一件事")
    assert case_of(house, second.case_number) == first.case_number
    assert look() == before
    post(officer, second.case_number, "unmerge", reason="不是")
    assert look() == before
