"""Who told: sealed, apart from what was told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from intake.db import Base, Instant
from intake.witness import witnessed


class Identity(Base):
    """One teller of one report: name, phone, account in a sealed blob; keyed hashes let us know him again."""

    __tablename__ = "identity"

    id: Mapped[int] = mapped_column(primary_key=True)
    mode: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(16))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    account_hash: Mapped[str] = mapped_column(String(64), index=True)
    phone_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    digest: Mapped[bytes | None] = witnessed()
