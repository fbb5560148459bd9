"""The chain: one link for each row that may never change, and signed heads over the links."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from intake.db import Base, Instant


class Link(Base):
    """One row's place in the order; only the sealer writes it, a trigger refuses every change."""

    __tablename__ = "link"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(String(16))
    """The table in which the row lies."""
    row_id: Mapped[int]
    at: Mapped[str] = mapped_column(String(20))
    """When it happened, to the minute in UTC: strangers may read it, so it is no finer than it must be."""
    relayed: Mapped[bool]
    """Whether somebody else than this service received it first: its time is told by them."""
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))

    __table_args__ = (UniqueConstraint("source", "row_id"),)


class Head(Base):
    """The chain up to a position, signed; the same line stands in a file outside the database."""

    __tablename__ = "head"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    signed: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What was signed, with its signature: see docs/reference/proof.md."""
