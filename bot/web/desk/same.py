"""The same matter on the desk: two reports side by side with the reasons, and the buttons that merge or part them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from bot.web import door
from bot.web.desk import case as case_page
from bot.web.desk import ledger
from bot.web.desk.case import CASE, Failed
from bot.web.desk.labels import label
from bot.web.desk.opening import OpenedCase, absent_case
from bot.web.desk.pairs import gathered
from bot.web.desk.seat import PATH, Seat, SeatHere, is_fresh
from bot.web.templating import page
from intake import queries
from intake.errors import LedgerBusy, NotAllowed, NotFound
from intake.models import Staff
from intake.viewing import ACTING
from routing import desk
from routing.errors import CaseNotFound, DeskError

router = APIRouter()


@router.get(f"{CASE}/same/{{suggestion}}")
def compare(request: Request, number: str, suggestion: int, here: SeatHere, opened: OpenedCase) -> HTMLResponse:
    """Two reports side by side; absent once somebody has said what they are, and for whoever only looks on."""
    if here.role not in ACTING:
        raise absent_case()
    try:
        with door.app_of(request).database.reading() as session:
            case = queries.case_page(session, opened, viewer=here.staff).case
            shown = gathered(session, case, here.staff)
    except (NotFound, NotAllowed) as absent:
        raise absent_case() from absent
    pair = next((one for one in shown.pairs if one.id == suggestion), None)
    if pair is None:
        raise absent_case()
    return page("desk/same.html", seat=here, number=number, pair=pair, may_act=shown.may_act)


Typed = Mapping[str, str]


def _number(typed: Typed, name: str) -> int:
    given = typed.get(name, "")
    return int(given) if given.isascii() and given.isdigit() else 0


def _into(session: Session, typed: Typed, here: Seat) -> dict[str, Any]:
    """The case with the number that was typed; a case that the officer may not see is as good as none."""
    try:
        return {"into": ledger.case_id(session, typed.get("into", "").strip(), viewer=here.staff)}
    except NotFound as absent:
        raise CaseNotFound from absent


Given = Callable[[Session, Typed, Seat], dict[str, Any]]

ACTS: Mapping[str, Given] = {
    "confirm": lambda _session, typed, _here: {"suggestion": _number(typed, "suggestion")},
    "refuse": lambda _session, typed, _here: {"suggestion": _number(typed, "suggestion")},
    "merge": lambda session, typed, here: {**_into(session, typed, here), **_reason(typed)},
    "unmerge": lambda _session, typed, _here: _reason(typed),
    "split": lambda _session, typed, _here: {"report_id": _number(typed, "report_id"), **_reason(typed)},
}


def _reason(typed: Typed) -> dict[str, Any]:
    return {"reason": typed.get("reason", "")}


@router.post(f"{CASE}/same/{{act}}")
def perform(
    request: Request,
    number: str,
    act: str,
    here: SeatHere,
    opened: OpenedCase,
    csrf: Annotated[str, Form()] = "",
    suggestion: Annotated[str, Form()] = "",
    into: Annotated[str, Form()] = "",
    report_id: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    of: Annotated[str, Form()] = "",
) -> Response:
    """One act; refused, the case page comes back with the sentence. `of` names the merged case that is to come back."""
    if act not in ACTS:
        raise absent_case()
    typed = {"suggestion": suggestion, "into": into, "report_id": report_id, "reason": reason}
    kept = {"into": into, "reason": reason} if into or reason else {}
    if not is_fresh(here, csrf):
        return case_page.case_page(request, number, here, Failed(act, label("refused", "csrf"), kept), status=403)
    app, now = door.app_of(request), door.now()
    try:
        with app.database.transaction() as session:
            officer = session.get_one(Staff, here.staff.id)
            case = ledger.case_id(session, of or number, viewer=officer)
            given = ACTS[act](session, typed, here)
            desk.attempt(session, case, officer, act, given, rules=app.rules, vault=app.vault, now=now)
            where = number if act != "merge" else into.strip()
    except (NotFound, NotAllowed) as absent:
        raise absent_case() from absent
    except DeskError as refused:
        return case_page.case_page(request, number, here, Failed(act, str(refused), kept), status=409)
    except LedgerBusy:
        return case_page.case_page(request, number, here, Failed(act, label("refused", "busy"), kept), status=503)
    return RedirectResponse(f"{PATH}/cases/{where}?done=same_{act}", 303)
