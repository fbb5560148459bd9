"""The page of a report, opened by its query code."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete

from intake.models import Attempt
from intake.receipts import new_query_code
from routing import desk
from tests.bot.web.conftest import filed, officer
from tests.bot.web.site import Site
from tests.bot.web.test_receipts import case_of, law
from tests.browser.driver import Browser

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser, here: Site) -> Browser:
    """The page before a code is typed; nobody has guessed yet."""
    with here.app.database.transaction() as session:
        session.execute(delete(Attempt))
    browser.open(f"{here.base}/receipt")
    return browser


def look(page: Browser, code: str) -> None:
    """Type a code and ask."""
    page.run("document.querySelector('#code').value = ''")
    page.type("#code", code)
    page.keys("Enter")


def test_full_width_digits_and_gaps_are_read(page: Browser, here: Site):
    """However the code is typed or pasted, it stands there in four groups and opens the report."""
    code = filed(here.app, "wide").query_code
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code[:8]) + " - " + code[8:]
    page.type("#code", wide)
    grouped = page.run("return document.querySelector('#code').value")
    assert grouped == " ".join(code[start : start + 4] for start in range(0, 16, 4))
    page.keys("Enter")
    page.shows("已收到", "#found h1")
    assert page.run("return document.activeElement.dataset.is") == "state"
    assert code not in page.run("return location.href + JSON.stringify({...sessionStorage, ...localStorage})")
    page.press("#found details summary")
    assert "《" in page.text("[data-is=derivation]")


def test_a_paper_is_read_on_the_page_and_taken_along(page: Browser, here: Site):
    """It opens below the list as it went out, the file is made in the page, and it can be put away again."""
    held = filed(here.app, "paper page", institution="庆城县文书医院")
    clerk = officer(here.app, "clerk of papers")
    with here.app.database.transaction() as session:
        desk.accept(session, case_of(here, held.case_number)[0], clerk, **law(here.app))
    look(page, held.query_code)
    page.shows("受理告知书", "[data-is=papers]")
    page.press("[data-is=papers] button")
    page.shows(f"举报人（编号{held.case_number}）：", "[data-is=sheet]")
    assert page.run("return document.querySelector('[data-is=sheet-file]').href").startswith("blob:")
    assert page.run("return document.querySelector('[data-is=sheet-file]').download").endswith("号.docx")
    page.press("[data-is=sheet-close]")
    page.until(lambda: page.run("return document.querySelector('[data-is=sheet]').hidden"))


def test_wrong_short_and_too_many_codes_say_what_to_do(page: Browser):
    """Each its own sentence, read out at once."""
    look(page, "1234")
    page.shows("您输入了 4 位", "#code-bad")
    for _ in range(5):
        look(page, new_query_code())
        page.shows("没有查到", "#code-bad")
        page.until(lambda: not page.run("return document.querySelector('#look').disabled"))
    look(page, new_query_code())
    page.shows("秒后再试", "#code-bad")
    assert page.run("return document.querySelector('#code-bad').getAttribute('role')") == "alert"


def test_a_supplement_is_added_and_seen(page: Browser, here: Site):
    """Words arrive as a letter of one's own; nothing at all gets a sentence."""
    look(page, filed(here.app, "more").query_code)
    page.shows("还没有留言")
    page.press("[data-is=add] [type=submit]")
    page.shows("请先写几个字", "#add-said")
    page.type("#more", "二楼也一样。")
    page.press("[data-is=add] [type=submit]")
    page.shows("二楼也一样。", ".letters")
    page.shows("已经交给承办单位", "#add-said")


def test_stars_are_given_with_the_arrow_keys(page: Browser, here: Site):
    """A closed report is rated without a mouse, once."""
    app = here.app
    held, clerk = filed(app, "stars", institution="同济诊所"), officer(app, "stars")
    case_id, _ = case_of(here, held.case_number)
    with app.database.transaction() as session:
        desk.accept(session, case_id, clerk, **law(app))
    with app.database.transaction() as session:
        desk.decide(session, case_id, clerk, outcome="established", finding="属实", **law(app))
    with app.database.transaction() as session:
        desk.reply(session, case_id, clerk, text=f"已经处理（{datetime.now(UTC).year}）。", **law(app))
    look(page, held.query_code)
    page.shows("评价这次办理")
    page.shows("已经处理", ".letters")
    page.run("document.querySelector('#star1').focus()")
    page.keys("Space", "Right", "Right", "Right")
    assert page.run("return document.querySelector('input[name=stars]:checked').value") == "4"
    assert page.text("[data-is=meaning]") == "满意"
    page.press("[data-is=rate] [type=submit]")
    page.shows("您已评价：4 星")


def test_leaving_forgets_the_code(page: Browser, here: Site):
    """The page is as before, the field empty."""
    look(page, filed(here.app, "leaves").query_code)
    page.shows("已收到", "#found h1")
    page.press("#leave")
    assert page.run("return document.querySelector('#code').value") == ""
    assert not page.text("#found")


def test_files_and_reward_are_shown(page: Browser, here: Site):
    """What was given under its own name and size, and the claim to a reward without a promise."""
    code = filed(here.app, "files").query_code
    look(page, code)
    page.shows("登记时没有说是否领取", "[data-is=reward]")
    assert page.run("return document.querySelector('[data-is=evidence-card]').hidden")
    sent = here.post("/receipts/messages", data={"query_code": code}, files={"files": ("费用清单.txt", b"x" * 2048)})
    assert sent.status_code == 200, sent.text
    page.press("#leave")
    look(page, code)
    page.shows("费用清单.txt", "[data-is=evidence]")
    assert page.run("return document.documentElement.scrollWidth <= innerWidth")
