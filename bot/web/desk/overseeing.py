"""The page of 督办 and 通报, its table for elsewhere, and the acts on an oversight; a refusal loses nothing."""

from __future__ import annotations

import csv
import io
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from bot.web import door
from bot.web.desk import oversight
from bot.web.desk.case import CASE, Failed, case_page
from bot.web.desk.labels import label
from bot.web.desk.ledger import case_id
from bot.web.desk.opening import OpenedCase, absent_case
from bot.web.desk.seat import PATH, SeatHere, is_fresh
from bot.web.errors import Refused
from bot.web.templating import page
from intake.errors import LedgerBusy, NotAllowed, NotFound
from intake.models import OutgoingHold, Staff
from routing import desk
from routing.authorities import by_code
from routing.errors import DeskError
from routing.reported import Late, Published, published, reported
from routing.rules import legal_day

HERE = f"{PATH}/oversight"
BOM = "\ufeff"
"""Spreadsheets take a file for UTF-8 only where it begins so."""

router = APIRouter()


@router.get(HERE)
def show(request: Request, here: SeatHere) -> HTMLResponse:
    """What is overseen, and the list of what has been overdue for long, for a leader."""
    with door.app_of(request).database.reading() as session:
        late = _late(session, request, here.staff)
        rows = oversight.listed(session, here.staff)
    lines = [(one, by_code(one.authority).name) for one in late]
    return page("desk/oversight.html", seat=here, here=HERE, lines=lines, rows=rows, small=_small(request))


@router.get(f"{HERE}/reported.csv")
def as_table(request: Request, here: SeatHere) -> Response:
    """The list as it may leave the house: how many cases an office, small numbers withheld."""
    found, out = _published(request, here.staff), io.StringIO()
    rows = csv.writer(out)
    rows.writerow([label("reported", "office"), label("reported", "cases")])
    rows.writerows((name, _count(count)) for name, count in found.offices)
    rows.writerow([label("reported", "total"), _count(found.total)])
    headers = {"Content-Disposition": f'attachment; filename="reported-{legal_day(door.now())}.csv"'}
    return Response((BOM + out.getvalue()).encode(), media_type="text/csv; charset=utf-8", headers=headers)


@router.get(f"{HERE}/reported.json")
def as_json(request: Request, here: SeatHere) -> JSONResponse:
    """The same for a program; null is a number that is withheld."""
    found = _published(request, here.staff)
    offices = [{"office": name, "cases": count} for name, count in found.offices]
    return JSONResponse({"on": legal_day(door.now()).isoformat(), "offices": offices, "total": found.total})


@router.post(f"{CASE}/oversight/{{act}}")
def perform(
    request: Request,
    number: str,
    act: str,
    here: SeatHere,
    opened: OpenedCase,
    csrf: Annotated[str, Form()] = "",
    oversight_id: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
    on: Annotated[str, Form()] = "",
) -> Response:
    """Do one act; refused, the case comes back with the sentence and with what was typed."""
    if act not in oversight.acts():
        raise absent_case()
    text = text.replace("\r\n", "\n")
    typed = {name: value for name, value in {"text": text, "on": on}.items() if value}
    if not is_fresh(here, csrf):
        return case_page(request, number, here, Failed(act, label("refused", "csrf"), typed), status=403)
    app, words = door.app_of(request), oversight.acts()[act]
    given: dict[str, Any] = {words["field"]: text}
    if act != "open":
        given["oversight_id"] = int(oversight_id) if oversight_id.isascii() and oversight_id.isdigit() else 0
    if act == "summon":
        given["on"] = on
    try:
        with app.database.transaction() as session:
            staff = session.get_one(Staff, here.staff.id)
            case = case_id(session, number, viewer=staff)
            done = desk.attempt(
                session, case, staff, words["verb"], given, rules=app.rules, vault=app.vault, now=door.now()
            )
    except (NotFound, NotAllowed) as absent:
        raise absent_case() from absent
    except DeskError as refused:
        return case_page(request, number, here, Failed(act, str(refused), typed), status=409)
    except LedgerBusy:
        return case_page(request, number, here, Failed(act, label("refused", "busy"), typed), status=503)
    if isinstance(done, OutgoingHold):
        return RedirectResponse(f"{PATH}/cases/{number}?done=held#held", 303)
    return RedirectResponse(f"{PATH}/cases/{number}?done=overseen#h-oversight", 303)


def _late(session: Session, request: Request, viewer: Staff) -> list[Late]:
    try:
        return reported(session, viewer=viewer, rules=door.app_of(request).rules, today=legal_day(door.now()))
    except NotAllowed as refused:
        raise Refused(403, "forbidden", label("refused", "role")) from refused


def _published(request: Request, viewer: Staff) -> Published:
    with door.app_of(request).database.reading() as session:
        return published(_late(session, request, viewer), _small(request))


def _small(request: Request) -> int:
    return door.app_of(request).settings.small_cell


def _count(count: int | None) -> str:
    return label("reported", "withheld") if count is None else str(count)
