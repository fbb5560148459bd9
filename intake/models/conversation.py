"""A conversation and its turns: enough to go on after a restart and to answer a repeated message alike."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from intake.db import Base, Instant


class Conversation(Base):
    """One person on one channel; the state is sealed, since it may hold name and phone."""

    __tablename__ = "conversation"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    token_hash: Mapped[str | None] = mapped_column(String(64))
    sealed_state: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)
    spoken_at: Mapped[datetime] = mapped_column(Instant, index=True)


class Turn(Base):
    """What came in under one message number and what was answered; outgoing notices are turns without a message."""

    __tablename__ = "turn"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    message_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """JSON: text, files, replies, receipts."""
    at: Mapped[datetime] = mapped_column(Instant)
