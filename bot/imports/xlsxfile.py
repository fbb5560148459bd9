"""XLSX row by row in constant memory: openpyxl opens the workbook, the sheet and its strings stream past.

Formulas are never evaluated: what the spreadsheet last showed is taken. Hidden sheets are passed over.
"""

from __future__ import annotations

import re
import warnings
import zlib
from array import array
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import lru_cache
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError, iterparse  # declarations are refused before: see _sound
from zipfile import BadZipFile, ZipFile, ZipInfo

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.datetime import from_excel
from openpyxl.utils.escape import unescape

from bot.imports.cells import as_text
from bot.imports.reading import MOST_COLUMNS, Row
from bot.imports.words import TableRefused

MIB = 1 << 20
IN_MEMORY = 32 * MIB
LONGEST_ROW = 64 * MIB
"""A row of XML longer than this is no row that a spreadsheet wrote: it holds 32 767 characters in a cell."""
LARGEST_PART = 64 * MIB
"""Of the parts that are read whole: styles, list of sheets, theme."""
BOMB_SIZE, BOMB_RATIO = 100 * MIB, 200
MOST_PARTS = 10_000
_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ROW, _DATA, _CELL, _VALUE, _INLINE, _ITEM, _TEXT, _RUN = (
    _NS + name for name in ("row", "sheetData", "c", "v", "is", "si", "t", "r")
)
_BROKEN = (
    BadZipFile, ParseError, zlib.error, EOFError, ValueError, KeyError, IndexError, TypeError, AttributeError,
    NotImplementedError, OverflowError, RuntimeError,
)  # fmt: skip
_DECLARATION = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)|<\0!\0D\0O\0|\0<\0!\0D\0O")


def rows(path: Path, sheet: str | None = None) -> Iterator[Row]:
    """Every row of the named sheet, or of the first visible one that holds anything."""
    try:
        with ZipFile(path) as archive:
            _sound(archive)
            yield from _rows(_Reader(path), archive, sheet)
    except TableRefused:
        raise
    except _BROKEN as broken:
        raise TableRefused("damaged") from broken


class _Reader(ExcelReader):
    """openpyxl's reader without the table of strings, which it would hold whole."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, read_only=True, data_only=True, keep_links=False)
        self.strings_part = ""

    def read_strings(self) -> None:
        """Only remember where they lie."""
        package: Any = self.package
        found = package.find("application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml")
        self.strings_part = found.PartName[1:] if found is not None else ""


def _sound(archive: ZipFile) -> None:
    """Refuse what would unpack to something absurd, and XML that declares entities."""
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        raise TableRefused("document")
    if "xl/workbook.bin" in names:
        raise TableRefused("xlsb")
    if "xl/workbook.xml" not in names:
        raise TableRefused("zip")
    if len(parts) > MOST_PARTS or any(map(_bomb, parts)):
        raise TableRefused("bomb")
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            with archive.open(part) as stream:
                if _DECLARATION.search(stream.read(4096)):
                    raise TableRefused("damaged")


def _bomb(part: ZipInfo) -> bool:
    streamed = part.filename.startswith(("xl/worksheets/", "xl/sharedStrings", "xl/media/"))
    if not streamed and part.file_size > LARGEST_PART:
        return True
    return part.file_size > BOMB_SIZE and part.file_size > BOMB_RATIO * max(part.compress_size, 1)


def _rows(reader: _Reader, archive: ZipFile, sheet: str | None) -> Iterator[Row]:
    """The rows of the sheet that is wanted."""
    with warnings.catch_warnings(action="ignore"):  # of styles and extensions, which nobody here looks at
        reader.read()
    book: Any = reader.wb
    try:
        shown = [one for one in book.worksheets if one.sheet_state == "visible"]
        if sheet is not None:
            shown = [one for one in book.worksheets if one.title.strip() == sheet.strip()]
        if not shown:
            names = "、".join(one.title for one in book.worksheets)
            raise TableRefused("sheet", name=sheet or "", names=names)
        with closing(_Strings(archive, reader.strings_part)) as strings:
            for one in shown:
                found = False
                with archive.open(one._worksheet_path) as source:  # noqa: SLF001 — openpyxl has no public name for it
                    for row in _Sheet(source, strings, book).rows():
                        found = True
                        yield row
                if found:
                    return
    finally:
        reader.archive.close()


class _Strings:
    """The table of shared strings, in a file once it is large; only the offsets stay in memory."""

    def __init__(self, archive: ZipFile, part: str) -> None:
        self._ends = array("Q", [0])
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 — closed with the object
        self.get = lru_cache(maxsize=4096)(self._get)
        if not part:
            return
        with archive.open(part) as stream:
            root: Element | None = None
            for event, node in iterparse(_Bounded(stream), events=("start", "end")):  # noqa: S314
                if event == "start":
                    root = node if root is None else root
                elif node.tag == _ITEM:
                    self._add(_told(node))
                    if root is not None:
                        root.clear()

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def _add(self, text: str) -> None:
        self._ends.append(self._ends[-1] + self._file.write(text.encode("utf-8", "replace")))

    def _get(self, index: int) -> str:
        if index < 0:
            raise IndexError(index)
        start, end = self._ends[index], self._ends[index + 1]
        self._file.seek(start)
        return self._file.read(end - start).decode("utf-8", "replace")


class _Bounded:
    """A stream of XML that must come to the end of something before it has given too much."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        """The next piece."""
        piece = self._stream.read(min(size, MIB) if size > 0 else MIB)
        self.given += len(piece)
        return piece


class _Sheet:
    """One sheet as rows."""

    def __init__(self, source: IO[bytes], strings: _Strings, book: Any) -> None:
        self._source = _Bounded(source)
        self._strings = strings
        self._dates = book._date_formats  # noqa: SLF001 — the styles that show a number as a date
        self._epoch = book.epoch

    def rows(self) -> Iterator[Row]:
        """Every row that holds anything."""
        data: Element | None = None
        number = 0
        for event, node in iterparse(self._source, events=("start", "end")):  # noqa: S314
            if event == "start":
                data = node if node.tag == _DATA else data
                if self._source.given > LONGEST_ROW:
                    raise TableRefused("line", limit=LONGEST_ROW)
            elif node.tag == _ROW:
                self._source.given = 0
                number = int(node.get("r") or number + 1)
                cells = self._cells(node)
                if data is not None:
                    data.clear()
                if any(cells):
                    yield Row(number, cells)

    def _cells(self, row: Element) -> tuple[str, ...]:
        """The cells of a row at their places; gaps are empty."""
        cells: list[str] = []
        for cell in row:
            if cell.tag == _CELL:
                at = _column(cell.get("r"), len(cells))
                if at >= MOST_COLUMNS:
                    if self._text(cell):
                        raise TableRefused("columns", limit=MOST_COLUMNS)
                    continue
                cells += [""] * (at - len(cells) + 1)
                cells[at] = self._text(cell)
        return tuple(cells)

    def _text(self, cell: Element) -> str:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            inline = cell.find(_INLINE)
            return as_text(_told(inline)) if inline is not None else ""
        value = cell.findtext(_VALUE)
        if not value:
            return ""
        if kind == "s":
            return as_text(self._strings.get(int(value)))
        if kind == "b":
            return as_text(value == "1")
        if kind != "n":
            return as_text(unescape(value))
        return self._number(value, int(cell.get("s") or 0))

    def _number(self, value: str, style: int) -> str:
        number = int(value) if value.isdecimal() else float(value)
        if style in self._dates:
            with suppress(OverflowError, ValueError):  # a number that is no date stays a number
                return as_text(from_excel(number, self._epoch))
        return as_text(number)


def _column(reference: str | None, after: int) -> int:
    """The place of a cell such as B7, from 0; without a reference it follows the one before."""
    at = 0
    for sign in reference or "":
        if not "A" <= sign <= "Z":
            break
        at = at * 26 + ord(sign) - 64
    return at - 1 if at else after


def _told(node: Element) -> str:
    """The text of a string: its own or that of its runs; how it is pronounced is left out."""
    return unescape("".join(part.text or "" for part in _texts(node)))


def _texts(node: Element) -> Iterator[Element]:
    for child in node:
        if child.tag == _TEXT:
            yield child
        elif child.tag == _RUN:
            yield from (part for part in child if part.tag == _TEXT)
