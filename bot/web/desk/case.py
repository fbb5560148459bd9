"""The case page and its acts: what is lawful now as forms, and a refusal that loses nothing that was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from bot.app import App
from bot.web import door
from bot.web.desk import acting, casebook, crimes, finding, heldtexts, oversight, papers, rewards
from bot.web.desk.crimes import CrimeFailed
from bot.web.desk.finding import AuthorityUnclear
from bot.web.desk.labels import label, told_of
from bot.web.desk.ledger import case_id
from bot.web.desk.opening import OpenedCase, absent_case
from bot.web.desk.rewards import RewardFailed
from bot.web.desk.seat import PATH, Seat, SeatHere, is_fresh
from bot.web.templating import page
from intake.errors import LedgerBusy, NotAllowed, NotFound
from intake.models import Case, OutgoingHold, Staff
from intake.viewing import ACTING
from routing.errors import DeskError
from routing.rules import legal_day

CASE = f"{PATH}/cases/{{number}}"

router = APIRouter()
NO_MORE: Mapping[str, Any] = {"held": [], "rewards": [], "crime": None}
"""What those who look on are shown of it: nothing."""


@dataclass(frozen=True, slots=True)
class Failed:
    """An act that was refused: why, and what had been typed."""

    act: str
    sentence: str
    typed: Mapping[str, str]


@router.get(CASE)
def show(request: Request, number: str, here: SeatHere, opened: OpenedCase, done: str = "") -> HTMLResponse:
    """The case, as this viewer may see it."""
    return case_page(request, number, here, told=told_of(done), alarm=done == "held")


@router.post(f"{CASE}/{{act}}")
def perform(
    request: Request,
    number: str,
    act: str,
    here: SeatHere,
    opened: OpenedCase,
    csrf: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
    question: Annotated[str, Form()] = "",
    report_id: Annotated[str, Form()] = "",
    authority: Annotated[str, Form()] = "",
    outcome: Annotated[str, Form()] = "",
    finding: Annotated[str, Form()] = "",
    department: Annotated[str, Form()] = "",
    weight: Annotated[str, Form()] = "",
    due: Annotated[str, Form()] = "",
    paper: Annotated[str, Form()] = "",
    ground: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
    days: Annotated[str, Form()] = "",
    record: Annotated[str, Form()] = "",
) -> Response:
    """Do one act; refused, the same page comes back with the sentence and with what was typed."""
    given = {
        "reason": reason, "text": text, "question": question, "report_id": report_id,
        "department": department, "weight": weight, "due": due, "paper": paper,
        "authority": authority, "outcome": outcome, "finding": finding, "ground": ground, "note": note, "days": days,
        "record": record,
    }  # fmt: skip
    typed = {name: value.replace("\r\n", "\n") for name, value in given.items() if value}
    if act not in acting.VERBS:
        raise absent_case()
    if not is_fresh(here, csrf):
        return case_page(request, number, here, Failed(act, label("refused", "csrf"), typed), status=403)
    app, now = door.app_of(request), door.now()
    try:
        with app.database.transaction() as session:
            officer = session.get_one(Staff, here.staff.id)
            case = case_id(session, number, viewer=officer)
            done = acting.perform(session, case, officer, act, typed, rules=app.rules, vault=app.vault, now=now)
    except (NotFound, NotAllowed) as absent:
        raise absent_case() from absent
    except (DeskError, AuthorityUnclear) as refused:
        return case_page(request, number, here, Failed(act, str(refused), typed), status=409)
    except LedgerBusy:
        return case_page(request, number, here, Failed(act, label("refused", "busy"), typed), status=503)
    if isinstance(done, OutgoingHold):
        return RedirectResponse(f"{PATH}/cases/{number}?done=held#held", 303)
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


def case_page(
    request: Request,
    number: str,
    here: Seat,
    failed: Failed | None = None,
    told: str | None = None,
    status: int = 200,
    *,
    alarm: bool = False,
    reward: RewardFailed | None = None,
    crime: CrimeFailed | None = None,
) -> HTMLResponse:
    """The page of a case, with what was refused and what had been typed."""
    app = door.app_of(request)
    today, acting_here = legal_day(door.now()), here.role in ACTING
    drawn = casebook.values if acting_here else casebook.onlooker
    try:
        with app.database.reading() as session:
            values: Mapping[str, Any] = drawn(session, number, here, rules=app.rules, today=today)
            more = _more(session, number, here, values, app, reward, crime) if acting_here else NO_MORE
    except (NotFound, NotAllowed) as absent:
        raise absent_case() from absent
    template = "desk/case.html" if acting_here else "desk/onlooker.html"
    return page(template, status=status, failed=failed, told=told, alarm=alarm, **more, **values)


def _more(
    session: Session,
    number: str,
    here: Seat,
    values: Mapping[str, Any],
    app: App,
    failed: RewardFailed | None,
    crime: CrimeFailed | None,
) -> Mapping[str, Any]:
    """The texts that wait for this viewer, the rewards of the case, and a crime suspected in it."""
    case = session.get_one(Case, case_id(session, number, viewer=here.staff))
    labels = {report.id: report.label for report in values["reports"]}
    return {
        "oversight": oversight.shown(session, case, here),
        "held": heldtexts.shown(session, case, here, labels, app.vault),
        "rewards": rewards.shown(session, case, here, labels, app.rules, failed),
        "reward_form": rewards.form(),
        "crime": crimes.shown(session, case, here, app.rules, door.now(), crime),
        "papers": papers.of_case(session, case, here, labels),
    }
