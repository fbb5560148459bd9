"""A paper as DOCX in the form of official papers (GB/T 9704—2012): A4, margins, fonts, spacing, page numbers.

The file is the same for the same paper: no clock, no name of a machine or an author gets into it.
"""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from routing.documents.compose import Paper, form

# GB/T 9704—2012, 5.2: page 210 × 297 mm, upper margin 37 mm, left 28 mm, text 156 × 225 mm.
PAGE = (Mm(210), Mm(297))
MARGINS = {"top_margin": Mm(37), "left_margin": Mm(28), "right_margin": Mm(26), "bottom_margin": Mm(35)}
# 5.2.2: body in 3号 (16 pt) 仿宋, title in 2号 (22 pt) 小标宋; 22 lines of 28 characters a page.
BODY, TITLE, LINE = Pt(16), Pt(22), Pt(28.95)
BODY_FONT, TITLE_FONT = form("font"), form("title_font")
EPOCH = datetime(1980, 1, 1, tzinfo=UTC)


def docx(paper: Paper) -> bytes:
    """The paper as a DOCX file; the same paper gives the same bytes."""
    document = Document()
    _page(document)
    _line(document, paper.title, align=WD_ALIGN_PARAGRAPH.CENTER, font=TITLE_FONT, size=TITLE)
    _line(document, paper.number, align=WD_ALIGN_PARAGRAPH.CENTER)
    _line(document, "")
    if paper.to:
        _line(document, form("to", to=paper.to))
    for text in paper.paragraphs:
        _line(document, text, indent=True)
    _enclosures(document, paper)
    _line(document, "")
    for text in (paper.sender, paper.day):
        _line(document, text, align=WD_ALIGN_PARAGRAPH.RIGHT)
    if paper.copies:
        _line(document, "")
        _line(document, form("copies", copies="、".join(paper.copies)))
    _page_number(document)
    core = document.core_properties
    core.author = core.last_modified_by = core.comments = ""
    core.title = paper.title
    core.created = core.modified = EPOCH
    stream = io.BytesIO()
    document.save(stream)
    return _settled(stream.getvalue())


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = PAGE
    for name, width in MARGINS.items():
        setattr(section, name, width)


def _enclosures(document: Any, paper: Paper) -> None:
    if paper.enclosures:
        _line(document, "")
        _line(document, form("enclosures"), indent=True)
        for n, name in enumerate(paper.enclosures, 1):
            _line(document, form("enclosure", n=n, name=name), indent=True)


def _line(
    document: Any,
    text: str,
    *,
    align: Any = WD_ALIGN_PARAGRAPH.LEFT,
    indent: bool = False,
    font: str = BODY_FONT,
    size: Pt = BODY,
) -> None:
    """One paragraph; `indent` by two characters."""
    paragraph = document.add_paragraph()
    shape = paragraph.paragraph_format
    shape.alignment = align
    shape.space_before = shape.space_after = Pt(0)
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, LINE
    if indent:
        shape.first_line_indent = size * 2
    run = paragraph.add_run(_printable(text))
    _font(run, font, size)


def _font(run: Any, font: str, size: Pt) -> None:
    run.font.name, run.font.size = font, size
    # Word chooses the font of Chinese characters by this attribute alone.
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)  # noqa: SLF001 — python-docx has no other way


def _page_number(document: Any) -> None:
    """— 1 — at the foot, in a field that Word counts (7.5)."""
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    before, after = form("page", n="\0").split("\0")
    for piece in (before, *_FIELD, after):
        run = paragraph.add_run("" if piece in _FIELD else piece)
        _font(run, BODY_FONT, Pt(14))
        if piece in _FIELD:
            run._element.append(_field(piece))  # noqa: SLF001 — python-docx has no fields


_FIELD = ("begin", "PAGE", "end")


def _field(piece: str) -> Any:
    """One piece of a field: its two ends and between them the instruction."""
    if piece == "PAGE":
        instruction = OxmlElement("w:instrText")
        instruction.text = piece
        return instruction
    end = OxmlElement("w:fldChar")
    end.set(qn("w:fldCharType"), piece)
    return end


def _printable(text: str) -> str:
    """Without what XML refuses: control characters, and the halves of a broken emoji."""
    whole = text.encode("utf-8", "ignore").decode()
    return "".join(sign for sign in whole if sign >= " " or sign == "\t")


def _settled(content: bytes) -> bytes:
    """The same archive with one time for all parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as read, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for part in sorted(read.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            entry = zipfile.ZipInfo(part, date_time=EPOCH.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(entry, read.read(part))
    return out.getvalue()
