"""The same walk over real HTTP: every page of the desk, for every role, holds no word that its reader may not have."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import product
from pkgutil import iter_modules

import pytest
from fastapi.routing import APIRoute
from PIL import Image
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.web import desk as pages
from bot.web.desk.opening import opened
from intake import staffing
from intake.models import Case, Event, FiledReport, Notice, Staff, Unmasking, Viewing
from intake.models.staff import ROLES
from routing import desk
from routing.hours import Hours
from tests.bot.desk.conftest import PASSWORD, Browser, House
from tests.canaries import SEALED, SIDES, STATES, WHERES, Planted, expected, found_in, plant

KINDS = list(product(SIDES, STATES))
PAGES = ("/desk", "/desk?state=closed", "/desk?q=朱雀堂", "/desk/notices", "/desk/unmasking", "/desk/audit",
         "/desk/audit/viewings", "/desk/audit/unmasking.csv")  # fmt: skip
DRAWN = {
    # Of what a viewer may have, this stands on his page; the rest is there for other uses.
    "officer": {"case.institution", "case.organ", "case.routing", "clock.derivation", "event.words", "report.text",
                "report.place", "report.facts", "report.amount", "letter.text", "file.list"},
    "leader": {"case.institution", "case.routing", "event.words", "report.text", "letter.text"},
    "supervisor": {"case.organ", "clock.derivation"},
    "federation": {"case.organ", "clock.derivation", "report.text"},
}  # fmt: skip


@pytest.fixture(scope="module")
def zoo(house: House) -> Iterator[dict[tuple[str, str], Planted]]:
    """A case of each side in each state with its words, and somebody of each role at each place."""
    with house.app.database.transaction() as session:
        for role, (where, authority) in product(ROLES, WHERES.items()):
            staffing.hire(
                session, username=f"{role}-{where}", password=PASSWORD, name=f"{role}{where}", role=role,
                authority=authority, now=datetime.now(UTC),
            )  # fmt: skip
        by = {one.username: one for one in session.scalars(select(Staff))}
        planted = {
            kind: plant(
                session, house.app.vault, *kind, handler=by["officer-office"], keeper=by["custodian-office"], n=n
            )
            for n, kind in enumerate(KINDS)
        }
        for one in planted.values():
            now = datetime.now(UTC)
            session.execute(
                update(Unmasking).where(Unmasking.id == one.grant_id).values(expires_at=now + timedelta(minutes=30))
            )
    yield planted
    # Other tests of the desk count and order what lies there.
    with house.app.database.transaction() as session:
        ids = [one.case_id for one in planted.values()]
        session.execute(
            update(Case).where(Case.id.in_(ids)).values(authority="YB-000000", state="closed", closed_at=now)
        )


def read(browser: Browser, planted: Planted) -> str:
    """Everything that this person is shown of one case, on every page of the desk."""
    pages = [*PAGES, f"/desk/cases/{planted.number}", f"/desk/cases/{planted.number}/unmask/{planted.report_id}"]
    return "\n".join(browser.get(page).text for page in pages)


@pytest.mark.parametrize("where", WHERES)
@pytest.mark.parametrize("role", ROLES)
def test_no_page_holds_a_word_that_its_reader_may_not_have(
    house: House, zoo: dict[tuple[str, str], Planted], role: str, where: str
) -> None:
    """Of every case, and of all lists together; what he should read is really drawn."""
    browser = house.browser(f"{role}-{where}")
    lists = found_in("\n".join(browser.get(page).text for page in PAGES))
    anywhere = set().union(*(expected(role, where, *kind) for kind in KINDS))
    assert lists <= anywhere
    for kind, planted in zoo.items():
        allowed = expected(role, where, *kind)
        answer = browser.get(f"/desk/cases/{planted.number}")
        form = browser.get(f"/desk/cases/{planted.number}/unmask/{planted.report_id}")
        assert found_in(answer.text + form.text) <= allowed
        assert found_in(answer.text) >= (DRAWN.get(role, set()) & allowed)
        assert "实名" not in answer.text or role in {"officer", "leader"}
        if not allowed and role != "auditor":
            assert answer.status_code == 404
        # The search box echoes what was typed into it: the words of the list are asked for by another page.


@pytest.mark.parametrize(("role", "where"), [one for one in product(ROLES, WHERES) if one != ("officer", "office")])
def test_no_form_opens_a_seal_for_anybody_but_the_asker(
    house: House, zoo: dict[tuple[str, str], Planted], role: str, where: str
) -> None:
    """Whoever sends the look of somebody else's grant is refused, and the look is not counted."""
    browser = house.browser(f"{role}-{where}")
    planted = zoo["citizen", "accepted"]
    token = browser.token("/desk/notices")
    answer = browser.client.post(f"/desk/unmasking/{planted.grant_id}/look", data={"csrf": token})
    assert answer.status_code in {403, 409}
    assert found_in(answer.text) & SEALED == set()


def test_the_asker_looks_under_his_own_name_and_each_look_is_an_event(
    house: House, zoo: dict[tuple[str, str], Planted]
) -> None:
    """The page holds the sealed words, his name and the time as watermark; without the form's token it holds nothing."""
    browser = house.browser("officer-office")
    planted = zoo["citizen", "decided"]
    path = f"/desk/unmasking/{planted.grant_id}/look"
    assert browser.client.post(path, data={"csrf": "x"}).status_code == 403
    assert browser.get(path).status_code == 405
    answer = browser.client.post(path, data={"csrf": browser.token("/desk/notices")})
    assert answer.status_code == 200
    assert found_in(answer.text) >= SEALED
    marks = re.findall(r"<span>officeroffice (\d{4}-\d\d-\d\d \d\d:\d\d)</span>", answer.text)
    assert len(marks) == 60
    assert answer.headers["cache-control"] == "no-store"
    with house.app.database.reading() as session:
        looks = session.scalars(
            select(Event).where(Event.case_id == planted.case_id, Event.kind == "unmasking_looked")
        ).all()
        assert len(looks) == 1
    with house.app.database.transaction() as session:
        session.get_one(Unmasking, planted.grant_id).expires_at = datetime.now(UTC)
    late = browser.client.post(path, data={"csrf": browser.token("/desk/notices")})
    assert late.status_code == 409
    assert found_in(late.text) & SEALED == set()


def test_every_page_of_a_case_is_recorded_before_it_is_shown(house: House, zoo: dict[tuple[str, str], Planted]) -> None:
    """Each route that names a case hangs on the dependency that records; an opening leaves one row an hour."""

    def dependencies(route: APIRoute) -> set[object]:
        return {one.call for one in route.dependant.dependencies}

    modules = [import_module(f"bot.web.desk.{one.name}") for one in iter_modules(pages.__path__)]
    routes = [route for one in modules if hasattr(one, "router") for route in one.router.routes]
    about_a_case = [one for one in routes if isinstance(one, APIRoute) and "{number}" in one.path]
    assert len(about_a_case) >= 5
    assert [one.path for one in about_a_case if opened not in dependencies(one)] == []
    planted = zoo["citizen", "replied"]
    for name in ("officer-office", "supervisor-below"):
        for _ in range(3):
            house.browser(name).get(f"/desk/cases/{planted.number}")
    with house.app.database.reading() as session:
        rows = session.scalars(select(Viewing).where(Viewing.case_id == planted.case_id)).all()
        assert len({(row.staff_id, row.hour) for row in rows}) == len(rows) >= 2
        ids = session.scalars(select(Staff.id).where(Staff.username.in_(("officer-office", "supervisor-below")))).all()
        assert all(sum(row.times for row in rows if row.staff_id == one) >= 3 for one in ids)
    shown = house.browser("auditor-below").get("/desk/audit/viewings", q=planted.number).text
    assert "officeroffice" in shown
    assert "supervisorbelow" in shown


def test_a_request_goes_its_way_by_forms_alone(house: House) -> None:
    """Asked on the case page, decided by the custodian, looked at, on the auditor's list and in his file."""
    number = house.file("庆城县解密医院").case_number
    officer = house.browser("officer")
    officer.act(number, "accept")
    link = re.search(rf'href="(/desk/cases/{number}/unmask/\d+)"', officer.get(f"/desk/cases/{number}").text)
    assert link is not None
    _hire(house, "custodian-h", "custodian", "YB-621021")
    _hire(house, "auditor-h", "auditor", "YB-621000")
    form = officer.get(link[1]).text
    assert "30 分钟" in form
    empty = officer.client.post(link[1], data={"csrf": officer.token("/desk"), "reason": "写了很久的理由"})
    assert empty.status_code == 409
    assert "写了很久的理由" in empty.text
    fields = {"csrf": officer.token("/desk"), "fields": ["name", "phone"], "purpose": "reward", "reason": "=1+1发奖励"}
    assert officer.client.post(link[1], data=fields).headers["location"] == "/desk/unmasking?done=asked"
    keeper = house.browser("custodian-h")
    assert keeper.get("/desk").headers["location"] == "/desk/unmasking"
    waiting = keeper.get("/desk/unmasking").text
    assert number in waiting
    assert "赵栓柱" not in waiting
    grant = re.search(r"/desk/unmasking/(\d+)/approve", waiting)
    assert grant is not None
    path = f"/desk/unmasking/{grant[1]}"
    token = {"csrf": officer.token("/desk")}
    assert officer.client.post(f"{path}/look", data=token).status_code == 409
    assert officer.client.post(f"{path}/approve", data=token).status_code == 409
    done = keeper.client.post(f"{path}/approve", data={"csrf": keeper.token("/desk/notices")})
    assert done.headers["location"] == "/desk/unmasking?done=approve"
    shown = officer.client.post(f"{path}/look", data=token)
    assert "赵栓柱" in shown.text
    assert "13800000001" in shown.text
    assert "account of" not in shown.text
    auditor = house.browser("auditor-h")
    assert "核发举报奖励" in auditor.get("/desk/audit").text
    answer = auditor.get("/desk/audit/unmasking.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    mine = next(row for row in rows if row["案件"] == number)
    assert (mine["申请人"], mine["审批人"], mine["查看次数"]) == ("姓名officer", "姓名custodian-h", "1")
    assert mine["理由"].startswith("'=")
    assert "赵栓柱" not in answer.text
    ended = officer.client.post(f"{path}/revoke", data={**token, "reason": "查看完毕"})
    assert ended.headers["location"] == "/desk/unmasking?done=revoke"
    assert officer.client.post(f"{path}/look", data=token).status_code == 409


def _hire(house: House, username: str, role: str, authority: str) -> None:
    with house.app.database.transaction() as session:
        staffing.hire(
            session, username=username, password=PASSWORD, name=f"姓名{username}", role=role, authority=authority,
            now=datetime.now(UTC),
        )  # fmt: skip


def test_an_anonymous_teller_offers_nothing_but_his_words(house: House) -> None:
    """The form says that there is no name, and has no box for one."""
    from intake.report import Teller

    number = house.file("庆城县匿名医院", teller=Teller("web", "masked", "anonymous")).case_number
    officer = house.browser("officer")
    officer.act(number, "accept")
    link = re.search(rf'href="(/desk/cases/{number}/unmask/\d+)"', officer.get(f"/desk/cases/{number}").text)
    assert link is not None
    form = officer.get(link[1]).text
    assert "没有留下姓名" in form
    assert 'value="name"' not in form
    assert 'value="text"' in form


def test_a_long_telling_is_read_masked_by_those_who_handle_it(house: House) -> None:
    """The file of a text too long for one message is masked like the report; whole it needs a grant, as the names do."""
    long = "三楼的床一直空着。\n" * 2000 + "我叫赵栓柱，电话13893412345，我妈王秀兰住12床。\n" + "护士都知道。\n" * 900
    number = house.file("庆城县长文医院", files={"全文.txt": long.encode()}).case_number
    officer = house.browser("officer")
    links = re.findall(r'href="(/desk/cases/[^"]+/evidence/[^"]+)"', officer.get(f"/desk/cases/{number}").text)
    for link in links:
        text = officer.get(link).content.decode()
        assert len(text) > 20000
        for secret in ("赵栓柱", "13893412345", "王秀兰"):
            assert secret not in text
        assert "三楼的床一直空着" in text
    with house.app.database.transaction() as session:
        report = session.scalars(select(FiledReport).where(FiledReport.number == number)).one()
        keeper = _keeper(session)
        now = datetime.now(UTC)
        handler = session.scalars(select(Staff).where(Staff.username == "officer")).one()
        desk.accept(session, report.case_id, handler, rules=house.app.rules, vault=house.app.vault, now=now)
        grant = desk.unmasking.ask(
            session,
            report.id,
            handler,
            fields=["files"],
            purpose="contact",
            reason="核对原文",
            vault=house.app.vault,
            now=now,
        )
        desk.unmasking.approve(session, grant.id, keeper, now=now)
        path = f"/desk/unmasking/{grant.id}/look"
    shown = officer.client.post(path, data={"csrf": officer.token("/desk")}).text
    assert "赵栓柱" in shown
    assert "13893412345" in shown


def _keeper(session: Session) -> Staff:
    found = Staff(username="keeper-long", password_hash="-", name="keeper", role="custodian", authority="YB-621000")
    session.add(found)
    session.flush()
    return found


def test_notices_name_the_institution_only_to_those_who_may_read_it(house: House) -> None:
    """Whoever looks on hears of a late case by its number."""
    from routing.digest import gather
    from routing.sweep import sweep

    number = house.file("庆城县提醒医院", ago=60).case_number
    waking = replace(house.app.rules, hours=Hours())  # the test runs at night and on Sundays as well
    with house.app.database.transaction() as session:
        sweep(session, rules=waking, now=datetime.now(UTC))
        gather(session, rules=waking, now=datetime.now(UTC))
    with house.app.database.reading() as session:
        told = session.execute(select(Notice.body, Staff.role).join(Staff, Staff.id == Notice.staff_id)).all()
    named = {role for body, role in told if "提醒医院" in body}
    assert named <= {"officer", "leader"}
    assert any(number in body for body, role in told if role == "supervisor")


def test_a_picture_keeps_its_pixels_and_a_table_is_masked(house: House) -> None:
    """What is no text is handed out as its clean copy; a CSV is a text."""
    drawn = io.BytesIO()
    Image.new("RGB", (3, 2), (9, 120, 40)).save(drawn, "PNG")
    png = drawn.getvalue()
    number = house.file(
        "庆城县图表医院", files={"a.png": png, "b.csv": "姓名,电话\n赵栓柱,13893412345\n".encode("gb18030")}
    ).case_number
    officer = house.browser("officer")
    links = re.findall(r'href="(/desk/cases/[^"?]+/evidence/[^"?]+)"', officer.get(f"/desk/cases/{number}").text)
    found = {officer.get(link).content for link in set(links)}
    pictures = [one for one in found if one.startswith(b"\x89PNG")]
    assert [Image.open(io.BytesIO(one)).getpixel((2, 1)) for one in pictures] == [(9, 120, 40)]
    table = next(one for one in found if one != png).decode()
    assert "13893412345" not in table
    assert "姓名" in table


@pytest.mark.parametrize("role", ROLES)
def test_figures_are_exact_for_some_and_withheld_for_others(
    house: House, zoo: dict[tuple[str, str], Planted], role: str
) -> None:
    """Seven cases of each side in a month: small counts stand on the pages of those who handle them alone."""
    answer = house.browser(f"{role}-office").get("/desk/figures", month="2026-11")
    if role in {"custodian", "administrator"}:
        assert answer.status_code == 403
        return
    assert answer.status_code == 200
    assert found_in(answer.text) == set()
    assert ("不足 5 件的不公布" in answer.text) == (role not in {"officer", "leader"})
    assert ("不公布</span>" in answer.text) == (role not in {"officer", "leader"})
    assert "2026-10" in house.browser(f"{role}-office").get("/desk/figures", month="2026-11").text
    assert house.browser(f"{role}-office").get("/desk/figures", month="' OR 1").status_code == 200
