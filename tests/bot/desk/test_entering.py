"""A clerk takes down a call, a letter, a fax or a visit: heard, corrected, filed once, and a receipt to hand over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from bot.app import App
from bot.settings import Settings
from intake import staffing
from intake.filing import text_of
from intake.models import Event, FiledReport, Identity
from routing.rules import SHANGHAI
from tests.bot.desk.conftest import PASSWORD, TOKEN, Browser
from tests.bot.web.site import Site, site

TEXT = "庆城县康宁医院三楼挂空床，去年10月起就没人住，天天刷医保，大概有二十个人，说是五万元。我叫郭守信。"
ENTRY = re.compile(r'name="entry" value="(\w+)"')
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Iterator[Site]:
    """A served application with a real ear, an officer and a supervisor."""
    data = tmp_path_factory.mktemp("office")
    (data / "model").symlink_to(model_folder)
    app = App.open(Settings(_env_file=None, data_folder=data, trust_proxy=True))
    with app.database.transaction() as session:
        for name, role in (("clerk", "officer"), ("watcher", "supervisor"), ("keeper", "administrator")):
            staffing.hire(
                session, username=name, password=PASSWORD, name=name, role=role, authority="YB-621021",
                now=datetime.now(UTC),
            )  # fmt: skip
    with site(app) as running:
        yield running
    app.close()


def signed_in(office: Site, name: str) -> Browser:
    client = httpx.Client(base_url=office.base, headers={"accept": "text/html"}, trust_env=False, timeout=60)
    browser = Browser(client)
    assert browser.sign_in(name, PASSWORD).status_code == 303
    return browser


@pytest.fixture(scope="module")
def clerk(office: Site) -> Iterator[Browser]:
    browser = signed_in(office, "clerk")
    yield browser
    browser.client.close()


def form(clerk: Browser, **fields: Any) -> dict[str, Any]:
    """The empty form as the page gives it, with these fields filled."""
    page = clerk.get("/desk/enter").text
    token, entry = TOKEN.search(page), ENTRY.search(page)
    assert token is not None
    assert entry is not None
    now = datetime.now(SHANGHAI) - timedelta(minutes=5)
    return {
        "csrf": token[1], "entry": entry[1], "channel": "letter", "received_day": f"{now:%Y-%m-%d}",
        "received_time": f"{now:%H:%M}", "text": TEXT, "mode": "confidential", "name": "郭守信", "phone": "13912345678",
    } | fields  # fmt: skip


def send(clerk: Browser, fields: dict[str, Any], step: str, **files: Any) -> httpx.Response:
    given = files or {"files": ("", b"")}
    return clerk.client.post("/desk/enter", data={**fields, "step": step}, files=given)


def value(page: str, name: str) -> str:
    found = re.search(rf'<input id="{name}" name="{name}"[^>]*? value="([^"]*)"', page)
    return found[1] if found else ""


def newest(app: App) -> FiledReport:
    with app.database.reading() as session:
        return session.scalars(select(FiledReport).order_by(FiledReport.id.desc()).limit(1)).one()


def count(app: App) -> int:
    with app.database.reading() as session:
        return session.scalar(select(func.count(FiledReport.id))) or 0


def test_the_clerk_sees_what_the_ear_understood(office: Site, clerk: Browser) -> None:
    """Institution, place, dates, sum, people and the categories, each in a field that can be corrected."""
    page = send(clerk, form(clerk), "hear").text
    assert (value(page, "institution"), value(page, "place")) == ("康宁医院", "甘肃省庆阳市庆城县")
    assert (value(page, "people"), value(page, "amount")) == ("20", "50000")
    assert value(page, "first").endswith("10-01")
    assert re.search(r'value="F01" checked', page)
    assert count(office.app) == 0


def test_a_letter_is_filed_with_the_corrections_and_the_code_is_shown_once(office: Site, clerk: Browser) -> None:
    """The same form again files nothing, and shows the number without the code."""
    fields = form(clerk, heard="1", side="citizen", institution="安康医院", place="西峰区", claims=["F03"], people="7")
    answer = send(clerk, fields, "file", files=("信.png", PNG, "image/png"))
    assert answer.status_code == 200, answer.text
    code = re.search(r"(\d{4} ){3}\d{4}", answer.text)
    assert code is not None
    filed = newest(office.app)
    assert filed.number in answer.text
    assert (filed.channel, filed.institution, filed.place) == ("letter", "安康医院", "621002")
    assert ([claim["code"] for claim in filed.claims], filed.facts["people"]) == (["F03"], 7)
    assert (filed.amount_yuan, filed.period_first) == (None, None)
    assert text_of(filed, office.app.vault) == TEXT
    again = send(clerk, fields, "file")
    assert again.status_code == 409
    assert filed.number in again.text
    assert code[0] not in again.text
    assert newest(office.app).id == filed.id


def test_the_contact_is_sealed_and_no_page_shows_it_afterwards(office: Site, clerk: Browser) -> None:
    """Neither the receipt, nor the case, nor the queue, nor the ledger in clear; who took it down is in the history."""
    fields = form(clerk, heard="1", side="citizen", institution="密封医院", place="621021", claims=["F01"])
    receipt = send(clerk, fields, "file").text
    filed = newest(office.app)
    pages = [receipt, clerk.get(f"/desk/cases/{filed.number}").text, clerk.get("/desk").text]
    assert "代为登记" in pages[1]
    assert "来信" in pages[1]
    assert not [word for page in pages for word in ("13912345678", "郭守信") if word in page]
    with office.app.database.reading() as session:
        sealed = session.get_one(Identity, filed.identity_id).sealed
        event = session.scalars(select(Event).where(Event.kind == "entered", Event.case_id == filed.case_id)).one()
    assert "郭守信".encode() not in sealed
    assert event.actor.startswith("staff:")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": " "}, "请写下反映的内容"),
        ({"received_day": "2199-01-01"}, "不能在将来"),
        ({"received_day": "2001-01-01"}, "核对年份"),
        ({"received_day": "昨天"}, "收到的日期"),
        ({"place": "火星县"}, "没有找到“火星县”"),
        ({"amount": "很多"}, "应当是数字"),
        ({"claims": ["F99"]}, "F99"),
        ({"first": "2026-05-02", "last": "2026-05-01"}, "这一项的内容不对"),
        ({"csrf": "old"}, "页面已失效"),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_nothing_typed_is_lost(
    office: Site, clerk: Browser, change: dict[str, Any], said: str
) -> None:
    """The page comes back with the sentence and every field; nothing is filed."""
    before = count(office.app)
    answer = send(clerk, form(clerk, heard="1", side="citizen", organ="某机关") | change, "file")
    assert answer.status_code in (403, 422)
    assert said in answer.text
    assert value(answer.text, "phone") == "13912345678"
    assert value(answer.text, "organ") == "某机关"
    assert count(office.app) == before


def test_a_file_of_a_wrong_kind_is_refused_with_its_name(office: Site, clerk: Browser) -> None:
    """Nothing is filed without the material that belongs to it."""
    before = count(office.app)
    answer = send(clerk, form(clerk, heard="1", side="citizen"), "file", files=("坏.exe", b"MZ\x90\x00" * 20))
    assert answer.status_code == 422
    assert "坏.exe" in answer.text
    assert count(office.app) == before


def test_only_those_who_handle_cases_take_reports_down(office: Site) -> None:
    """Supervisors and administrators do not, and see no link to it; strangers are led to the sign-in."""
    for name in ("watcher", "keeper"):
        browser = signed_in(office, name)
        assert browser.get("/desk/enter").status_code == 403
        assert "/desk/enter" not in browser.get("/desk/notices").text
        browser.client.close()
    assert httpx.get(f"{office.base}/desk/enter", trust_env=False).status_code == 303
