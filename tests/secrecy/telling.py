"""How canaries tell: in the chat, by a hotline's program, through a clerk, in an imported table; and what they send."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import docx
import httpx
from openpyxl import Workbook

from routing.rules import SHANGHAI
from tests.bench.load import ANSWERS, LONGEST
from tests.bot.desk.conftest import TOKEN, Browser
from tests.secrecy.canaries import Canary

WAYS = ("chat", "chat", "hotline", "chat", "clerk", "table")
"""By which channel the canaries tell, in turn."""
CHANNELS = ("phone", "visit", "letter", "fax")
HEAD = ("工单编号", "受理时间", "诉求内容", "区县", "涉及单位", "诉求人", "联系电话", "是否匿名")
ENTRY = re.compile(r'name="entry" value="(\w+)"')
KINDS_OF_FILE, CODED = 7, 3
"""How many kinds of file there are, and which of them is text in a code."""


@dataclass
class Seen:
    """What one reader got to see, and which canary may recognise himself in it."""

    place: str
    content: bytes
    own: int | None = None


def way_of(one: Canary) -> str:
    """His channel."""
    return WAYS[one.number % len(WAYS)]


def coded() -> range:
    """Those who send their words in base64, hexadecimal digits, JSON and as an address has them."""
    return range(CODED, 100_000, KINDS_OF_FILE)


def chats(http: httpx.Client, one: Canary) -> tuple[list[Seen], dict[str, Any]]:
    """From the greeting to the receipt."""
    begun = http.post("/api/v1/conversations", json={}).json()
    where = f"/api/v1/conversations/{begun['conversation']}/messages"
    headers = {"Authorization": f"Bearer {begun['token']}"}
    mode = ("保密", "实名", "匿名")[one.number // len(WAYS) % 3]
    mine = {"name": one.name, "phone": one.phone_as_told, "identity": mode, "institution": f"庆城县{one.hospital}医院"}
    mine |= {"place": "庆阳市庆城县", "how_known": f"我是{one.name}，在那里上班", "evidence": "没有"}
    seen, text, said = [], one.story, {}
    for turn in range(LONGEST):
        answer = http.post(where, json={"message_id": f"m{turn}", "text": text}, headers=headers)
        seen.append(Seen("answer of the chat", answer.content, one.number))
        said = answer.json()
        if said["receipts"]:
            return seen, said["receipts"][0]
        last = said["replies"][-1]
        text = mine.get(last["asks"]) or ANSWERS.get(last["asks"], last["choices"][0] if last["choices"] else "不知道")
    raise AssertionError(f"canary {one.number} got no receipt: {said}")


def calls_a_hotline(http: httpx.Client, one: Canary, token: str) -> tuple[list[Seen], dict[str, Any]]:
    """The hotline's program hands it over."""
    reporter = {"mode": "named", "name": one.name, "phone": one.phone_as_told}
    body = {"text": one.story, "side": "citizen", "institution": f"{one.hospital}医院", "place": "621021"}
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"key {one.number}"}
    answer = http.post("/api/v1/reports", json=body | {"reporter": reporter}, headers=headers)
    assert answer.status_code == 201, answer.text
    return [Seen("answer of the hotline", answer.content, one.number)], answer.json()


def sees_a_clerk(clerk: Browser, one: Canary) -> tuple[list[Seen], dict[str, Any]]:
    """A call, a visit, a letter or a fax, typed in by an officer; the form that comes back holds what he typed."""
    shown = clerk.get("/desk/enter").text
    token, entry = TOKEN.search(shown), ENTRY.search(shown)
    assert token
    assert entry
    now = datetime.now(SHANGHAI) - timedelta(minutes=5)
    form = {
        "csrf": token[1], "entry": entry[1], "channel": CHANNELS[one.number % 4], "received_day": f"{now:%Y-%m-%d}",
        "received_time": f"{now:%H:%M}", "text": one.story, "mode": "confidential", "name": one.name,
        "phone": one.phone, "side": "citizen", "institution": f"{one.hospital}医院", "place": "庆城县", "heard": "1",
    }  # fmt: skip
    heard = clerk.client.post("/desk/enter", data=form | {"step": "hear"}, files={"files": ("", b"")})
    answer = clerk.client.post("/desk/enter", data=form | {"step": "file"}, files={"files": ("", b"")})
    code = re.search(r"(\d{4} ){3}\d{4}", answer.text)
    assert code, answer.text
    seen = [Seen("form of the clerk", heard.content, one.number), Seen("receipt of the clerk", answer.content)]
    return seen, {"query_code": code[0].replace(" ", "")}


def table(path: Path, people: Sequence[Canary]) -> Path:
    """A hotline's export with their work orders; every fifth has a date that nobody can read, and is refused."""
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        for at, one in enumerate(people):
            when = "昨天" if at % 5 == 4 else f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d %H:%M:%S}"
            hospital = f"庆城县{one.hospital}医院"
            writer.writerow((f"GD{one.number}", when, one.story, "庆城县", hospital, one.name, one.phone, "否"))
    return path


def written(one: Canary) -> tuple[str, bytes]:
    """A file that he sends: its name tells its owner, and its content says who he is, each time in another way."""
    said = f"{one.story}\n{one.name} {one.phone} {one.identity}\n"
    coded = (
        base64.b64encode(said.encode()), said.encode().hex().encode(), json.dumps(said).encode(), quote(said).encode(),
    )  # fmt: skip
    ways = (
        (".txt", said.encode()), (".txt", said.encode("gb18030")), (".txt", said.encode("utf-16")),
        (".txt", b"\n".join(coded)), (".docx", letter_of(one)), (".xlsx", sheet_of(one)), (".zip", bundle_of(one)),
    )  # fmt: skip
    assert len(ways) == KINDS_OF_FILE
    end, content = ways[one.number % KINDS_OF_FILE]
    return one.file_name.removesuffix(".txt") + end, content


def letter_of(one: Canary) -> bytes:
    """A letter as a word processor writes it, its author in the properties."""
    paper, file = docx.Document(), io.BytesIO()
    paper.add_paragraph(one.story)
    paper.core_properties.author = one.name
    paper.core_properties.comments = one.phone
    paper.save(file)
    return file.getvalue()


def sheet_of(one: Canary) -> bytes:
    """A table with his data."""
    book, file = Workbook(), io.BytesIO()
    assert book.active
    book.active.append([one.name, one.phone, one.identity])
    book.properties.creator = one.name
    book.save(file)
    return file.getvalue()


def bundle_of(one: Canary) -> bytes:
    """Both in an archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr(f"{one.name}.docx", letter_of(one))
        bundle.writestr("工资.xlsx", sheet_of(one))
    return file.getvalue()
