"""What the desk writes to people: rows of the outbox, in warm plain Chinese, each teller his own.

A teller's notice speaks of his report alone; nothing in it lets him guess that others told the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time

from sqlalchemy.orm import Session

from intake import letters, outbox, viewing
from intake.confidentiality import Vault
from intake.masks import masked
from intake.models import Case, Event, FiledReport, Letter, Staff
from routing.errors import ReasonNeeded, TooLong
from routing.rules import SHANGHAI, Rules, legal_day
from routing.wording import say

OFFICER_LIMIT = 5000
TELLER_LIMIT = 20000
OPENING = time(9, 0, tzinfo=SHANGHAI)


def tell(
    session: Session,
    report: FiledReport,
    occasion: str,
    body: str,
    *,
    now: datetime,
    not_before: datetime | None = None,
) -> None:
    """One notice to one teller, at most once for one occasion."""
    outbox.put(
        session,
        key=f"{occasion}-report-{report.id}",
        body=body,
        now=now,
        report_id=report.id,
        case_id=report.case_id,
        not_before=not_before,
    )


def tell_staff(
    session: Session,
    staff: Iterable[Staff],
    case: Case,
    occasion: str,
    body: str,
    *,
    now: datetime,
    urgent: bool = False,
) -> None:
    """One notice to each of these members of staff, at most once for one occasion; none to whoever must not know.

    What is `urgent` goes out at night and on days off as well; everything else waits for working hours.
    """
    occasion = f"{outbox.URGENT}{occasion}" if urgent else occasion
    for one in staff:
        if viewing.kept_out(session, case, viewer=one):
            continue
        outbox.put(session, key=f"{occasion}-staff-{one.id}", body=body, now=now, staff_id=one.id, case_id=case.id)


def of(event: Event) -> str:
    """An event as the occasion of notices."""
    return f"event-{event.id}"


def to_staff(key: str, case: Case, **facts: object) -> str:
    """A sentence for staff about a case."""
    subject = case.institution or case.organ or say("staff.no_subject")
    return say(f"staff.{key}", number=case.number, subject=subject, **facts)


def to_teller(key: str, report: FiledReport, **facts: object) -> str:
    """A sentence for a teller about what he told."""
    return say(f"teller.{key}", number=report.number, **facts)


def accepted(report: FiledReport, authority: str, *, due: str) -> str:
    """That the matter was taken up, and by when something must happen."""
    return say(f"teller.accepted_{report.side}", number=report.number, authority=authority, due=due)


def next_morning(now: datetime, rules: Rules) -> datetime:
    """Nine o'clock of the next working day: when offices write."""
    day = rules.calendar.add_working_days(legal_day(now), 1).due_on
    return datetime.combine(day, OPENING)


def write_letter(
    session: Session, report: FiledReport, text: str, *, kind: str, from_teller: bool, vault: Vault, now: datetime
) -> Letter:
    """Keep what one side wrote to the other: sealed in full, redacted for everybody else."""
    return letters.append(
        session,
        report,
        text=text,
        redacted=masked(text, now=now),
        kind=kind,
        from_teller=from_teller,
        vault=vault,
        now=now,
    )


def in_words(text: str, *, limit: int = OFFICER_LIMIT) -> str:
    """The text without empty edges; refuses none at all and too much."""
    text = text.strip()
    if not text:
        raise ReasonNeeded
    if len(text) > limit:
        raise TooLong(limit=limit)
    return text
