"""The whole history matched again, a short transaction at a time, so that filing goes on meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import func, select

from intake import rematch
from intake.db import Database
from intake.models import FiledReport

Progress = Callable[[str, int, int], None]


def write(database: Database, since: datetime | None, now: datetime, progress: Progress) -> tuple[int, int]:
    """Go on with the run that was stopped, or begin one; reports looked at and suggestions made by the whole run."""
    with database.transaction() as session:
        run = rematch.begin(session, since=since, now=now)
        run_id, last = run.id, run.last_id
        looked, found = run.looked, run.found
    more = True
    while more:
        with database.transaction() as session:
            done = rematch.go_on(session, run_id, now=now)
        looked, found, more = looked + done.looked, found + done.found, done.more
        progress("rematch", done.last_id, last)
    return looked, found


def count(database: Database, since: datetime | None, now: datetime, progress: Progress) -> tuple[int, int]:
    """What a run from the beginning would suggest; nothing is written."""
    with database.reading() as session:
        last = session.scalar(select(func.max(FiledReport.id))) or 0
    looked = found = after = 0
    more = True
    while more:
        with database.reading() as session:
            done = rematch.stretch(session, after=after, last=last, since=since, now=now, write=False)
        looked, found, after, more = looked + done.looked, found + done.found, done.last_id, done.more
        progress("rematch", done.last_id, last)
    return looked, found
