"""Tables as hotlines send them, invented."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from bot.imports import mapping
from bot.imports.mapping import TableMapping

HEAD = ("工单编号", "受理时间", "来源渠道", "诉求类型", "诉求标题", "诉求内容", "区县", "诉求人", "联系电话")
PLAIN = """
kind = "reports"
source = "test"
[columns]
source_number = "工单编号"
received_at = "受理时间"
text = ["诉求标题", "诉求内容"]
place = "区县"
name = "诉求人"
phone = "联系电话"
[otherwise]
side = "citizen"
"""


def plan(more: str = "", text: str = PLAIN) -> TableMapping:
    """The mapping of these tables."""
    return mapping.parse(text + more, "reports")


def order(number: int, **given: str) -> tuple[str, ...]:
    """One work order; the institutions differ, so that each is a matter of its own."""
    cells = {
        "工单编号": f"GD{number}",
        "受理时间": "2026-09-18 09:30:00",
        "来源渠道": "电话",
        "诉求类型": "举报",
        "诉求标题": "医院挂床",
        "诉求内容": f"庆城县第{number}康宁医院挂空床，人都回家了，天天刷医保",
        "区县": "庆城县",
        "诉求人": "王秀英",
        "联系电话": f"138{number:08d}",
    }
    return tuple((cells | given)[name] for name in HEAD)


def as_csv(path: Path, lines: Iterable[Sequence[str]], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """The lines as CSV."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(lines)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def as_xlsx(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]], hidden: Iterable[str] = ()) -> Path:
    """The lines as a workbook."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, lines in sheets.items():
        made = book.create_sheet(name)
        made.sheet_state = "hidden" if name in hidden else "visible"
        for line in lines:
            made.append(list(line))
    book.save(path)
    return path
