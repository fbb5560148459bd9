"""Verifying the ledger: every covered row against its link, every link against the chain, the chain against its heads.

A finding is something that was changed, deleted, put in or moved. A remark is something that a person should look at
and that may be in order: a report whose time of receipt lies before its predecessor's, what no head covers yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import RowMapping, func, select
from sqlalchemy.orm import Session

from intake import chain, erasures, heads, merkle, papers, remarks
from intake.db import bare
from intake.erasures import Amended
from intake.models import Event, Evidence, EvidenceUse, FiledReport, Head, Identity, Link, Remark
from intake.witness import Witness, canonical, sm3

CHUNK = 1000
TOLERANCE = timedelta(minutes=15)
"""By so much a report may have been received before one that was written down earlier: queues and retries."""
MOST = 1000
"""More findings than this say nothing new."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was written: what (a key of bot/proof.toml), and where."""

    kind: str
    where: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Verdict:
    """What verifying found; `sound` where nothing was changed."""

    links: int = 0
    reports: int = 0
    erased: int = 0
    heads: int = 0
    files: int = 0
    findings: list[Finding] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether everything is as it was written."""
        return not self.findings

    def add(self, kind: str, **where: Any) -> None:
        """One more finding."""
        if len(self.findings) < MOST:
            self.findings.append(Finding(kind, where))

    def note(self, kind: str, **where: Any) -> None:
        """One more remark."""
        if len(self.remarks) < MOST:
            self.remarks.append(Finding(kind, where))


def verify(
    session: Session,
    witness: Witness,
    kept_heads: Sequence[Mapping[str, Any] | None],
    progress: Progress = lambda _stage, _done, _total: None,
) -> Verdict:
    """Check the whole ledger; `kept_heads` are the lines of the file outside the database. Reads only."""
    verdict = Verdict()
    signed: list[Mapping[str, Any]] = []
    steps: dict[str, Callable[[], None]] = {
        "head": lambda: signed.extend(_heads(session, verdict)),
        "heads.jsonl": lambda: _file(signed, kept_heads, verdict),
        "link": lambda: _links(session, witness, signed, verdict, progress),
        "unlinked": lambda: _strangers(session, verdict),
        "evidence": lambda: _evidence(session, witness, verdict),
    }
    for table, step in steps.items():
        try:
            step()
        except (TypeError, ValueError, LookupError, ArithmeticError):
            # SQLite holds whatever is written into it: what cannot be read as what it should be was put there.
            verdict.add("unreadable", table=table)
    return verdict


def _heads(session: Session, verdict: Verdict) -> list[Mapping[str, Any]]:
    """The heads in order, each signed by the key that was to sign it, each continuing the one before."""
    signed: list[Mapping[str, Any]] = []
    key: Any = None
    for head in session.scalars(select(Head).order_by(Head.number)):
        body = head.signed
        before = signed[-1] if signed else None
        if not heads.signature_fits(body) or (key is not None and body["key"] != key):
            verdict.add("head_signature", number=head.number)
            continue
        columns = (head.number, head.position, head.at.isoformat())
        if columns != (body["number"], body["position"], body["at"]):
            verdict.add("head_changed", number=head.number)
        after = before["position"] if before else 0
        follows = body["before"] == sm3(canonical(before) if before else b"").hex()
        if body["number"] != (before["number"] + 1 if before else 0) or body["after"] != after or not follows:
            verdict.add("head_gap", number=head.number)
        key = body.get("next", body["key"])
        signed.append(body)
    if not signed:
        verdict.add("no_heads")
    verdict.heads = len(signed)
    return signed


def _file(signed: Sequence[Mapping[str, Any]], kept: Sequence[Mapping[str, Any] | None], verdict: Verdict) -> None:
    """The database's heads and those that were written outside of it must be the same."""
    inside = {head["number"]: head for head in signed}
    outside: dict[Any, Mapping[str, Any]] = {}
    for number, head in enumerate(kept, 1):
        if head is None or not heads.signature_fits(head):
            verdict.add("file_line", line=number)
        elif outside.setdefault(head["number"], head) != head:
            verdict.add("file_two_heads", number=head["number"])
    for number in sorted(inside.keys() | outside.keys()):
        if number not in inside:
            verdict.add("head_only_in_file", number=number, position=outside[number]["position"])
        elif number not in outside:
            verdict.add("head_not_in_file", number=number, position=inside[number]["position"])
        elif inside[number] != outside[number]:
            verdict.add("head_differs_from_file", number=number, position=inside[number]["position"])


def _links(
    session: Session, witness: Witness, signed: Sequence[Mapping[str, Any]], verdict: Verdict, progress: Progress
) -> None:
    """Walk the chain: positions without a gap, hashes that follow, heads that agree, rows that are as they were."""
    total = session.scalar(select(func.count()).select_from(Link)) or 0
    last, expected = bytes(32), 1
    leaves: list[bytes] = []
    due = iter(signed)
    head = _reached(due, 0, last, [], verdict)
    order = _Order()
    old = max((body["position"] for body in signed if body["kind"] == heads.GENESIS), default=0)
    known = erasures.of(session)
    for chunk in _chunks(session):
        rows = _rows(session, chunk, verdict)
        for link in chunk:
            if link.position != expected:
                verdict.add("chain_gap", position=expected, until=link.position - 1)
            line = chain.line(link.position, link.source, link.at, relayed=link.relayed)
            if sm3(last + link.digest + line) != link.hash:
                verdict.add("chain_hash", position=link.position)
            last, expected = link.hash, link.position + 1
            leaves.append(last)
            while head is not None and head["position"] <= link.position:
                head = _compare(head, due, link.position, last, leaves, verdict)
            _row(witness, link, rows.get((link.source, link.row_id)), known, verdict)
            if link.source == "report":
                verdict.reports += 1
                order.look(link, verdict)
        _commitments(session, [link for link in chunk if link.position > old], rows, known, verdict)
        verdict.links += len(chunk)
        progress("links", verdict.links, total)
    while head is not None:
        verdict.add("chain_short", number=head["number"], position=head["position"], until=expected - 1)
        head = next(due, None)
    if leaves:
        verdict.note("unsigned", links=len(leaves))


def _reached(
    due: Iterator[Mapping[str, Any]], position: int, last: bytes, leaves: list[bytes], verdict: Verdict
) -> Mapping[str, Any] | None:
    """Heads that stand before the first link."""
    head = next(due, None)
    while head is not None and head["position"] <= position:
        head = _compare(head, due, position, last, leaves, verdict)
    return head


def _compare(
    head: Mapping[str, Any],
    due: Iterator[Mapping[str, Any]],
    position: int,
    last: bytes,
    leaves: list[bytes],
    verdict: Verdict,
) -> Mapping[str, Any] | None:
    """One head against the chain that was walked so far; gives the next head."""
    if head["position"] != position or head["hash"] != last.hex():
        verdict.add("head_hash", number=head["number"], position=head["position"])
    elif head["root"] != merkle.root(leaves).hex():
        verdict.add("head_root", number=head["number"], position=head["position"])
    leaves.clear()
    return next(due, None)


def _chunks(session: Session) -> Iterator[Sequence[Link]]:
    after = None
    while True:
        query = select(Link).order_by(Link.position).limit(CHUNK)
        chunk = session.scalars(query if after is None else query.where(Link.position > after)).all()
        if not chunk:
            return
        yield chunk
        after = chunk[-1].position
        session.expunge_all()


def _rows(session: Session, chunk: Sequence[Link], verdict: Verdict) -> dict[tuple[str, int], RowMapping]:
    """The rows that these links speak of."""
    found: dict[tuple[str, int], RowMapping] = {}
    known = sorted((link for link in chunk if link.source in chain.SOURCES), key=lambda link: link.source)
    for source, links in groupby(known, key=lambda link: link.source):
        for number, row in _readable(session, source, [link.row_id for link in links], verdict).items():
            found[source, number] = row
    return found


def _readable(session: Session, source: str, ids: Sequence[int], verdict: Verdict) -> Mapping[int, RowMapping]:
    """The rows of a source; where one cannot be read, it is named and the others are read all the same."""
    try:
        return chain.rows_by_id(session, source, ids)
    except (TypeError, ValueError, ArithmeticError):
        if len(ids) == 1:
            verdict.add("unreadable", table=source, row=ids[0])
            return {}
    half = len(ids) // 2
    return {**_readable(session, source, ids[:half], verdict), **_readable(session, source, ids[half:], verdict)}


def _row(witness: Witness, link: Link, row: RowMapping | None, known: erasures.Amended, verdict: Verdict) -> None:
    """One row against its link."""
    where = {"position": link.position, "table": link.source, "row": link.row_id}
    if row is None:
        if (link.source, str(link.row_id)) in known.removed:
            verdict.erased += 1
        else:
            verdict.add("row_missing", **where)
        return
    if link.source == "report":
        where["number"] = row["number"]
    digest = witness.digest(link.source, row)
    if known.stands(link.source, link.row_id, digest):
        verdict.erased += 1
    elif digest != link.digest:
        verdict.add("row_changed", **where)
        return
    if row["digest"] not in {None, digest}:
        verdict.add("row_digest", **where)
    _, _, time = chain.SOURCES[link.source]
    if chain.minute(row[time]) != link.at or chain.is_relayed(link.source, row) != link.relayed:
        verdict.add("link_changed", **where)


def _commitments(
    session: Session,
    links: Sequence[Link],
    rows: Mapping[tuple[str, int], RowMapping],
    known: Amended,
    verdict: Verdict,
) -> None:
    """A report's commitment stands in its event "filed" as well; it is the one that was linked under its number.

    One that was erased before the chain had taken it up was linked as the erasure left it, and its event says so.
    """
    filed: dict[int, tuple[int, Any]] = {}
    for link in links:
        event = rows.get(("event", link.row_id)) if link.source == "event" else None
        if event is not None and event["kind"] == "filed":
            filed[event["data"]["report_id"]] = (link.position, event["data"].get("commitment"))
    query = select(Link.row_id, Link.digest).where(Link.source == "report", Link.row_id.in_(filed))
    linked = {row.row_id: row.digest for row in session.execute(query)}
    for number, (position, told) in filed.items():
        digest = linked.get(number, b"")
        if digest.hex() != told and not known.stands("report", number, digest):
            verdict.add("commitment", position=position, row=number)


class _Order:
    """Whether times of receipt run backwards in the order in which reports were written down."""

    def __init__(self) -> None:
        self._latest: datetime | None = None

    def look(self, link: Link, verdict: Verdict) -> None:
        """One more report; those that others received first are not judged by their time."""
        if link.relayed:
            return
        try:
            at = datetime.strptime(link.at, "%Y-%m-%dT%H:%M%z")
        except ValueError:
            verdict.add("link_changed", position=link.position, table=link.source, row=link.row_id)
            return
        if self._latest is not None and at < self._latest - TOLERANCE:
            verdict.note("backwards", position=link.position, row=link.row_id, at=link.at)
        self._latest = max(at, self._latest or at)


def _strangers(session: Session, verdict: Verdict) -> None:
    """Rows without a place in the chain, put in or changed by somebody without the key; rows that have two."""
    twice = select(Link.source, Link.row_id).group_by(Link.source, Link.row_id).having(func.count() > 1)
    for source, row in session.execute(twice.limit(MOST)):
        verdict.add("row_twice", table=source, row=row)
    for source in chain.SOURCES:
        for row in chain.unlinked(session, source, limit=MOST):
            verdict.add("row_stranger", table=source, row=row)


def _evidence(session: Session, witness: Witness, verdict: Verdict) -> None:
    """Contents are bound by their own hash; each has its digest, each use its content, each report its files."""
    table = bare(Evidence)
    for row in session.execute(select(table)).mappings():
        if row["digest"] != witness.digest("evidence", row):
            verdict.add("row_changed", table="evidence", row=row["sha256"])
    lost = select(EvidenceUse.id).where(EvidenceUse.sha256.not_in(select(Evidence.sha256)))
    for number in session.scalars(lost):
        verdict.add("content_missing", row=number)
    _words(session, verdict)
    for kind, number in papers.astray(session):
        verdict.add(kind, table="paper", row=number)
    nobody = select(FiledReport.id).where(FiledReport.identity_id.not_in(select(Identity.id)))
    for number in session.scalars(nobody):
        verdict.add("row_missing", table="identity", row=number)
    told = select(FiledReport.id, FiledReport.files).where(FiledReport.files.is_not(None))
    for number, files in session.execute(told):
        used = set(session.scalars(select(EvidenceUse.sha256).where(EvidenceUse.report_id == number)))
        for digest in set(files or ()) - used:
            verdict.add("file_missing", row=number, digest=digest)


def _words(session: Session, verdict: Verdict) -> None:
    """What was written with an act lies beside its event, which commits to it; it goes only with an erasure's event."""
    removed = erasures.of(session).removed
    query = select(Event, Remark).outerjoin(Remark, Remark.event_id == Event.id).order_by(Event.id)
    for event, remark in session.execute(query.execution_options(yield_per=CHUNK)):
        if remark is not None and not remarks.proven(event, remark):
            verdict.add("row_changed", table="remark", row=event.id)
        elif remark is None and "words" in event.data and ("remark", str(event.id)) not in removed:
            verdict.add("row_missing", table="remark", row=event.id)
    events = select(Remark.event_id).where(Remark.event_id.not_in(select(Event.id)))
    for number in session.scalars(events):
        verdict.add("row_stranger", table="remark", row=number)
