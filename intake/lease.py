"""A named lease: one sweeper, one courier at a time, and another takes over when the first has died."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from intake.db import insert
from intake.models import Lease


def take(session: Session, name: str, holder: str, now: datetime, lifetime: timedelta) -> bool:
    """Take or renew the lease; false while somebody else holds it."""
    until = now + lifetime
    statement = (
        insert(session, Lease)
        .values(name=name, holder=holder, until=until)
        .on_conflict_do_update(
            index_elements=["name"],
            set_={"holder": holder, "until": until},
            where=or_(Lease.until <= now, Lease.holder == holder),
        )
        .returning(Lease.holder)
    )
    return session.execute(statement).scalar_one_or_none() == holder


def renew(session: Session, name: str, holder: str, now: datetime, lifetime: timedelta) -> bool:
    """Hold it for longer; false where it was lost meanwhile, and the work must stop."""
    held = (Lease.name == name, Lease.holder == holder, Lease.until > now)
    changed = update(Lease).where(*held).values(until=now + lifetime).returning(Lease.name)
    return session.execute(changed).scalar_one_or_none() is not None


def release(session: Session, name: str, holder: str) -> None:
    """Give it back early; nothing happens where it is no longer held."""
    session.execute(delete(Lease).where(Lease.name == name, Lease.holder == holder))
