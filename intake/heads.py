"""Signed heads: the chain up to a position under an Ed25519 signature, in the database and in a file outside of it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from intake import merkle
from intake.models import Head
from intake.witness import Witness, canonical, sm3

GENESIS, KEY_CHANGE = "genesis", "key"
FILE = "heads.jsonl"
TAIL = 8192
"""Longer than any line of the file."""
HEAD_MARK, RECEIPT_MARK = b"jianting head\n", b"jianting receipt\n"
"""What is signed begins with what it is, so that no signature can be passed off as another kind."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A head: its number, how far it reaches, and when it was signed."""

    number: int
    position: int
    at: datetime
    signed: Mapping[str, Any]


def latest(session: Session) -> Sealed | None:
    """The newest head."""
    head = session.scalar(select(Head).order_by(Head.number.desc()).limit(1))
    return _sealed(head) if head else None


def covering(session: Session, position: int) -> Sealed | None:
    """The first head that reaches a position."""
    head = session.scalar(select(Head).where(Head.position >= position).order_by(Head.number).limit(1))
    return _sealed(head) if head else None


def signing_key(session: Session) -> str | None:
    """The public key that signs now, as the newest head says."""
    last = latest(session)
    return None if last is None else str(last.signed.get("next") or last.signed["key"])


def put(
    session: Session,
    witness: Witness,
    tip: tuple[int, bytes],
    leaves: Sequence[bytes],
    now: datetime,
    *,
    kind: str,
    then: str | None = None,
) -> Sealed:
    """Sign the chain up to `tip`; `then` names the public key that signs from now on."""
    last, now = latest(session), now.astimezone(UTC).replace(microsecond=0)
    body: dict[str, Any] = {
        "number": last.number + 1 if last else 0,
        "kind": kind,
        "after": last.position if last else 0,
        "position": tip[0],
        "hash": tip[1].hex(),
        "root": merkle.root(leaves).hex(),
        "before": sm3(canonical(last.signed) if last else b"").hex(),
        "at": now.isoformat(),
        "key": witness.public,
    }
    if then:
        body["next"] = then
    signed = body | {"signature": witness.sign(HEAD_MARK + canonical(body)).hex()}
    head = Head(number=body["number"], position=tip[0], at=now, signed=signed)
    session.add(head)
    session.flush()
    return _sealed(head)


def change_key(session: Session, witness: Witness, then: str, now: datetime) -> None:
    """Write down, signed by the key that ends, which key signs from now on; the chain must be linked up to a head."""
    last = latest(session)
    assert last is not None
    put(session, witness, (last.position, bytes.fromhex(last.signed["hash"])), (), now, kind=KEY_CHANGE, then=then)


def promise(witness: Witness, number: str, digest: bytes) -> bytes:
    """The signature that a receipt bears from its first moment: this commitment was taken in under this number."""
    return witness.sign(RECEIPT_MARK + canonical([number, digest.hex()]))


def promise_fits(key: str, number: str, digest: bytes, signature: bytes) -> bool:
    """Whether a receipt's signature was made with the secret to this public key."""
    return _fits(key, RECEIPT_MARK + canonical([number, digest.hex()]), signature)


def signature_fits(signed: Mapping[str, Any]) -> bool:
    """Whether a head is signed by the key that it names."""
    body = {name: value for name, value in signed.items() if name != "signature"}
    try:
        signature = bytes.fromhex(signed["signature"])
        return _fits(signed["key"], HEAD_MARK + canonical(body), signature)
    except (KeyError, TypeError, ValueError):
        return False


def _fits(key: str, content: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


def write_file(session: Session, path: Path) -> int:
    """Append the heads that the file lacks, safely on disk when this returns; how many there were.

    Call it after the commit: a head that was taken back must not stand there. Two processes may both append one;
    a line that is there twice does no harm.
    """
    known = _last_number(path)
    fresh = session.scalars(select(Head).where(Head.number > known).order_by(Head.number)).all()
    if fresh:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "r+b") as file:
            _drop_half_line(file)
            file.write(b"".join(canonical(head.signed) + b"\n" for head in fresh))
            file.flush()
            os.fsync(file.fileno())
    return len(fresh)


def read_file(path: Path) -> list[dict[str, Any] | None]:
    """Every head in the file, None for a line that is none; nothing where there is no file."""
    if not path.exists():
        return []
    return [_parsed(line) for line in path.read_bytes().splitlines()]


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        head = json.loads(line)
    except ValueError:
        return None
    return head if isinstance(head, dict) and canonical(head) == line else None


def _last_number(path: Path) -> int:
    """The number of the newest head in the file; -1 where there is none."""
    if not path.exists():
        return -1
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL))
        heads = [_parsed(line) for line in file.read().splitlines()]
    return max((int(head["number"]) for head in heads if head and "number" in head), default=-1)


def _drop_half_line(file: BinaryIO) -> None:
    """What a power cut left of a line goes: its head stands in the database and is written again."""
    end = file.seek(0, os.SEEK_END)
    start = max(0, end - TAIL)
    file.seek(start)
    kept = file.read().rfind(b"\n") + 1
    file.truncate(start + kept)


def _sealed(head: Head) -> Sealed:
    return Sealed(head.number, head.position, head.at, head.signed)
