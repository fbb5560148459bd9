"""Entering on behalf: a call, a letter, a fax or a visit, written down by a clerk and filed like any report.

The ear reads along, the clerk corrects it. Contact data are sealed with the filing; the pages that come back to the
clerk before it hold only what he has typed himself, and the receipt shows the code once.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from bot import reception
from bot.app import App
from bot.channels.message import File
from bot.web import door
from bot.web.api import incoming
from bot.web.desk import typed as typing
from bot.web.desk.labels import label
from bot.web.desk.seat import PATH, Seat, SeatHere, is_fresh
from bot.web.desk.typed import CHANNELS, Typed
from bot.web.errors import Refused
from bot.web.templating import page
from bot.workorder import OrderRefused, as_report
from intake import audit, handing
from intake.errors import LedgerBusy
from intake.models import FiledReport
from intake.report import Receipt, Report
from intake.viewing import ACTING
from routing import desk
from routing.desk import Steps, Wish
from routing.errors import DeskError
from routing.rules import SHANGHAI

ENTER = f"{PATH}/enter"
SOURCE = "desk"
"""Under which the ledger knows a form that was sent twice."""
ENTRY_BYTES = 16

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Problems:
    """Why the form came back: a sentence for the whole, and one for each field at fault."""

    sentence: str = ""
    fields: Mapping[str, str] | None = None
    status: int = 200


@router.get(ENTER)
def show(here: SeatHere) -> HTMLResponse:
    """An empty form, for what came just now."""
    _must_act(here)
    now = door.now().astimezone(SHANGHAI)
    fresh = {"entry": secrets.token_hex(ENTRY_BYTES), "channel": "phone", "mode": "confidential"}
    return _page(here, Typed(fresh | {"received_day": f"{now:%Y-%m-%d}", "received_time": f"{now:%H:%M}"}))


@router.post(ENTER)
async def enter(request: Request, here: SeatHere) -> HTMLResponse:
    """Hear what was typed, or file it; refused, the page comes back with all that was typed."""
    _must_act(here)
    async with request.form(max_files=incoming.FILES_MAX, max_fields=200) as form:
        return await run_in_threadpool(_entered, door.app_of(request), here, form)


def _entered(app: App, here: Seat, form: FormData) -> HTMLResponse:
    words = {name: value for name, value in form.items() if isinstance(value, str)}
    claims, offered = (tuple(map(str, form.getlist(name))) for name in ("claims", "offered"))
    given, now = typing.of_form(words, claims, offered), door.now()
    if not is_fresh(here, words.get("csrf", "")):
        return _page(here, given, Problems(label("refused", "csrf"), status=403))
    uploads = [one for one in form.getlist("files") if isinstance(one, UploadFile) and one.filename]
    try:
        if words.get("step") != "file":
            return _heard(app, here, given, now)
        return _filed(app, here, given, uploads, now)
    except OrderRefused as refused:
        return _page(here, given, Problems(fields=refused.fields, status=422))
    except (Refused, DeskError) as refused:
        return _page(here, given, Problems(str(refused), status=422))
    except LedgerBusy:
        return _page(here, given, Problems(label("refused", "busy"), status=503))


def _heard(app: App, here: Seat, given: Typed, now: datetime) -> HTMLResponse:
    """The form with what the ear understood."""
    order = typing.order(given, now)
    heard = app.ear.parse(order.text, now=typing.received(given, now), home=app.settings.home)
    return _page(here, typing.filled(given, heard))


def _filed(app: App, here: Seat, given: Typed, uploads: list[UploadFile], now: datetime) -> HTMLResponse:
    """The receipt; for a form that was sent before, the number it got then."""
    order = typing.order(given, now)
    heard = app.ear.parse(order.text, now=typing.received(given, now), home=app.settings.home)
    files = tuple(incoming.kept(app, one) for one in uploads)
    report = as_report(
        order,
        heard,
        account=f"{SOURCE} {given.get('entry')}",
        vault=app.vault,
        home=app.settings.home,
        now=now,
        settled=given.heard,
        evidence=tuple(file.digest for file in files),
    )
    receipt, before = app.counter.file(lambda session: _written(session, app, here, given, report, files, now))
    if receipt is None:
        return _page(here, given, Problems(label("enter", "again").format(number=before), status=409))
    return page("desk/entered.html", seat=here, tab="enter", receipt=receipt, channel=label("channel", order.channel))


def _written(
    session: Session, app: App, here: Seat, given: Typed, report: Report, files: tuple[File, ...], now: datetime
) -> Steps[tuple[Receipt | None, str]]:
    """File the report, and write into the history who took it down; without a receipt where that was done before."""
    entry = given.get("entry")
    if known := handing.known(session, SOURCE, [entry]):
        return None, known[entry].case_number
    for file in files:
        reception.enter(app, session, file.digest, now)
    names = {file.digest: file.name for file in files}
    (done,) = yield Wish([desk.draft(report, vault=app.vault, home=app.settings.home, file_names=names)], now)
    receipt = desk.receipt_of(session, done)
    number = receipt.case_number
    filed = session.scalars(select(FiledReport).where(FiledReport.number == number)).one()
    data = {"report_id": filed.id, "channel": report.teller.channel}
    audit.append(session, filed.case_id, "entered", f"staff:{here.staff.id}", data, now)
    content = handing.content_hash(app.vault, entry)
    handing.remember(session, SOURCE, {entry: (content, number)}, now)
    return receipt, number


def _must_act(here: Seat) -> None:
    """Only those who handle cases take reports down."""
    if here.role not in ACTING:
        raise Refused(403, "forbidden", label("enter", "role"))


def _page(here: Seat, given: Typed, problems: Problems | None = None) -> HTMLResponse:
    problems = problems or Problems()
    # A fault within a list or a period is shown beside the whole.
    fields = {
        name if name.startswith("reporter") else name.partition(".")[0]: said
        for name, said in (problems.fields or {}).items()
    }
    return page(
        "desk/enter.html",
        status=problems.status,
        seat=here,
        tab="enter",
        typed=given,
        problem=problems.sentence,
        fields=fields,
        channels=[(name, label("channel", name)) for name in CHANNELS],
        modes=[(name, label("mode", name)) for name in ("confidential", "named", "anonymous")],
        sides=[(name, label("side", name)) for name in ("citizen", "enterprise")],
        today=f"{door.now().astimezone(SHANGHAI):%Y-%m-%d}",
    )
