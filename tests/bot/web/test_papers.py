"""The papers addressed to a teller, by his query code: listed, read, taken along; nobody else's."""

from __future__ import annotations

import base64
import io
import zipfile
from datetime import UTC, datetime
from typing import Any

import httpx
from sqlalchemy import select

from intake.models import FiledReport, Paper
from intake.report import Receipt
from routing import desk
from tests.bot.web.conftest import filed, officer
from tests.bot.web.site import Site


def accepted(here: Site, account: str) -> Receipt:
    """A report whose case was taken up."""
    held = filed(here.app, account, institution=f"{account}医院")
    clerk = officer(here.app, f"clerk of {account}")
    law: dict[str, Any] = {"rules": here.app.rules, "vault": here.app.vault, "now": datetime.now(UTC)}
    with here.app.database.transaction() as session:
        report = session.scalars(select(FiledReport).where(FiledReport.number == held.case_number)).one()
        desk.accept(session, report.case_id, clerk, **law)
    return held


def fetch(here: Site, code: str, number: str) -> httpx.Response:
    """One paper by code and number."""
    return here.post("/receipts/paper", json={"query_code": code, "number": number})


def test_the_teller_reads_his_paper_and_takes_the_file_along(here: Site) -> None:
    """What he reads stands in the file; the file is the one that went out, and calls him by his number."""
    held = accepted(here, "paper one")
    (paper,) = here.post("/receipts/status", json={"query_code": held.query_code}).json()["papers"]
    assert paper["name"] == "受理告知书"
    answer = fetch(here, held.query_code, paper["number"]).json()
    lines = [block["text"] for block in answer["blocks"] if block["text"]]
    assert f"举报人（编号{held.case_number}）：" in lines
    content = base64.b64decode(answer["file"])
    assert held.case_number in zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()
    with here.app.database.reading() as session:
        row = session.scalars(select(Paper).where(Paper.number == paper["number"])).one()
    assert row.size == len(content)


def test_a_report_without_papers_lists_none(here: Site) -> None:
    """Before anything was decided."""
    held = filed(here.app, "paper none")
    assert here.post("/receipts/status", json={"query_code": held.query_code}).json()["papers"] == []


def test_nobody_reaches_another_tellers_paper_or_one_to_an_office(here: Site) -> None:
    """His own code with another's number opens nothing, and says no more than for a number that is nobody's."""
    held, other = accepted(here, "paper two"), accepted(here, "paper three")
    (theirs,) = here.post("/receipts/status", json={"query_code": other.query_code}).json()["papers"]
    for number in (theirs["number"], "庆城医保转〔2026〕1号", "没有"):
        answer = fetch(here, held.query_code, number)
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_paper")
