"""The conversation page, as people use it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import talk
from bot.channels.message import Reply
from tests.bot.web.site import Site
from tests.browser.driver import Browser

pytestmark = pytest.mark.browser
STORY = "庆阳市庆城县仁和医院挂床住院，三楼病床都是空的，去年10月到现在，二十多个人，我亲眼看到的"


@pytest.fixture
def page(browser: Browser, here: Site) -> Browser:
    """The chat, greeted."""
    browser.open(f"{here.base}/")
    browser.find(".choices button")
    return browser


def said(page: Browser) -> int:
    """How many bubbles of ours there are."""
    return int(page.run("return document.querySelectorAll('.them').length"))


def send(page: Browser, text: str) -> None:
    """Type and press Enter; wait for the answer."""
    before = said(page)
    page.type("#text", text)
    page.keys("Enter")
    page.until(lambda: said(page) > before or page.all(".receipt"), 15, text)
    page.until(lambda: page.run("return document.querySelector('#typing').hidden"))


def until_receipt(page: Browser) -> None:
    """Answer what is asked until the receipt is there."""
    send(page, "我要举报")
    send(page, STORY)
    for _ in range(15):
        if page.all(".receipt"):
            return
        choices = page.run("return [...document.querySelectorAll('.choices button')].map((one) => one.innerText)")
        known = [one for one in choices if one in ("匿名", "确认提交", "确认") or one.startswith(("匿名", "确认"))]
        send(page, known[0] if known else "不清楚")
    raise AssertionError(page.text("#log"))


def test_a_matter_is_told_with_the_keyboard_alone_and_gives_a_receipt(page: Browser):
    """From greeting to receipt without a mouse; the card holds everything, the code in groups of four."""
    until_receipt(page)
    card = page.text(".receipt")
    assert "受理编号" in card
    assert "庆城县" in card
    assert "只显示这一次" in card
    code = page.text(".receipt [data-is=code]")
    assert [len(group) for group in code.split(" ")] == [4, 4, 4, 4]
    assert page.run("return document.querySelector('.receipt details').open") is False
    page.press(".receipt summary")
    assert "《" in page.text(".receipt [data-is=derivation]")
    assert page.text("#log").count(code) == 1


def test_quick_replies_can_be_reached_and_pressed_by_keyboard(page: Browser):
    """Shift+Tab leads from the entry over its buttons to the last choice; Enter presses it; old choices go."""
    last = page.run("return [...document.querySelectorAll('.choices button')].at(-1).innerText")
    page.press("#text")
    page.keys("Shift+Tab", "Shift+Tab")
    before = said(page)
    page.keys("Enter")
    page.until(lambda: said(page) > before)
    assert page.run("return document.querySelectorAll('.choices').length") <= 1
    assert page.text(".me").endswith(last)


def test_shift_and_enter_break_the_line(page: Browser):
    """Enter sends, Shift+Enter does not."""
    page.type("#text", "第一行")
    page.keys("Shift+Enter")
    page.type("#text", "第二行")
    assert page.run("return document.querySelector('#text').value") == "第一行\n第二行"
    assert not page.all(".me")


def test_enter_while_composing_does_not_send(page: Browser):
    """Enter that picks a word of the input method is not a message."""
    page.type("#text", "yiyuan")
    page.run(
        "document.querySelector('#text').dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"
    )
    assert not page.all(".me")


def test_a_reload_goes_on_where_it_was(page: Browser, here: Site):
    """The same bubbles, the same choices, the receipt still there."""
    until_receipt(page)
    shown = page.text("#log").replace("\n", "")
    page.open(f"{here.base}/")
    page.find(".receipt")
    assert page.text("#log").replace("\n", "") == shown


def test_what_was_said_without_network_is_sent_once_it_is_back(page: Browser):
    """The bubble stays, a sentence says so, the message arrives once."""
    page.offline(True)
    page.type("#text", "断网时说的话")
    page.keys("Enter")
    page.shows("没有送达", ".fate")
    assert "您的话" in page.text("#say")
    assert "断网时说的话" in page.text(".me")
    page.offline(False)
    page.until(lambda: not page.all(".fate"), 15, "sent again")
    assert page.text("#say") == ""
    assert page.run("return document.querySelectorAll('.me').length") == 1


def test_a_reload_in_the_middle_of_sending_loses_nothing(page: Browser, here: Site):
    """A message on its way goes again under its own number."""
    page.offline(True)
    page.type("#text", "刷新之前说的话")
    page.keys("Enter")
    page.shows("没有送达", ".fate")
    page.offline(False)
    page.open(f"{here.base}/")
    page.shows("刷新之前说的话", "#log")
    page.until(lambda: said(page) > 1 and not page.all(".fate"), 15)
    assert page.text("#log").count("刷新之前说的话") == 1


def test_a_message_that_arrived_unheard_is_not_shown_twice(page: Browser, here: Site):
    """The answer was lost in a reload: the history holds it, the page does not send it again."""
    send(page, "已经送到的话")
    page.run(
        "const talk = JSON.parse(sessionStorage.getItem('talk'));"
        "return fetch(`/api/v1/conversations/${talk.conversation}`, {headers: {Authorization: `Bearer ${talk.token}`}})"
        ".then((answer) => answer.json()).then(({turns}) => {"
        "talk.pending = {id: turns[0].message_id, text: turns[0].text};"
        "sessionStorage.setItem('talk', JSON.stringify(talk)); })"
    )
    page.open(f"{here.base}/")
    page.shows("已经送到的话", "#log")
    page.until(lambda: page.run("return JSON.parse(sessionStorage.getItem('talk')).pending === null"))
    assert page.text("#log").count("已经送到的话") == 1


def test_a_file_is_chosen_shown_removed_and_sent(page: Browser, files: Path):
    """A chip with name and size, a way to remove it, and an answer once it is sent."""
    page.type("#file", str(files / "记录.txt"))
    page.shows("记录.txt", "#chips")
    page.press("#chips button")
    page.until(lambda: not page.all("#chips li"))
    page.type("#file", str(files / "记录.txt"))
    before = said(page)
    page.press("#send")
    page.until(lambda: said(page) > before, 15)
    assert "文件：记录.txt" in page.text(".me")


def test_a_file_that_is_too_large_is_not_taken(page: Browser, files: Path):
    """The sentence names the file and the limit before anything is sent."""
    page.type("#file", str(files / "录像.mp4"))
    page.shows("2 MB", "#say")
    assert not page.all("#chips li")


def test_leaving_wipes_this_computer(page: Browser, here: Site):
    """After the question, nothing is left: not in the page, not in the tab, not on the way back."""
    send(page, "我要举报")
    page.press("#leave")
    page.shows("请先抄下查询码", "#leaving")
    page.press("#leaving button[value=leave]")
    page.shows("已清除")
    assert page.run("return sessionStorage.length + localStorage.length") == 0
    assert "我要举报" not in page.text("body")
    page.open(f"{here.base}/")
    page.find(".choices button")
    assert not page.all(".me")


def test_escape_keeps_the_conversation(page: Browser):
    """The question can be taken back."""
    send(page, "我要举报")
    page.press("#leave")
    page.keys("Escape")
    page.until(lambda: not page.run("return document.querySelector('#leaving').open"))
    assert page.all(".me")


def test_danger_to_life_is_answered_at_once_and_seen(page: Browser):
    """110 and 120 stand out in the banner."""
    send(page, "救命，他们拿刀要打我")
    page.find("#danger.now")
    assert "110" in page.text("#danger")


def test_the_desks_question_arrives_in_the_open_page(page: Browser, here: Site):
    """Without a reload, marked as the desk's, and only once."""
    send(page, "我要举报")
    held = page.run("return JSON.parse(sessionStorage.getItem('talk')).conversation")
    told = Reply("承办人想问：大概有几张空床？")
    talk.tell(here.app, "web", held, told, "event-1", None, "note", datetime.now(UTC))
    page.run("document.dispatchEvent(new Event('visibilitychange'))")
    page.shows("几张空床", ".desk")
    page.run("document.dispatchEvent(new Event('visibilitychange'))")
    page.open(f"{here.base}/")
    page.shows("几张空床", ".desk")
    assert page.text("#log").count("几张空床") == 1


def test_without_javascript_the_page_names_the_hotline(browser: Browser, here: Site):
    """Whoever blocks scripts is not left alone."""
    browser.cdp("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(f"{here.base}/")
        browser.cdp("DOM.enable")
        root = browser.cdp("DOM.getDocument")["root"]["nodeId"]
        found = browser.cdp("DOM.querySelector", nodeId=root, selector="noscript p")["nodeId"]
        assert "12393" in browser.cdp("DOM.getOuterHTML", nodeId=found)["outerHTML"]
    finally:
        browser.cdp("Emulation.setScriptExecutionDisabled", value=False)
