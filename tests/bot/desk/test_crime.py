"""A suspected crime on the case page: the hint, the forms in their order, refusals that lose nothing, and who sees none of it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest
from sqlalchemy import select

from bot.web.desk import ledger
from intake.models import Case, CrimeTransfer, Staff
from routing.crime import papers
from routing.lives import life
from routing.rules import SHANGHAI
from tests.bot.desk.conftest import Browser, House

WHOLE = {f"paper-{paper['key']}": "enclosed" for paper in papers()}


def accepted(house: House, name: str, **given: object) -> str:
    """A case that was taken up."""
    number = house.file(name, **given).case_number
    house.browser("officer").act(number, "accept")
    return number


def act(browser: Browser, number: str, what: str, **fields: str) -> httpx.Response:
    """One act on the transfer."""
    form = {"csrf": browser.token("/desk"), **fields}
    return browser.client.post(f"/desk/cases/{number}/crime/{what}", data=form)


def ids(house: House, *names: str) -> list[str]:
    """The numbers of members of staff."""
    with house.app.database.reading() as session:
        known = dict(session.execute(select(Staff.username, Staff.id)).all())
    return [str(known[name]) for name in names]


def packed(house: House, name: str) -> str:
    """Approved, with the set of papers."""
    number = accepted(house, name, ago=1)
    officer, leader = house.browser("officer"), house.browser("leader")
    first, second = ids(house, "officer", "second")
    assert act(officer, number, "name_team", first=first, second=second, text="清单与病历对不上。").status_code == 303
    assert act(officer, number, "report_crime", text="经核实，涉嫌诈骗。", yuan="41,150").status_code == 303
    assert act(leader, number, "approve_crime").status_code == 303
    assert 'value="庆城县公安局"' in officer.get(f"/desk/cases/{number}").text, (
        "the police of the same level are proposed"
    )
    whole = {**WHOLE, "paper-goods": "none", "organ": "庆城县公安局"}
    assert act(officer, number, "pack_crime", **whole).status_code == 303
    return number


def test_the_whole_way_over_the_page(house: House) -> None:
    """Each step is offered when it is lawful, to whom it is lawful, and shows what it came to."""
    number = packed(house, "庆城县涉罪一医院")
    officer = house.browser("officer")
    page = officer.get(f"/desk/cases/{number}").text
    for words in ("材料已备齐，待移送", "姓名officer、姓名second", "最迟移送时间", "本案没有这一项", "姓名leader"):
        assert words in page
    signed = datetime.now(SHANGHAI).strftime("%Y-%m-%dT%H:%M")
    done = act(officer, number, "send_crime", organ="庆城县公安局", receipt="庆公受17号", signed=signed)
    assert done.headers["location"] == f"/desk/cases/{number}?done=send_crime#crime"
    page = officer.get(f"/desk/cases/{number}?done=send_crime").text
    assert "反映人会收到已依法移送的通知" in page
    assert "庆城县公安局" in page
    assert officer.act(number, "decide", outcome="police", finding="移送公安机关。").status_code == 303
    assert act(officer, number, "police_files").status_code == 303
    assert act(officer, number, "hand_goods", receipt="清单3号").status_code == 303
    assert "已移交，由公安机关办理" in officer.get(f"/desk/cases/{number}").text
    assert act(officer, number, "receive_back", text="检察院不起诉。").status_code == 303
    page = officer.get(f"/desk/cases/{number}").text
    assert "以前的移送" in page
    assert "已受理" in page


def test_a_refusal_keeps_what_was_typed(house: House) -> None:
    """The sentence, and every field as it was."""
    number = accepted(house, "庆城县涉罪二医院")
    officer = house.browser("officer")
    (first,) = ids(house, "officer")
    refused = act(officer, number, "name_team", first=first, second=first, text="写了很久的情况。")
    assert refused.status_code == 409
    assert "两名不同的人员" in refused.text
    assert "写了很久的情况。" in refused.text
    assert f'<option value="{first}" selected>' in refused.text
    late = act(officer, number, "send_crime", organ="庆城县公安局", receipt="1", signed="")
    assert late.status_code == 409
    assert "现在可以：组成专案组" in late.text


def test_the_other_outcomes_are_barred_with_a_sentence(house: House) -> None:
    """CR-01 on the page, both ways round."""
    number = accepted(house, "庆城县涉罪三医院")
    officer = house.browser("officer")
    refused = officer.act(number, "decide", outcome="police", finding="移送。")
    assert refused.status_code == 409
    assert "须先走移送程序" in refused.text
    first, second = ids(house, "officer", "second")
    act(officer, number, "name_team", first=first, second=second, text="涉嫌诈骗。")
    refused = officer.act(number, "decide", outcome="established", finding="属实，处罚。")
    assert refused.status_code == 409
    assert "不能以其他处理代替移送" in refused.text
    assert "属实，处罚。" in refused.text


@pytest.mark.parametrize(
    ("name", "yuan", "said"),
    [
        ("庆城县松鹤医院", "3000", "数额较大"),
        ("庆城县百草堂诊所", "30000", "数额巨大"),
        ("庆城县杏林中医馆", "2999.99", ""),
        ("庆城县仁济卫生院", None, ""),
    ],
)
def test_a_hint_is_marked_cited_and_never_more(house: House, name: str, yuan: str | None, said: str) -> None:
    """From the threshold on, with its law; silent below it and where nobody knows the sum."""
    number = accepted(house, name, amount_yuan=Decimal(yuan) if yuan else None)
    page = house.browser("officer").get(f"/desk/cases/{number}").text
    assert ("这是系统提示，不是认定" in page) is bool(said)
    if said:
        for words in (said, "第二百六十六条", "法发〔2024〕6号", "全国幅度的下限"):
            assert words in page


def test_who_looks_on_learns_nothing_of_it(house: House) -> None:
    """The supervisor of the region sees neither section nor periods nor events; a stranger not even the case."""
    number = packed(house, "庆城县涉罪四医院")
    page = house.browser("watcher").get(f"/desk/cases/{number}")
    assert page.status_code == 200
    assert not any(words in page.text for words in ("公安", "专案组", "涉嫌", "移送"))
    assert act(house.browser("watcher"), number, "receive_back", text="试试。").status_code in {403, 404, 409}
    assert house.browser("stranger").get(f"/desk/cases/{number}").status_code == 404
    assert act(house.browser("stranger"), number, "hand_goods", receipt="1").status_code == 404
    with house.app.database.reading() as session:
        viewers = {
            one: session.scalars(select(Staff).where(Staff.username == one)).one() for one in ("watcher", "officer")
        }
        cases = session.scalars(select(Case).where(Case.number == number)).all()
        first = {one: next(iter(ledger._first_clocks(session, cases, viewers[one]).values())).kind for one in viewers}
    assert first == {"watcher": "clue_verify", "officer": "crime_transfer"}, "nor in the list of cases"


def test_without_a_fresh_token_nothing_happens(house: House) -> None:
    """A form from elsewhere is refused and kept."""
    number = accepted(house, "庆城县涉罪五医院")
    answer = house.browser("officer").client.post(
        f"/desk/cases/{number}/crime/name_team", data={"csrf": "x", "text": "保留的文字。"}
    )
    assert answer.status_code == 403
    assert "保留的文字。" in answer.text
    unknown = act(house.browser("officer"), number, "abolish")
    assert unknown.status_code == 404


def test_every_act_has_its_words() -> None:
    """Each act of the life: a confirmation, an event in the history, and a form that the page knows."""
    from bot.web.desk.crimes import FIELDS
    from bot.web.desk.labels import section

    assert set(FIELDS) == set(life("crime").moves) - {"approve_crime"}
    for verb in life("crime").moves:
        assert verb in section("told")
        assert verb in section("event")
        assert verb in section("crime_hint")


def test_the_moment_of_a_page_is_that_of_beijing(house: House) -> None:
    """A browser sends local time without a zone: it is Beijing time, whatever the server's clock says."""
    number = packed(house, "庆城县涉罪六医院")
    signed = datetime.now(SHANGHAI).strftime("%Y-%m-%dT%H:%M")
    assert (
        act(house.browser("officer"), number, "send_crime", organ="公安局", receipt="1", signed=signed).status_code
        == 303
    )
    with house.app.database.reading() as session:
        latest = session.scalars(select(CrimeTransfer).order_by(CrimeTransfer.id.desc())).first()
        assert latest is not None
        assert latest.received_at is not None
        assert abs((latest.received_at - datetime.now(UTC)).total_seconds()) < 120
