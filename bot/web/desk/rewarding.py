"""The acts on a reward: propose with steps that follow what is typed, approve, refuse, notify, pay, recover; a refusal loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from bot.web import door
from bot.web.desk import rewards
from bot.web.desk.case import CASE, case_page
from bot.web.desk.labels import label, section
from bot.web.desk.ledger import case_id
from bot.web.desk.opening import OpenedCase, absent_case
from bot.web.desk.rewards import RewardFailed
from bot.web.desk.seat import SeatHere, is_fresh, must_be_fresh
from bot.web.templating import page
from intake.errors import LedgerBusy, NotAllowed, NotFound
from intake.models import Case, OutgoingHold, Staff
from intake.viewing import case_for
from routing import desk
from routing.desk.people import report_of
from routing.errors import DeskError

REWARD = f"{CASE}/rewards/{{report}}"
MOST_DIGITS = 6

router = APIRouter()


async def _typed(request: Request) -> Mapping[str, str]:
    """The fields of a form as they were typed."""
    form = await request.form(max_files=0, max_fields=60)
    return {name: str(value).replace("\r\n", "\n") for name, value in form.items()}


Typed = Annotated[Mapping[str, str], Depends(_typed)]


def _number(typed: Mapping[str, str], name: str, default: int) -> int:
    """A small number as it was typed; the default where nothing was, and 0 for what is none."""
    text = typed.get(name, "").strip()
    if not text:
        return default
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else 0


def _proposal(typed: Mapping[str, str]) -> dict[str, Any]:
    matter = rewards.matter_of(typed)
    return {
        "facts": rewards.facts_of(typed),
        "case_value": matter.case_value,
        "grade": matter.grade,
        "accused": matter.accused,
        "kinds": sorted(matter.kinds),
        "reporter": typed.get("reporter") or "person",
        "people_sharing": _number(typed, "people", 1),
    }


def _fields(*names: str) -> Callable[[Mapping[str, str]], dict[str, Any]]:
    return lambda typed: {name: typed.get(name, "") for name in names}


WORDS: Mapping[str, Callable[[Mapping[str, str]], dict[str, Any]]] = {
    "propose": _proposal,
    "approve": _fields(),
    "refuse": _fields("text"),
    "notify": _fields(),
    "renew": _fields("reason"),
    "pay": lambda typed: {"reference": typed.get("reference", ""), "share": _number(typed, "share", 1)},
    "recover": _fields("yuan", "reference", "text"),
}
"""Each act takes its own fields and nothing else."""


@router.post(f"{REWARD}/preview")
def preview(
    request: Request, number: str, report: int, here: SeatHere, opened: OpenedCase, typed: Typed
) -> JSONResponse:
    """What the proposal would come to, line by line; nothing is written."""
    must_be_fresh(here, typed.get("csrf", ""))
    app = door.app_of(request)
    try:
        with app.database.reading() as session:
            found = case_for(session, case_id(session, number, viewer=here.staff), viewer=here.staff, acting=True)
            lines = rewards.preview(session, found, report_of(session, found, report), typed, app.rules)
    except (NotFound, NotAllowed, DeskError) as absent:
        raise absent_case() from absent
    return JSONResponse({"lines": lines})


@router.post(f"{REWARD}/payee")
def payee(request: Request, number: str, report: int, here: SeatHere, opened: OpenedCase, typed: Typed) -> Response:
    """Who is paid, for whoever pays, on a page of its own that nothing keeps; the opening is written down first."""
    must_be_fresh(here, typed.get("csrf", ""))
    app = door.app_of(request)
    try:
        with app.database.transaction() as session:
            staff = session.get_one(Staff, here.staff.id)
            case = case_id(session, number, viewer=staff)
            seen = desk.payee(session, case, staff, report_id=report, vault=app.vault, now=door.now())
    except (NotFound, NotAllowed) as absent:
        raise absent_case() from absent
    except DeskError as refused:
        return _again(request, number, here, RewardFailed(report, "payee", refused.sentence), 409)
    rows = {name: getattr(seen, name) for name in ("name", "phone", "place", "account")}
    how = section("reward_how").get(seen.how, "")
    shown = [(label("payee", name), value) for name, value in {"how": how, **rows}.items() if value]
    return page("desk/payee.html", seat=here, number=number, report=report, rows=shown)


@router.post(f"{REWARD}/{{act}}")
def perform(
    request: Request, number: str, report: int, act: str, here: SeatHere, opened: OpenedCase, typed: Typed
) -> Response:
    """Do one act; refused, the case comes back with the sentence and with what was typed."""
    if act not in WORDS:
        raise absent_case()
    if not is_fresh(here, typed.get("csrf", "")):
        return _again(request, number, here, RewardFailed(report, act, label("refused", "csrf"), typed), 403)
    try:
        done = _do(request, number, report, act, here, typed)
    except (NotFound, NotAllowed) as absent:
        raise absent_case() from absent
    except DeskError as refused:
        return _again(request, number, here, RewardFailed(report, act, refused.sentence, typed), 409)
    except LedgerBusy:
        return _again(request, number, here, RewardFailed(report, act, label("refused", "busy"), typed), 503)
    where = CASE.format(number=number)
    if isinstance(done, OutgoingHold):
        return RedirectResponse(f"{where}?done=held#held", 303)
    return RedirectResponse(f"{where}?done={act}_reward#reward-{report}", 303)


def _do(
    request: Request, number: str, report: int, act: str, here: SeatHere, typed: Mapping[str, str]
) -> Case | OutgoingHold:
    app = door.app_of(request)
    with app.database.transaction() as session:
        staff = session.get_one(Staff, here.staff.id)
        case = case_id(session, number, viewer=staff)
        words = {"report_id": report, **WORDS[act](typed)}
        return desk.attempt(
            session, case, staff, f"{act}_reward", words, rules=app.rules, vault=app.vault, now=door.now()
        )


def _again(request: Request, number: str, here: SeatHere, failed: RewardFailed, status: int) -> Response:
    return case_page(request, number, here, reward=failed, status=status)
