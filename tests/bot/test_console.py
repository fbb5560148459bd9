"""The conversation in a terminal and through a pipe."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from bot.app import App
from bot.channels import console
from bot.channels.message import Inbound, Reply
from intake.errors import LedgerBusy
from tests.bot.doubles import RECEIPT, Echo, Spoken, small_app


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """An app with a store of evidence."""
    opened = small_app(tmp_path / "data")
    yield opened
    opened.close()


def typed(app: App, echo: Echo, *lines: str, terminal: bool = False) -> str:
    """What the screen shows after these lines were typed and the input ended."""
    keys, paper = io.StringIO("".join(f"{line}\n" for line in lines)), io.StringIO()
    keys.isatty = lambda: terminal  # type: ignore[method-assign]
    screen = Console(file=paper, force_terminal=terminal, width=80, color_system=None)
    if terminal:
        screen.input = lambda *_, **__: _line(keys)  # type: ignore[method-assign]
    console.run(app, door=echo, screen=screen, keys=keys)
    return paper.getvalue()


def _line(keys: io.StringIO) -> str:
    line = keys.readline()
    if not line:
        raise EOFError
    if line == "^C\n":
        raise KeyboardInterrupt
    return line.rstrip("\n")


def test_a_pipe_gets_plain_words(app: App) -> None:
    """No colours, no frames, no line cut: what comes out can be read by a program; brackets are only brackets."""
    long = "[bold]" + "很长的一句话" * 40
    shown = typed(app, Echo(), long)
    assert f"听到:{long}\n" in shown
    assert "\x1b" not in shown
    assert "先说到这里" in shown


def test_a_number_is_the_choice_that_bears_it(app: App) -> None:
    """Typing 2 says the second choice; a number that no choice bears is explained and not sent."""
    echo = Echo(answer=lambda inbound: Spoken((Reply("是哪一方?", ("群众", "企业")),)))
    shown = typed(app, echo, "你好", "2", "7")
    assert [heard.text for heard in echo.heard] == ["你好", "企业"]
    assert "没有第 7 项" in shown


def test_where_a_number_is_asked_for_a_number_is_the_answer(app: App) -> None:
    """Two visits are two visits, not the second choice."""
    echo = Echo(answer=lambda inbound: Spoken((Reply("来了几次?", ("记不清", "跳过"), asks="visits"),)))
    typed(app, echo, "检查太多", "2")
    assert echo.heard[-1].text == "2"


def test_a_file_is_attached(app: App, tmp_path: Path) -> None:
    """A path brings a file into the store; one that is not there, is empty or too large is explained."""
    (tmp_path / "票 据.txt").write_text("发票")
    (tmp_path / "空.txt").write_text("")
    with (tmp_path / "大.bin").open("wb") as big:
        big.truncate(51 * 1024 * 1024)
    echo = Echo()
    lines = [f"/file {tmp_path / '票 据.txt'}", "/file 不在.txt", "/file", f"/file {tmp_path / '空.txt'}",
             f"/file {tmp_path / '大.bin'}"]  # fmt: skip
    shown = typed(app, echo, *lines)
    (heard,) = echo.heard
    assert app.evidence.read(heard.files[0].digest).decode() == "发票"
    for words in ("找不到文件：不在.txt", "请写上文件路径", "文件是空的", "超过了 50 MB"):
        assert words in shown


def test_a_receipt_is_shown_once_in_a_frame(app: App) -> None:
    """In a terminal the receipt stands in a panel, with its code in groups of four and its derivation."""
    words = f"查询码:{RECEIPT.query_code}"
    echo = Echo(answer=lambda inbound: Spoken((Reply(words), Reply("还有吗?")), (RECEIPT,)))
    shown = typed(app, echo, "确认", terminal=True)
    assert shown.count("4929 0000 0000 0003") == 1
    assert words not in shown
    assert "╭" in shown
    assert RECEIPT.derivation in shown


def test_ctrl_c_leaves_gracefully(app: App) -> None:
    """Breaking off says how to come back, and shows no trace of the program."""
    shown = typed(app, Echo(), "你好", "^C", "不会被听到", terminal=True)
    assert "先说到这里" in shown
    assert "不会被听到" not in shown


def test_a_busy_ledger_loses_no_file(app: App, tmp_path: Path) -> None:
    """A failure is told in words, and the file that came with it goes with the next sentence."""
    (tmp_path / "a.txt").write_text("发票")
    echo = Echo(failures=[LedgerBusy()])
    shown = typed(app, echo, f"/file {tmp_path / 'a.txt'}", "再说一次")
    assert "没能存下来" in shown
    (heard,) = echo.heard
    assert (heard.text, len(heard.files)) == ("再说一次", 1)


def test_the_same_person_comes_back(app: App) -> None:
    """Two sittings of one user of the machine are one conversation."""
    echo = Echo()
    typed(app, echo, "第一次")
    typed(app, echo, "第二次")
    senders: set[str] = {heard.sender for heard in echo.heard}
    numbers = [heard.message_id for heard in echo.heard]
    assert len(senders) == 1
    assert len(set(numbers)) == 2
    assert isinstance(echo.heard[0], Inbound)
