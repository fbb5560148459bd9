"""The page that shows the table of access to people: `docs/reference/access.md`."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from intake import access

ROOT = Path(__file__).parent.parent
OBJECTS = {
    "case": "Case 案件",
    "clock": "Clock 时限",
    "ticket": "Ticket of a hotline 热线工单",
    "crime": "Transfer of a suspected crime 移送公安机关",
    "event": "Event 经过",
    "report": "Report 反映",
    "letter": "Letter 往来",
    "file": "File 证据材料",
    "paper": "Paper 文书",
    "identity": "Identity 身份",
    "original": "Original words 原文",
    "handover": "Handover 移送",
    "held": "Held text 待核文字",
    "notice": "Notice 提醒",
    "unmasking": "Request to unmask 解密申请",
    "viewing": "Opening of a case 查阅记录",
    "statistics": "Figures 统计",
}

Table = Callable[[Iterable[str], Iterable[Iterable[object]]], Iterator[str]]


def lines(table: Table) -> Iterator[str]:
    """The table, object by object; a cell names the conditions, a dash is never."""
    found = access.table()
    yield "Every read of the ledger asks this table, field by field: pages, interface, exports and notices. What is not"
    yield "listed is given to nobody. Whoever has left, whose authority is complained of, or who declared an interest in"
    yield "an institution of the case sees nothing of it, whatever stands here. How it is meant:"
    yield "[confidentiality](../explanation/confidentiality.md#who-may-see-what)."
    yield ""
    yield from table(("Role", "People read"), ((f"`{key}`", name) for key, name in found["roles"].items()))
    yield "## Conditions"
    yield ""
    yield "Several joined by + must hold together."
    yield ""
    yield from table(("Condition", "Holds for"), ((f"`{key}`", name) for key, name in found["conditions"].items()))
    settled = ", ".join(f"`{state}`" for state in found["settled"])
    yield f"A case is settled in: {settled}."
    yield ""
    for kind in access.OBJECTS:
        yield f"## {OBJECTS[kind]}"
        yield ""
        rows = ((f"`{field}`", *map(_cell, cells)) for field, cells in found[kind].items())
        yield from table(("Field", *access.roles()), rows)
    yield "## Unmasking"
    yield ""
    yield from _unmasking(table)


def _cell(words: str) -> str:
    return "—" if words == access.NEVER else words.replace("+", " + ")


def _unmasking(table: Table) -> Iterator[str]:
    """Purposes, fields and how many must agree, from the desk's own table."""
    found: dict[str, Any] = tomllib.loads((ROOT / "routing" / "unmasking.toml").read_text("utf-8"))
    yield from table(("Purpose", "People read"), ((f"`{key}`", name) for key, name in found["purposes"].items()))
    yield from table(("Field", "People read"), ((f"`{key}`", name) for key, name in found["fields"].items()))
    yield from table(("Asker", "Custodians who must agree"), ((f"`{k}`", n) for k, n in found["approvals"].items()))
