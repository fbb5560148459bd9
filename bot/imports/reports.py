"""Importing a hotline's table: every good row is filed like any report, every other one is told, nothing is done twice.

Rows are prepared by all cores and filed here, many to a commit. How far the file was read is committed with the rows,
so that a killed import goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.app import App
from bot.hearing import spread
from bot.imports import heading, reading
from bot.imports.bell import Bell
from bot.imports.companion import Companion, free_path
from bot.imports.mapping import TableMapping
from bot.imports.orders import Prepared, Preparing
from bot.imports.values import Problem
from bot.imports.words import TableRefused, say, table
from bot.trouble import described
from intake import handing
from intake.errors import IntakeError, LedgerBusy, LedgerFull
from intake.handing import Known
from intake.models import ImportRun
from routing import desk
from routing.desk import Filed
from routing.errors import DeskError

CHUNK = 500
"""Rows of one commit: the ledger is held for a fraction of a second, and the commit costs each row little."""
TRIES = 5
MOST_REASONS = 20
_QUOTED = re.compile("“[^”]*”|（[^）]*）|：.*$")

log = structlog.get_logger(__name__)


class Stopped(ValueError):
    """The import had to stop; what was committed stays, and the same command goes on from there."""

    def __init__(self, reason: str, row: int) -> None:
        super().__init__(say("summary", "interrupted", reason=reason, row=row))


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be imported, and how."""

    path: Path
    mapping: TableMapping
    sheet: str | None = None
    errors: Path | None = None
    receipts: Path | None = None
    resume: bool = True
    dry: bool = False
    limit: int | None = None
    workers: int = 1


@dataclass(frozen=True, slots=True)
class Summary:
    """What an import did; `counts` has read, filed, attached, repeated, skipped, refused and, by sentence, why."""

    counts: Counter[str]
    reasons: Counter[str]
    seconds: float
    errors: Path | None
    receipts: Path | None
    after: int = 0


def run(app: App, wish: Wish, progress: Callable[[str, int, int], None] | None = None) -> Summary:
    """Import the file; raises TableRefused for one that is no such table, Stopped where it cannot go on."""
    started = time.perf_counter()
    work = _Import(app, wish)
    sheet = wish.sheet or wish.mapping.table.sheet
    rows = reading.rows(wish.path, sheet)
    found = heading.find(rows, wish.mapping)
    work.begin(found.names)
    already = work.counts["read"]
    coming = islice((row for row in rows if row.number > work.after), wish.limit)
    prepare = Preparing(wish.mapping, found, app.ear, app.vault, app.settings.home, datetime.now(UTC))
    try:
        for chunk in _chunks(spread(prepare, coming, wish.workers)):
            work.settle(chunk)
            if progress is not None:
                progress(wish.path.name, work.counts["read"], 0)
    except BrokenProcessPool as broken:
        raise Stopped(say("summary", "hands"), work.row) from broken
    except (TableRefused, LedgerBusy, LedgerFull) as trouble:
        raise Stopped(str(trouble), work.row) from trouble
    if wish.limit is None or work.counts["read"] - already < wish.limit:
        work.finish()
    return work.summary(time.perf_counter() - started)


def _chunks(prepared: Iterator[Prepared]) -> Iterator[list[Prepared]]:
    while chunk := list(islice(prepared, CHUNK)):
        yield chunk


class _Import:
    """One import under way."""

    def __init__(self, app: App, wish: Wish) -> None:
        self._app, self._wish = app, wish
        self._run_id: int | None = None
        self._bell = Bell()
        self.after = self.row = 0
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()

    def begin(self, headings: tuple[str, ...]) -> None:
        """Find the reading that was broken off, or write down a new one."""
        wish, words = self._wish, table("sentences.toml")
        parts = (reading.digest(wish.path), wish.mapping.model_dump_json(), wish.sheet or "")
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        errors = wish.errors or free_path(wish.path.with_name(f"{wish.path.stem}.errors.csv"))
        receipts = wish.receipts or Path()
        error_head = (*words["errors_file"].values(), *headings)
        receipt_head = tuple(words["receipts_file"].values())
        self.errors, self.receipts = Companion(errors, error_head), Companion(receipts, receipt_head)
        if wish.dry:
            return
        with self._app.database.transaction() as session:
            known = handing.unfinished(session, wish.mapping.source, digest) if wish.resume else None
            if known is None:
                known = ImportRun(
                    source=wish.mapping.source, digest=digest, counts={}, started_at=datetime.now(UTC),
                    errors_path=str(errors.resolve()), receipts_path=str(receipts.resolve()),
                )  # fmt: skip
                session.add(known)
                session.flush()
            self._run_id, self.after, self.row = known.id, known.settled, known.settled
            self._bell = Bell(known.source, f"{known.id}-{known.settled}")
            self._recount(known.counts)
            if wish.errors is None:
                self.errors = _continued(Path(known.errors_path), errors, error_head, known.errors_bytes)
            elif str(errors.resolve()) == known.errors_path:
                self.errors = _continued(errors, errors, error_head, known.errors_bytes)
            if str(receipts.resolve()) == known.receipts_path:
                self.receipts = _continued(receipts, receipts, receipt_head, known.receipts_bytes)

    def _recount(self, counts: dict[str, int]) -> None:
        for name, number in counts.items():
            (self.reasons if name.startswith(":") else self.counts)[name.removeprefix(":")] += number

    def settle(self, chunk: list[Prepared]) -> None:
        """File the rows of a chunk, all in one transaction; tried again where another process was in the way."""
        before = (self.counts.copy(), self.reasons.copy(), self.errors.length, self.receipts.length)
        rung = self._bell.counts()
        careful = False
        for left in reversed(range(TRIES)):
            try:
                self._in_one_transaction(chunk, careful=careful)
            except LedgerBusy:
                if not left:
                    raise
            except (IntakeError, DeskError, SQLAlchemyError) as trouble:
                if isinstance(trouble, LedgerFull) or careful:
                    raise
                careful = True
            else:
                self.row = chunk[-1].row.number
                return
            self.counts, self.reasons, self.errors.length, self.receipts.length = (
                before[0].copy(), before[1].copy(), *before[2:],
            )  # fmt: skip
            self.errors.drop()
            self.receipts.drop()
            self._bell.again(rung)

    def _in_one_transaction(self, chunk: list[Prepared], *, careful: bool) -> None:
        with self._app.database.transaction() as session:
            self._file(session, chunk, datetime.now(UTC), careful=careful)
            self.errors.flush()
            if self._wish.dry:
                session.rollback()
                return
            self.receipts.flush()
            self._note(session, chunk[-1].row.number)

    def _file(self, session: Session, chunk: list[Prepared], now: datetime, *, careful: bool) -> None:
        source = self._wish.mapping.source
        known = handing.known(session, source, (one.number for one in chunk if one.draft is not None))
        coming: dict[str, Prepared] = {}
        for one in chunk:
            if one.draft is not None and one.number not in known:
                coming.setdefault(one.number, one)
        filed = (self._one_by_one if careful else self._together)(session, list(coming.values()), now)
        rows = []
        for one in chunk:
            self.counts["read"] += 1
            if one.passed_over:
                self.counts["skipped"] += 1
            elif one.problems:
                self._refuse(one, one.problems)
            elif before := known.get(one.number):
                self._again(one, before)
            elif isinstance(done := filed[one.number], Problem):
                self._refuse(one, (done,))
            else:
                self.counts.update(filed=done.opened, attached=not done.opened)
                rows.append(handing.row(source, one.number, one.content, done.rows.report_id, now))
                known[one.number] = Known(done.rows.number, one.content)
                self._receipt(session, one, done)
        if rows:
            handing.write(session, rows)
        self._bell.ring(session, (done for done in filed.values() if isinstance(done, Filed)), now)

    def _together(self, session: Session, coming: list[Prepared], now: datetime) -> dict[str, Filed | Problem]:
        """File all of them at once; whatever is wrong with one is raised."""
        app = self._app
        drafts = [one.draft for one in coming if one.draft is not None]
        if not drafts:
            return {}
        filed = desk.file_drafts(
            session, drafts, rules=app.rules, vault=app.vault, now=now,
            codes=self._wish.receipts is not None, tell=False,
        )  # fmt: skip
        return {one.number: done for one, done in zip(coming, filed, strict=True)}

    def _one_by_one(self, session: Session, coming: list[Prepared], now: datetime) -> dict[str, Filed | Problem]:
        """File each by itself; one that cannot be filed is undone and told, and the others go on."""
        found: dict[str, Filed | Problem] = {}
        for one in coming:
            try:
                with session.begin_nested():
                    found |= self._together(session, [one], now)
            except (LedgerBusy, LedgerFull):
                raise
            except DeskError as refused:
                found[one.number] = Problem("", say("row", "authority", reason=refused.sentence))
            except (IntakeError, SQLAlchemyError) as trouble:
                log.warning("row not filed", trouble=described(trouble), row=one.row.number)
                found[one.number] = Problem("", say("row", "broken"))
        return found

    def _receipt(self, session: Session, one: Prepared, done: Filed) -> None:
        """A line of the receipts, where they are wished for."""
        if self._wish.receipts is not None:
            given = desk.receipt_of(session, done)
            held = (given.case_number, given.query_code, given.authority, given.due_on.isoformat())
            self.receipts.add((one.number, *held))

    def _again(self, one: Prepared, before: Known) -> None:
        """A number that is here already: the same again is nothing, another content is told."""
        self.counts["repeated"] += 1
        if before.content and before.content != one.content:  # none is kept of a person who was erased
            sentence = say("row", "differs", number=before.case_number)
            self._write(one, (Problem("", sentence),))

    def _refuse(self, one: Prepared, problems: tuple[Problem, ...]) -> None:
        self.counts["refused"] += 1
        self._write(one, problems)

    def _write(self, one: Prepared, problems: tuple[Problem, ...]) -> None:
        """A line of the error file, and the reason in general words for the summary."""
        columns = " / ".join(dict.fromkeys(problem.column for problem in problems if problem.column))
        self.errors.add((str(one.row.number), columns, " ".join(one.sentence for one in problems), *one.row.cells))
        first = problems[0]
        reason = f"{first.column} {_QUOTED.sub('…', first.sentence)}".strip()[:80]
        self.reasons[reason if reason in self.reasons or len(self.reasons) < MOST_REASONS else "…"] += 1

    def _note(self, session: Session, row: int) -> None:
        """How far it is, in the transaction of the rows."""
        kept = session.get_one(ImportRun, self._run_id)
        kept.settled = row
        kept.counts = {**self.counts, **{f":{reason}": number for reason, number in self.reasons.items()}}
        kept.errors_bytes, kept.receipts_bytes = self.errors.length, self.receipts.length
        kept.errors_path = str(self.errors.path.resolve())

    def finish(self) -> None:
        """The file is read to its end."""
        if self._run_id is not None:
            with self._app.database.transaction() as session:
                session.get_one(ImportRun, self._run_id).finished_at = datetime.now(UTC)

    def summary(self, seconds: float) -> Summary:
        """What was done."""
        errors = self.errors.path if self.errors.exists else None
        receipts = self.receipts.path if self.receipts.exists else None
        return Summary(self.counts, self.reasons, seconds, errors, receipts, self.after)


def _continued(path: Path, other: Path, header: tuple[str, ...], length: int) -> Companion:
    """The companion file as far as the ledger knows it; a new one where somebody took it away meanwhile."""
    if length and path.exists() and path.stat().st_size >= length:
        return Companion(path, header, length)
    return Companion(other if length else path, header)
