"""The case page and its acts: what is lawful now as forms, and a refusal that loses nothing that was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from bot.web import door
from bot.web.desk import acting, casebook, finding
from bot.web.desk.finding import AuthorityUnclear
from bot.web.desk.labels import label, section
from bot.web.desk.ledger import case_id
from bot.web.desk.seat import PATH, Seat, SeatHere, is_fresh
from bot.web.errors import Refused
from bot.web.templating import page
from intake.errors import LedgerBusy, NotAllowed, NotFound
from intake.models import Staff
from routing.errors import DeskError
from routing.rules import legal_day

CASE = f"{PATH}/cases/{{number}}"

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Failed:
    """An act that was refused: why, and what had been typed."""

    act: str
    sentence: str
    typed: Mapping[str, str]


@router.get(CASE)
def show(request: Request, number: str, here: SeatHere, done: str = "") -> HTMLResponse:
    """The case."""
    acts, same = section("acts"), section("same_done")
    return shown(request, number, here, told=acts[done]["done"] if done in acts else same.get(done))


@router.post(f"{CASE}/{{act}}")
def perform(
    request: Request,
    number: str,
    act: str,
    here: SeatHere,
    csrf: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
    question: Annotated[str, Form()] = "",
    report_id: Annotated[str, Form()] = "",
    authority: Annotated[str, Form()] = "",
    outcome: Annotated[str, Form()] = "",
    finding: Annotated[str, Form()] = "",
) -> Response:
    """Do one act; refused, the same page comes back with the sentence and with what was typed."""
    given = {
        "reason": reason, "text": text, "question": question, "report_id": report_id,
        "authority": authority, "outcome": outcome, "finding": finding,
    }  # fmt: skip
    typed = {name: value.replace("\r\n", "\n") for name, value in given.items() if value}
    if act not in acting.VERBS:
        raise _absent()
    if not is_fresh(here, csrf):
        return shown(request, number, here, Failed(act, label("refused", "csrf"), typed), status=403)
    app, now = door.app_of(request), door.now()
    try:
        with app.database.transaction() as session:
            officer = session.get_one(Staff, here.staff.id)
            case = case_id(session, number, viewer=officer)
            acting.perform(session, case, officer, act, typed, rules=app.rules, vault=app.vault, now=now)
    except (NotFound, NotAllowed) as absent:
        raise _absent() from absent
    except (DeskError, AuthorityUnclear) as refused:
        return shown(request, number, here, Failed(act, str(refused), typed), status=409)
    except LedgerBusy:
        return shown(request, number, here, Failed(act, label("refused", "busy"), typed), status=503)
    return _after(request, number, act, here)


def _after(request: Request, number: str, act: str, here: Seat) -> Response:
    """Back to the case; to the queue where the case is no longer this desk's to see."""
    try:
        with door.app_of(request).database.reading() as session:
            case_id(session, number, viewer=here.staff)
    except NotFound:
        return RedirectResponse(f"{PATH}?done={act}", 303)
    return RedirectResponse(f"{PATH}/cases/{number}?done={act}", 303)


@router.get(f"{PATH}/authorities")
def authorities(here: SeatHere, q: str = "") -> JSONResponse:
    """Authorities for the picker, by what was typed so far."""
    return JSONResponse([{"name": one.name, "code": one.code} for one in finding.candidates(q[:60])])


def shown(
    request: Request, number: str, here: Seat, failed: Failed | None = None, told: str | None = None, status: int = 200
) -> HTMLResponse:
    """The page of a case; with `failed` it says why an act was refused, and keeps what was typed."""
    app = door.app_of(request)
    if here.role == "supervisor":
        raise Refused(403, "forbidden", label("refused", "supervisor_case"))
    try:
        with app.database.reading() as session:
            values: Mapping[str, Any] = casebook.values(
                session, number, here, rules=app.rules, today=legal_day(door.now())
            )
    except (NotFound, NotAllowed) as absent:
        raise _absent() from absent
    return page("desk/case.html", status=status, failed=failed, told=told, **values)


def _absent() -> Refused:
    return Refused(404, "not_found", label("refused", "not_found"))
