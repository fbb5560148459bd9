"""What the service itself must remember: numbers given out, wrong tries, machine clients."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from intake.db import Base, Instant


class Sequence(Base):
    """The last number given out under a key such as 621021-2026."""

    __tablename__ = "sequence"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    last: Mapped[int]


class Attempt(Base):
    """Wrong tries of a query code or a password, by a keyed hash of their origin."""

    __tablename__ = "attempt"

    origin: Mapped[str] = mapped_column(String(64), primary_key=True)
    wrong: Mapped[int]
    until: Mapped[datetime] = mapped_column(Instant)
    """No further try is looked at before this moment."""


class ApiToken(Base):
    """A machine client of the reports API, by the hash of its token."""

    __tablename__ = "api_token"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    until: Mapped[datetime | None] = mapped_column(Instant)
    """From then on it opens nothing; None: until it is withdrawn."""


class IdempotentAnswer(Base):
    """The answer once given under an idempotency key of a client; the body holds a query code, so it is sealed."""

    __tablename__ = "idempotent_answer"

    client: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Instant)
