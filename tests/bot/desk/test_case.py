"""The case page: what it shows, what it never shows, and its acts by form."""

from __future__ import annotations

import re

from sqlalchemy import select

from intake.models import Case
from tests.bot.desk.conftest import House
from tests.intake.sanitise.corpus_papers import pdf


def state(house: House, number: str) -> str:
    """The case's state in the ledger."""
    with house.app.database.reading() as session:
        return session.scalars(select(Case.state).where(Case.number == number)).one()


def test_a_case_is_handled_from_receipt_to_close_by_forms_alone(house: House) -> None:
    """Accept, ask, ask for more time, decide, reply and close, each by its form, each written into the history."""
    number = house.file("庆城县全程医院").case_number
    officer = house.browser("officer")
    page = f"/desk/cases/{number}"
    assert officer.act(number, "accept").headers["location"] == f"{page}?done=accept"
    report = re.search(r'id="report-(\d+)"', officer.get(page).text)
    assert report is not None
    assert officer.act(number, "ask", report_id=report[1], question="请问是哪一层楼？").status_code == 303
    house.answer(number, "三楼东头。")
    assert officer.act(number, "ask_extension", reason="涉及人数多，需逐户走访。").status_code == 303
    assert officer.act(number, "decide", outcome="established", finding="查实空床十张。").status_code == 303
    assert officer.act(number, "reply", text="您反映的情况属实，已处理。").status_code == 303
    assert officer.act(number, "close").status_code == 303
    shown = officer.get(page).text
    assert state(house, number) == "closed"
    for words in (
        "请问是哪一层楼？",
        "三楼东头。",
        "涉及人数多",
        "查实空床十张。",
        "您反映的情况属实",
        "重新办理",
        "查证属实",
    ):
        assert words in shown


def test_declining_needs_a_listed_ground_and_words(house: House) -> None:
    """Without words it is refused and the chosen ground is kept; with both it is done."""
    number = house.file("庆城县不受理诊所").case_number
    officer = house.browser("officer")
    refused = officer.act(number, "decline", reason="no_clue")
    assert refused.status_code == 409
    assert '<option value="no_clue" selected>' in refused.text
    assert "不能留空" in refused.text
    assert officer.act(number, "decline", reason="no_clue", text="没有具体线索。").status_code == 303
    assert state(house, number) == "declined"


def test_an_offer_finds_the_authority_by_name_or_code(house: House) -> None:
    """西峰区 is enough to offer the case; taken, the giver no longer sees it and the taker does."""
    number = house.file("庆城县移送医院").case_number
    officer = house.browser("officer")
    unclear = officer.act(number, "offer", authority="不存在的地方", reason="不归我县管辖。")
    assert unclear.status_code == 409
    assert "不归我县管辖。" in unclear.text
    several = officer.act(number, "offer", authority="鼓楼区", reason="不归我县管辖。")
    assert "不止一个" in several.text
    done = officer.act(number, "offer", authority="西峰区医保局", reason="事情发生在西峰区。")
    assert done.headers["location"] == f"/desk/cases/{number}?done=offer"
    assert "等待答复" in officer.get(f"/desk/cases/{number}").text
    stranger = house.browser("stranger")
    assert stranger.get(f"/desk/cases/{number}").status_code == 404
    inbox = stranger.get("/desk/handovers").text
    number_of = inbox.split(f'aria-label="移送 {number}"')[0].rpartition('id="h-')[2].split('"')[0]
    form = {"csrf": stranger.token("/desk")}
    assert stranger.client.post(f"/desk/handovers/{number_of}/take", data=form).status_code == 303
    assert officer.get(f"/desk/cases/{number}").status_code == 404
    assert house.browser("stranger").get(f"/desk/cases/{number}").status_code == 200
    found = officer.get("/desk/authorities", q="西峰").json()
    assert {"name": "庆阳市西峰区医疗保障局", "code": "YB-621002"} in found


def test_an_unlawful_step_is_not_offered_and_its_refusal_loses_nothing(house: House) -> None:
    """A reply before a decision has no form; sent all the same, the desk's sentence comes back with the text."""
    number = house.file("庆城县越步医院").case_number
    officer = house.browser("officer")
    assert f"/desk/cases/{number}/reply" not in officer.get(f"/desk/cases/{number}").text
    refused = officer.act(number, "reply", text="写了半个小时的答复")
    assert refused.status_code == 409
    assert "不能“答复”" in refused.text
    assert "写了半个小时的答复" in refused.text
    assert state(house, number) == "received"


def test_a_form_without_its_token_does_nothing(house: House) -> None:
    """A foreign page cannot act in an officer's name, and an honest officer keeps what he typed."""
    number = house.file("庆城县伪造医院").case_number
    officer = house.browser("officer")
    form = {"reason": "no_clue", "text": "辛苦写下的理由"}
    for token in ({}, {"csrf": "x" * 64}, {"csrf": "空"}):
        answer = officer.client.post(f"/desk/cases/{number}/decline", data={**form, **token})
        assert answer.status_code == 403
        assert "辛苦写下的理由" in answer.text
    assert state(house, number) == "received"
    assert officer.client.post("/desk/sign-out", data={}).status_code == 403
    assert officer.client.post("/desk/notices/seen", data={}).status_code == 403


def test_what_a_stranger_wrote_is_shown_as_text(house: House) -> None:
    """Markup in a report, a name or an answer never becomes part of the page."""
    evil = '<script>alert(1)</script><img src=x onerror="alert(2)">床一直空着'
    number = house.file("庆城县<b>粗体</b>医院", text=evil, answers={"how_known": "<svg onload=alert(3)>"}).case_number
    for shown in (
        house.browser("officer").get(f"/desk/cases/{number}").text,
        house.browser("officer").get("/desk", q="粗体").text,
    ):
        assert "<b>粗体</b>" not in shown
        assert "&lt;b&gt;粗体" in shown
    page = house.browser("officer").get(f"/desk/cases/{number}")
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    assert "<svg onload" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]


def test_the_page_never_shows_who_told(house: House) -> None:
    """Name, phone and account of the teller are nowhere on the page, nor the names that his files bore."""
    number = house.file("庆城县密封医院", files={"赵栓柱的账单.txt": b"bill"}).case_number
    shown = house.browser("officer").get(f"/desk/cases/{number}").text
    for secret in ("赵栓柱", "13800000001", "account of"):
        assert secret not in shown
    assert "实名" in shown


def test_the_page_explains_clock_routing_and_suggestion(house: House) -> None:
    """Due date with its derivation, authority with its citation, category with article, frame and marked words."""
    number = house.file("庆城县解释医院").case_number
    shown = house.browser("officer").get(f"/desk/cases/{number}").text
    assert "<mark" in shown
    assert "床一直空着</mark>" in shown
    for words in ("挂床住院", "1—2 倍罚款", "当日不计入", "届满日", "依据："):
        assert words in shown


def test_a_period_that_nobody_read_in_the_text_is_marked_beside_its_date(house: House) -> None:
    """The five days to accept a complaint are our own default; the fifteen to verify a report stand in the order."""
    from intake.report import Claim

    told = {"organ": "庆城县医疗保障局", "claims": (Claim("X07", 0.9),), "text": "今年来查了五次。"}
    own = house.file("庆城县默认药店", side="enterprise", **told).case_number
    read = house.file("庆城县原文医院").case_number
    tag = '<span class="tag">未核对原文</span>'
    assert tag in house.browser("leader").get(f"/desk/cases/{own}").text
    assert tag not in house.browser("officer").get(f"/desk/cases/{read}").text


def test_the_same_matter_told_twice_is_one_case_with_its_reasons(house: House) -> None:
    """A second teller's report joins the case, and the page says why in words."""
    from intake.report import Teller

    first = house.file("庆城县并案医院").case_number
    other = Teller("web", "somebody else", "anonymous")
    house.file("庆城县并案医院", teller=other, text="并案医院三楼的床一直空着，住院的人都在家里。")
    shown = house.browser("officer").get(f"/desk/cases/{first}").text
    assert "第 2 件" in shown
    assert "已并案" in shown
    assert "机构相同" in shown


def test_an_enterprise_complaint_is_listed_allegation_by_allegation(house: House) -> None:
    """Each X code stands with its rule and with what has to be checked first, at the office above the accused."""
    from intake.report import Claim

    receipt = house.file(
        "庆城县逐项药店",
        side="enterprise",
        organ="庆城县医疗保障局",
        claims=(Claim("X07", 0.9), Claim("X12", 0.8)),
        text="今年来查了五次，后三次没有通知书。",
    )
    number = receipt.case_number
    assert house.browser("officer").get(f"/desk/cases/{number}").status_code == 404
    shown = house.browser("leader").get(f"/desk/cases/{number}").text
    for words in ("逐项核对", "X07", "X12", "先查来由", "应当回避", "庆城县医疗保障局"):
        assert words in shown


def test_evidence_opens_harmlessly_and_leaves_a_trace(house: House) -> None:
    """A file is downloaded under a neutral name, in a sandbox, never sniffed; a page of a stranger is not displayed."""
    number = house.file("庆城县证据医院", files={"清单.txt": "床位费".encode(), "单.pdf": pdf()}).case_number
    officer = house.browser("officer")
    links = re.findall(r'href="(/desk/cases/[^"]+/evidence/[^"]+)"', officer.get(f"/desk/cases/{number}").text)
    viewed = next(link for link in links if "view=1" in link)
    shown = officer.get(viewed)
    assert shown.text == "床位费"
    assert shown.headers["content-disposition"].startswith("inline")
    for link in links:
        answer = officer.get(link)
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert number in answer.headers["content-disposition"]
    assert sum("view=1" in link for link in links) == 1
    assert "查看证据材料" in officer.get(f"/desk/cases/{number}").text
    assert house.browser("stranger").get(links[0]).status_code == 404


def test_the_keyboard_meets_facts_before_acts_and_acts_before_the_rest(house: House) -> None:
    """One skip link first, no positive tabindex, a label for every control, headings in order."""
    number = house.file("庆城县键盘医院").case_number
    shown = house.browser("officer").get(f"/desk/cases/{number}").text
    body = shown[shown.index("<body") :]
    assert body.index('class="skip"') < body.index("<header")
    assert body.index('id="h-facts"') < body.index('id="h-acts"') < body.index('id="h-told"')
    assert not re.search(r'tabindex="[1-9]', body)
    controls = re.findall(r'<(?:input|select|textarea)(?![^>]*type="hidden")[^>]*\bid="([^"]+)"', body)
    assert controls
    assert set(controls) <= set(re.findall(r'<label for="([^"]+)"', body))
    assert body.count("<h1") == 1


def test_evidence_opens_only_under_its_own_case(house: House) -> None:
    """The opening would otherwise be written into the history of another case."""
    number = house.file("庆城县正本医院", files={"a.txt": b"bed fee"}).case_number
    other = house.file("庆城县旁人诊所").case_number
    officer = house.browser("officer")
    link = re.findall(r'href="(/desk/cases/[^"]+/evidence/[^"?]+)"', officer.get(f"/desk/cases/{number}").text)[0]
    assert officer.get(link).status_code == 200
    assert officer.get(link.replace(number, other)).status_code == 404
    assert "查看证据材料" not in officer.get(f"/desk/cases/{other}").text


def test_an_administrator_meets_a_sentence_and_no_error(house: House) -> None:
    """He sees no case, and the queue says so."""
    assert house.browser("keeper").get("/desk").status_code in {200, 403}
