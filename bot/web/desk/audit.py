"""The auditor's pages: who asked for an identity, who allowed it, how often it was looked at, and who opened which case."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from bot.web import door
from bot.web.desk.clockface import moment
from bot.web.desk.labels import label, section
from bot.web.desk.seat import PATH, Seat, SeatHere
from bot.web.desk.unmasking import Shown, shown
from bot.web.errors import Refused
from bot.web.templating import page
from intake import access, looking, unmasking
from routing.authorities import by_code
from routing.rules import legal_day

HERE = f"{PATH}/audit"
PER_PAGE = 50
MOST = 100_000
"""Rows of one file: more than a spreadsheet is read for."""
# A cell that begins like this is a formula to a spreadsheet: OWASP, CSV injection.
FORMULA = ("=", "+", "-", "@", "\t", "\r")

router = APIRouter()
PageNumber = Annotated[int, Query(alias="page", ge=1, le=10_000)]


def _auditor(here: Seat) -> None:
    """Refuse everybody whose column of the table says so."""
    if not access.ever(here.role, "viewing", "row"):
        raise Refused(403, "forbidden", label("refused", "role"))


@router.get(HERE)
def grants(request: Request, here: SeatHere, number: PageNumber = 1) -> HTMLResponse:
    """Every request of the region, newest first."""
    _auditor(here)
    rows = _rows(request, here, PER_PAGE + 1, (number - 1) * PER_PAGE)
    return page(
        "desk/audit.html",
        seat=here,
        here=HERE,
        title=label("unmask", "audit_title"),
        requests=rows[:PER_PAGE],
        page=number,
        more=len(rows) > PER_PAGE,
    )


@router.get(f"{HERE}/unmasking.csv")
def as_file(request: Request, here: SeatHere) -> Response:
    """The same as a file for a spreadsheet."""
    _auditor(here)
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(section("unmask")["csv"])
    writer.writerows(_cells(row) for row in _rows(request, here, MOST, 0))
    name = label("unmask", "csv_name").format(day=legal_day(door.now()))
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    # The mark at the beginning tells spreadsheets that the file is UTF-8.
    return Response(written.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


def _rows(request: Request, here: Seat, limit: int, offset: int) -> list[Shown]:
    now = door.now()
    with door.app_of(request).database.reading() as session:
        found = unmasking.requests(session, viewer=here.staff, limit=limit, offset=offset)
    return [shown(row, now) for row in found]


def _cells(one: Shown) -> Iterator[str]:
    row = one.row
    told: tuple[str | int | datetime | None, ...] = (
        row.id, row.case, row.report, row.asker, one.role_word, row.asked_at, one.fields, one.purpose, row.reason,
        one.state_word, row.first, row.second, row.decided_at, row.expires_at, row.ended_at, row.answer, row.looks,
        row.looked_at,
    )  # fmt: skip
    for value in told:
        text = moment(value) if isinstance(value, datetime) else str(value if value is not None else "")
        yield f"'{text}" if text.startswith(FORMULA) else text


@router.get(f"{HERE}/viewings")
def viewings(
    request: Request,
    here: SeatHere,
    q: Annotated[str, Query(max_length=40)] = "",
    number: PageNumber = 1,
) -> HTMLResponse:
    """Who opened which case in which hour; of one case where its number is given."""
    _auditor(here)
    with door.app_of(request).database.reading() as session:
        rows = looking.looked(
            session, viewer=here.staff, number=q.strip(), limit=PER_PAGE + 1, offset=(number - 1) * PER_PAGE
        )  # fmt: skip
    told = [(row, label("role", row.role), by_code(row.authority).name) for row in rows[:PER_PAGE]]
    return page(
        "desk/viewings.html",
        seat=here,
        here=f"{HERE}/viewings",
        title=label("unmask", "viewings_title"),
        viewings=told,
        q=q.strip(),
        page=number,
        more=len(rows) > PER_PAGE,
    )
