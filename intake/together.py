"""Group commit: writers that wait for SQLite's single write lock are committed together.

A commit waits for the disk; twenty commits one after the other wait twenty times. Whoever gets the lock first runs
the jobs of all who wait behind him and commits once. Nobody is answered before that commit. Where one job raises,
everything is taken back and each job runs again by itself: a job must be a function of its session alone.
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
    """One job in the queue, and what became of it."""

    __slots__ = ("done", "error", "job", "result")

    def __init__(self, job: Callable[[Session], T]) -> None:
        self.job = job
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

    def run(self, job: Callable[[Session], T]) -> T:
        """Run `job` with a session and give its result once it is committed; raises what it raised.

        Raises LedgerBusy where no turn came in time; the job has not run then, and will not.
        """
        ticket: _Ticket[T] = _Ticket(job)
        self._queue.append(ticket)  # type: ignore[arg-type]
        if not self._lock.acquire(timeout=self._patience):
            self._give_up(ticket)
        else:
            try:
                if not ticket.done:
                    self._commit_waiting()
            finally:
                self._lock.release()
        if ticket.error is not None:
            raise ticket.error
        return ticket.result  # type: ignore[return-value]

    def _give_up(self, ticket: _Ticket[T]) -> None:
        try:
            self._queue.remove(ticket)  # type: ignore[arg-type]
        except ValueError:
            # Its turn came in the last moment: a leader is at it, and holds the lock until it is done.
            with self._lock:
                return
        raise LedgerBusy

    def _commit_waiting(self) -> None:
        batch = [self._queue.popleft() for _ in range(min(len(self._queue), MOST_TOGETHER))]
        if not self._commit(batch):
            # Somebody's error took all of it back: each runs again, by itself.
            for ticket in batch:
                self._commit([ticket])
        for ticket in batch:
            ticket.done = True

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
