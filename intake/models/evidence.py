"""Files that people gave us: content-addressed, sealed, each use recorded."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from intake.db import Base, Instant
from intake.witness import witnessed


class Evidence(Base):
    """One content, stored once; the sealed original lies on disk under its SHA-256."""

    __tablename__ = "evidence"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    sm3: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    stored_at: Mapped[datetime] = mapped_column(Instant)
    digest: Mapped[bytes | None] = witnessed()


class EvidenceUse(Base):
    """One content given to one report, under the name that the teller's file bore (sealed)."""

    __tablename__ = "evidence_use"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("evidence.sha256"))
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"), index=True)
    sealed_name: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Instant)
    digest: Mapped[bytes | None] = witnessed()


class Custody(Base):
    """Which file an event of the chain of custody is about, and which report's use of it, once there is one."""

    __tablename__ = "custody"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    report_id: Mapped[int | None] = mapped_column(ForeignKey("report.id"), index=True)
