"""What stands in the place of a person whose data were erased."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from intake.db import Base, Instant


class Tombstone(Base):
    """That the teller of a report was erased: when, on what ground; nothing of what there was."""

    __tablename__ = "tombstone"

    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"), primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    ground: Mapped[str] = mapped_column(String(24))
    """A ground of retention.toml (PIPL Art. 47), never free words."""
    files: Mapped[bool] = mapped_column(default=False)
    """Whether the files that the teller gave were erased as well."""
