"""督办, 约谈 and 通报 over the pages: offered to whom it is given, done with a sentence, and nothing typed is lost."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import httpx

from intake import outbox
from intake.models import Staff
from routing.rules import legal_day
from tests.bot.desk.conftest import Browser, House


def do(browser: Browser, number: str, act: str, **fields: str) -> httpx.Response:
    """One act on an oversight."""
    form = {"csrf": browser.token("/desk"), **fields}
    return browser.client.post(f"/desk/cases/{number}/oversight/{act}", data=form)


def test_the_whole_way_over_the_page(house: House) -> None:
    """Opened by the city's leader, answered by the county, a talk, what was agreed, the end."""
    number = house.file("庆城县督办一医院", ago=3).case_number
    path = f"/desk/cases/{number}"
    leader, officer = house.browser("leader"), house.browser("officer")
    assert "督办理由和要求" in leader.get(path).text
    assert "督办理由和要求" not in officer.get(path).text
    answer = do(leader, number, "open", text="请说明办到哪一步。")
    assert answer.headers["location"] == f"{path}?done=overseen#h-oversight"
    assert "请说明办到哪一步。" in officer.get(path).text
    assert number in leader.get("/desk/oversight").text
    listed = officer.get(path).text
    assert "答复督办" in listed
    oversight = listed.split('name="oversight_id" value="')[1].split('"')[0]
    assert do(officer, number, "answer", oversight_id=oversight, text="下周办结。").status_code == 303
    day = (legal_day(datetime.now(UTC)) + timedelta(days=2)).isoformat()
    assert do(leader, number, "summon", oversight_id=oversight, text="答复不具体。", on=day).status_code == 303
    assert do(leader, number, "talk", oversight_id=oversight, text="三日内办结，每周报告。").status_code == 303
    assert "三日内办结，每周报告。" in officer.get(path).text
    assert do(leader, number, "close", oversight_id=oversight, text="同意。").status_code == 303
    assert number not in leader.get("/desk/oversight").text


def test_what_was_typed_comes_back_with_the_refusal(house: House) -> None:
    """A talk on a day that is past: the sentence, the reason still in its field, nothing done."""
    number = house.file("庆城县督办二医院", ago=3).case_number
    leader = house.browser("leader")
    do(leader, number, "open", text="请说明。")
    page = leader.get(f"/desk/cases/{number}").text
    oversight = page.split('name="oversight_id" value="')[1].split('"')[0]
    answer = do(leader, number, "summon", oversight_id=oversight, text="写了很久的事由。", on="2020-01-01")
    assert answer.status_code == 409
    assert "不能早于今天" in answer.text
    assert "写了很久的事由。" in answer.text


def test_an_officer_who_posts_it_all_the_same_is_refused(house: House) -> None:
    """The page offers nothing, and the desk asks again."""
    number = house.file("庆城县督办三医院", ago=3).case_number
    officer = house.browser("officer")
    assert do(officer, number, "open", text="我来督办。").status_code == 409
    assert do(officer, number, "nonsense", text="好").status_code == 404
    assert officer.client.post(f"/desk/cases/{number}/oversight/open", data={"text": "好"}).status_code == 403
    for path in ("/desk/oversight", "/desk/oversight/reported.csv", "/desk/oversight/reported.json"):
        assert officer.get(path).status_code == 403
        assert house.browser("watcher").get(path).status_code == 403


def test_the_list_names_the_case_inside_and_only_counts_outside(house: House) -> None:
    """One old case: its number stands on the page; table and answer for programs withhold so small a count."""
    number = house.file("庆城县通报一医院", ago=90).case_number
    leader = house.browser("leader")
    assert number in leader.get("/desk/oversight").text
    table = leader.get("/desk/oversight/reported.csv")
    assert table.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert rows[0] == ["承办机关", "超期件数"]
    assert number not in table.text
    assert all(not cell.isdigit() or cell == "0" or int(cell) >= 5 for row in rows[1:] for cell in row[1:])
    found = leader.get("/desk/oversight/reported.json").json()
    assert all(one["cases"] is None or one["cases"] >= 5 for one in found["offices"])


def test_numbers_in_the_message_of_the_day_are_links_on_the_bell(house: House) -> None:
    """The address that other channels need is left out, the number leads to the case."""
    number = house.file("庆城县铃声医院", ago=3).case_number
    with house.app.database.transaction() as session:
        staff = session.query(Staff).filter_by(username="officer").one()
        body = f"【办理提醒】\n{number}，“线索核查”\nhttps://desk.example/desk/cases/{number}\n\n请尽快办理。"
        outbox.put(session, key="digest-x", body=body, now=datetime.now(UTC), staff_id=staff.id)
    page = house.browser("officer").get("/desk/notices").text
    assert f'<a class="inline" href="/desk/cases/{number}">{number}</a>' in page
    assert "desk.example" not in page
