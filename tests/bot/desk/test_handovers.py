"""The inbox of handovers: what waits is listed with its papers and its buttons, and nothing of the reports."""

from __future__ import annotations

from tests.bot.desk.conftest import Browser, House


def card(browser: Browser, number: str) -> str:
    """The card of one case in the inbox."""
    found = browser.get("/desk/handovers").text
    before, _, after = found.partition(f'aria-label="移送 {number}"')
    assert after, found
    return 'id="h-' + before.rpartition('id="h-')[2] + after.partition("</article>")[0]


def step(browser: Browser, number: str, name: str, **fields: str):
    """One button of the card."""
    row = card(browser, number).split('"')[1].removeprefix("h-")
    form = {"csrf": browser.token("/desk"), **fields}
    return browser.client.post(f"/desk/handovers/{row}/{name}", data=form)


def offered(house: House, institution: str) -> str:
    """A case of 庆城县 offered to 西峰区."""
    number = house.file(institution).case_number
    assert (
        house.browser("officer").act(number, "offer", authority="西峰区", reason="事情发生在西峰区。").status_code
        == 303
    )
    return number


def test_the_receiver_reads_what_decides_and_answers(house: House) -> None:
    """Institution, categories, the giver's reason and the list of papers; sent back, the giver reads the article."""
    number = offered(house, "庆城县收件一医院")
    stranger, officer = house.browser("stranger"), house.browser("officer")
    shown = card(stranger, number)
    for words in ("庆城县收件一医院", "事情发生在西峰区。", "反映1份", "接收", "退回"):
        assert words in shown
    assert "床一直空着" not in shown
    assert "撤回" in card(officer, number)
    assert "作出处理" not in officer.get(f"/desk/cases/{number}").text.split("经过")[0], (
        "what has to wait is not offered"
    )
    refused = step(stranger, number, "send_back", ground="place")
    assert refused.status_code == 409
    assert "不能留空" in refused.text
    assert step(stranger, number, "send_back", ground="place", reason="该院在庆城县。").status_code == 303
    assert "第二十二条" in card(officer, number)
    assert "该院在庆城县。" in card(officer, number)


def test_the_superior_designates_on_the_dispute_page(house: House) -> None:
    """The common superior's leader sees both reasons and says who; nobody else is offered the button."""
    number = offered(house, "庆城县争议医院")
    stranger, leader = house.browser("stranger"), house.browser("leader")
    assert step(stranger, number, "dispute", reason="主要行为在庆城县。").status_code == 303
    assert "指定承办机关" not in card(stranger, number)
    shown = card(leader, number)
    assert "事情发生在西峰区。" in shown
    assert "主要行为在庆城县。" in shown
    assert step(stranger, number, "designate", authority="YB-621021", reason="归庆城").status_code == 409
    done = step(leader, number, "designate", authority="YB-621002", reason="主要行为在西峰区。")
    assert done.status_code == 303
    assert stranger.get(f"/desk/cases/{number}").status_code == 200


def test_the_inbox_is_for_those_who_handle_cases(house: House) -> None:
    """An administrator and an onlooker have none; a foreign form does nothing."""
    number = offered(house, "庆城县旁观医院")
    assert house.browser("watcher").get("/desk/handovers").status_code == 403
    assert house.browser("keeper").get("/desk/handovers").status_code == 403
    row = card(house.browser("stranger"), number).split('"')[1].removeprefix("h-")
    assert house.browser("stranger").client.post(f"/desk/handovers/{row}/take", data={}).status_code == 403
    assert house.browser("stranger").client.post("/desk/handovers/99999/take", data={}).status_code == 403


def test_a_superiors_date_is_registered_and_reported_on(house: House) -> None:
    """The day of the assigning paper stands on the case beside the statutory clock until the report."""
    number = house.file("庆城县交办医院").case_number
    officer = house.browser("officer")
    given = {"authority": "国家", "weight": "ordinary", "due": "2099-12-31", "paper": "医保函〔2026〕1号"}
    assert officer.act(number, "note_assignment", **{**given, "authority": "西峰区"}).status_code == 409
    done = officer.act(number, "note_assignment", **{**given, "authority": "YB-000000"})
    assert done.headers["location"].endswith("done=note_assignment"), done.text
    page = officer.get(f"/desk/cases/{number}").text
    assert "2099年12月31日" in page
    assert "国家医疗保障局交办" in page
    assert officer.act(number, "report_back", text="正在核查。").status_code == 303
    assert "移送和交办" not in officer.get(f"/desk/cases/{number}").text


def test_a_department_outside_is_chosen_from_a_list(house: House) -> None:
    """The case goes into answering, and the page says what became of it."""
    number = house.file("庆城县外部门医院").case_number
    officer = house.browser("officer")
    assert "税务部门" in officer.get(f"/desk/cases/{number}").text
    assert officer.act(number, "refer", department="tax", text="属于发票问题。").status_code == 303
    assert "移送其他部门" in officer.get(f"/desk/cases/{number}").text
