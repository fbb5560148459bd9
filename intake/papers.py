"""The ledger of papers: each kept sealed as it went out, opened for its addressee and for those who may see its case."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from intake import audit
from intake.confidentiality import Vault
from intake.errors import NotAllowed, NotFound, PaperAltered, PaperErased
from intake.models import Case, Event, FiledReport, Paper, Staff
from intake.receipts import next_serial
from intake.viewing import ACTING, lens, lens_on
from intake.views import PaperView

EVENT = "paper"


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of a paper before it is kept."""

    authority: str
    kind: str
    year: int
    serial: int
    number: str
    report_id: int | None
    taker: str | None
    staff_id: int | None


def serial(session: Session, authority: str, kind: str, year: int) -> int:
    """The next number of a kind of papers of one office in one year, from 1.

    Whoever takes it holds it until he commits, so that none is given twice, and one that is rolled back is given
    again: no gap, however many services write. An act that makes several kinds takes them in the order of the alphabet.
    """
    return next_serial(session, f"{kind}-{authority}-{year}")


def keep(
    session: Session, case: Case, draft: Draft, content: bytes, *, actor: str, vault: Vault, now: datetime
) -> Paper:
    """Keep a paper as it goes out; its event holds what its number is made of, and its digest."""
    sm3 = hashlib.new("sm3", content).hexdigest()
    event = audit.append(session, case.id, EVENT, actor, _told(draft, sm3, len(content)), now)
    session.flush()
    paper = Paper(
        case_id=case.id,
        event_id=event.id,
        at=now,
        sm3=sm3,
        size=len(content),
        sealed=vault.seal(content, _context(draft.authority, draft.number)),
        **{name: getattr(draft, name) for name in Draft.__slots__},
    )
    session.add(paper)
    session.flush()
    return paper


def of_case(session: Session, case: Case, *, viewer: Staff) -> tuple[PaperView, ...]:
    """The papers of a case and of the reports in it, oldest first, for those who may see them; none for others."""
    if not lens(session, case, viewer=viewer).sees("paper", "list"):
        return ()
    reports = select(FiledReport.id).where(FiledReport.case_id == case.id)
    return _views(session, or_(Paper.case_id == case.id, Paper.report_id.in_(reports)))


def of_report(session: Session, report: FiledReport, *, viewer: FiledReport) -> tuple[PaperView, ...]:
    """The papers addressed to the teller of a report; NotAllowed for anybody else's."""
    if not lens_on(session, report, viewer=viewer).sees("paper", "list"):
        raise NotAllowed
    return _views(session, Paper.report_id == report.id)


def issued(session: Session, *, viewer: Staff, year: int, limit: int = 100, offset: int = 0) -> tuple[PaperView, ...]:
    """The register of what the viewer's own office sent out in a year, newest first, without cases kept from him."""
    if not viewer.active or viewer.role not in ACTING:
        raise NotAllowed
    query = select(Paper, Case).join(Case, Case.id == Paper.case_id)
    query = query.where(Paper.authority == viewer.authority, Paper.year == year).order_by(Paper.id.desc())
    rows = session.execute(query.limit(limit).offset(offset)).all()
    seen = [(paper, case) for paper, case in rows if _issues(session, paper, case, viewer)]
    return tuple(_view(paper, case.number) for paper, case in seen)


def opened(session: Session, paper_id: int, *, viewer: Staff | FiledReport, vault: Vault) -> tuple[PaperView, bytes]:
    """A paper, byte for byte as it went out; NotFound, NotAllowed, PaperErased, PaperAltered."""
    paper = session.get(Paper, paper_id)
    if paper is None:
        raise NotFound
    case = session.get_one(Case, paper.case_id)
    if not _opens(session, paper, case, viewer):
        raise NotAllowed
    return _view(paper, case.number), content_of(session, paper, vault)


def case_of(session: Session, paper_id: int) -> int:
    """The case of a paper, for the record of who opened it."""
    return session.get_one(Paper, paper_id).case_id


def content_of(session: Session, paper: Paper, vault: Vault) -> bytes:
    """The bytes of a paper, proven against the digest in its event; for whoever has asked whether they may be seen."""
    if not paper.sealed:
        raise PaperErased
    content = vault.unseal(paper.sealed, _context(paper.authority, paper.number))
    told = session.get_one(Event, paper.event_id).data.get("sm3")
    if hashlib.new("sm3", content).hexdigest() != told or paper.sm3 != told:
        raise PaperAltered
    return content


def astray(session: Session) -> Iterator[tuple[str, int]]:
    """What does not fit between papers and the chained events that tell of them: the kind of finding, and the row.

    The sealed bytes are proven when a paper is opened; here it is asked whether each is still the one told of.
    """
    told = select(Event, Paper).outerjoin(Paper, Paper.event_id == Event.id).where(Event.kind == EVENT)
    for event, paper in session.execute(told.order_by(Event.id).execution_options(yield_per=1000)):
        if paper is None:
            yield "row_missing", event.id
        elif event.data != _told(paper) or event.case_id != paper.case_id:
            yield "row_changed", paper.id
    events = select(Event.id).where(Event.kind == EVENT)
    for number in session.scalars(select(Paper.id).where(Paper.event_id.not_in(events))):
        yield "row_stranger", number


def _told(paper: Draft | Paper, sm3: str = "", size: int = 0) -> dict[str, object]:
    """What the event says of a paper: what its number is made of, and its digest; no words, since events stay for ever."""
    counted = {"authority": paper.authority, "year": paper.year, "serial": paper.serial}
    proof = {"sm3": paper.sm3, "size": paper.size} if isinstance(paper, Paper) else {"sm3": sm3, "size": size}
    about = {"report_id": paper.report_id} if paper.report_id is not None else {}
    return {"paper": paper.kind, **counted, **proof, **about}


def _opens(session: Session, paper: Paper, case: Case, viewer: Staff | FiledReport) -> bool:
    """Whether the viewer may open it: its addressee, who may see its case, and the office that sent it out."""
    if isinstance(viewer, FiledReport):
        return paper.report_id == viewer.id and lens_on(session, viewer, viewer=viewer).sees("paper", "content")
    if lens(session, case, viewer=viewer).sees("paper", "content") or _issues(session, paper, case, viewer):
        return True
    if paper.report_id is None:
        return False
    report = session.get_one(FiledReport, paper.report_id)
    return lens_on(session, report, viewer=viewer).sees("paper", "content")


def _issues(session: Session, paper: Paper, case: Case, viewer: Staff) -> bool:
    """Whether it went out from the viewer's own office, whoever handles the case by now."""
    also = ("issued",) if paper.authority == viewer.authority else ()
    return lens(session, case, viewer=viewer, also=also).sees("paper", "issued")


def _views(session: Session, wanted: ColumnElement[bool]) -> tuple[PaperView, ...]:
    query = select(Paper, Case.number).join(Case, Case.id == Paper.case_id).where(wanted).order_by(Paper.id)
    return tuple(_view(paper, number) for paper, number in session.execute(query))


def _view(paper: Paper, case: str) -> PaperView:
    return PaperView(
        id=paper.id,
        case=case,
        number=paper.number,
        kind=paper.kind,
        authority=paper.authority,
        report_id=paper.report_id,
        taker=paper.taker or "",
        staff_id=paper.staff_id,
        at=paper.at,
        sm3=paper.sm3,
        size=paper.size,
        erased=not paper.sealed,
    )


def _context(authority: str, number: str) -> str:
    """What a paper is sealed for: its office and its number, no other."""
    return f"paper {authority} {number}"
