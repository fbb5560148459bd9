"""The chain: rows that may never change, linked by hash in the order in which they were found, and signed heads.

A filing writes its rows with their digests and waits for nobody; a sealer, one at a time, links afterwards what was
committed meanwhile. The order is that of discovery, so a row whose number is lower but whose commit came later has
its place as well. A row whose digest does not fit was written by somebody without the key: it is never linked.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, Table, exists, func, insert, select, update
from sqlalchemy.orm import Session

from intake import lease
from intake.db import bare
from intake.errors import ProofKeyWrong
from intake.heads import GENESIS, Sealed, latest, put, signing_key
from intake.models import Event, Evidence, EvidenceUse, FiledReport, Identity, Letter, Link, Rating
from intake.witness import Witness, sm3

BATCH = 1024
"""Links in one transaction, and between two heads at most twice as many."""
HEAD_EVERY = timedelta(seconds=10)
LATE = 10_000
"""So far back a commit that came late is looked for at every turn; older ones are found when everything is looked at."""
HELD = timedelta(minutes=1)
NAME = "chain"
DIRECT = frozenset({"web", "telegram", "console"})
"""Channels on which this service itself saw the report arrive; on any other its time was told by somebody else."""

# In the order in which they are linked. A teller comes before his report, a rating before the event that tells of it.
SOURCES: dict[str, tuple[Table, str, str]] = {
    "identity": (bare(Identity), "id", "created_at"),
    "report": (bare(FiledReport), "id", "received_at"),
    "letter": (bare(Letter), "id", "at"),
    "evidence_use": (bare(EvidenceUse), "id", "at"),
    "rating": (bare(Rating), "report_id", "at"),
    "event": (bare(Event), "id", "at"),
}
_LINK = bare(Link)


@dataclass(frozen=True, slots=True)
class Found:
    """What waits for its place: rows to link, as yet without position and hash, behind the link at `tip`.

    `refused` counts the rows whose digest nobody with the key has made.
    """

    tip: tuple[int, bytes]
    rows: list[dict[str, Any]]
    refused: int
    more: bool
    whole: bool


def found(session: Session, witness: Witness, now: datetime) -> bool:
    """Begin the chain of a ledger that has none, with all that was in it before; whether this call began it.

    Rows of an older release carry no digest: the heads of kind "genesis" vouch for them as they were on this day.
    Raises ProofKeyWrong where the chain was begun under another key.
    """
    if latest(session) is not None:
        if signing_key(session) != witness.public:
            raise ProofKeyWrong
        return False
    holder = secrets.token_hex(8)
    if not lease.take(session, NAME, holder, now, HELD):
        return False
    if latest(session) is None:  # another process may have been first while this one waited
        _complete_evidence(session, witness)
        put(session, witness, _tip(session), (), now, kind=GENESIS)
        more = True
        while more:
            found = gather(session, witness, whole=True, old=True)
            _link(session, witness, found, now, kind=GENESIS)
            more = found.more
    lease.release(session, NAME, holder)
    return True


def gather(session: Session, witness: Witness, *, whole: bool = False, old: bool = False) -> Found:
    """Up to a batch of what was committed and has no place yet, checked: most of the work, and it needs no lock.

    `whole` looks at every row and not only at the newest; `old` takes rows without a digest as they are.
    """
    tip = _tip(session)
    rows: list[dict[str, Any]] = []
    refused, more = 0, False
    for source, query in zip(SOURCES, _queries(session, whole=whole), strict=True):
        seen = session.execute(query.limit(BATCH - len(rows) + 1)).mappings().all()
        more = more or len(seen) > BATCH - len(rows)
        _, key, time = SOURCES[source]
        for row in seen[: BATCH - len(rows)]:
            digest = witness.digest(source, row)
            if row["digest"] != digest and not (old and row["digest"] is None):
                refused += 1
                continue
            link = {"source": source, "row_id": row[key], "at": minute(row[time])}
            rows.append(link | {"relayed": is_relayed(source, row), "digest": digest})
    return Found(tip, rows, refused, more and bool(rows), whole)


def link(session: Session, witness: Witness, found: Found, now: datetime) -> bool:
    """Give what was gathered its places; false where another sealer is at work or was in between.

    The lease is taken and given back in the caller's transaction: a sealer that is killed leaves nothing behind.
    """
    holder = secrets.token_hex(8)
    if not lease.take(session, NAME, holder, now, HELD):
        return False
    if signing_key(session) != witness.public:
        raise ProofKeyWrong
    fits = _tip(session) == found.tip
    if fits:
        _link(session, witness, found, now)
    lease.release(session, NAME, holder)
    return fits


def idle(session: Session, now: datetime) -> bool:
    """Whether there is nothing to link or to sign: a cheap look before the write lock is taken."""
    if any(session.execute(query.limit(1)).first() for query in _queries(session, whole=False)):
        return False
    last = latest(session)
    return last is not None and (now - last.at < HEAD_EVERY or _tip(session)[0] == last.position)


def rows_by_id(session: Session, source: str, ids: Sequence[int]) -> dict[int, RowMapping]:
    """The rows of a source by their number."""
    table, key, _ = SOURCES[source]
    found = session.execute(select(table).where(table.c[key].in_(ids))).mappings()
    return {row[key]: row for row in found}


def unlinked(session: Session, source: str, *, limit: int) -> list[int]:
    """The numbers of rows that have no place in the chain."""
    table, key, _ = SOURCES[source]
    return list(session.scalars(_unlinked(source).with_only_columns(table.c[key]).order_by(table.c[key]).limit(limit)))


def line(position: int, source: str, at: str, *, relayed: bool) -> bytes:
    """What of a link is hashed besides its digest."""
    return f"{position} {source} {at}{' relayed' if relayed else ''}".encode()


def minute(moment: datetime) -> str:
    """A moment as the chain tells it to strangers."""
    return moment.astimezone(UTC).isoformat()[:16] + "Z"


def is_relayed(source: str, row: RowMapping) -> bool:
    """Whether a report's time of receipt is told by somebody else."""
    return source == "report" and row["channel"] not in DIRECT


def _link(session: Session, witness: Witness, found: Found, now: datetime, *, kind: str = "head") -> None:
    position, last = found.tip
    for row in found.rows:
        position += 1
        last = sm3(last + row["digest"] + line(position, row["source"], row["at"], relayed=row["relayed"]))
        row |= {"position": position, "hash": last}
    if found.rows:
        session.execute(insert(_LINK), found.rows)
    _sign(session, witness, (position, last), now, at_once=found.whole and not found.more, kind=kind)


def _queries(session: Session, *, whole: bool) -> Iterator[Select[Any]]:
    """The unlinked rows of each source, oldest first."""
    late = 0 if session.get_bind().dialect.name == "sqlite" else LATE  # SQLite has one writer: numbers are in order
    for source, (table, key, _) in SOURCES.items():
        query = _unlinked(source).order_by(table.c[key])
        if not whole and source == "rating":
            # It bears its report's number, which may be an old one: it is found by the event that came with it.
            rated = select(Event.data["report_id"].as_integer()).where(Event.kind == "rated", _newer("event", late))
            query = query.where(table.c[key].in_(rated))
        elif not whole:
            query = query.where(_newer(source, late))
        yield query


def _newer(source: str, late: int) -> ColumnElement[bool]:
    """Rows that came after the newest linked one of their source, or so little before it that they may be late."""
    newest = select(func.coalesce(func.max(_LINK.c.row_id), 0)).where(_LINK.c.source == source)
    return SOURCES[source][0].c.id > (newest.scalar_subquery() - late)


def _unlinked(source: str) -> Select[Any]:
    table, key, _ = SOURCES[source]
    return select(table).where(~exists().where(_LINK.c.source == source, _LINK.c.row_id == table.c[key]))


def _tip(session: Session) -> tuple[int, bytes]:
    """Position and hash of the last link."""
    last = session.execute(select(_LINK.c.position, _LINK.c.hash).order_by(_LINK.c.position.desc()).limit(1)).first()
    return (last.position, last.hash) if last else (0, bytes(32))


def _sign(
    session: Session, witness: Witness, tip: tuple[int, bytes], now: datetime, *, at_once: bool, kind: str
) -> Sealed | None:
    """A head where one is due."""
    last = latest(session)
    assert last is not None
    fresh = tip[0] - last.position
    if not fresh or not (at_once or fresh >= BATCH or now - last.at >= HEAD_EVERY):
        return None
    return put(session, witness, tip, leaves(session, last.position, tip[0]), now, kind=kind)


def leaves(session: Session, after: int, position: int) -> Sequence[bytes]:
    """The hashes of the links behind one head up to another."""
    query = select(_LINK.c.hash).where(_LINK.c.position > after, _LINK.c.position <= position)
    return session.scalars(query.order_by(_LINK.c.position)).all()


def _complete_evidence(session: Session, witness: Witness) -> None:
    """Contents are known by their hash and have no link: those of an older release get their digest now."""
    table = bare(Evidence)
    for row in session.execute(select(table).where(table.c.digest.is_(None))).mappings().all():
        digest = witness.digest("evidence", row)
        session.execute(update(table).where(table.c.sha256 == row["sha256"]).values(digest=digest))
