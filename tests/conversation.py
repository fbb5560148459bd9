"""The conversation that the READMEs show: held with the real service, so that nothing in it is invented."""

from __future__ import annotations

import re
import tempfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot import talk
from bot.app import App
from bot.channels.message import Inbound
from bot.settings import Settings

# A Friday before two long holidays, so that the sum has something to skip.
DAY = datetime(2026, 9, 18, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
SAID = (
    "庆城县康宁医院有二十来张床天天空着，人都在家里，医保照样报，从八月份到现在一直这样",
    "不知道",
    "我在那里工作",
    "有，以后再补",
    "匿名",
    "愿意",
    "确认提交",
)
PERSON, SERVICE = "您", "兼听"
CODE = re.compile(r"\d{4} \d{4} \d{4} \d{4}")
OPEN, CLOSE = "<!-- conversation: made by `make docs` -->", "<!-- /conversation -->"


def held(app: App) -> str:
    """The conversation as a block of text, the query code masked, with the derivation of the date below it."""
    lines: list[str] = []
    derivation = ""
    for number, text in enumerate(SAID):
        answer = talk.converse(app, Inbound("web", "readme", f"m{number}", text, DAY))
        lines += _spoken(PERSON, text)
        for reply in answer.replies:
            lines += _spoken(SERVICE, CODE.sub("**** **** **** ****", reply.text))
        derivation = derivation or "\n".join(receipt.derivation for receipt in answer.receipts)
    return "\n".join([OPEN, "```text", *lines, "", *derivation.splitlines(), "```", CLOSE])


def _spoken(who: str, text: str) -> list[str]:
    first, *rest = text.strip().splitlines()
    return [f"{who}：{first}", *(f"　　　{line}" for line in rest)]


def shown(paper: str) -> str:
    """The conversation as it stands in a paper; empty where there is none."""
    begin, end = paper.find(OPEN), paper.find(CLOSE)
    return paper[begin : end + len(CLOSE)] if 0 <= begin < end else ""


def refresh(papers: list[Path], model: Path) -> list[Path]:
    """Hold the conversation anew and write it into these papers; those that changed."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        model.mkdir(parents=True, exist_ok=True)
        (data / "model").symlink_to(model.resolve())
        app = App.open(Settings(_env_file=None, data_folder=data))
        try:
            now = held(app)
        finally:
            app.close()
    changed = []
    for paper in papers:
        text = paper.read_text("utf-8")
        if shown(text) and shown(text) != now:
            paper.write_text(text.replace(shown(text), now), "utf-8")
            changed.append(paper)
    return changed
