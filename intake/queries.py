"""Every read of the ledger for somebody's eyes; each names its viewer and gives him no more than he may see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.orm import Session

from intake import access, custody, filing, letters, papers, querycodes, remarks, same, shown, tickets
from intake.confidentiality import Vault
from intake.errors import NotAllowed
from intake.models import (
    Case,
    Clock,
    Event,
    Evidence,
    EvidenceUse,
    FiledReport,
    Identity,
    Letter,
    Notice,
    Rating,
    Staff,
)
from intake.receipts import normalise_code
from intake.viewing import ACTING, case_for, lens, lens_on, listed, report_for, visible_to
from intake.views import CasePage, FileView, Page, Step, TellerPage

TELLER_SEES = frozenset(
    {
        "accepted", "clock_resumed", "closed", "decided", "declined", "extended", "opening_told", "referred", "reopened",
        "replied", "suspended", "transferred",
    }
)  # fmt: skip
"""What happened to the case and is told to each of its tellers; whatever else he sees bears his report's number."""


def queue(
    session: Session,
    *,
    viewer: Staff,
    search: str | None = None,
    state: str | None = None,
    side: str | None = None,
    closed: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> Page:
    """The cases that the viewer may see, what is due first first; open ones, or with `closed` the closed ones."""
    if not viewer.active or not access.ever(viewer.role, "case", "number"):
        raise NotAllowed
    wanted: list[ColumnElement[bool]] = [visible_to(viewer)]
    wanted.append(Case.closed_at.is_not(None) if closed else Case.closed_at.is_(None))
    if state:
        wanted.append(Case.state == state)
    if side:
        wanted.append(Case.side == side)
    if search and search.strip():
        wanted.append(found(search.strip(), viewer.role))
    order = (Case.closed_at.desc(),) if closed else (Case.next_due.is_(None), Case.next_due)
    count = select(func.count(FiledReport.id)).where(FiledReport.case_id == Case.id).scalar_subquery()
    query = select(Case, count).where(*wanted).order_by(*order, Case.id).limit(limit).offset(offset)
    rows = tuple(
        shown.case(case, listed(case, viewer=viewer), reports=reports) for case, reports in session.execute(query)
    )
    total = session.scalar(select(func.count(Case.id)).where(*wanted)) or 0
    return Page(rows, total)


def found(search: str, role: str) -> ColumnElement[bool]:
    """Cases whose number, one of whose reports' numbers, or whose names or summary hold the words.

    Only what a role may read can it search in: whether something is found would tell it otherwise.
    """
    number = normalise_code(search)
    numbers = [FiledReport.number == search.upper()]
    if number.isascii() and number.isdigit() and len(number) == 17:
        numbers.append(FiledReport.number == f"{number[:6]}-{number[6:10]}-{number[10:16]}-{number[16]}")
    readable: list[ColumnElement[bool]] = [Case.number.contains(search, autoescape=True)]
    if access.ever(role, "report", "number"):
        readable.append(Case.id.in_(select(FiledReport.case_id).where(or_(*numbers))))
    texts = {"institution": Case.institution, "organ": Case.organ, "summary": Case.summary}
    readable += [
        column.contains(search, autoescape=True) for field, column in texts.items() if access.ever(role, "case", field)
    ]
    return or_(*readable)


def case_page(session: Session, case_id: int, *, viewer: Staff) -> CasePage:
    """One case with all that belongs to it and that the viewer may see; the caller has recorded that he looks."""
    case = case_for(session, case_id, viewer=viewer)
    seen = lens(session, case, viewer=viewer)
    told = select(FiledReport, Identity.mode, Rating).join(Identity, Identity.id == FiledReport.identity_id)
    told = told.outerjoin(Rating, Rating.report_id == FiledReport.id).where(FiledReport.case_id == case_id)
    rows = session.execute(told.order_by(FiledReport.received_at, FiledReport.id)).all()
    called = shown.called(case, [row[0] for row in rows])
    ids = [row[0].id for row in rows]
    written: Sequence[Letter] = ()
    if seen.sees("letter", "text"):
        written = session.scalars(select(Letter).where(Letter.report_id.in_(ids)).order_by(Letter.at, Letter.id)).all()
    clocks = session.scalars(select(Clock).where(Clock.case_id == case_id).order_by(Clock.due_on, Clock.id)).all()
    happened = session.scalars(select(Event).where(Event.case_id == case_id).order_by(Event.at, Event.id)).all()
    # Whoever reads no text of any report is not told either how many there are.
    reports = rows if seen.sees("report", "text") else ()
    return CasePage(
        case=shown.case(case, seen, reports=len(rows)),
        reports=tuple(shown.report(report, mode, rating, seen, called) for report, mode, rating in reports),
        clocks=shown.clocks(clocks, seen),
        events=shown.events(happened, remarks.of_events(session, case_id), seen, called),
        letters=tuple(letters.view(letter, letter.redacted) for letter in written),
        files=_files(session, ids, None) if seen.sees("file", "list") else (),
        may_act=viewer.role in ACTING,
        custody=custody.of_reports(session, ids) if seen.sees("file", "list") else (),
        tickets=shown.tickets(tickets.of_case(session, case_id), seen),
    )


def _files(session: Session, report_ids: Sequence[int], own: tuple[FiledReport, Vault] | None) -> tuple[FileView, ...]:
    """The files of these reports; their names only where they are the viewer's `own`."""
    uses = select(EvidenceUse, Evidence).join(Evidence, Evidence.sha256 == EvidenceUse.sha256)
    used = session.execute(uses.where(EvidenceUse.report_id.in_(report_ids)).order_by(EvidenceUse.id))
    return tuple(
        FileView(
            digest=kept.sha256,
            sm3=kept.sm3,
            media_type=kept.media_type,
            size=kept.size,
            at=use.at,
            report_id=use.report_id,
            name=filing.file_name(use, *own) if own else "",
        )
        for use, kept in used
    )


def file_of(
    session: Session, report_id: int, digest: str, *, viewer: Staff | FiledReport, case_id: int | None = None
) -> FileView:
    """One file of one report, before it is opened for the viewer; NotAllowed where he may not, or there is none.

    With `case_id` the report must belong to that case: an opening is written into the history of the right one.
    """
    report = report_for(session, report_id, viewer=viewer)
    if case_id is not None and report.case_id != case_id:
        raise NotAllowed
    if not lens_on(session, report, viewer=viewer).sees("file", "content"):
        raise NotAllowed
    kept = next((file for file in _files(session, [report_id], None) if file.digest == digest), None)
    if kept is None:
        raise NotAllowed
    return kept


def report_by_code(session: Session, query_hash: str) -> FiledReport | None:
    """The report that a query code opens, by the code's keyed hash: whoever has the code is its teller."""
    return querycodes.report_by_mark(session, query_hash)


def teller_page(session: Session, report_id: int, *, viewer: FiledReport, vault: Vault) -> TellerPage:
    """All that a teller sees of his own report."""
    report = report_for(session, report_id, viewer=viewer)
    case = session.get_one(Case, report.case_id)
    happened = session.scalars(select(Event).where(same.lived(session, report)).order_by(Event.at, Event.id))
    told = session.scalars(_notices(Notice.report_id == report.id))
    own = lens_on(session, report, viewer=viewer)
    return TellerPage(
        report_id=report.id,
        number=own.give("report", "number", report.number, ""),
        side=own.give("case", "side", report.side, ""),
        outcome=own.give("case", "outcome", case.outcome, None),
        authority=own.give("case", "authority", case.authority, ""),
        received_at=report.received_at,
        due_on=report.due_on,
        derivation=own.give("report", "promise", report.derivation, ""),
        text=filing.text_of(report, vault) if own.sees("original", "text") else "",
        steps=tuple(Step(event.kind, event.at) for event in happened if _for_teller(event, report)),
        letters=letters.of_report(session, report.id, viewer=viewer, vault=vault),
        notices=tuple((notice.created_at, notice.body) for notice in told),
        files=_files(session, [report.id], (report, vault)) if own.sees("file", "list") else (),
        rating=shown.judgement(session.get(Rating, report.id)),
    )


def _for_teller(event: Event, report: FiledReport) -> bool:
    """Whether an event of the case is this teller's to see: never what happened to another one, or before he told.

    Files and papers are listed apart.
    """
    if event.kind in custody.KINDS or event.kind == papers.EVENT:
        return False
    if "report_id" in event.data:
        return bool(event.data["report_id"] == report.id)
    return event.kind in TELLER_SEES and event.at >= report.received_at


def notices_for(session: Session, *, viewer: Staff, unseen: bool = False, limit: int = 50) -> tuple[Notice, ...]:
    """The newest notices to the viewer himself."""
    wanted = [Notice.staff_id == viewer.id]
    if unseen:
        wanted.append(Notice.seen_at.is_(None))
    return tuple(session.scalars(_notices(*wanted).order_by(None).order_by(Notice.id.desc()).limit(limit)))


def mark_seen(session: Session, notice_ids: Sequence[int], *, viewer: Staff, now: datetime) -> None:
    """The viewer has read these of his notices."""
    own = (Notice.id.in_(notice_ids), Notice.staff_id == viewer.id, Notice.seen_at.is_(None))
    session.execute(update(Notice).where(*own).values(seen_at=now))


def _notices(*wanted: ColumnElement[bool]) -> Select[Notice]:
    """Notices, oldest first."""
    return select(Notice).where(*wanted).order_by(Notice.created_at, Notice.id)
