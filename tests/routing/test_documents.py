"""Papers: whole or refused, the same bytes for the same facts, and nothing in them that was not given."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from docx import Document

from routing.documents import compose, docx, kinds
from routing.documents.compose import document_number, needed
from routing.errors import FactMissing

DAY = date(2026, 11, 25)
FACTS = {
    "addressee": "李先生",
    "received": "2026年9月18日",
    "number": "621021-2026-000012-7",
    "subject": "庆城县桃源康复医院",
    "acts": "挂床住院",
    "due": "2026年10月15日",
    "derivation": "自收到之日的次日起十五个工作日。",
    "reason": "该问题属于合水县管辖",
    "citation": "《医疗保障行政处罚程序暂行规定》第六条",
    "text": "经查，情况部分属实。",
    "remedy": "有新的线索可以随时补充。",
    "superior": "庆阳市医疗保障局",
    "taker": "合水县医疗保障局",
    "redacted": "反映人称三楼康复科的床是空的。",
    "finding": "虚构住院37人次。",
    "amount": "84,300",
    "approved": "2026年11月20日",
    "clock": "线索核查",
    "former": "2026年10月15日",
    "officer": "王敏",
    "leader": "赵强",
    "outcome": "部分属实",
    "yuan": "1,700",
    "steps": "按10%计算，另加500元。",
}


def _paper(kind: str, **changes: str) -> bytes:
    number = document_number(kind, "庆城医保", DAY, 3)
    return docx(compose(kind, {**FACTS, **changes}, number=number, sender="庆城县医疗保障局", on=DAY, copies=("卷宗",)))


def _lines(content: bytes) -> list[str]:
    return [paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs]


@pytest.mark.parametrize("kind", kinds())
def test_every_paper_opens_and_says_what_it_was_given(kind: str) -> None:
    """Title, number, sender and day stand in it, every needed fact appears, and no brace is left open."""
    lines = _lines(_paper(kind))
    text = "\n".join(lines)
    assert lines[0] == kinds()[kind]
    assert "〔2026〕3号" in lines[1]
    assert "庆城县医疗保障局" in text
    assert "2026年11月25日" in text
    assert all(FACTS[name].split("\n")[0] in text for name in needed(kind))
    assert "{" not in text


@pytest.mark.parametrize("kind", kinds())
def test_a_missing_fact_is_named_and_nothing_is_written(kind: str) -> None:
    """A letter with a hole in it never leaves the house."""
    for name in needed(kind):
        with pytest.raises(FactMissing, match=name):
            _paper(kind, **{name: "  "})


def test_a_paragraph_without_its_optional_fact_is_left_out() -> None:
    """A crime whose sum is not known yet can be transferred all the same."""
    assert "元" in "\n".join(_lines(_paper("crime_transfer")))
    assert "涉及医疗保障基金" not in "\n".join(_lines(_paper("crime_transfer", amount="")))


def test_the_same_paper_is_the_same_file_and_tells_of_nobody() -> None:
    """It can be archived by its hash; no author, machine or clock is in it."""
    one, other = _paper("reply"), _paper("reply")
    assert one == other
    with zipfile.ZipFile(io.BytesIO(one)) as parts:
        core = parts.read("docProps/core.xml").decode()
        assert {entry.date_time for entry in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert "python-docx" not in core


def test_pages_are_numbered() -> None:
    """The foot holds a field that Word counts, between two dashes."""
    foot = Document(io.BytesIO(_paper("reply"))).sections[0].footer.paragraphs[0]
    assert foot.text == "—  —"
    assert [run._element.xpath("w:fldChar|w:instrText") != [] for run in foot.runs] == [False, True, True, True, False]


def test_facts_are_text_and_never_markup() -> None:
    """Braces, tags and control characters of a fact stay what they are, or go."""
    lines = "\n".join(_lines(_paper("reply", text="<b>{number}</b>\x00\x01第二行\ud83d")))
    assert "<b>{number}</b>第二行" in lines
