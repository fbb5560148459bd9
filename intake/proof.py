"""What leaves the house as proof: the verification string on a receipt, the proof file of one report, the export.

Nothing in it tells who reported: digests are blinded, times are told to the minute, and the opening of a report,
which its teller alone gets, leaves out every column of `witness.KEPT`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

from sqlalchemy import RowMapping, func, select
from sqlalchemy.orm import Session

from intake import chain, heads, merkle
from intake.db import bare
from intake.errors import ReceiptForged, ReceiptNotInChain, ReceiptUnreadable
from intake.models import EvidenceUse, FiledReport, Head, Link
from intake.witness import Opening, Witness, as_read, canonical, witness_of

RECEIPT_FORMAT = "jt1"
PROOF_FORMAT = "jianting-proof/1"
EXPORT_FORMAT = "jianting-chain/1"
EXPORT_MARK = b"jianting export\n"
CHUNK = 1000


def receipt_string(session: Session, report: FiledReport) -> str:
    """What a receipt bears from its first moment: number, commitment, nonce, and the signature of this house.

    Whoever holds it can show that the report was taken in, also where somebody removed it before it was linked.
    """
    witness = witness_of(session)
    if witness is None:
        return ""
    values = {column.key: as_read(getattr(report, column.key)) for column in bare(FiledReport).c}
    opening = witness.opening("report", values)
    signature = heads.promise(witness, report.number, opening.digest)
    parts = (
        base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (opening.digest, opening.nonce, signature)
    )
    return ".".join((RECEIPT_FORMAT, report.number, *parts))


def of_report(session: Session, witness: Witness, report_id: int) -> dict[str, Any]:
    """The proof file of one report and the files given with it; whoever asks must be its teller."""
    uses = session.scalars(select(EvidenceUse.id).where(EvidenceUse.report_id == report_id).order_by(EvidenceUse.id))
    items = [_item(session, witness, "report", report_id)]
    items += [_item(session, witness, "evidence_use", number) for number in uses.all()]
    number = json.loads(items[0]["opening"])["number"]
    signature = heads.promise(witness, number, bytes.fromhex(items[0]["digest"]))
    return {
        "format": PROOF_FORMAT,
        "number": number,
        "receipt": {"key": witness.public, "signature": signature.hex()},
        "items": items,
    }


def keys_of(session: Session) -> list[str]:
    """Every public key that has signed for this ledger, the present one last."""
    signed = session.scalars(select(Head.signed).order_by(Head.number)).all()
    keys = [head[name] for head in signed for name in ("key", "next") if name in head]
    return list(dict.fromkeys(keys))


def check(session: Session, text: str) -> tuple[str, int, int]:
    """Number, position and rank of the receipt whose string or proof file is `text`; raises a ReceiptWrong."""
    number, digest, signature = _read(text)
    if not any(heads.promise_fits(key, number, digest, signature) for key in keys_of(session)):
        raise ReceiptForged
    report_id = session.scalar(select(Link.row_id).where(Link.source == "report", Link.digest == digest))
    place = place_of(session, report_id) if report_id is not None else None
    if place is None:
        raise ReceiptNotInChain
    return number, place[0], place[1]


def _read(text: str) -> tuple[str, bytes, bytes]:
    """Number, commitment and signature; a proof file's opening must give its commitment."""
    try:
        if text.startswith(RECEIPT_FORMAT + "."):
            _, number, *rest = text.strip().split(".")
            digest, _nonce, signature = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in rest)
            return number, digest, signature
        file = json.loads(text)
        number, first = str(file["number"]), file["items"][0]
        opening = Opening(bytes.fromhex(first["nonce"]), first["opening"].encode())
        if json.loads(first["opening"])["number"] != number:
            raise ReceiptForged
        return number, opening.digest, bytes.fromhex(file["receipt"]["signature"])
    except (ValueError, KeyError, TypeError, LookupError, AttributeError) as wrong:
        raise ReceiptUnreadable from wrong


def place_of(session: Session, report_id: int) -> tuple[int, int, datetime] | None:
    """A report's position in the chain, how many reports of all channels stand up to it, and when that was signed."""
    link = _link_of(session, "report", report_id)
    head = heads.covering(session, link.position) if link else None
    if link is None or head is None:
        return None
    before = select(func.count()).select_from(Link).where(Link.source == "report", Link.position <= link.position)
    return link.position, session.scalar(before) or 0, head.at


def _item(session: Session, witness: Witness, source: str, row_id: int) -> dict[str, Any]:
    """One row: its opening, and its place up to a signed head where it has one already."""
    row: RowMapping = chain.rows_by_id(session, source, [row_id])[row_id]
    opening = witness.opening(source, row)
    item: dict[str, Any] = {
        "digest": opening.digest.hex(),
        "nonce": opening.nonce.hex(),
        "opening": opening.message.decode(),
    }
    link = _link_of(session, source, row_id)
    head = heads.covering(session, link.position) if link else None
    if link is not None and head is not None:
        item["place"] = _place(session, link, head)
    return item


def _place(session: Session, link: Link, head: heads.Sealed) -> dict[str, Any]:
    """The link, the hash before it, and the way from it to the head."""
    after = head.signed["after"]
    leaves = chain.leaves(session, after, head.position)
    before = session.scalar(select(Link.hash).where(Link.position == link.position - 1)) or bytes(32)
    path = merkle.path(leaves, link.position - after - 1)
    return {
        "position": link.position,
        "source": link.source,
        "at": link.at,
        "relayed": link.relayed,
        "before": before.hex(),
        "path": [[side, beside.hex()] for side, beside in path],
        "head": head.signed,
    }


def _link_of(session: Session, source: str, row_id: int) -> Link | None:
    return session.scalar(select(Link).where(Link.source == source, Link.row_id == row_id))


def export(
    session: Session,
    witness: Witness,
    file: BinaryIO,
    now: datetime,
    progress: Callable[[str, int, int], None] = lambda _stage, _done, _total: None,
) -> int:
    """Write the chain up to its newest head, a line a link or head, and a signed last line; how many links.

    A line of a link is [position, source, minute, relayed, digest, hash]; a line of a head is what was signed.
    """
    last = heads.latest(session)
    assert last is not None
    file.write(canonical({"format": EXPORT_FORMAT, "key": _first_key(session)}) + b"\n")
    links = 0
    for line in _lines(session, last.position):
        file.write(canonical(line) + b"\n")
        links += isinstance(line, list)
        if links % CHUNK == 0:
            progress("export", links, last.position)
    end = {"end": last.position, "number": last.number, "at": now.astimezone(UTC).isoformat(timespec="seconds")}
    signature = witness.sign(EXPORT_MARK + canonical(end)).hex()
    file.write(canonical(end | {"signature": signature}) + b"\n")
    return links


def _first_key(session: Session) -> str:
    return str(session.scalars(select(Head).order_by(Head.number).limit(1)).one().signed["key"])


def _lines(session: Session, until: int) -> Iterator[Any]:
    """Links in order, each head right behind the last link that it covers."""
    due = iter(session.scalars(select(Head.signed).order_by(Head.number)).all())
    head = next(due, None)
    position = 0
    while True:
        while head is not None and head["position"] <= position:
            yield head
            head = next(due, None)
        query = select(bare(Link)).where(bare(Link).c.position > position, bare(Link).c.position <= until)
        chunk = session.execute(query.order_by(bare(Link).c.position).limit(CHUNK)).all()
        if not chunk:
            return
        for link in chunk:
            yield [link.position, link.source, link.at, link.relayed, link.digest.hex(), link.hash.hex()]
            position = link.position
            while head is not None and head["position"] <= position:
                yield head
                head = next(due, None)
