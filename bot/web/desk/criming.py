"""The acts on a suspected crime over the page of its case; a refusal loses nothing that was typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from bot.web import door
from bot.web.desk import crimes
from bot.web.desk.case import CASE, case_page
from bot.web.desk.crimes import CrimeFailed
from bot.web.desk.labels import label
from bot.web.desk.ledger import case_id
from bot.web.desk.opening import OpenedCase, absent_case
from bot.web.desk.seat import SeatHere, is_fresh
from intake.errors import LedgerBusy, NotAllowed, NotFound
from intake.models import Case, OutgoingHold, Staff
from routing import desk
from routing.errors import DeskError
from routing.lives import life

router = APIRouter()


async def _typed(request: Request) -> Mapping[str, str]:
    """The fields of a form as they were typed."""
    form = await request.form(max_files=0, max_fields=30)
    return {name: str(value).replace("\r\n", "\n") for name, value in form.items()}


@router.post(f"{CASE}/crime/{{act}}")
def perform(
    request: Request,
    number: str,
    act: str,
    here: SeatHere,
    opened: OpenedCase,
    typed: Annotated[Mapping[str, str], Depends(_typed)],
) -> Response:
    """Do one act; refused, the case comes back with the sentence and with what was typed."""
    if act not in life("crime").moves:
        raise absent_case()

    def again(sentence: str, status: int) -> Response:
        return case_page(request, number, here, crime=CrimeFailed(act, sentence, typed), status=status)

    if not is_fresh(here, typed.get("csrf", "")):
        return again(label("refused", "csrf"), 403)
    try:
        done = _do(request, number, act, here, typed)
    except (NotFound, NotAllowed) as absent:
        raise absent_case() from absent
    except DeskError as refused:
        return again(refused.sentence, 409)
    except LedgerBusy:
        return again(label("refused", "busy"), 503)
    where = CASE.format(number=number)
    held = isinstance(done, OutgoingHold)
    return RedirectResponse(f"{where}?done={'held#held' if held else f'{act}#crime'}", 303)


def _do(request: Request, number: str, act: str, here: SeatHere, typed: Mapping[str, str]) -> Case | OutgoingHold:
    app = door.app_of(request)
    with app.database.transaction() as session:
        staff = session.get_one(Staff, here.staff.id)
        case = case_id(session, number, viewer=staff)
        words = crimes.words_of(act, typed)
        return desk.attempt(session, case, staff, act, words, rules=app.rules, vault=app.vault, now=door.now())
