"""What may differ from its link although it is covered: what an erasure emptied or removed, as its own event says.

Whoever erases writes rows anew and calls `amend` in the same transaction, before the event of the erasure; what it
gives goes into that event's data. The event is chained, so the emptied row is covered as well as the full one was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from intake import chain
from intake.db import bare
from intake.models import Event, Evidence, Link
from intake.witness import witness_of

KINDS = ("erased", "disposed")
"""The kinds of event that may amend or remove rows: of a person's erasure, of a term of retention."""
AMENDABLE = ("identity", "report", "letter", "evidence_use", "rating")
"""The tables in which a row may be emptied and stays."""


@dataclass(frozen=True, slots=True)
class Amended:
    """The digests that count now, and the rows that were removed."""

    digests: Mapping[tuple[str, str], str]
    removed: frozenset[tuple[str, str]]

    def stands(self, source: str, row: object, digest: bytes) -> bool:
        """Whether a row as it is now is what an erasure made of it."""
        return self.digests.get((source, str(row))) == digest.hex()


def amend(
    session: Session, changed: Mapping[str, Iterable[int]], removed: Mapping[str, Iterable[int]]
) -> dict[str, Any]:
    """Give the rows that an erasure changed their new digests; the result belongs into the data of its event."""
    session.flush()
    witness = witness_of(session)
    digests: dict[str, dict[str, str]] = {}
    for source, ids in changed.items():
        table, key, _ = chain.SOURCES[source]
        for number, row in chain.rows_by_id(session, source, list(ids)).items():
            if witness is not None:
                digest = witness.digest(source, row)
                session.execute(update(table).where(table.c[key] == number).values(digest=digest))
                digests.setdefault(source, {})[str(number)] = digest.hex()
    session.expire_all()
    return {"amended": digests, "removed": {source: sorted(ids) for source, ids in removed.items()}}


def amend_content(session: Session, sha256: str) -> None:
    """Give a content's row its new digest, where what is known about it was changed lawfully."""
    witness, table = witness_of(session), bare(Evidence)
    row = session.execute(select(table).where(table.c.sha256 == sha256)).mappings().one()
    if witness is not None:
        digest = witness.digest("evidence", row)
        session.execute(update(table).where(table.c.sha256 == sha256).values(digest=digest))


def of(session: Session) -> Amended:
    """All erasures whose event has a place in the chain: one that was slipped in excuses nothing. The last one counts."""
    query = select(Event.data).join(Link, (Link.source == "event") & (Link.row_id == Event.id))
    told = session.scalars(query.where(Event.kind.in_(KINDS)).order_by(Link.position)).all()
    digests = {
        (source, row): digest
        for data in told
        for source, rows in data.get("amended", {}).items()
        for row, digest in rows.items()
    }
    removed = {(source, str(row)) for data in told for source, ids in data.get("removed", {}).items() for row in ids}
    return Amended(digests, frozenset(removed))
