"""CSV as Chinese hotlines export it: UTF-8 with or without a mark, GB18030 or UTF-16; delimiter and quotes vary."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from statistics import median
from typing import TextIO

from bot.imports.cells import clean
from bot.imports.reading import MOST_COLUMNS, PIECE, Row
from bot.imports.words import TableRefused, say

LONGEST_CELL = 200_000
LONGEST_LINE = 4_000_000
SAMPLE = 1 << 16
SURE_OF_UTF8 = 20
"""So many characters beyond ASCII that are sound UTF-8 are no accident of another encoding."""
DELIMITERS = ",\t;|"
UNREADABLE = "\ufffd"


def rows(path: Path) -> Iterator[Row]:
    """Every record; one whose characters or quotes are broken is given as broken, and reading goes on after it."""
    encoding = encoding_of(path)
    csv.field_size_limit(LONGEST_CELL)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        delimiter = delimiter_of(file.read(SAMPLE))
        file.seek(0)
        records = csv.reader(_lines(file), delimiter=delimiter)
        number = 0
        while True:
            number += 1
            try:
                record = next(records)
            except StopIteration:
                return
            except csv.Error:
                yield Row(number, (), say("row", "quotes"))
                continue
            if len(record) > MOST_COLUMNS:
                raise TableRefused("columns", limit=MOST_COLUMNS)
            cells = tuple(clean(cell) for cell in record)
            broken = say("row", "characters") if any(UNREADABLE in cell for cell in cells) else ""
            yield Row(number, cells, broken)


def encoding_of(path: Path) -> str:
    """UTF-16 and UTF-8 by their marks; else UTF-8 where it is sound, else GB18030, which holds GBK and GB 2312."""
    with path.open("rb") as file:
        head = file.read(4)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if head.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        file.seek(0)
        decoder, seen, zeros = codecs.getincrementaldecoder("utf-8")(), 0, 0
        while piece := file.read(PIECE):
            zeros += piece.count(0)
            if zeros > PIECE // 64:
                raise TableRefused("binary")
            try:
                text = decoder.decode(piece)
            except UnicodeDecodeError as broken:
                seen += sum(byte >= 0xC0 for byte in piece[: broken.start])
                return "utf-8" if seen >= SURE_OF_UTF8 else "gb18030"
            seen += sum(map("\x7f".__lt__, text))
    return "utf-8"


def delimiter_of(sample: str) -> str:
    """The sign that cuts the sample's records into the most columns; a comma where nothing cuts them."""
    return max(DELIMITERS, key=lambda sign: (_columns(sample, sign), -DELIMITERS.index(sign)))


def _columns(sample: str, sign: str) -> float:
    """How many columns most of the first records have under this delimiter."""
    widths = []
    with suppress(csv.Error):
        for record in islice(csv.reader(io.StringIO(sample, newline=""), delimiter=sign), 20):
            widths += [len(record)] if record else []
    return median(widths) if widths else 0


def _lines(file: TextIO) -> Iterator[str]:
    """The lines of the file; one without an end would fill the memory."""
    while line := file.readline(LONGEST_LINE):
        if len(line) >= LONGEST_LINE:
            raise TableRefused("line", limit=LONGEST_LINE)
        yield line
