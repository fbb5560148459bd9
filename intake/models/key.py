"""Data keys: wrapped by a master key that is nowhere in the ledger."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from intake.db import Base, Instant


class WrappedKey(Base):
    """One data key; sealed values name it by its number. A retired one still opens what it sealed."""

    __tablename__ = "data_key"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    purpose: Mapped[str] = mapped_column(String(16))
    algorithm: Mapped[str] = mapped_column(String(16))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    master: Mapped[str] = mapped_column(String(16))
    """The mark of the master key that wraps it: tells two master keys apart, and gives nothing away."""
    made_at: Mapped[datetime] = mapped_column(Instant)
    retired_at: Mapped[datetime | None] = mapped_column(Instant)
