"""Held texts on the case page: highlighted with why and what to write instead; changed, or released by another."""

from __future__ import annotations

import re

from sqlalchemy import select

from intake.models import Case, Event, Notice
from intake.report import Teller
from tests.bot.desk.conftest import House

STORY = "我妈在庆城县{name}三楼康复科住院，8月12日办的入院手续，自费的3680.5元说好退一半，床头卡倒是插得满满当当。"
LEAK = "反映人称8月12日为其母亲办理入院，自费3680.5元，请贵局核查。"
PLAIN = "该院法人登记地在西峰区，按属地管辖移送。"


def case(house: House, name: str) -> str:
    """A case of one report with a story of its own."""
    teller = Teller("web", f"account of {name}")
    return house.file(name, text=STORY.format(name=name), teller=teller).case_number


def hold_of(page: str) -> str:
    """The number of the first held text of a page."""
    found = re.search(r"/held/(\d+)/", page)
    assert found is not None
    return found[1]


def kinds(house: House, number: str) -> list[str]:
    """The kinds of a case's events, oldest first."""
    with house.app.database.reading() as session:
        query = select(Event.kind).join(Case, Case.id == Event.case_id)
        return list(session.scalars(query.where(Case.number == number).order_by(Event.id)))


def test_a_telling_text_is_held_and_shown_with_reasons(house: House) -> None:
    """Nothing leaves; the page marks the words, says why each tells, and what to write instead."""
    number = case(house, "庆城县待核一医院")
    officer = house.browser("officer")
    held = officer.act(number, "offer", authority="西峰区", reason=LEAK)
    assert held.headers["location"].endswith("?done=held#held")
    page = officer.get(f"/desk/cases/{number}").text
    assert "待核文字" in page
    assert "<mark>8月12日</mark>" in page
    assert "写到月份" in page
    assert "offered" not in kinds(house, number)
    with house.app.database.reading() as session:
        assert not any("3680.5" in body for body in session.scalars(select(Notice.body)))


def test_the_writer_changes_it_and_it_leaves(house: House) -> None:
    """The other wording is checked again: still telling it is held again, harmless it leaves."""
    number = case(house, "庆城县待核二医院")
    officer = house.browser("officer")
    officer.act(number, "offer", authority="西峰区", reason=LEAK)
    path = f"/desk/cases/{number}"
    form = {"csrf": officer.token("/desk")}
    again = officer.client.post(
        f"{path}/held/{hold_of(officer.get(path).text)}/change",
        data={**form, "text": "反映人的母亲8月12日住院，请核查。"},
    )
    assert again.headers["location"].endswith("done=held#held")
    done = officer.client.post(f"{path}/held/{hold_of(officer.get(path).text)}/change", data={**form, "text": PLAIN})
    assert done.headers["location"] == f"{path}?done=held_change"
    assert kinds(house, number)[-3:] == ["text_held", "text_changed", "offered"]


def test_leaving_as_it_is_needs_another_person_and_a_reason(house: House) -> None:
    """The writer only asks; the leader reads why, gives a reason, and then it leaves in the writer's name."""
    number = case(house, "庆城县待核三医院")
    officer, leader = house.browser("officer"), house.browser("leader")
    officer.act(number, "offer", authority="西峰区", reason=LEAK)
    path = f"/desk/cases/{number}"
    hold = hold_of(officer.get(path).text)
    mine = {"csrf": officer.token("/desk")}
    assert officer.client.post(f"{path}/held/{hold}/release", data={**mine, "reason": "我看可以"}).status_code == 409
    asked = officer.client.post(f"{path}/held/{hold}/ask", data={**mine, "reason": "对方要求写明日期。"})
    assert asked.status_code == 303
    assert "对方要求写明日期。" in leader.get(path).text
    theirs = {"csrf": leader.token("/desk")}
    assert leader.client.post(f"{path}/held/{hold}/release", data=theirs).status_code == 409
    done = leader.client.post(f"{path}/held/{hold}/release", data={**theirs, "reason": "反映人已书面同意。"})
    assert done.status_code == 303
    assert kinds(house, number)[-3:] == ["release_asked", "text_released", "offered"]
    assert leader.client.post(f"{path}/held/{hold}/release", data={**theirs, "reason": "再来"}).status_code == 409


def test_a_held_text_is_not_everybodys(house: House) -> None:
    """A colleague at the same desk neither sees the text nor decides on it; a foreign form does nothing."""
    number = case(house, "庆城县待核四医院")
    house.browser("officer").act(number, "ask_extension", reason=LEAK)
    path, second = f"/desk/cases/{number}", house.browser("second")
    assert "待核文字" not in second.get(path).text
    hold = hold_of(house.browser("officer").get(path).text)
    form = {"csrf": second.token("/desk"), "text": PLAIN, "reason": PLAIN}
    for step in ("change", "drop", "ask", "release"):
        assert second.client.post(f"{path}/held/{hold}/{step}", data=form).status_code == 409
    assert second.client.post(f"{path}/held/{hold}/drop", data={}).status_code == 403
    mine = {"csrf": house.browser("officer").token("/desk")}
    assert house.browser("officer").client.post(f"{path}/held/{hold}/drop", data=mine).status_code == 303
    assert "待核文字" not in house.browser("officer").get(path).text.split("经过")[0]
