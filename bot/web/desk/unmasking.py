"""Asking for an identity, deciding on it, and the look itself, which is a form and never an address to come back to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from bot.web import door
from bot.web.desk.clockface import moment
from bot.web.desk.labels import label, section
from bot.web.desk.opening import OpenedCase, absent_case
from bot.web.desk.seat import PATH, Seat, SeatHere, must_be_fresh
from bot.web.errors import Refused
from bot.web.templating import page
from intake import access, queries, unmasking
from intake.errors import NotAllowed
from intake.models import Staff
from intake.unmasking import Request as Asked
from intake.viewing import ACTING
from intake.views import ReportView
from routing.authorities import by_code
from routing.desk import unmasking as seal
from routing.errors import DeskError

HERE = f"{PATH}/unmasking"
ASK = f"{PATH}/cases/{{number}}/unmask/{{report_id}}"

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Shown:
    """One request as a line or a card of a page."""

    row: Asked
    fields: str
    purpose: str
    mode_word: str
    role_word: str
    office: str
    state: str
    state_word: str
    decided_by: str

    @property
    def is_live(self) -> bool:
        """Whether it may be looked at now; the ledger asks again."""
        return self.state == "approved"


def shown(row: Asked, now: datetime) -> Shown:
    """A request with its words; what has run out is said to have."""
    state = row.state
    if state == "approved" and row.expires_at is not None and row.expires_at <= now:
        state = "expired"
    elif state == "waiting" and row.first:
        state = "half"
    words = seal.table()
    return Shown(
        row=row,
        fields="、".join(words["fields"].get(field, field) for field in row.fields),
        purpose=str(words["purposes"].get(row.purpose, row.purpose)),
        mode_word=label("mode", row.mode) if row.mode else "",
        role_word=label("role", row.asker_role),
        office=by_code(row.authority).name,
        state=state,
        state_word=str(words["states"][state]),
        decided_by="、".join(filter(None, (row.first, row.second))),
    )


@router.get(HERE)
def list_requests(request: Request, here: SeatHere, done: str = "") -> HTMLResponse:
    """The asker's own requests, or what a custodian has to decide."""
    return _list(request, here, told=label("unmask", done) if done in section("unmask") else None)


def _list(request: Request, here: Seat, told: str | None = None, failed: str = "", status: int = 200) -> HTMLResponse:
    app, now = door.app_of(request), door.now()
    if here.role not in ACTING | {"custodian"}:
        raise Refused(403, "forbidden", label("refused", "role"))
    with app.database.reading() as session:
        found = [shown(row, now) for row in unmasking.requests(session, viewer=here.staff)]
        waits = unmasking.waiting(session, viewer=here.staff)
    title = label("unmask", "decide_title" if here.role == "custodian" else "list_title")
    return page(
        "desk/unmasking.html",
        status=status,
        seat=here,
        here=HERE,
        waiting=waits,
        title=title,
        requests=found,
        told=told,
        failed=failed,
        me=here.staff.name,
    )


@router.get(ASK)
def form(request: Request, number: str, report_id: int, here: SeatHere, case: OpenedCase) -> HTMLResponse:
    """The form that asks for one report's identity or words."""
    return _form(request, number, report_id, here, case)


@router.post(ASK)
def ask(
    request: Request,
    number: str,
    report_id: int,
    here: SeatHere,
    case: OpenedCase,
    fields: Annotated[list[str] | None, Form()] = None,
    purpose: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    csrf: Annotated[str, Form()] = "",
) -> Response:
    """Hand the request in; refused, the form comes back with what was typed."""
    must_be_fresh(here, csrf)
    _report(request, report_id, here, case)
    try:
        with door.app_of(request).database.transaction() as session:
            asker = session.get_one(Staff, here.staff.id)
            seal.ask(
                session, report_id, asker, fields=fields or (), purpose=purpose, reason=reason,
                vault=door.app_of(request).vault, now=door.now(),
            )  # fmt: skip
    except DeskError as refused:
        typed = {"fields": fields or [], "purpose": purpose, "reason": reason}
        return _form(request, number, report_id, here, case, str(refused), typed, 409)
    return RedirectResponse(f"{HERE}?done=asked", 303)


def _form(
    request: Request,
    number: str,
    report_id: int,
    here: Seat,
    case: int,
    failed: str = "",
    typed: Mapping[str, object] | None = None,
    status: int = 200,
) -> HTMLResponse:
    report = _report(request, report_id, here, case)
    words = seal.table()
    anonymous = report.mode == "anonymous"
    offered = {
        field: word for field, word in words["fields"].items() if not (anonymous and field in unmasking.IDENTITY)
    }
    return page(
        "desk/unmask.html",
        status=status,
        seat=here,
        number=number,
        report=report,
        mode_word=label("mode", report.mode),
        anonymous=label("unmask", "anonymous") if anonymous else "",
        offered=offered,
        purposes=words["purposes"],
        needs=words["approvals"].get(here.role, 1),
        minutes=int(door.app_of(request).settings.unmask_for.total_seconds() // 60),
        failed=failed,
        typed=typed or {"fields": [], "purpose": "", "reason": ""},
        here=HERE,
    )


def _report(request: Request, report_id: int, here: Seat, case: int) -> ReportView:
    """The report of this case, as the viewer sees it; 404 where it belongs to another one."""
    if not access.ever(here.role, "identity", "name"):
        raise absent_case()
    with door.app_of(request).database.reading() as session:
        found = queries.case_page(session, case, viewer=here.staff)
    report = next((one for one in found.reports if one.report_id == report_id), None)
    if report is None:
        raise absent_case()
    return report


@router.post(f"{HERE}/{{grant}}/approve")
def approve(request: Request, grant: int, here: SeatHere, csrf: Annotated[str, Form()] = "") -> Response:
    """Agree."""
    lasting = door.app_of(request).settings.unmask_for

    def verb(session: Session, who: Staff) -> str:
        given = seal.approve(session, grant, who, now=door.now(), lasting=lasting)
        return "approve" if given.state == "approved" else "agreed"

    return _decide(request, here, csrf, verb)


@router.post(f"{HERE}/{{grant}}/refuse")
def refuse(
    request: Request,
    grant: int,
    here: SeatHere,
    csrf: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Say no."""

    def verb(session: Session, who: Staff) -> str:
        seal.refuse(session, grant, who, reason=reason, now=door.now())
        return "refuse"

    return _decide(request, here, csrf, verb)


@router.post(f"{HERE}/{{grant}}/revoke")
def revoke(
    request: Request,
    grant: int,
    here: SeatHere,
    csrf: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Take a grant back."""

    def verb(session: Session, who: Staff) -> str:
        seal.revoke(session, grant, who, reason=reason, vault=door.app_of(request).vault, now=door.now())
        return "revoke"

    return _decide(request, here, csrf, verb)


def _decide(request: Request, here: Seat, csrf: str, verb: Callable[[Session, Staff], str]) -> Response:
    must_be_fresh(here, csrf)
    try:
        with door.app_of(request).database.transaction() as session:
            done = verb(session, session.get_one(Staff, here.staff.id))
    except DeskError as refused:
        return _list(request, here, failed=str(refused), status=409)
    return RedirectResponse(f"{HERE}?done={done}", 303)


@router.post(f"{HERE}/{{grant}}/look")
def look(request: Request, grant: int, here: SeatHere, csrf: Annotated[str, Form()] = "") -> Response:
    """Show what was granted, once: the event of this look is committed before anything is drawn."""
    must_be_fresh(here, csrf)
    app, now = door.app_of(request), door.now()
    try:
        with app.database.transaction() as session:
            viewer = session.get_one(Staff, here.staff.id)
            given, opened = seal.look(session, grant, viewer, vault=app.vault, store=app.evidence, now=now)
    except (DeskError, NotAllowed) as refused:
        if here.role not in ACTING | {"custodian"}:
            raise Refused(403, "forbidden", label("refused", "role")) from refused
        return _list(request, here, failed=str(refused), status=409)
    assert given.expires_at is not None
    with app.database.reading() as session:
        row = next(one for one in unmasking.requests(session, viewer=here.staff) if one.id == grant)
    words = seal.table()["fields"]
    mark = label("unmask", "watermark").format(name=here.staff.name, at=moment(now, seconds=False))
    return page(
        "desk/unmasked.html",
        seat=here,
        here=HERE,
        request=shown(row, now),
        values=[(words[field], value or label("unmask", "none")) for field, value in opened.values.items()],
        letters=opened.letters,
        files=opened.files,
        words=words,
        granted=row.fields,
        until=given.expires_at,
        seconds=max(1, int((given.expires_at - now).total_seconds())),
        mark=mark,
    )
