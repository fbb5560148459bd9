"""The chain of custody: what happened to each file, by whom, when; events of the history, found again by the file.

Events are chained with all others; `Custody` only says which file, and which report's use of it, an event is about,
so that the record follows a report from case to case. Nothing in it tells who sent the file, or what it was called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from intake import audit
from intake.models import Custody, Event, Evidence, EvidenceUse, FiledReport
from intake.views import CustodyLine

if TYPE_CHECKING:
    from intake.copies import WorkingCopy
    from intake.evidence import Stored

RECEIVED = "evidence_received"
REFUSED = "evidence_refused"
CLEANED = "evidence_cleaned"
ATTACHED = "evidence_attached"
VIEWED = "evidence_viewed"
KINDS = frozenset({RECEIVED, REFUSED, CLEANED, ATTACHED, VIEWED})


def note(
    session: Session,
    kind: str,
    actor: str,
    digest: str,
    now: datetime,
    *,
    data: Mapping[str, Any] | None = None,
    case_id: int | None = None,
    report_id: int | None = None,
) -> None:
    """Write an event about one file, under its case where it has one already, and where to find it again."""
    event = audit.append(session, case_id, kind, actor, {"digest": digest, **(data or {})}, now)
    session.flush()
    session.add(Custody(event_id=event.id, sha256=digest, report_id=report_id))


def received(session: Session, stored: Stored, now: datetime) -> None:
    """A file came and lies sealed; no report holds it yet, since its teller is still telling."""
    note(session, RECEIVED, "teller", stored.digest, now, data=_about(stored))


def refused(session: Session, reason: str, stored: Stored | None, now: datetime) -> None:
    """A file was a trap and was not kept: what it was, so that the same one is known again."""
    data = {"reason": reason, **(_about(stored) if stored else {})}
    if stored:
        note(session, REFUSED, "teller", stored.digest, now, data=data)
    else:
        audit.append(session, None, REFUSED, "teller", data, now)


def cleaned(session: Session, digest: str, copy: WorkingCopy, now: datetime) -> None:
    """A working copy was made, or could not be; the same copy is written down once."""
    data = {
        "copy": copy.digest,
        "sm3": copy.sm3,
        "size": copy.size,
        "media_type": copy.media_type,
        "tool": copy.tool,
        "removed": dict(copy.removed),
        "withheld": copy.withheld,
    }
    if any(event.data == {"digest": digest, **data} for event in _events(session, digest, CLEANED)):
        return
    note(session, CLEANED, "system", digest, now, data=data)


def attached(session: Session, filed: FiledReport, digests: Sequence[str], now: datetime) -> None:
    """Files became part of a report; the teller is told of his own."""
    kept = session.scalars(select(Evidence).where(Evidence.sha256.in_(digests)))
    about = {one.sha256: {"sm3": one.sm3, "size": one.size, "media_type": one.media_type} for one in kept}
    for digest in digests:
        data = {**about[digest], "report_id": filed.id}
        note(session, ATTACHED, "teller", digest, now, data=data, case_id=filed.case_id, report_id=filed.id)


def viewed(session: Session, filed: FiledReport, digest: str, copy: WorkingCopy, staff_id: int, now: datetime) -> None:
    """A member of staff was given the working copy."""
    data = {"copy": copy.digest}
    note(session, VIEWED, f"staff:{staff_id}", digest, now, data=data, case_id=filed.case_id, report_id=filed.id)


def of_reports(session: Session, report_ids: Sequence[int]) -> tuple[CustodyLine, ...]:
    """The record of every file of these reports, oldest first.

    A content may have come from several people: of its receipts each use shows only the last before it was attached.
    """
    uses = session.execute(
        select(EvidenceUse.report_id, EvidenceUse.sha256, EvidenceUse.at).where(EvidenceUse.report_id.in_(report_ids))
    ).all()
    digests = {digest for _, digest, _ in uses}
    about = or_(Custody.report_id.in_(report_ids), and_(Custody.report_id.is_(None), Custody.sha256.in_(digests)))
    found = session.execute(
        select(Event, Custody).join(Custody, Custody.event_id == Event.id).where(about).order_by(Event.at, Event.id)
    ).all()
    lines: list[CustodyLine] = []
    for report_id, digest, at in uses:
        mine = [event for event, link in found if link.sha256 == digest and link.report_id in {None, report_id}]
        receipts = [event for event in mine if event.kind == RECEIVED and event.at <= at]
        lines += [
            CustodyLine(report_id, digest, event.kind, event.at, event.actor, event.data)
            for event in mine
            if event.kind not in {RECEIVED, REFUSED} or event in receipts[-1:]
        ]
    return tuple(lines)


def _events(session: Session, digest: str, kind: str) -> Sequence[Event]:
    """The events of one kind about one content."""
    about = select(Event).join(Custody, Custody.event_id == Event.id)
    return session.scalars(about.where(Custody.sha256 == digest, Event.kind == kind)).all()


def _about(stored: Stored) -> dict[str, Any]:
    return {"sm3": stored.sm3, "size": stored.size, "media_type": stored.media_type}
