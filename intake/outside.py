"""Heads that are kept outside the database, against the heads within: whether this ledger is older than its heads.

A ledger that was put back to an earlier moment is whole in itself: only a head that was signed later, and that lies
somewhere else, tells. Such files are `heads.jsonl` of the data folder, the ones that a restore set aside beside it,
and any copy that somebody keeps elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from intake import heads
from intake.models import Head
from intake.verification import Verdict

ASIDE = "heads-before-*.jsonl"


@dataclass(frozen=True, slots=True)
class Compared:
    """What a file of heads holds that the ledger does not."""

    lost: int = 0
    """Heads that were signed and that the ledger lacks, or under whose number it has another one."""
    upto: int = 0
    """The position up to which the newest of these reaches."""
    at: str = ""
    """When that one was signed."""
    has: int = 0
    """The position up to which the ledger's own newest head reaches."""
    damaged: tuple[int, ...] = ()
    """Lines that are no head with a signature that fits."""


def compare(session: Session, path: Path) -> Compared:
    """The heads of the ledger with those in a file; the file may be older, since heads were signed after it."""
    inside = _inside(session)
    kept = heads.read_file(path)
    damaged = tuple(at for at, head in enumerate(kept, 1) if head is None or not heads.signature_fits(head))
    sound = (head for head in kept if head is not None and heads.signature_fits(head))
    lost = {head["number"]: head for head in sound if inside.get(head["number"]) != head}
    last: Mapping[str, Any] = lost[max(lost)] if lost else {"position": 0, "at": ""}
    has = max((head["position"] for head in inside.values()), default=0)
    return Compared(len(lost), last["position"], last["at"], has, damaged)


def _inside(session: Session) -> Mapping[int, Mapping[str, Any]]:
    """The ledger's own heads by number; none in a ledger older than heads."""
    if not inspect(session.connection()).has_table(Head.__tablename__):
        return {}
    return {head.number: head.signed for head in session.scalars(select(Head))}


def check(session: Session, own: Path, elsewhere: Sequence[Path], verdict: Verdict) -> None:
    """Compare with files kept apart: findings. What a restore itself set aside beside `own` was known: remarks."""
    for path in elsewhere:
        _tell(compare(session, path), path, verdict.add)
    for path in aside(own):
        _tell(compare(session, path), path, verdict.note, "restored_")


def _tell(found: Compared, path: Path, tell: Callable[..., None], prefix: str = "") -> None:
    if found.lost:
        tell(f"{prefix}older", file=path.name, lost=found.lost, upto=found.upto, has=found.has, at=found.at)
    for line in found.damaged:
        tell(f"{prefix}line", file=path.name, line=line)


def aside(own: Path) -> Sequence[Path]:
    """What restores set aside beside the file of heads, oldest first."""
    return sorted(own.parent.glob(ASIDE))


def set_aside(own: Path, now: datetime) -> Path | None:
    """Move the file of heads out of the way of a restore, never to be written again; None where there is none."""
    if not own.exists():
        return None
    place = own.with_name(ASIDE.replace("*", f"{now:%Y%m%dT%H%M%SZ}"))
    return own.rename(place)
