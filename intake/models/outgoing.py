"""What staff write: the words of an act, kept beside its event, and texts that wait before they leave."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from intake.db import Base, Instant


class Remark(Base):
    """What was written with an act. The event itself holds only its commitment, so that the words can be erased."""

    __tablename__ = "remark"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True, autoincrement=False)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    """Erased with the words: without it the commitment in the event tells nothing about them."""
    text: Mapped[str] = mapped_column(Text)


class OutgoingHold(Base):
    """A text that may tell who reported: it waits until its writer changes it or a second person lets it go."""

    __tablename__ = "outgoing_hold"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    verb: Mapped[str] = mapped_column(String(24))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """JSON: the fields of the act as they were typed, and the reasons given for sending it all the same."""
    digest: Mapped[str] = mapped_column(String(64))
    """Keyed hash of act and fields: only this text passes when it was released."""
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    made_at: Mapped[datetime] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    __table_args__ = (
        Index("ix_outgoing_hold_case_id_state", "case_id", "state"),
        # asked: the writer wants it released as it is; released: it may leave once; sent: it has.
        CheckConstraint("state IN ('waiting', 'asked', 'released', 'sent', 'changed', 'dropped')", name="known_state"),
    )
