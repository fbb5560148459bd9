"""The words of an act beside its event: the event commits to them, and they can be erased without touching it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.models import Event, Remark

SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Words:
    """A text with the salt of its commitment."""

    text: str
    salt: bytes

    @classmethod
    def of(cls, text: str) -> Words:
        """The text with a fresh salt, so that nobody finds an erased text again by guessing."""
        return cls(text, secrets.token_bytes(SALT_BYTES))

    @property
    def commitment(self) -> str:
        """What the event holds: while the words exist, it proves them."""
        return hashlib.sha256(self.salt + self.text.encode()).hexdigest()


def keep(session: Session, event: Event, words: Words) -> None:
    """The row of the words; the event must have been flushed, and must hold the commitment as `words`."""
    session.add(Remark(event_id=event.id, salt=words.salt, text=words.text))


def of_events(session: Session, case_id: int) -> Mapping[int, str]:
    """The words of a case's events by event, for `intake.queries`, which gives each viewer what he may read of them."""
    query = select(Remark.event_id, Remark.text).join(Event, Event.id == Remark.event_id)
    return dict(session.execute(query.where(Event.case_id == case_id)).all())


def latest(session: Session, case_id: int, kind: str) -> str:
    """The words of the last event of this kind on a case; empty where there are none, or they were erased."""
    query = select(Remark.text).join(Event, Event.id == Remark.event_id)
    query = query.where(Event.case_id == case_id, Event.kind == kind).order_by(Event.id.desc())
    return session.scalars(query).first() or ""


def proven(event: Event, remark: Remark) -> bool:
    """Whether the words are those to which the event committed."""
    return event.data.get("words") == Words(remark.text, remark.salt).commitment
