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
from bot.web.desk.pairs import gathered
from bot.web.desk.seat import PATH, Seat, SeatHere, is_fresh
from bot.web.errors import Refused
from bot.web.templating import page
from intake import queries
from intake.errors import LedgerBusy, NotAllowed, NotFound
from intake.models import Case, Staff
from routing import desk
from routing.errors import CaseNotFound, DeskError

router = APIRouter()


@router.get(f"{CASE}/same/{{suggestion}}")
def compare(request: Request, number: str, suggestion: int, here: SeatHere) -> HTMLResponse:
    """Two reports side by side; NotFound once somebody has said what they are."""
    app = door.app_of(request)
    try:
        with app.database.reading() as session:
            case = session.get_one(Case, ledger.case_id(session, number, viewer=here.staff))
            queries.case_page(session, case.id, viewer=here.staff)  # whoever may not open the case sees no pair of it
            shown = gathered(session, case, here.staff)
    except (NotFound, NotAllowed) as absent:
        raise _absent() from absent
    pair = next((one for one in shown.pairs if one.id == suggestion), None)
    if pair is None or here.role == "supervisor":
        raise _absent()
    return page("desk/same.html", seat=here, number=number, pair=pair, may_act=shown.may_act)


Act = Callable[..., Any]
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


ACTS: Mapping[str, tuple[Act, Callable[[Session, Typed, Seat], dict[str, Any]]]] = {
    "confirm": (desk.confirm, lambda _s, typed, _h: {"suggestion": _number(typed, "suggestion")}),
    "refuse": (desk.refuse, lambda _s, typed, _h: {"suggestion": _number(typed, "suggestion")}),
    "merge": (
        desk.merge,
        lambda session, typed, here: {**_into(session, typed, here), "reason": typed.get("reason", "")},
    ),
    "unmerge": (desk.unmerge, lambda _s, typed, _h: {"reason": typed.get("reason", "")}),
    "split": (
        desk.split,
        lambda _s, typed, _h: {"report_id": _number(typed, "report_id"), "reason": typed.get("reason", "")},
    ),
}


@router.post(f"{CASE}/same/{{act}}")
def perform(
    request: Request,
    number: str,
    act: str,
    here: SeatHere,
    csrf: Annotated[str, Form()] = "",
    suggestion: Annotated[str, Form()] = "",
    into: Annotated[str, Form()] = "",
    report_id: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    of: Annotated[str, Form()] = "",
) -> Response:
    """One act; refused, the case page comes back with the sentence. `of` names the merged case that is to come back."""
    if act not in ACTS:
        raise _absent()
    typed = {"suggestion": suggestion, "into": into, "report_id": report_id, "reason": reason}
    kept = {"into": into, "reason": reason} if into or reason else {}
    if not is_fresh(here, csrf):
        return case_page.shown(request, number, here, Failed(act, label("refused", "csrf"), kept), status=403)
    app, now = door.app_of(request), door.now()
    try:
        with app.database.transaction() as session:
            officer = session.get_one(Staff, here.staff.id)
            case = ledger.case_id(session, of or number, viewer=officer)
            verb, fields = ACTS[act]
            given = fields(session, typed, here)
            verb(session, case, officer, **given, rules=app.rules, vault=app.vault, now=now)
            where = number if act != "merge" else into.strip()
    except (NotFound, NotAllowed) as absent:
        raise _absent() from absent
    except DeskError as refused:
        return case_page.shown(request, number, here, Failed(act, str(refused), kept), status=409)
    except LedgerBusy:
        return case_page.shown(request, number, here, Failed(act, label("refused", "busy"), kept), status=503)
    return RedirectResponse(f"{PATH}/cases/{where}?done={act}", 303)


def _absent() -> Refused:
    return Refused(404, "not_found", label("refused", "not_found"))
