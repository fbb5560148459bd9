"""A paper as DOCX in the form of official papers (GB/T 9704—2012), and a DOCX read back as what it shows.

The parts are written here and hold nothing else: no clock, no machine, no author gets into a file, and it stays some
three kilobytes small, since each is kept for decades.
"""

from __future__ import annotations

import io
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from routing.documents.compose import Block, Line, Paper, Table, form

EPOCH = (1980, 1, 1, 0, 0, 0)
MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
NAMESPACES = f'xmlns:w="{MAIN}" xmlns:r="{LINKS}"'
FOOTERS = {"odd": ("right", "default"), "even": ("left", "even"), "first": ("left", "first")}
"""The feet of pages by name: where the number stands, and what Word calls them."""
NAME_WIDTH = 2350
"""The width of a table's first column in twentieths of a point."""
_READ = etree.XMLParser(resolve_entities=False, no_network=True)


@cache
def looks() -> Mapping[str, Any]:
    """The measures and styles as written."""
    return tomllib.loads(resources.files("routing.documents").joinpath("styles.toml").read_text("utf-8"))


def docx(paper: Paper) -> bytes:
    """The paper as a DOCX file; the same paper gives the same bytes."""
    parts = {
        "[Content_Types].xml": _types(),
        "_rels/.rels": _relations({"office": ("officeDocument", "word/document.xml")}),
        "word/document.xml": _document(paper),
        "word/styles.xml": _styles(),
        "word/fontTable.xml": _fonts(),
        "word/settings.xml": f"<w:settings {NAMESPACES}><w:evenAndOddHeaders/></w:settings>",
        **{f"word/{name}.xml": _footer(name, align, letter=paper.letter) for name, (align, _) in FOOTERS.items()},
        "word/_rels/document.xml.rels": _relations(
            {
                "styles": ("styles", "styles.xml"),
                "fonts": ("fontTable", "fontTable.xml"),
                "settings": ("settings", "settings.xml"),
                **{name: ("footer", f"{name}.xml") for name in FOOTERS},
            }
        ),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for name, part in parts.items():
            entry = zipfile.ZipInfo(name, date_time=EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(entry, DECLARED + part)
    return out.getvalue()


def read(content: bytes) -> tuple[Block, ...]:
    """What a DOCX of ours shows, block by block: the file itself is shown, whatever the templates say by now."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        root = etree.fromstring(parts.read("word/document.xml"), _READ)
    body = root.find(f"{{{MAIN}}}body")
    return tuple(_read(body)) if body is not None else ()


def _read(body: etree._Element) -> Iterator[Block]:
    for one in body:
        if one.tag == f"{{{MAIN}}}p":
            style = one.find(f"{{{MAIN}}}pPr/{{{MAIN}}}pStyle")
            yield Line(style.get(f"{{{MAIN}}}val") if style is not None else "Body", _text(one))
        elif one.tag == f"{{{MAIN}}}tbl":
            cells = ([_cell(cell) for cell in row.iter(f"{{{MAIN}}}tc")] for row in one.iter(f"{{{MAIN}}}tr"))
            yield Table(tuple((name, text) for name, text in cells))


def _cell(cell: etree._Element) -> str:
    return "\n".join(_text(line) for line in cell.iter(f"{{{MAIN}}}p"))


def _text(one: etree._Element) -> str:
    pieces = one.iter(f"{{{MAIN}}}t", f"{{{MAIN}}}br")
    return "".join("\n" if piece.tag.endswith("}br") else piece.text or "" for piece in pieces)


def _document(paper: Paper) -> str:
    blocks = "".join(_table(one) if isinstance(one, Table) else _paragraph(one) for one in paper.blocks)
    return f"<w:document {NAMESPACES}><w:body>{blocks}{_section(paper)}</w:body></w:document>"


def _section(paper: Paper) -> str:
    """The page: size, margins, feet; a letter has another foot on its first page."""
    page = looks()["page"]
    sides = " ".join(f'w:{side}="{_mm(page[side])}"' for side in ("top", "right", "bottom", "left"))
    feet = "".join(f'<w:footerReference w:type="{word}" r:id="{name}"/>' for name, (_, word) in FOOTERS.items())
    first = "<w:titlePg/>" if paper.letter else ""
    return (
        f'<w:sectPr>{feet}<w:pgSz w:w="{_mm(page["width"])}" w:h="{_mm(page["height"])}"/>'
        f'<w:pgMar {sides} w:header="851" w:footer="{_mm(page["bottom"] - 10)}" w:gutter="0"/>{first}</w:sectPr>'
    )


def _paragraph(line: Line) -> str:
    keep = "<w:keepNext/>" if line.keep else ""
    right = f'<w:ind w:right="{round(line.right * 20)}"/>' if line.right else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{line.style}"/>{keep}{right}</w:pPr>{_run(line)}</w:p>'


def _run(line: Line) -> str:
    size = f'<w:rPr><w:sz w:val="{_half(line.size)}"/><w:szCs w:val="{_half(line.size)}"/></w:rPr>' if line.size else ""
    pieces = (f'<w:t xml:space="preserve">{escape(printable(one))}</w:t>' for one in line.text.split("\n"))
    return f"<w:r>{size}{'<w:br/>'.join(pieces)}</w:r>" if line.text else ""


def _table(table: Table) -> str:
    page = looks()["page"]
    wide = _mm(page["width"] - page["left"] - page["right"])
    widths = (NAME_WIDTH, wide - NAME_WIDTH)
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    borders = "".join(f'<w:{side} w:val="single" w:sz="6" w:space="0" w:color="000000"/>' for side in sides)
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    rows = "".join(_row(row, widths) for row in table.rows)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{wide}" w:type="dxa"/><w:jc w:val="center"/><w:tblBorders>{borders}</w:tblBorders>'
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:top w:w="60" w:type="dxa"/><w:left w:w="140" w:type="dxa"/>'
        '<w:bottom w:w="60" w:type="dxa"/><w:right w:w="140" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>"
    )


def _row(row: tuple[str, str], widths: tuple[int, int]) -> str:
    cells = ""
    for text, width, style in zip(row, widths, ("CellName", "Cell"), strict=True):
        lines = "".join(_paragraph(Line(style, one)) for one in text.split("\n"))
        cells += f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>{lines}</w:tc>'
    return f'<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val="720"/></w:trPr>{cells}</w:tr>'


@cache
def _styles() -> str:
    body = looks()["fonts"]["body"][0]
    default = f'<w:docDefaults><w:rPrDefault><w:rPr>{_font(body)}<w:lang w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault>'
    default += "<w:pPrDefault/></w:docDefaults>"
    normal = '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    own = "".join(_style(name, row) for name, row in looks()["style"].items())
    return f"<w:styles {NAMESPACES}>{default}{normal}{own}</w:styles>"


def _style(name: str, row: Mapping[str, Any]) -> str:
    """One style of styles.toml; the order of the elements is the schema's."""
    size, space = row["size"], {side: round(row.get(side, 0) * 20) for side in ("before", "after")}
    paragraph = "<w:keepNext/><w:keepLines/>" if row.get("keep") else ""
    paragraph += "<w:pageBreakBefore/>" if row.get("page") else ""
    if "below" in row:
        line = f'w:val="{row["below"]}" w:sz="36" w:space="{row["space"]}" w:color="{row["colour"]}"'
        paragraph += f"<w:pBdr><w:bottom {line}/></w:pBdr>"
    paragraph += (
        f'<w:spacing w:before="{space["before"]}" w:after="{space["after"]}" '
        f'w:line="{round(row["line"] * 20)}" w:lineRule="exact"/>'
    )
    if "indent" in row:
        paragraph += f'<w:ind w:firstLineChars="{row["indent"] * 100}" w:firstLine="{row["indent"] * size * 20}"/>'
    paragraph += f'<w:jc w:val="{row.get("align", "left")}"/>'
    run = _font(looks()["fonts"][row["font"]][0])
    run += f'<w:color w:val="{row["colour"]}"/>' if "colour" in row else ""
    run += f'<w:sz w:val="{_half(size)}"/><w:szCs w:val="{_half(size)}"/>'
    return (
        f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{name}"><w:name w:val="{name}"/>'
        f'<w:basedOn w:val="Normal"/><w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>'
    )


def _font(name: str) -> str:
    # Word chooses the font of Chinese characters by eastAsia alone.
    return f"<w:rFonts w:ascii={quoteattr(name)} w:hAnsi={quoteattr(name)} w:eastAsia={quoteattr(name)} w:cs={quoteattr(name)}/>"


@cache
def _fonts() -> str:
    """The fonts with what stands in for them where they are not installed."""
    fonts = "".join(
        f'<w:font w:name={quoteattr(name)}><w:altName w:val={quoteattr(other)}/><w:charset w:val="86"/></w:font>'
        for name, other in looks()["fonts"].values()
    )
    return f"<w:fonts {NAMESPACES}>{fonts}</w:fonts>"


def _footer(name: str, align: str, *, letter: bool) -> str:
    """— 1 — at the foot, in a field that Word counts (7.5); a letter's first page has a red line instead (10.1)."""
    size = looks()["page"]["number"]
    if name == "first":
        line = 'w:val="thinThickMediumGap" w:sz="36" w:space="1" w:color="C00000"'
        border = f"<w:pBdr><w:bottom {line}/></w:pBdr>" if letter else ""
        return f"<w:ftr {NAMESPACES}><w:p><w:pPr>{border}</w:pPr></w:p></w:ftr>"
    before, after = form("page", n="\0").split("\0")
    look = f'<w:rPr>{_font(looks()["fonts"]["title"][1])}<w:sz w:val="{_half(size)}"/></w:rPr>'
    pieces = (
        f'<w:t xml:space="preserve">{before}</w:t>', '<w:fldChar w:fldCharType="begin"/>',
        "<w:instrText>PAGE</w:instrText>", '<w:fldChar w:fldCharType="end"/>', f'<w:t xml:space="preserve">{after}</w:t>',
    )  # fmt: skip
    runs = "".join(f"<w:r>{look}{piece}</w:r>" for piece in pieces)
    side = f'<w:ind w:{align}="{size * 20}"/><w:jc w:val="{align}"/>'
    return f"<w:ftr {NAMESPACES}><w:p><w:pPr>{side}</w:pPr>{runs}</w:p></w:ftr>"


@cache
def _types() -> str:
    kinds = {"document": "document.main", "styles": "styles", "fontTable": "fontTable", "settings": "settings"}
    kinds |= dict.fromkeys(FOOTERS, "footer")
    overrides = "".join(
        f'<Override PartName="/word/{part}.xml" ContentType="{TYPE}.{kind}+xml"/>' for part, kind in kinds.items()
    )
    relations = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    xml = '<Default Extension="xml" ContentType="application/xml"/>'
    return f'<Types xmlns="{PACKAGE}/content-types">{relations}{xml}{overrides}</Types>'


def _relations(targets: Mapping[str, tuple[str, str]]) -> str:
    rows = "".join(
        f'<Relationship Id="{name}" Type="{LINKS}/{kind}" Target="{target}"/>'
        for name, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{rows}</Relationships>'


def _mm(length: float) -> int:
    """Millimetres in twentieths of a point."""
    return round(length * 1440 / 25.4)


def _half(size: float) -> int:
    """Points in halves of a point."""
    return round(size * 2)


def printable(text: str) -> str:
    """Without what XML refuses: control characters, the halves of a broken emoji, and the two non-characters."""
    whole = text.encode("utf-8", "ignore").decode()
    return "".join(sign for sign in whole if (sign >= " " or sign == "\t") and sign not in "\ufffe\uffff")
