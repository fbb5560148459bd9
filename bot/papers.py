"""The papers addressed to a teller, for whoever holds his query code."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from bot.app import App
from bot.enquiry import NoSuchPaper, report_behind
from intake import papers
from intake.models import FiledReport
from routing.documents import Table, read
from routing.documents.compose import Block


def fetch(app: App, code: str, number: str, *, origin: str, now: datetime) -> bytes:
    """A paper addressed to the teller with this code, byte for byte as it went out; NoSuchPaper for any other."""
    report_id = report_behind(app, code, origin, now)
    with app.database.reading() as session:
        report = session.get_one(FiledReport, report_id)
        own = papers.of_report(session, report, viewer=report)
        found = next((one.id for one in own if one.number == number and not one.erased), None)
        if found is None:
            raise NoSuchPaper
        return papers.opened(session, found, viewer=report, vault=app.vault)[1]


def shape(content: bytes) -> dict[str, Any]:
    """A paper to read, block by block, and its file."""
    return {"blocks": [_block(one) for one in read(content)], "file": base64.b64encode(content).decode()}


def _block(one: Block) -> dict[str, Any]:
    if isinstance(one, Table):
        return {"style": None, "text": None, "rows": [list(row) for row in one.rows]}
    return {"style": one.style, "text": one.text, "rows": None}
