"""The only way to an identity and to a teller's own words: a grant that holds at this very moment.

A grant is asked for by one person, given by another (for a leader by two), for named fields of one report, until a
moment. Nothing is opened by a row's state alone: each look asks again whether asker, case and time still fit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from intake import access, evidence, filing, letters, viewing
from intake.access import Lens
from intake.confidentiality import Vault
from intake.errors import NotAllowed, NotFound
from intake.identity import revealed
from intake.models import Case, Evidence, EvidenceUse, FiledReport, Identity, Staff, Tombstone, Unmasking
from intake.transcript import decoded

FIELDS: Mapping[str, tuple[str, str]] = {
    "name": ("identity", "name"),
    "phone": ("identity", "phone"),
    "account": ("identity", "account"),
    "text": ("original", "text"),
    "letters": ("original", "letters"),
    "files": ("original", "files"),
}
"""What can be asked for, and where in the table of access it stands."""
IDENTITY = frozenset(field for field, (kind, _) in FIELDS.items() if kind == "identity")

LONGEST = 1_000_000
"""Characters of one text file that a page shows; a message can have no more (see bot.web.guard)."""


@dataclass(frozen=True, slots=True)
class Revealed:
    """What one look shows, to this viewer and now; what was not granted is not in it."""

    values: Mapping[str, str]
    letters: tuple[tuple[datetime, str], ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One request as the asker, the custodian or the auditor may see it; never what it opened."""

    id: int
    case: str
    side: str
    case_state: str
    authority: str
    codes: tuple[str, ...]
    report: str
    report_id: int
    mode: str
    asker_id: int
    asker: str
    asker_role: str
    asked_at: datetime
    fields: tuple[str, ...]
    purpose: str
    reason: str
    needs: int
    state: str
    first: str
    second: str
    decided_at: datetime | None
    answer: str
    expires_at: datetime | None
    ended_at: datetime | None
    looks: int
    looked_at: datetime | None


def holds(session: Session, grant: Unmasking, *, viewer: Staff, now: datetime) -> bool:
    """Whether a grant opens anything for this viewer now: approved, his own, not run out, the case still his to see."""
    if grant.state != "approved" or grant.asked_by != viewer.id or grant.expires_at is None or grant.expires_at <= now:
        return False
    report = session.get_one(FiledReport, grant.report_id)
    if session.get(Tombstone, report.id) is not None:
        return False
    case = session.get_one(Case, report.case_id)
    return viewing.lens(session, case, viewer=viewer, also=("grant",)).sees("case", "number")


def reveal(
    session: Session, grant_id: int, *, viewer: Staff, vault: Vault, store: evidence.EvidenceStore, now: datetime
) -> tuple[Unmasking, Revealed]:
    """Open what the grant allows, counting the look; NotAllowed where it does not hold. The desk writes the event.

    The row is held until the transaction ends: a look and a revocation come one after the other, never at once.
    """
    grant = session.get(Unmasking, grant_id, with_for_update=True, populate_existing=True)
    if grant is None:
        raise NotFound
    # Whoever left since his page was made looks at nothing: the person, too, is read anew.
    viewer = session.get_one(Staff, viewer.id, populate_existing=True)
    if not holds(session, grant, viewer=viewer, now=now):
        raise NotAllowed
    report = session.get_one(FiledReport, grant.report_id)
    case = session.get_one(Case, report.case_id)
    lens = viewing.lens(session, case, viewer=viewer, also=("grant",))
    granted = [field for field in grant.fields if lens.sees(*FIELDS[field])]
    if not granted:
        raise NotAllowed
    shown = _opened(session, report, granted, vault, store)
    grant.looks += 1
    grant.looked_at = now
    session.flush()
    return grant, shown


def _opened(
    session: Session, report: FiledReport, granted: Sequence[str], vault: Vault, store: evidence.EvidenceStore
) -> Revealed:
    """The values of the granted fields, and of no other."""
    values: dict[str, str] = {}
    if IDENTITY.intersection(granted):
        known = revealed(session, report.id, vault)
        values = {field: known.get(field) or "" for field in granted if field in IDENTITY}
    if "text" in granted:
        values["text"] = filing.text_of(report, vault)
    written = letters.in_full(session, report, vault=vault) if "letters" in granted else ()
    files = tuple(_texts(session, report.id, store)) if "files" in granted else ()
    return Revealed(values, written, files)


def _texts(session: Session, report_id: int, store: evidence.EvidenceStore) -> Sequence[str]:
    """The text files of a report as they came: among them a telling too long to be heard in one piece."""
    used = select(Evidence.sha256).join(EvidenceUse, EvidenceUse.sha256 == Evidence.sha256)
    used = used.where(EvidenceUse.report_id == report_id, Evidence.media_type.startswith("text/"))
    digests = session.scalars(used.order_by(EvidenceUse.id)).all()
    return ["".join(decoded(store.pieces(digest)))[:LONGEST] for digest in digests]


def requests(
    session: Session, *, viewer: Staff, report_id: int | None = None, limit: int = 200, offset: int = 0
) -> tuple[Request, ...]:
    """The requests that concern the viewer, newest first: his own, those he decides on, or all of the auditor's region.

    A custodian sees those of his authority and of those below it; never one in a case that he is kept out of.
    """
    if not viewer.active or not access.ever(viewer.role, "unmasking", "request"):
        raise NotAllowed
    first, second = aliased(Staff), aliased(Staff)
    query = select(Unmasking, FiledReport, Case, Identity.mode, Staff, first.name, second.name)
    query = query.join(FiledReport, FiledReport.id == Unmasking.report_id).join(Case, Case.id == FiledReport.case_id)
    query = query.join(Identity, Identity.id == FiledReport.identity_id).join(Staff, Staff.id == Unmasking.asked_by)
    query = query.outerjoin(first, first.id == Unmasking.decided_by).outerjoin(
        second, second.id == Unmasking.seconded_by
    )
    if report_id is not None:
        query = query.where(Unmasking.report_id == report_id)
    if viewer.role not in {"custodian", "auditor"}:
        query = query.where(Unmasking.asked_by == viewer.id)
    else:
        query = query.where(or_(Unmasking.authority == viewer.authority, _below(viewer.authority)))
    found = session.execute(query.order_by(Unmasking.id.desc()).limit(limit).offset(offset))
    told = (_request(row, viewing.lens(session, row[2], viewer=viewer, also=_also(row[0], viewer))) for row in found)
    return tuple(one for one in told if one is not None)


def _also(grant: Unmasking, viewer: Staff) -> tuple[str, ...]:
    """What a request makes true for its reader: it is his own, or it asks him."""
    return (*(("own",) if grant.asked_by == viewer.id else ()), *(("asked",) if may_decide(grant, viewer) else ()))


def may_decide(grant: Unmasking, custodian: Staff) -> bool:
    """Whether a request asks this person: a custodian of the asker's authority or of one above, not the asker."""
    right = custodian.active and custodian.role == "custodian" and custodian.id != grant.asked_by
    return right and viewing.above(custodian.authority, grant.authority)


def waiting(session: Session, *, viewer: Staff) -> int:
    """How many requests wait for this custodian."""
    if viewer.role != "custodian":
        return 0
    mine = or_(Unmasking.authority == viewer.authority, _below(viewer.authority))
    undecided = (Unmasking.state == "waiting", func.coalesce(Unmasking.decided_by, 0) != viewer.id)
    return session.scalar(select(func.count(Unmasking.id)).where(mine, *undecided)) or 0


def _below(authority: str) -> ColumnElement[bool]:
    """Requests of authorities below this one."""
    first = viewing.head(authority)
    return Unmasking.authority.between(first, first + "999999")


def _request(row: Sequence[Any], lens: Lens) -> Request | None:
    """One request as far as the lens lets it through; None where the reader may not know of it."""
    grant, report, case, mode, asker, first, second = row
    if not lens.sees("unmasking", "request"):
        return None
    looks = lens.sees("unmasking", "looks")
    return Request(
        id=grant.id,
        case=lens.give("case", "number", case.number, ""),
        side=lens.give("case", "side", case.side, ""),
        case_state=lens.give("case", "state", case.state, ""),
        authority=grant.authority,
        codes=lens.give("case", "codes", tuple(case.codes), ()),
        report=lens.give("report", "number", report.number, ""),
        report_id=report.id,
        mode=lens.give("report", "mode", mode, ""),
        asker_id=asker.id,
        asker=asker.name,
        asker_role=asker.role,
        asked_at=grant.asked_at,
        fields=tuple(grant.fields),
        purpose=grant.purpose,
        reason=grant.reason,
        needs=grant.needs,
        state=grant.state,
        first=first or "",
        second=second or "",
        decided_at=grant.decided_at,
        answer=grant.answer or "",
        expires_at=grant.expires_at,
        ended_at=grant.ended_at,
        looks=grant.looks if looks else 0,
        looked_at=grant.looked_at if looks else None,
    )
