"""Any table becomes rows, or one clear sentence; never a trace, never a row lost."""

from __future__ import annotations

import csv
import io
import tracemalloc
import zipfile
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.imports import reading
from bot.imports.cells import as_text, clean, guarded
from bot.imports.words import TableRefused
from tests.bot.imports.tables import as_csv, as_xlsx

HAN = "诉求内容：医院挂床，“空床”刷医保。"
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def cells(path: Path, sheet: str | None = None) -> list[tuple[str, ...]]:
    return [row.cells for row in reading.rows(path, sheet)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_csv_is_read_in_every_encoding_and_with_every_delimiter(tmp_path: Path, encoding: str, delimiter: str):
    """What hotlines export: GBK and UTF-8, with and without a mark, Excel's Unicode text."""
    lines = [("编号", "内容"), ("1", HAN), ("2", "第一行\n第二行"), ("3", 'a"b')]
    assert cells(as_csv(tmp_path / "a.csv", lines, encoding, delimiter)) == lines


def test_utf8_with_one_broken_byte_is_not_taken_for_gbk(tmp_path: Path):
    """The broken row is told, every other one is read as it was written."""
    data = "\n".join(f"{at},{HAN}" for at in range(50)).encode()
    at = data.index(b"30,") + 4
    (tmp_path / "a.csv").write_bytes(data[:at] + b"\xff" + data[at + 1 :])
    rows = list(reading.rows(tmp_path / "a.csv"))
    assert [row.number for row in rows if row.broken] == [31]
    assert rows[40].cells == ("40", HAN)


def test_rows_are_counted_as_the_spreadsheet_counts_them(tmp_path: Path):
    """Empty lines and quoted line breaks do not shift the numbers that a person looks up."""
    (tmp_path / "a.csv").write_text('a,b\n\n"x\ny",1\nz,2\n', "utf-8")
    assert [(row.number, row.cells[:1]) for row in reading.rows(tmp_path / "a.csv")] == [
        (1, ("a",)), (2, ()), (3, ("x\ny",)), (4, ("z",)),
    ]  # fmt: skip


def test_a_quote_without_its_fellow_costs_one_row_and_not_the_file(tmp_path: Path):
    """The swallowed stretch is told as one broken row; what follows it is read."""
    filler = "\n".join(f"{at},{'字' * 400}" for at in range(600))
    (tmp_path / "a.csv").write_text(f'a,b\n1,"never closed\n{filler}\n', "utf-8")
    rows = list(reading.rows(tmp_path / "a.csv"))
    assert sum(bool(row.broken) for row in rows) == 1
    assert rows[-1].cells[0] == "599"


def test_a_workbook_is_read_as_people_see_it(tmp_path: Path):
    """Dates from serial numbers, numbers without a tail, truth as words, gaps as gaps; formulas are not evaluated."""
    moment = datetime(2026, 9, 18, 9, 30)  # noqa: DTZ001 — a spreadsheet knows no zone
    line = [moment, 13800001234, 5.5, True, None, "=1+1", HAN, time(9, 30), 622826199001011234.0]
    path = as_xlsx(tmp_path / "a.xlsx", {"工单": [["头"], line]})
    rows = list(reading.rows(path))
    assert rows[1].number == 2
    assert rows[1].cells[:8] == ("2026-09-18 09:30:00", "13800001234", "5.5", "TRUE", "", "", HAN, "09:30:00")
    assert "E+17" in rows[1].cells[8]


def test_hidden_and_empty_sheets_are_passed_over_and_a_named_one_is_found(tmp_path: Path):
    """The first sheet that a person sees with anything on it."""
    sheets = {"字典": [["隐藏"]], "空": [], "工单": [["看得见"]], "别的": [["第二张"]]}
    path = as_xlsx(tmp_path / "a.xlsx", sheets, hidden=["字典"])
    assert cells(path) == [("看得见",)]
    assert cells(path, "别的") == [("第二张",)]
    assert cells(path, "字典") == [("隐藏",)]
    with pytest.raises(TableRefused, match=r"没有这一张.*工单"):
        cells(path, "没有这一张")


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(128):
                part.write(bytes(1 << 20))
    return out.getvalue()


def laughs() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(
            "xl/workbook.xml", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha">]><workbook>&b;</workbook>'
        )
    return out.getvalue()


def document() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空的"),
        (b"\xef\xbb\xbf\r\n", "空的"),
        (b"%PDF-1.7 ...", "PDF"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"...", "xls"),
        (b"\xff\xd8\xff\xe0", "图片"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "网页"),
        (b"PK\x03\x04 cut off", "损坏"),
        (b"a,b\n" + bytes(1 << 20), "不是文本表格"),
        (b"x" * 5_000_000, "长得不合常理"),
        (b"," * 20_000, "列"),
        (bomb(), "大得不合常理"),
        (laughs(), "损坏"),
        (document(), "文档"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_an_absurd_file_gets_one_clear_sentence(tmp_path: Path, content: bytes, said: str):
    """What it is, and what to do instead."""
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(TableRefused, match=said):
        cells(tmp_path / "a.xlsx")


def test_a_workbook_of_all_columns_is_refused(tmp_path: Path):
    """16 384 columns are no table of work orders."""
    path = as_xlsx(tmp_path / "a.xlsx", {"宽": [["x"] * 16_384]})
    with pytest.raises(TableRefused, match="列"):
        cells(path)


def test_a_damaged_workbook_is_told_at_whatever_byte_it_is_damaged(tmp_path: Path):
    """Every hundredth byte changed: rows, or the one sentence, never a trace."""
    whole = as_xlsx(tmp_path / "a.xlsx", {"工单": [["a", "b"], ["1", HAN]]}).read_bytes()
    for at in range(0, len(whole), 101):
        (tmp_path / "b.xlsx").write_bytes(whole[:at] + bytes([whole[at] ^ 0x5A]) + whole[at + 1 :])
        try:
            cells(tmp_path / "b.xlsx")
        except TableRefused as refused:
            assert str(refused)  # noqa: PT017 — either outcome is right, a trace is not


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_long_table_is_never_held_whole(tmp_path: Path, ending: str):
    """Ten times as many rows need no more memory while they are read: neither rows nor strings are gathered."""
    peaks = []
    for size in (1_000, 10_000):
        lines = [(f"GD{at}", f"{HAN}{at}" * 8) for at in range(size)]
        path = tmp_path / f"{size}.{ending}"
        _ = as_csv(path, lines) if ending == "csv" else as_xlsx(path, {"a": lines})
        del lines
        rows = reading.rows(path)
        next(rows)
        tracemalloc.start()
        assert sum(1 for _ in rows) == size - 1
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 1_000_000, peaks


@QUICK
@given(content=st.binary(max_size=300))
def test_no_bytes_crash_the_reader(tmp_path: Path, content: bytes):
    """Rows or a sentence."""
    (tmp_path / "a.csv").write_bytes(content)
    try:
        found = cells(tmp_path / "a.csv")
    except TableRefused:
        return
    assert all(isinstance(cell, str) for line in found for cell in line)


WRITABLE = st.text(st.characters(codec="gb18030", exclude_characters="\ufffd\ufeff"), max_size=12)


@QUICK
@given(lines=st.lists(st.lists(WRITABLE, min_size=3, max_size=3), min_size=1, max_size=20), data=st.data())
def test_every_row_that_was_written_is_read_again(tmp_path: Path, lines: list[list[str]], data: st.DataObject):
    """Whatever the cells hold: as many rows, at their numbers, with their words."""
    encoding = data.draw(st.sampled_from(["utf-8-sig", "utf-8", "utf-16"]))
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([["编", "号", "一"], *lines])
    (tmp_path / "a.csv").write_bytes(text.getvalue().encode(encoding))
    found = list(reading.rows(tmp_path / "a.csv"))
    assert [row.number for row in found] == list(range(1, len(lines) + 2))
    unified = [tuple(clean(cell) for cell in line) for line in lines]
    assert [row.cells for row in found[1:]] == unified


@given(st.text(max_size=8))
def test_a_guarded_cell_is_never_run_and_comes_back_as_it_was(text: str):
    """The error file can be corrected and imported."""
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert clean(guarded(clean(text))) == clean(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.0, "3"), (3.10, "3.1"), (1e-7, "0.0000001"), (float("nan"), ""), (False, "FALSE"), (None, ""), (0, "0"),
     (datetime(2026, 9, 18, tzinfo=UTC), "2026-09-18 00:00:00+00:00"), (" \u200bx ", "x")],
)  # fmt: skip
def test_a_cell_reads_as_a_person_reads_it(value: object, text: str):
    """Numbers without a tail, nothing for what is no number."""
    assert as_text(value) == text
