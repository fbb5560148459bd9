"""Many together: whoever comes first leads, works for all who wait, and hands the lead on.

A commit waits for the disk; twenty commits one after the other wait twenty times. The leader takes the jobs of all who
wait, does them at once, tells them all, and hands the lead to the first who came meanwhile. Nobody is answered before
that. Where one job raises, everything is taken back and each is done again by itself: a job must bear to be done again.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

MOST_TOGETHER = 64


class _Ticket:
    """One job in the queue, and what became of it; `ready` wakes its owner, done or to lead."""

    __slots__ = ("done", "error", "job", "ready", "result")

    def __init__(self, job: Any) -> None:
        self.job = job
        self.ready = threading.Event()
        self.done = False
        self.result: Any = None
        self.error: BaseException | None = None


class Together:
    """Does jobs, many at once; `work` does some of them, all or none, and gives their results in their order.

    The leader waits for his `turn` first, while more may come; who gets none refuses all who wait. An error of a class
    in `shared` is everybody's as well: those jobs are not done again by themselves.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Any]], Sequence[Any]],
        turn: Callable[[], AbstractContextManager[object]] = nullcontext,
        shared: tuple[type[BaseException], ...] = (),
    ) -> None:
        self._work, self._turn, self._shared = work, turn, shared
        self._queue: deque[_Ticket] = deque()
        self._led = False
        self._door = threading.Lock()

    def run(self, job: Any) -> Any:
        """Do `job` with those who wait, and give its result once it is done; raises what it raised."""
        ticket = _Ticket(job)
        with self._door:
            self._queue.append(ticket)
            leads = not self._led
            self._led = True
        if not leads:
            ticket.ready.wait()
        if not ticket.done:
            self._lead()
        if ticket.error is not None:
            raise ticket.error
        return ticket.result

    def _lead(self) -> None:
        """Once for all who wait now; then somebody else leads, so that no owner works for others for long."""
        batch: list[_Ticket] = []
        try:
            with self._turn():
                batch = self._taken()
                self._all(batch)
        except BaseException as refused:  # noqa: BLE001 — handed to whoever waits
            batch = self._taken()
            for ticket in batch:
                ticket.error = refused
        finally:
            with self._door:
                follower = self._queue[0] if self._queue else None
                self._led = follower is not None
            for ticket in batch:
                ticket.done = True
                ticket.ready.set()
            if follower is not None:
                follower.ready.set()

    def _taken(self) -> list[_Ticket]:
        with self._door:
            return [self._queue.popleft() for _ in range(min(len(self._queue), MOST_TOGETHER))]

    def _all(self, batch: list[_Ticket]) -> None:
        """Do these jobs; where somebody's error took all of it back, each again by itself."""
        try:
            results = self._work([ticket.job for ticket in batch])
        except BaseException as failed:  # noqa: BLE001 — handed to whoever asked for the job
            if len(batch) == 1 or isinstance(failed, self._shared):
                for ticket in batch:
                    ticket.error = failed
                return
            for ticket in batch:
                self._all([ticket])
            return
        for ticket, result in zip(batch, results, strict=True):
            ticket.result = result
