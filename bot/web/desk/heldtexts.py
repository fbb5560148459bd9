"""Texts that wait on the case page: what may tell who reported, why, what to write instead, and who decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from bot.app import App
from bot.web import door
from bot.web.desk.labels import label
from bot.web.desk.ledger import case_id, staff_names
from bot.web.desk.opening import OpenedCase
from bot.web.desk.seat import PATH, Seat, SeatHere, must_be_fresh
from bot.web.errors import Refused
from intake.confidentiality import Vault
from intake.errors import LedgerBusy, NotAllowed, NotFound
from intake.models import Case, OutgoingHold, Staff
from routing import states
from routing.desk import held
from routing.desk.held import Waiting
from routing.errors import DeskError
from routing.leaks import Finding, table

HELD = f"{PATH}/cases/{{number}}/held/{{hold}}/{{step}}"
STEPS = frozenset({"change", "drop", "ask", "release"})

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the text; `n` is the number of its remark, none where it is harmless."""

    text: str
    n: int = 0


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing found: the words, why they tell, what to write instead, and the report that holds them."""

    n: int
    words: str
    why: str
    instead: str
    report: str


@dataclass(frozen=True, slots=True)
class Held:
    """One text that waits, for one viewer."""

    id: int
    verb: str
    writer: str
    at: datetime
    text: str
    asked: str
    mine: bool
    parts: tuple[Part, ...]
    remarks: tuple[Remark, ...]


def shown(session: Session, case: Case, here: Seat, reports: Mapping[int, str], vault: Vault) -> list[Held]:
    """The texts of a case that wait for this viewer; `reports` says what the page calls each report."""
    found = held.waiting(session, case, viewer=here.staff, vault=vault)
    names = staff_names(session, [one.writer for one in found])
    return [
        Held(
            id=one.hold_id,
            verb=states.act_name(one.verb),
            writer=names.get(one.writer, ""),
            at=one.made_at,
            text=one.text,
            asked=one.asked,
            mine=one.writer == here.staff.id,
            parts=tuple(_parts(one)),
            remarks=tuple(_remark(n, one.text, finding, reports) for n, finding in enumerate(one.findings, 1)),
        )
        for one in found
    ]


def _parts(waiting: Waiting) -> Iterator[Part]:
    """The text cut where remarks begin and end; they never overlap."""
    at = 0
    for n, finding in enumerate(waiting.findings, 1):
        if finding.start < at:
            continue
        yield Part(waiting.text[at : finding.start])
        yield Part(waiting.text[finding.start : finding.end], n)
        at = finding.end
    yield Part(waiting.text[at:])


def _remark(n: int, text: str, finding: Finding, reports: Mapping[int, str]) -> Remark:
    return Remark(
        n=n,
        words=text[finding.start : finding.end],
        why=table.why(finding.kind),
        instead=table.instead(finding.kind),
        report=reports.get(finding.report_id or 0, ""),
    )


@router.post(HELD)
def decide(
    request: Request,
    number: str,
    hold: int,
    step: str,
    here: SeatHere,
    opened: OpenedCase,
    csrf: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Change, drop, ask for release, release; a refusal comes as a sentence on a page of its own."""
    must_be_fresh(here, csrf)
    if step not in STEPS:
        raise Refused(404, "not_found", label("refused", "not_found"))
    app, now = door.app_of(request), door.now()
    text, reason = text.replace("\r\n", "\n"), reason.replace("\r\n", "\n")
    try:
        with app.database.transaction() as session:
            staff = session.get_one(Staff, here.staff.id)
            _belongs(session, hold, number, staff)
            done = _do(app, session, hold, staff, step, text if step == "change" else reason, now)
    except (NotFound, NotAllowed) as absent:
        raise Refused(404, "not_found", label("refused", "not_found")) from absent
    except DeskError as refused:
        raise Refused(409, "held", str(refused)) from refused
    except LedgerBusy as busy:
        raise Refused(503, "busy", label("refused", "busy")) from busy
    told = "held" if isinstance(done, OutgoingHold) else f"held_{step}"
    return RedirectResponse(_where(app.database.reading(), number, here, told), 303)


def _belongs(session: Session, hold: int, number: str, staff: Staff) -> None:
    """Raise NotFound where the text is of another case, or of one that this person does not see."""
    if held.hold_case(session, hold) != case_id(session, number, viewer=staff):
        raise NotFound


def _do(app: App, session: Session, hold: int, staff: Staff, step: str, words: str, now: datetime) -> object:
    """One step; gives a hold where the text waits all the same."""
    if step == "change":
        return held.change(session, hold, staff, words, rules=app.rules, vault=app.vault, now=now)
    if step == "release":
        return held.release(session, hold, staff, words, rules=app.rules, vault=app.vault, now=now)
    if step == "ask":
        held.ask_release(session, hold, staff, words, vault=app.vault, now=now)
    else:
        held.drop(session, hold, staff, now=now)
    return None


def _where(session: Session, number: str, here: Seat, told: str) -> str:
    """Back to the case, or to the queue where it is no longer this desk's to see."""
    with session:
        try:
            case_id(session, number, viewer=here.staff)
        except NotFound:
            return f"{PATH}?done={told}"
    return f"{PATH}/cases/{number}?done={told}" + ("#held" if told == "held" else "")
