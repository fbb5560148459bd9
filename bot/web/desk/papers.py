"""The papers of a case, and the register of what an office sent out: listed, read on the page, downloaded as they went out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from bot import archive
from bot.web import door
from bot.web.desk import ledger
from bot.web.desk.labels import label
from bot.web.desk.opening import OpenedCase, absent_case
from bot.web.desk.seat import PATH, Seat, SeatHere, must_be_fresh
from bot.web.errors import Refused
from bot.web.templating import page
from intake import looking, papers
from intake.errors import NotAllowed, NotFound, PaperAltered, PaperErased
from intake.models import Case, Staff
from intake.viewing import case_for
from intake.views import PaperView
from routing.documents import Table, kinds, read
from routing.rules import legal_day

HERE = f"{PATH}/papers"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PER_PAGE = 50

router = APIRouter()


@dataclass(frozen=True, slots=True)
class PaperShown:
    """One paper in a list."""

    id: int
    name: str
    number: str
    case: str
    to: str
    who: str
    at: datetime
    sm3: str
    erased: bool


def of_case(session: Session, case: Case, here: Seat, labels: Mapping[int, str]) -> list[PaperShown]:
    """The papers of a case for its page; `labels` call the reports as the page does."""
    return _shown(session, papers.of_case(session, case, viewer=here.staff), labels)


@router.get(HERE)
def register(
    request: Request,
    here: SeatHere,
    year: Annotated[int, Query(ge=2000, le=2999)] | None = None,
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> HTMLResponse:
    """What this office sent out in a year, newest first."""
    chosen = year or legal_day(door.now()).year
    try:
        with door.app_of(request).database.reading() as session:
            found = papers.issued(
                session, viewer=here.staff, year=chosen, limit=PER_PAGE + 1, offset=(number - 1) * PER_PAGE
            )
            rows = _shown(session, found[:PER_PAGE], {})
    except NotAllowed as refused:
        raise Refused(403, "forbidden", label("refused", "role")) from refused
    more = len(found) > PER_PAGE
    return page("desk/register.html", seat=here, here=HERE, year=chosen, papers=rows, page=number, more=more)


@router.get(f"{HERE}/{{paper}}")
def show(request: Request, paper: int, here: SeatHere) -> HTMLResponse:
    """A paper to read, from the file itself."""
    view, content = _opened(request, paper, here)
    blocks = [
        {"rows": one.rows} if isinstance(one, Table) else {"style": one.style, "text": one.text}
        for one in read(content)
    ]
    return page("desk/paper.html", seat=here, paper=view, called=kinds().get(view.kind, view.kind), blocks=blocks)


@router.get(f"{HERE}/{{paper}}/docx")
def fetch(request: Request, paper: int, here: SeatHere) -> Response:
    """The file, byte for byte as it went out."""
    view, content = _opened(request, paper, here)
    name = quote(f"{kinds().get(view.kind, view.kind)} {view.number}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}.docx"}
    return Response(content, media_type=DOCX, headers=headers)


@router.post(f"{PATH}/cases/{{number}}/archive")
def whole(
    request: Request, number: str, here: SeatHere, opened: OpenedCase, csrf: Annotated[str, Form()] = ""
) -> Response:
    """The whole case as one file, for a leader; that it was made is written down with the digest of its manifest."""
    must_be_fresh(here, csrf)
    app = door.app_of(request)
    try:
        with app.database.transaction() as session:
            staff = session.get_one(Staff, here.staff.id)
            case = case_for(session, opened, viewer=staff, acting=True)
            made = archive.make(
                session, case, viewer=staff, actor=f"staff:{staff.id}", rules=app.rules, vault=app.vault, now=door.now()
            )
    except (NotFound, NotAllowed) as absent:
        raise absent_case() from absent
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(made.name)}"}
    return Response(made.content, media_type="application/zip", headers=headers)


def _opened(request: Request, paper: int, here: Seat) -> tuple[PaperView, bytes]:
    """The paper for somebody who may open it; that he does is written down and committed first."""
    app, now = door.app_of(request), door.now()

    def job(session: Session) -> tuple[PaperView, bytes]:
        found = papers.opened(session, paper, viewer=here.staff, vault=app.vault)
        looking.note(session, papers.case_of(session, paper), staff_id=here.staff.id, now=now)
        return found

    try:
        return app.database.write(job)
    except (NotFound, NotAllowed) as absent:
        raise absent_case() from absent
    except PaperErased as gone:
        raise Refused(410, "erased", label("refused", "paper_erased")) from gone
    except PaperAltered as altered:
        raise Refused(409, "altered", label("refused", "paper_altered")) from altered


def _shown(session: Session, found: Iterable[PaperView], labels: Mapping[int, str]) -> list[PaperShown]:
    found = list(found)
    names = ledger.staff_names(session, [one.staff_id for one in found if one.staff_id])
    return [
        PaperShown(
            id=one.id,
            name=kinds().get(one.kind, one.kind),
            number=one.number,
            case=one.case,
            to=one.taker or _teller(one, labels),
            who=names.get(one.staff_id or 0, label("actor", "system")),
            at=one.at,
            sm3=one.sm3,
            erased=one.erased,
        )
        for one in found
    ]


def _teller(one: PaperView, labels: Mapping[int, str]) -> str:
    """Whom a paper goes to where it is no office: a teller, by what his report is called, or nobody."""
    if one.report_id is None:
        return label("papers", "inside")
    if one.report_id in labels:
        return label("papers", "one_teller").format(report=labels[one.report_id])
    return label("papers", "teller")
