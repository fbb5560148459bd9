"""Staff: those who handle cases, those who look on, those who guard the secrets."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from intake.db import Base, Instant

ROLES = ("officer", "leader", "custodian", "supervisor", "federation", "auditor", "administrator")


class Staff(Base):
    """One member of an authority, or somebody of its region who looks on; interests exclude him from cases."""

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint(
            "role IN ('officer', 'leader', 'custodian', 'supervisor', 'federation', 'auditor', 'administrator')",
            name="known_role",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(60))
    role: Mapped[str] = mapped_column(String(16))
    authority: Mapped[str] = mapped_column(String(32), index=True)
    telegram: Mapped[str | None] = mapped_column(String(40))
    interests: Mapped[str] = mapped_column(String(400), default="")
    """Institutions from whose cases he is excluded, one a line."""
    active: Mapped[bool] = mapped_column(default=True)


class SignIn(Base):
    """A signed-in browser of a member of staff, by the hash of its cookie."""

    __tablename__ = "sign_in"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    until: Mapped[datetime] = mapped_column(Instant)
