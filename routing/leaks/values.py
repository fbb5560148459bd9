"""What the check is given and what it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Told:
    """One report as staff may read it: redacted text, answers and letters, and when it came in."""

    report_id: int
    text: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """One stretch of an outgoing text that may give a teller away; `report_id` is None where it fits no single one."""

    kind: str
    start: int
    end: int
    weight: float
    report_id: int | None = None

    def as_json(self) -> dict[str, Any]:
        """For the ledger."""
        return {
            "kind": self.kind,
            "start": self.start,
            "end": self.end,
            "weight": round(self.weight, 3),
            "report_id": self.report_id,
        }

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Finding:
        """Back from the ledger."""
        return cls(row["kind"], row["start"], row["end"], row["weight"], row["report_id"])


@dataclass(frozen=True, slots=True)
class Verdict:
    """The findings in the order of the text, how much they weigh together, and whether a person must look first."""

    findings: tuple[Finding, ...]
    weight: float
    held: bool
    small: bool = False
    """The institution is so small that every detail weighs more."""
