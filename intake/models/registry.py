"""What a bureau knows beside the cases: institutions, its offices' own names, supervisors' terms, inspections made."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from intake.db import Base, Instant


class Institution(Base):
    """One hospital, clinic, pharmacy or other unit of the registry, with the names it bore before."""

    __tablename__ = "institution"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    """Its social credit code; where there is none, its name's normal form and its place."""
    code: Mapped[str | None] = mapped_column(String(18))
    name: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(120), index=True)
    """The name's normal form, by which cases name it."""
    former_names: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[str | None] = mapped_column(String(60))
    level: Mapped[str | None] = mapped_column(String(40))
    place: Mapped[str | None] = mapped_column(String(6))
    people: Mapped[int | None]
    beds: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(Instant)


class Office(Base):
    """What a registry says of an authority where that is not the default: name, superior, who stands in, contact, how it numbers."""

    __tablename__ = "office"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    """The authority's code, such as YB-621021."""
    name: Mapped[str] = mapped_column(String(120))
    superior: Mapped[str | None] = mapped_column(String(32))
    """The authority above it, where that is not the bureau of the next larger division."""
    handled_by: Mapped[str | None] = mapped_column(String(32))
    """Who does its work where the division has no such office of its own."""
    contact: Mapped[str | None] = mapped_column(String(200))
    word: Mapped[str | None] = mapped_column(String(20))
    """What its papers' numbers begin with, such as 临医保; None for the default."""
    at: Mapped[datetime] = mapped_column(Instant)


class Term(Base):
    """For how long a social supervisor is appointed, and on whose proposal."""

    __tablename__ = "term"

    key: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    since: Mapped[date | None]
    until: Mapped[date | None]
    proposed_by: Mapped[str | None] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(Instant)


class Inspection(Base):
    """One inspection of one institution, as its organ recorded it: complaints of over-inspection are held against it."""

    __tablename__ = "inspection"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(300), unique=True)
    """Organ and notice number; without a notice organ, institution and day."""
    organ: Mapped[str] = mapped_column(String(200))
    institution: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(120), index=True)
    code: Mapped[str | None] = mapped_column(String(18))
    place: Mapped[str | None] = mapped_column(String(6))
    day: Mapped[date]
    officers: Mapped[str] = mapped_column(Text, default="")
    notice: Mapped[str | None] = mapped_column(String(80))
    reason: Mapped[str | None] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(Instant)
