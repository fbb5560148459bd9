"""Papers: whole or refused, the same bytes for the same facts, and nothing in them that was not given."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import pytest
from docx import Document
from docx.shared import Pt
from docx.text.paragraph import Paragraph

from routing.authorities import by_code
from routing.documents import Line, Table, compose, docx, kinds, read
from routing.documents.compose import Block, document_number, needed, papers
from routing.documents.numbering import word_of
from routing.errors import FactMissing

DAY = date(2026, 11, 25)
FACTS = {
    "what": "举报",
    "who": "举报人",
    "you": "你",
    "doing": "完成核查",
    "taking": "《医疗保障基金使用监督管理条例》第三十五条",
    "passing": "《社会保险法》第八十二条",
    "opened": "2026年9月18日",
    "starts": "2026年9月18日",
    "question": "看到空床是什么时候？",
    "over": "6",
    "reply_by": "2026年12月1日",
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
    made = compose(
        kind, {**FACTS, **changes}, number=number, sender="庆城县医疗保障局", to="合水县医疗保障局", on=DAY,
        copies=("卷宗",),
    )  # fmt: skip
    return docx(made)


def _lines(content: bytes) -> list[str]:
    """Every paragraph, also those in tables, in order."""
    return [paragraph.text for paragraph in _paragraphs(Document(io.BytesIO(content)))]


def _paragraphs(document: Any) -> Iterator[Paragraph]:
    for one in document.iter_inner_content():
        if isinstance(one, Paragraph):
            yield one
        else:
            yield from (line for row in one.rows for cell in row.cells for line in cell.paragraphs)


@pytest.mark.parametrize("kind", kinds())
def test_every_paper_opens_and_says_what_it_was_given(kind: str) -> None:
    """Title, number, sender and day stand in it, every needed fact appears, and no brace is left open."""
    lines = _lines(_paper(kind))
    text = "\n".join(lines)
    assert lines[0] == "庆城县医疗保障局"
    assert any(line.endswith("〔2026〕3号") and line.startswith("庆城医保") for line in lines)
    assert papers()[kind]["form"] == "table" or "2026年11月25日" in text
    assert all(FACTS[name].split("\n")[0] in text for name in needed(kind))
    assert "{" not in text
    assert [line.text for line in _flat(read(_paper(kind)))] == lines


def test_no_two_kinds_share_a_word_of_their_numbers() -> None:
    """Each kind is counted by itself, so that the same word would give the same number twice."""
    words = [papers()[kind]["word"] for kind in kinds()]
    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("code", "own", "word"),
    [
        ("YB-621021", None, "庆城医保"),
        ("YB-621000", None, "庆阳医保"),
        ("YB-331127", None, "景宁医保"),
        ("YB-000000", None, "国医保"),
        ("JB-621021", None, "庆城医保经办"),
        ("YB-621021", "庆医保", "庆医保"),
    ],
)
def test_a_number_begins_with_the_offices_own_word_or_a_sane_one(code: str, own: str | None, word: str) -> None:
    """The registry's word where there is one; else the place in short, and what kind of office it is."""
    assert word_of(by_code(code), own) == word


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
        assert {entry.date_time for entry in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not [name for name in parts.namelist() if name.startswith("docProps/")]


def test_pages_are_those_of_official_papers() -> None:
    """A4 with the margins of GB/T 9704, text in 3号, the title in 2号, each Chinese font named for Chinese."""
    document = Document(io.BytesIO(_paper("reply")))
    page = document.sections[0]
    lengths = (page.page_width, page.page_height, page.top_margin, page.left_margin, page.right_margin)
    assert [round(length.mm) for length in lengths if length] == [210, 297, 37, 28, 26]
    assert document.styles["Body"].font.size == Pt(16)
    assert document.styles["Title"].font.size == Pt(22)
    assert "仿宋" in document.styles["Body"].element.xml


def test_a_signature_never_stands_alone_on_a_page() -> None:
    """The last words of the text, the gap, the sender and the day are kept together."""
    made = list(_paragraphs(Document(io.BytesIO(_paper("reply")))))
    at = next(n for n, line in enumerate(made) if line.text == "2026年11月25日")
    kept = [_kept(line) for line in made]
    assert all(kept[at - 3 : at])


def test_a_letter_brings_the_receipt_that_is_sent_back() -> None:
    """On a page of its own, with the number of the letter in it."""
    lines = _lines(_paper("crime_transfer"))
    slip = lines.index("送 达 回 执")
    assert "庆城医保罪移〔2026〕3号" in lines[slip:]


def test_pages_are_numbered() -> None:
    """The foot holds a field that Word counts, between two dashes."""
    section = Document(io.BytesIO(_paper("reply"))).sections[0]
    for foot in (section.footer.paragraphs[0], section.even_page_footer.paragraphs[0]):
        assert foot.text == "—  —"
        fields = [run._element.xpath("w:fldChar|w:instrText") != [] for run in foot.runs]
        assert fields == [False, True, True, True, False]


def test_facts_are_text_and_never_markup() -> None:
    """Braces, tags and control characters of a fact stay what they are, or go."""
    lines = "\n".join(_lines(_paper("reply", text="<b>{number}</b>\x00\x01第二行\ud83d")))
    assert "<b>{number}</b>第二行" in lines


def _kept(line: Paragraph) -> bool:
    """Whether a paragraph stays with the next, by itself or by its style."""
    own, style = line.paragraph_format.keep_with_next, line.style
    return bool(own or (style and style.paragraph_format.keep_with_next))


def _flat(blocks: Iterable[Block]) -> Iterator[Line]:
    """The lines of a paper, those of its tables cell by cell."""
    for one in blocks:
        if isinstance(one, Table):
            yield from (Line("Cell", line) for row in one.rows for cell in row for line in cell.split("\n"))
        else:
            yield one
