"""Group commit: writers that wait for SQLite's single write lock are committed together.

A commit waits for the disk; twenty commits one after the other wait twenty times. Whoever comes first leads: he runs
the jobs of all who wait, commits once, tells them all, and hands the lead to the first who came meanwhile. Nobody is
answered before that commit. Where one job raises, everything is taken back and each job runs again by itself: a job
must be a function of its session alone.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from intake.errors import LedgerBusy

MOST_TOGETHER = 64

T = TypeVar("T")


class _Ticket(Generic[T]):
    """One job in the queue, and what became of it; `ready` wakes its owner, done or to lead."""

    __slots__ = ("done", "error", "job", "ready", "result")

    def __init__(self, job: Callable[[Session], T]) -> None:
        self.job = job
        self.ready = threading.Event()
        self.done = False
        self.result: T | None = None
        self.error: BaseException | None = None


class Together:
    """Runs jobs, many to a commit; a job that raises undoes only itself."""

    def __init__(self, engine: Engine, lock: threading.Lock, patience: float) -> None:
        self._engine = engine
        self._lock = lock
        self._patience = patience
        self._queue: deque[_Ticket[object]] = deque()
        self._led = False
        self._door = threading.Lock()

    def run(self, job: Callable[[Session], T]) -> T:
        """Run `job` with a session and give its result once it is committed; raises what it raised.

        Raises LedgerBusy where no turn came in time; the job has not run then, and will not.
        """
        ticket: _Ticket[T] = _Ticket(job)
        with self._door:
            self._queue.append(ticket)  # type: ignore[arg-type]
            leads = not self._led
            self._led = True
        if not leads:
            ticket.ready.wait()
        if not ticket.done:
            self._lead()
        if ticket.error is not None:
            raise ticket.error
        return ticket.result  # type: ignore[return-value]

    def _lead(self) -> None:
        """One commit for all who wait now; then somebody else leads, so that no owner works for others for long."""
        held = self._lock.acquire(timeout=self._patience)
        batch = [self._queue.popleft() for _ in range(min(len(self._queue), MOST_TOGETHER))]
        try:
            if held:
                self._commit_all(batch)
            else:
                for ticket in batch:
                    ticket.error = LedgerBusy()
        finally:
            if held:
                self._lock.release()
            with self._door:
                follower = self._queue[0] if self._queue else None
                self._led = follower is not None
            for ticket in batch:
                ticket.done = True
                ticket.ready.set()
            if follower is not None:
                follower.ready.set()

    def _commit_all(self, batch: list[_Ticket[object]]) -> None:
        if not self._commit(batch):
            # Somebody's error took all of it back: each runs again, by itself.
            for ticket in batch:
                self._commit([ticket])

    def _commit(self, batch: list[_Ticket[object]]) -> bool:
        """Whether these jobs were committed; the error of one that ran alone is kept for its owner."""
        try:
            with Session(self._engine, expire_on_commit=False) as session, session.begin():
                for ticket in batch:
                    ticket.result = ticket.job(session)
        except BaseException as failed:  # noqa: BLE001 — handed to whoever asked for the job
            if len(batch) == 1:
                batch[0].error = failed
            return len(batch) == 1
        return True
