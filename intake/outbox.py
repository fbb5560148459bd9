"""The way back to people: notices are rows first, sent later, each key once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from intake.confidentiality import Vault
from intake.db import insert
from intake.identity import address_of
from intake.models import FiledReport, Identity, Notice, Staff

LEASE = timedelta(minutes=5)
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)
MOST_ATTEMPTS = 60
DESK = "desk"
URGENT = "urgent-"
"""How the key of a notice begins that waits for nobody's working hours."""

# In letters, not as parameters: a database uses a partial index only where it can see its condition.
_UNSETTLED = text("notice.state IN ('waiting', 'sending')")


@dataclass(frozen=True, slots=True)
class Due:
    """One notice to send now: `channel` "desk" means that it is read on the pages, and only marked as sent.

    `attempt` is handed back on failure: a courier that was thought dead cannot undo what its successor did.
    """

    notice_id: int
    key: str
    body: str
    attempt: int
    channel: str
    account: str
    case_id: int | None = None
    report_id: int | None = None
    staff_id: int | None = None


def row(
    *,
    key: str,
    body: str,
    now: datetime,
    staff_id: int | None = None,
    report_id: int | None = None,
    case_id: int | None = None,
    not_before: datetime | None = None,
) -> dict[str, Any]:
    """One notice as a row, for a member of staff or for a report's teller; nothing of it before `not_before`."""
    return {
        "key": key,
        "body": body,
        "staff_id": staff_id,
        "report_id": report_id,
        "case_id": case_id,
        "state": "waiting",
        "attempts": 0,
        "created_at": now,
        "next_try_at": not_before or now,
    }


def put(session: Session, **notice: Any) -> bool:
    """Put one notice, given as to `row`; false where its key was put before."""
    fresh = insert(session, Notice).values(row(**notice)).on_conflict_do_nothing(index_elements=["key"])
    return session.execute(fresh.returning(Notice.id)).scalar_one_or_none() is not None


def revise(session: Session, rows: list[dict[str, Any]]) -> None:
    """Put notices, given as by `row`, or write anew those that were put before and have not gone out yet."""
    fresh = insert(session, Notice)
    changed = {name: fresh.excluded[name] for name in ("body", "next_try_at")}
    session.execute(
        fresh.on_conflict_do_update(index_elements=["key"], set_=changed, where=Notice.state == "waiting"), rows
    )


def claim(
    session: Session,
    *,
    vault: Vault,
    now: datetime,
    limit: int = 50,
    lease: timedelta = LEASE,
) -> tuple[Due, ...]:
    """Take up to `limit` notices for sending, oldest first; commit before sending.

    Whoever takes them is killed → they are taken again when the lease has run out. Marked as sent → never again.
    """
    waiting = (
        select(Notice)
        .where(_UNSETTLED, Notice.next_try_at <= now)
        .order_by(Notice.next_try_at, Notice.id)
        .limit(limit)
        .with_for_update(skip_locked=True)  # PostgreSQL: couriers do not wait for each other; SQLite has one writer
    )
    taken = session.scalars(waiting).all()
    for notice in taken:
        notice.state, notice.attempts, notice.next_try_at = "sending", notice.attempts + 1, now + lease
    session.flush()
    return tuple(_due(session, notice, vault) for notice in taken)


def _due(session: Session, notice: Notice, vault: Vault) -> Due:
    """The notice with its way to the recipient."""
    channel, account = DESK, ""
    if notice.report_id is not None:
        channel, account = address_of(session, notice.report_id, vault)
    elif notice.staff_id is not None:
        telegram = session.scalar(select(Staff.telegram).where(Staff.id == notice.staff_id))
        if telegram:
            channel, account = "telegram", telegram
    return Due(
        notice.id,
        notice.key,
        notice.body,
        notice.attempts,
        channel,
        account,
        notice.case_id,
        notice.report_id,
        notice.staff_id,
    )


def postpone(session: Session, due: Due, until: datetime) -> None:
    """Its person is left in peace until then; nothing was tried, so nothing is counted as a try."""
    _settle(session, due, state="waiting", attempts=due.attempt - 1, next_try_at=until)


def mark_sent(session: Session, notice_id: int, now: datetime) -> None:
    """The channel confirmed: whatever else happened meanwhile, this notice is never sent again."""
    change = {"state": "sent", "sent_at": now, "last_error": None}
    session.execute(update(Notice).where(Notice.id == notice_id, Notice.state != "sent").values(change))


def retry(session: Session, due: Due, error: str, now: datetime) -> None:
    """Sending failed for now: again after 30 s, doubling to at most an hour; after 60 tries it has failed."""
    if due.attempt >= MOST_ATTEMPTS:
        fail(session, due, error)
        return
    wait = min(FIRST_RETRY * (1 << min(due.attempt - 1, 12)), LONGEST_RETRY)
    _settle(session, due, state="waiting", next_try_at=now + wait, last_error=error[:300])


def fail(session: Session, due: Due, error: str) -> None:
    """Sending can never succeed (the person blocked us, the chat is gone): stop trying, keep the reason."""
    _settle(session, due, state="failed", last_error=error[:300])


def _settle(session: Session, due: Due, **change: object) -> None:
    """Change the notice only while it is still held by this attempt."""
    held = (Notice.id == due.notice_id, Notice.state == "sending", Notice.attempts == due.attempt)
    session.execute(update(Notice).where(*held).values(change))


def waiting_for(session: Session, channel: str, account_hash: str, *, after: int = 0, limit: int = 50) -> list[Notice]:
    """The notices to one teller's account, oldest first: for a channel that fetches (the web page) and is not sent to."""
    query = (
        select(Notice)
        .join(FiledReport, FiledReport.id == Notice.report_id)
        .join(Identity, Identity.id == FiledReport.identity_id)
        .where(Identity.account_hash == account_hash, Identity.channel == channel, Notice.id > after)
        .order_by(Notice.id)
        .limit(limit)
    )
    return list(session.scalars(query))
