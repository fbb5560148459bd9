"""Matching the whole history again, after rules or names have changed: suggestions for people, never a merge.

A run keeps how far it came in a row of its own. It can be stopped at any instant and goes on there; run twice it
suggests nothing twice, and nothing that a person has refused or parted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake import same
from intake.db import bare
from intake.matching import COLUMNS, best_match, sought_again
from intake.models import FiledReport, Rematching

AT_ONCE = 200
"""Reports a transaction: the service goes on filing between two of them."""

_REPORT = bare(FiledReport).c


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one stretch of a run did, and whether more is left."""

    looked: int
    found: int
    last_id: int
    more: bool


def begin(session: Session, *, since: datetime | None, now: datetime) -> Rematching:
    """A run over what was received since then: the one that was stopped, or a new one."""
    same_since = Rematching.since.is_(None) if since is None else Rematching.since == since
    stopped = session.scalar(
        select(Rematching).where(Rematching.finished_at.is_(None), same_since).order_by(Rematching.id.desc()).limit(1)
    )
    if stopped is not None:
        return stopped
    last = session.scalar(select(func.max(FiledReport.id))) or 0
    started = Rematching(since=since, done_id=0, last_id=last, looked=0, found=0, started_at=now)
    session.add(started)
    session.flush()
    return started


def go_on(session: Session, run_id: int, *, now: datetime, most: int = AT_ONCE) -> Stretch:
    """The next stretch of a run, in the caller's transaction; the last one finishes the run."""
    run = session.get_one(Rematching, run_id, with_for_update=True, populate_existing=True)
    done = stretch(session, after=run.done_id, last=run.last_id, since=run.since, now=now, write=True, most=most)
    run.done_id, run.looked, run.found = done.last_id, run.looked + done.looked, run.found + done.found
    if not done.more:
        run.finished_at = now
    session.flush()
    return done


def stretch(
    session: Session, *, after: int, last: int, since: datetime | None, now: datetime, write: bool, most: int = AT_ONCE
) -> Stretch:
    """Match reports with those filed before them; with `write` suggestions are kept, else only counted."""
    query = COLUMNS.where(_REPORT.id > after, _REPORT.id <= last).order_by(_REPORT.id).limit(most)
    if since is not None:
        query = query.where(_REPORT.received_at >= since)
    rows = session.execute(query).all()
    found = 0
    for row in rows:
        match = best_match(session, sought_again(row))
        if match.case_id is None or match.decision not in same.UNCERTAIN or match.same_teller:
            continue
        if same.parted(session, row.case_id, match.case_id):
            continue
        if not write:
            found += 1
        else:
            found += same.note(session, row.id, replace(match, decision="suggested"), source="rematch", now=now)
    return Stretch(len(rows), found, rows[-1].id if rows else last, len(rows) == most)
