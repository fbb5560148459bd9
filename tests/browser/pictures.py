"""Takes the pictures of the documentation: `python -m tests.browser.pictures FOLDER`, on a ledger of its own."""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import select

from bot.app import App
from bot.settings import Settings
from intake.models import FiledReport, Staff
from routing import desk
from tests.bot.web.conftest import filed
from tests.bot.web.site import site
from tests.browser.driver import Browser

ROOT = Path(__file__).parents[2]
LOOKS: dict[str, dict[str, Any]] = {
    "phone": {"width": 390, "height": 844, "phone": True},
    "phone-dark": {"width": 390, "height": 844, "phone": True, "dark": True},
    "desktop": {"width": 1280, "height": 900},
    "desktop-dark": {"width": 1280, "height": 900, "dark": True},
}
STORY = "庆城县仁和医院三楼的病床都是空的，可天天有人刷医保，从去年10月就这样，少说有二十来个人。"


def conversation(browser: Browser, base: str, folder: Path, look: str) -> None:
    """Greeting, a question in the middle, the summary, the receipt."""
    browser.open(f"{base}/privacy")
    browser.run("sessionStorage.clear()")
    browser.open(f"{base}/")
    browser.find(".choices button")
    take(browser, folder / f"chat-begin-{look}.png")
    say(browser, "我要举报")
    say(browser, STORY)
    take(browser, folder / f"chat-question-{look}.png")
    for _ in range(15):
        choices = browser.run("return [...document.querySelectorAll('.choices button')].map((one) => one.innerText)")
        chosen = next((one for one in choices if one.startswith(("确认", "匿名", "亲眼"))), "不清楚")
        if chosen.startswith("确认"):
            take(browser, folder / f"chat-summary-{look}.png")
        say(browser, chosen)
        if browser.all(".receipt"):
            break
    take(browser, folder / f"chat-receipt-{look}.png")


def say(browser: Browser, text: str) -> None:
    """Type, send, wait until the answer stands."""
    browser.type("#text", text)
    browser.press("#send")
    browser.until(
        lambda: browser.run("return !document.querySelector('.fate') && document.querySelector('#typing').hidden")
    )


def take(browser: Browser, path: Path) -> None:
    """A small picture: sixty-four colours are enough for a page."""
    time.sleep(0.4)
    browser.screenshot(path)
    Image.open(path).convert("RGB").quantize(64, dither=Image.Dither.NONE).save(path, optimize=True)


def status(browser: Browser, base: str, folder: Path, look: str, code: str) -> None:
    """The report as its teller sees it."""
    browser.open(f"{base}/receipt")
    browser.type("#code", code)
    browser.press("#look")
    browser.shows("办理进度")
    take(browser, folder / f"receipt-{look}.png")


def answered(app: App) -> str:
    """A report that was accepted, asked about and replied to; gives its code."""
    held = filed(app, "pictures", days_ago=12)
    law: dict[str, Any] = {"rules": app.rules, "vault": app.vault}
    day = datetime.now(UTC) - timedelta(days=12)
    with app.database.transaction() as session:
        clerk = Staff(username="p", password_hash="x", name="p", role="officer", authority="YB-621021", interests="")
        session.add(clerk)
        session.flush()
        report = session.scalars(select(FiledReport).where(FiledReport.number == held.case_number)).one()
        case_id = report.case_id
        desk.accept(session, case_id, clerk, **law, now=day + timedelta(days=1))
        question = "您看到空床的是几楼哪个科？大概有几张？"
        desk.ask(session, case_id, clerk, report_id=report.id, question=question, **law, now=day + timedelta(days=2))
        desk.add_to_report(session, report, "三楼内科，七八张。", **law, now=day + timedelta(days=3))
        finding = "查证属实，追回基金。"
        desk.decide(session, case_id, clerk, outcome="established", finding=finding, **law, now=day + timedelta(days=9))
        text = "您反映的情况查证属实，违规使用的医保基金已责令退回，并依法处理。感谢您的监督。"
        desk.reply(session, case_id, clerk, text=text, **law, now=day + timedelta(days=10))
    return held.query_code


def main() -> None:
    """All pictures, in all looks."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        data = Path(temporary) / "data"
        data.mkdir()
        (data / "model").symlink_to(ROOT / ".venv" / "model")
        app = App.open(Settings(_env_file=None, data_folder=data))
        code = answered(app)
        with site(app) as here, Browser(Path(temporary)) as browser:
            for name, look in LOOKS.items():
                browser.look(**look)
                conversation(browser, here.base, folder, name)
                status(browser, here.base, folder, name, code)
        app.close()


if __name__ == "__main__":
    main()
