"""The queue: whose cases, in which order, found how."""

from __future__ import annotations

from tests.bot.desk.conftest import House


def test_an_officer_of_another_county_sees_nothing(house: House) -> None:
    """Neither list, nor page, nor act, nor evidence of a case opens for another county, and none says that it exists."""
    number = house.file("庆城县蓬莱医院", files={"单.txt": b"bill"}).case_number
    stranger = house.browser("stranger")
    assert number not in stranger.get("/desk").text
    assert f'/cases/{number}"' not in stranger.get("/desk", q=number).text
    assert stranger.get(f"/desk/cases/{number}").status_code == 404
    assert stranger.get("/desk/cases/621021-2026-999999-9").status_code == 404
    assert stranger.act(number, "accept").status_code == 404
    assert number in house.browser("officer").get("/desk", q=number).text


def test_whoever_declared_an_interest_does_not_see_the_case(house: House) -> None:
    """Penalty Law Art. 43: an officer with an interest in the institution is kept out of its cases."""
    number = house.file("庆城县子虚医院").case_number
    concerned = house.browser("second")
    assert number not in concerned.get("/desk").text
    assert concerned.get(f"/desk/cases/{number}").status_code == 404


def test_a_leader_also_sees_the_authorities_below(house: House) -> None:
    """The city's leader sees the county's case with its authority, and is offered no act on it."""
    number = house.file("庆城县昆仑医院").case_number
    leader = house.browser("leader")
    assert "庆城县医疗保障局" in leader.get("/desk", q="昆仑").text
    shown = leader.get(f"/desk/cases/{number}").text
    assert "由下级机关办理" in shown
    assert f"/desk/cases/{number}/accept" not in shown


def test_a_supervisor_sees_overdue_cases_without_names(house: House) -> None:
    """The list of a supervisor shows number, category and authority, never an institution; nor does the case that it opens."""
    late = house.file("庆城县无名医院", ago=40).case_number
    timely = house.file("庆城县有名医院").case_number
    watcher = house.browser("watcher")
    shown = watcher.get("/desk").text
    assert late in shown
    assert timely not in shown
    assert "无名医院" not in shown
    opened = watcher.get(f"/desk/cases/{late}")
    assert opened.status_code == 200
    assert "无名医院" not in opened.text
    assert "床一直空着" not in opened.text
    assert "实名" not in opened.text
    assert late not in watcher.get("/desk", q="无名医院", page="2").text


def test_an_administrator_sees_no_cases(house: House) -> None:
    """Whoever keeps the service does not read what people told."""
    keeper = house.browser("keeper")
    number = house.file("庆城县方壶医院").case_number
    assert number not in keeper.get("/desk").text
    assert keeper.get(f"/desk/cases/{number}").status_code == 404


def test_the_queue_is_ordered_by_what_is_due_first(house: House) -> None:
    """The older case stands above the younger one, and an overdue one says so in words, not only in colour."""
    younger = house.file("庆城县次序甲医院").case_number
    older = house.file("庆城县次序乙医院", ago=45).case_number
    shown = house.browser("officer").get("/desk", q="次序").text
    assert shown.index(older) < shown.index(younger)
    assert "逾期" in shown.split(younger)[0]


def test_filters_narrow_the_queue(house: House) -> None:
    """By words in what was told, by side, by state, by lateness and by handler."""
    number = house.file("庆城县筛选医院", text="独一无二的说法").case_number
    officer = house.browser("officer")
    assert number in officer.get("/desk", q="独一无二").text
    assert number not in officer.get("/desk", q="独一无二", side="enterprise").text
    assert number not in officer.get("/desk", q="独一无二", overdue="1").text
    assert number not in officer.get("/desk", q="独一无二", mine="1").text
    officer.act(number, "accept")
    assert number in officer.get("/desk", q="独一无二", mine="1", state="accepted").text


def test_the_bell_tells_and_falls_silent(house: House) -> None:
    """A new case rings the bell of the county's officers; marked as seen, it is silent."""
    house.file("庆城县铃声医院")
    officer = house.browser("officer")
    assert "铃声医院" in officer.get("/desk/notices").text
    assert "未读" in officer.get("/desk/notices").text
    officer.client.post("/desk/notices/seen", data={"csrf": officer.token("/desk/notices")})
    assert "未读" not in officer.get("/desk/notices").text
