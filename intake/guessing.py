"""Guessing query codes is slow from one place, slow for one code, and slow from everywhere together.

Three counts, each with limits of its own: of the place (an address, a chat account), of the code, and of the hour for
the whole service. Where a code was opened rightly before, its owner passes all three: strangers, even such as share
his address, cannot lock him out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from intake import attempts
from intake.attempts import Limits
from intake.confidentiality import Vault
from intake.errors import Braked, TooManyTries

KNOWN_FOR = timedelta(days=60)
RENEWED_BEFORE = timedelta(days=30)
"""A place that is still known this long is not written down anew at each look."""
WRONG_AN_HOUR = 300


@dataclass(frozen=True, slots=True)
class Guess:
    """One try of a code: its marks in the table of attempts, all keyed hashes."""

    place: str
    code: str
    hour: str
    owner: str


def guess(vault: Vault, mark: str, origin: str, now: datetime) -> Guess:
    """The try of the code with this keyed hash, from this place, in this hour."""

    def marked(kind: str, what: str) -> str:
        return attempts.origin_hash(vault, kind, what)

    return Guess(
        place=marked("query code", origin),
        code=marked("query code itself", mark),
        hour=marked("query code hour", f"{now:%Y-%m-%dT%H}"),
        owner=marked("query code owner", f"{mark}\0{origin}"),
    )


def braking(wrong_an_hour: int) -> Limits:
    """Limits of the whole service: short waits, since honest people at new places share them; over with the hour."""
    return Limits(free=wrong_an_hour, first=timedelta(seconds=15), longest=timedelta(minutes=2))


def check(session: Session, tried: Guess, now: datetime, *, wrong_an_hour: int = WRONG_AN_HOUR) -> None:
    """Raise TooManyTries or Braked where the try has to wait; its owner, at a place where he was right, never does."""
    if attempts.is_trusted(session, tried.owner, now):
        return
    attempts.check(session, tried.place, now)
    attempts.check(session, tried.code, now)
    try:
        attempts.check(session, tried.hour, now, braking(wrong_an_hour))
    except TooManyTries as many:
        raise Braked(many.until) from many


def count_wrong(session: Session, tried: Guess, now: datetime, *, wrong_an_hour: int = WRONG_AN_HOUR) -> None:
    """One wrong try more on each count; the caller commits it although the try failed."""
    attempts.count_wrong(session, tried.place, now)
    attempts.count_wrong(session, tried.code, now)
    attempts.count_wrong(session, tried.hour, now, braking(wrong_an_hour))


def needs_note(session: Session, tried: Guess, now: datetime) -> bool:
    """Whether a right try should be written down: the place is new, or will soon be forgotten."""
    return not attempts.is_trusted(session, tried.owner, now + RENEWED_BEFORE)


def know_owner(session: Session, tried: Guess, now: datetime) -> None:
    """From here the code was right, or was given out: its owner is at home here."""
    attempts.trust(session, tried.owner, now + KNOWN_FOR)
