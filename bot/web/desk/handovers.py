"""The inbox of handovers: what waits for this authority's answer or designation, with the papers listed and buttons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.web import door
from bot.web.desk import acting, handing
from bot.web.desk.finding import AuthorityUnclear
from bot.web.desk.labels import label, section, told_of
from bot.web.desk.seat import PATH, Seat, SeatHere, must_be_fresh
from bot.web.errors import Refused
from bot.web.templating import page
from intake import handovers
from intake.errors import LedgerBusy, NotAllowed, NotFound
from intake.models import OutgoingHold, Staff
from intake.viewing import ACTING
from routing.desk.handoversteps import grounds_of_refusal
from routing.errors import DeskError

HERE = f"{PATH}/handovers"
GROUPS = ("answer", "decide", "others", "settled")
STEPS = frozenset({"take", "send_back", "dispute", "take_back", "designate"})

router = APIRouter()


@router.get(HERE)
def show(request: Request, here: SeatHere, done: str = "") -> HTMLResponse:
    """The handovers of the viewer's authority."""
    told = section("handing").get(f"done_{done}") or told_of(done)
    return _page(request, here, told=told)


@router.post(f"{HERE}/{{handover}}/{{step}}")
def act(
    request: Request,
    handover: int,
    step: str,
    here: SeatHere,
    csrf: Annotated[str, Form()] = "",
    ground: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    authority: Annotated[str, Form()] = "",
) -> Response:
    """One step; refused, the page comes back with the sentence and with what was typed."""
    must_be_fresh(here, csrf)
    if step not in STEPS:
        raise Refused(404, "not_found", label("refused", "not_found"))
    typed = {"ground": ground, "reason": reason.replace("\r\n", "\n"), "authority": authority}
    app, now = door.app_of(request), door.now()
    try:
        with app.database.transaction() as session:
            staff = session.get_one(Staff, here.staff.id)
            case = handovers.one(session, handover, viewer=staff).row.case_id
            done = acting.perform(session, case, staff, step, typed, rules=app.rules, vault=app.vault, now=now)
    except (NotFound, NotAllowed) as absent:
        raise Refused(404, "not_found", label("refused", "not_found")) from absent
    except (DeskError, AuthorityUnclear) as refused:
        return _page(
            request, here, failed={"id": handover, "step": step, "sentence": str(refused), **typed}, status=409
        )
    except LedgerBusy:
        sentence = label("refused", "busy")
        return _page(request, here, failed={"id": handover, "step": step, "sentence": sentence, **typed}, status=503)
    return RedirectResponse(f"{HERE}?done={'held' if isinstance(done, OutgoingHold) else step}", 303)


def _page(
    request: Request,
    here: Seat,
    *,
    told: str | None = None,
    failed: Mapping[str, object] | None = None,
    status: int = 200,
) -> HTMLResponse:
    if here.role not in ACTING:
        raise Refused(403, "forbidden", label("refused", "role"))
    with door.app_of(request).database.reading() as session:
        found = handing.cards(session, here.staff)
    groups = [(label("handing", name), [one for one in found if one.group == name]) for name in GROUPS]
    return page(
        "desk/handovers.html",
        status=status,
        seat=here,
        here=HERE,
        title=label("handing", "title"),
        groups=[(name, cards) for name, cards in groups if cards],
        words=section("handing"),
        grounds=grounds_of_refusal(),
        told=told,
        failed=failed,
    )
