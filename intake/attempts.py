"""Wrong tries of codes and passwords: some are free, then each further one costs twice the wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, select, update
from sqlalchemy.orm import Session

from intake.confidentiality import Vault
from intake.db import insert
from intake.errors import TooManyTries
from intake.models import Attempt

FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many wrong tries are free (the wait begins at the last of them), the first wait, and the longest."""

    free: int
    first: timedelta
    longest: timedelta


ONE_PLACE = Limits(free=5, first=timedelta(seconds=30), longest=timedelta(hours=1))
"""For whatever one person tries: from one address, of one name, of one code."""


def origin_hash(vault: Vault, kind: str, origin: str) -> str:
    """The origin (an address, a chat number, a user name) as the ledger may keep it; `kind` keeps tries apart."""
    return vault.fingerprint(origin, f"attempt {kind}")


def check(session: Session, origin_hash: str, now: datetime, limits: Limits = ONE_PLACE) -> None:
    """Raise TooManyTries where this origin has to wait; the try itself must not be looked at then."""
    until = session.scalar(select(Attempt.until).where(Attempt.origin == origin_hash, Attempt.wrong >= limits.free))
    if until is not None and until > now:
        raise TooManyTries(until)


def count_wrong(session: Session, origin_hash: str, now: datetime, limits: Limits = ONE_PLACE) -> datetime:
    """Count one wrong try and return the moment before which no further one is looked at.

    The caller commits this although the try failed. `until` of tries that are free is the moment of the last one,
    so that tries are forgotten a day after the last wait was over.
    """
    statement = insert(session, Attempt).values(origin=origin_hash, wrong=1, until=now)
    again = case((Attempt.until < now - FORGOTTEN_AFTER, 1), else_=Attempt.wrong + 1)
    counted = statement.on_conflict_do_update(index_elements=["origin"], set_={"wrong": again, "until": now})
    wrong = session.execute(counted.returning(Attempt.wrong)).scalar_one()
    until = now + wait_after(wrong, limits)
    session.execute(update(Attempt).where(Attempt.origin == origin_hash).values(until=until))
    return until


def wait_after(wrong: int, limits: Limits = ONE_PLACE) -> timedelta:
    """How long the origin waits after so many wrong tries: the first wait at the last free one, then doubling."""
    if wrong < limits.free:
        return timedelta()
    # Twelve doublings are far beyond any limit; more would only overflow.
    doublings = min(wrong - limits.free, 12)
    return min(limits.first * (1 << doublings), limits.longest)


def forgive(session: Session, origin_hash: str) -> None:
    """A right try: earlier wrong ones no longer count."""
    session.execute(delete(Attempt).where(Attempt.origin == origin_hash))


def trust(session: Session, origin_hash: str, until: datetime) -> None:
    """Remember an origin that was right: a row without wrong tries, until a moment."""
    statement = insert(session, Attempt).values(origin=origin_hash, wrong=0, until=until)
    session.execute(statement.on_conflict_do_update(index_elements=["origin"], set_={"wrong": 0, "until": until}))


def is_trusted(session: Session, origin_hash: str, now: datetime) -> bool:
    """Whether this origin was right before, and that is not long ago."""
    known = select(Attempt.origin).where(Attempt.origin == origin_hash, Attempt.wrong == 0, Attempt.until > now)
    return session.scalar(known) is not None


def forget_old(session: Session, now: datetime) -> None:
    """Remove what no longer matters; for the daily tidying."""
    session.execute(delete(Attempt).where(Attempt.until < now - FORGOTTEN_AFTER))
