"""The history: what happened to a case, who did it, when; appended, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from intake.models import Event


def append(
    session: Session,
    case_id: int | None,
    kind: str,
    actor: str,
    data: Mapping[str, Any],
    now: datetime,
) -> Event:
    """Write down that `actor` did `kind`; `data` is JSON and must hold nothing that tells who reported.

    `actor` is "teller", "system", or "staff:" with the number of the member of staff.
    What concerns one teller alone carries his report's number as `data["report_id"]`: no other teller sees it.
    """
    event = Event(case_id=case_id, at=now, actor=actor, kind=kind, data=dict(data))
    session.add(event)
    return event
