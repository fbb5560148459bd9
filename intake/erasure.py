"""Erasing a person: who told, in what words, from where; the case, its course and the redacted matter remain.

Nothing is only marked: values are overwritten or rows deleted, and a tombstone stands in their place, so that the
query code opens a sentence. The events are not touched: they never held anything that may have to be erased.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.orm import Session

from intake import audit, erasures, rewards, same
from intake.confidentiality import Vault
from intake.errors import ErasedAlready, NotFound, OtherReportRunning, RewardRunning, StillRunning
from intake.identity import ERASED
from intake.masks import lock
from intake.matching import COLUMNS, sought_again
from intake.models import (
    STANDING,
    Case,
    Clock,
    Conversation,
    Custody,
    Event,
    Evidence,
    EvidenceUse,
    FiledReport,
    Handed,
    IdempotentAnswer,
    Identity,
    Letter,
    MatchKey,
    Notice,
    OutgoingHold,
    Paper,
    Rating,
    Remark,
    ReportMove,
    Reward,
    Suggestion,
    Ticket,
    Tombstone,
    Turn,
    Unmasking,
)

TOUCHED = (
    Conversation, Turn, Identity, FiledReport, MatchKey, Letter, EvidenceUse, Rating, Notice, OutgoingHold, Remark,
    Custody, Handed, Reward, Unmasking, Suggestion, ReportMove, Ticket, Paper,
)  # fmt: skip
"""The tables in which something of a person may stand; a new table that names a report or a person belongs here."""
REWRITTEN = (*TOUCHED, Case, Evidence, IdempotentAnswer)
"""The tables of which no old row may stay on disk: those, what a case says of itself, and what retention deletes."""
REWARDED = frozenset({"established", "partly_established", "agreement", "police"})
COUNTS = frozenset({"people", "officers", "visits", "granularity", "amount_approximate"})
_TO_TELLERS = frozenset({"asked", "declined", "replied"})

Hide = Callable[[str, datetime], str]
"""Masks what in a redacted text still points to its teller, heard on a day."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased: the report, and the contents that nobody uses any more and whose files may go."""

    report_id: int
    digests: tuple[str, ...] = ()


def find(session: Session, number: str) -> FiledReport:
    """The report that bears a number; a case bears that of its first report. NotFound."""
    report = session.scalar(select(FiledReport).where(FiledReport.number == number.strip()))
    if report is None:
        raise NotFound
    return report


def of_case(session: Session, case_id: int) -> list[FiledReport]:
    """The reports of a case whose tellers are not erased yet."""
    query = select(FiledReport).where(FiledReport.case_id == case_id, ~_is_erased())
    return list(session.scalars(query.order_by(FiledReport.id)))


def is_erased(session: Session, report_id: int) -> bool:
    """Whether the teller of a report was erased."""
    return session.get(Tombstone, report_id) is not None


def _is_erased() -> Any:
    return exists().where(Tombstone.report_id == FiledReport.id)


def check(session: Session, report: FiledReport, *, reward_settled: bool = False) -> None:
    """Refuse while the report is still needed, with the reason."""
    if is_erased(session, report.id):
        raise ErasedAlready
    case = session.get_one(Case, report.case_id)
    running = exists().where(Clock.case_id == case.id, Clock.state.in_(STANDING))
    if case.closed_at is None or session.scalar(select(running)):
        raise StillRunning
    if not reward_settled and rewards.running(session, report, wanted=case.outcome in REWARDED):
        raise RewardRunning
    others = select(Case.id).join(FiledReport, FiledReport.case_id == Case.id)
    talk = (FiledReport.conversation == report.conversation, FiledReport.id != report.id, Case.closed_at.is_(None))
    if session.scalar(others.where(*talk).limit(1)) is not None:
        raise OtherReportRunning


def erase(
    session: Session,
    report: FiledReport,
    *,
    ground: str,
    actor: str,
    vault: Vault,
    now: datetime,
    hide: Hide,
    files: bool = False,
    reward_settled: bool = False,
) -> Erased:
    """Erase the teller of `report`; raises where it is still needed. With `files` also what he gave as evidence."""
    check(session, report, reward_settled=reward_settled)
    overwrite_freed(session)
    before = _covered(session, report)
    case = session.get_one(Case, report.case_id)
    _person(session, report)
    _conversation(session, report.conversation)
    # The number stays, so that the same row is not filed anew; what was in the row is no longer known, not even by hash.
    session.execute(update(Handed).where(Handed.report_id == report.id).values(content=""))
    session.execute(update(Ticket).where(Ticket.report_id == report.id).values(number=""))
    session.execute(delete(Notice).where(Notice.report_id == report.id))
    session.execute(delete(OutgoingHold).where(OutgoingHold.case_id.in_(same.lain(session, report))))
    _letters(session, report, hide)
    _remarks(session, report, hide)
    emptied = _papers(session, report)
    session.execute(update(Reward).where(Reward.report_id == report.id).values(sealed_claim=None))
    session.execute(update(Unmasking).where(Unmasking.report_id == report.id).values(reason="", answer=None))
    session.execute(update(Rating).where(Rating.report_id == report.id).values(comment=""))
    digests = _files(session, report, vault, files=files)
    _summaries(session, report, hide)
    _content(report, hide)
    _keys(session, report)
    session.add(Tombstone(report_id=report.id, at=now, ground=ground, files=files))
    about: dict[str, Any] = {"report_id": report.id, "ground": ground, "files": files, "papers": emptied}
    session.flush()
    after = _covered(session, report)
    removed = {table: ids - after[table] for table, ids in before.items() if ids - after[table]}
    amended = erasures.amend(session, {table: after[table] for table in erasures.AMENDABLE}, removed)
    audit.append(session, case.id, "erased", actor, about | amended, now)
    session.flush()
    return Erased(report.id, digests)


def _covered(session: Session, report: FiledReport) -> dict[str, set[int]]:
    """The rows of the chain that an erasure changes or removes, by table."""
    of_report = {"letter": Letter.id, "evidence_use": EvidenceUse.id, "rating": Rating.report_id}
    rows = {
        table: set(session.scalars(select(key).where(key.class_.report_id == report.id)))
        for table, key in of_report.items()
    }
    words = select(Remark.event_id).join(Event, Event.id == Remark.event_id)
    words = words.where(Event.case_id.in_(same.lain(session, report)))
    return rows | {"report": {report.id}, "identity": {report.identity_id}, "remark": set(session.scalars(words))}


def overwrite_freed(session: Session) -> None:
    """On SQLite, overwrite with zeros what this connection frees (PRAGMA secure_delete)."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("PRAGMA secure_delete=ON")


def _keys(session: Session, report: FiledReport) -> None:
    """The keys by which he would be known again go, and those of words that were hidden; the matter is still found."""
    session.flush()
    left = sought_again(session.execute(COLUMNS.where(COLUMNS.selected_columns.id == report.id)).one()).stored_keys
    session.execute(delete(MatchKey).where(MatchKey.report_id == report.id))
    session.execute(insert(MatchKey), [{"key": key, "report_id": report.id} for key in left])


def _person(session: Session, report: FiledReport) -> None:
    """Name, telephone, account, and the hashes by which he would be known again."""
    values = {"sealed": b"", "account_hash": f"{ERASED}{report.identity_id}", "phone_hash": None}
    session.execute(update(Identity).where(Identity.id == report.identity_id).values(values))


def _conversation(session: Session, conversation: str) -> None:
    """The log of what was said, and where the talk stood."""
    session.execute(delete(Turn).where(Turn.conversation_id == conversation))
    session.execute(delete(Conversation).where(Conversation.id == conversation))


def _summaries(session: Session, report: FiledReport, hide: Hide) -> None:
    """What the cases that it opened say of themselves, wherever it lies by now."""
    for case in session.scalars(select(Case).where(Case.id.in_(same.lain(session, report)))):
        if case.number == report.number or case.summary == report.redacted:
            case.summary = hide(lock(case.summary), report.received_at)


def _letters(session: Session, report: FiledReport, hide: Hide) -> None:
    for letter in session.scalars(select(Letter).where(Letter.report_id == report.id)):
        letter.sealed, letter.redacted = b"", hide(letter.redacted, letter.at)


def _remarks(session: Session, report: FiledReport, hide: Hide) -> None:
    """What was written to tellers, where it points to one; what was written about the matter stays in the file."""
    query, lain = select(Remark, Event.at).join(Event, Event.id == Remark.event_id), same.lain(session, report)
    for remark, at in session.execute(query.where(Event.case_id.in_(lain), Event.kind.in_(_TO_TELLERS))).all():
        if hide(remark.text, at) != remark.text:
            session.delete(remark)


def _papers(session: Session, report: FiledReport) -> list[int]:
    """The papers addressed to him: number and digest stay, the text goes; those to offices speak of the matter and stay."""
    found = session.scalars(select(Paper).where(Paper.report_id == report.id).order_by(Paper.id)).all()
    for paper in found:
        paper.sealed = b""
    return [paper.id for paper in found]


def _files(session: Session, report: FiledReport, vault: Vault, *, files: bool) -> tuple[str, ...]:
    """The names of the files; with `files` their use as well, and the contents that nobody else gave."""
    uses = session.scalars(select(EvidenceUse).where(EvidenceUse.report_id == report.id)).all()
    if not files:
        for use in uses:
            use.sealed_name = vault.seal(b"", f"file name {report.number}")
        return ()
    digests = {use.sha256 for use in uses}
    report.files = None
    for use in uses:
        session.delete(use)
    session.flush()
    return remove_unused(session, digests)


def remove_unused(session: Session, digests: Iterable[str]) -> tuple[str, ...]:
    """Delete the rows of those contents that no report uses; the caller removes their files after the commit."""
    used = exists().where(EvidenceUse.sha256 == Evidence.sha256)
    gone = tuple(session.scalars(select(Evidence.sha256).where(Evidence.sha256.in_(list(digests)), ~used)))
    session.execute(delete(Evidence).where(Evidence.sha256.in_(gone)))
    return gone


def _content(report: FiledReport, hide: Hide) -> None:
    """The original goes; the redacted text stays without what still points to a person."""
    report.sealed_text = b""
    report.redacted = hide(lock(report.redacted), report.received_at)
    report.conversation, report.telling = f"erased-{report.id}", None
    report.place_text = None
    report.facts = {name: value for name, value in report.facts.items() if name in COUNTS}
    report.claims = [
        {**claim, "words": [word for word in claim.get("words", ()) if word in report.redacted]}
        for claim in report.claims
    ]
    if report.period_first is not None and report.period_first == report.period_last:
        # A single day is often that of the teller's own visit: its month says enough about the matter.
        report.period_first = report.period_first.replace(day=1)
        report.period_last = report.period_first
