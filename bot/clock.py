"""The clock: it only ticks. What is due stands in rows, so a missed tick, or three days of them, loses nothing."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot import calendars, querycodes
from bot.app import App
from bot.channels.door import Door
from bot.courier import Carrier, Courier
from bot.sealing import seal
from bot.trouble import described
from intake import attempts, lease, tokens
from routing.digest import gather
from routing.sweep import Swept, sweep

NAME = "sweep"
LEASE = timedelta(minutes=2)
BATCH = 500
CLOSING = 10.0
SEAL_EVERY = timedelta(seconds=1)
DAILY = timedelta(days=1)
DRAFTS = timedelta(days=1)
"""A file that was being received this long ago is not received any more."""

log = structlog.get_logger(__name__)


def wall() -> datetime:
    """The time on the wall."""
    return datetime.now(UTC)


def run_once(app: App, now: datetime, *, batch: int = BATCH) -> Swept:
    """Sweep until nothing due is left, then gather what is to be said by now, a transaction a batch.

    Nothing is done while another process sweeps.
    """
    holder = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"[:80]
    started = time.monotonic()
    total = Swept(clocks=0, notices=0, unheard=0, more=True)
    while total.more:
        moment = now + timedelta(seconds=time.monotonic() - started)
        with app.database.transaction() as session:
            if not lease.take(session, NAME, holder, moment, LEASE):
                return total
            done = sweep(session, rules=app.rules, now=now, limit=batch)
        total = Swept(
            clocks=total.clocks + done.clocks,
            notices=total.notices + done.notices,
            unheard=total.unheard + done.unheard,
            more=done.more,
        )
    more = True
    while more:
        moment = now + timedelta(seconds=time.monotonic() - started)
        with app.database.transaction() as session:
            if not lease.take(session, NAME, holder, moment, LEASE):
                return total
            more = gather(session, rules=app.rules, now=now, address=app.settings.address).more
    with app.database.transaction() as session:
        lease.release(session, NAME, holder)
    return total


class Clock:
    """Ticks for the sweep and the courier inside the running event loop."""

    def __init__(self, app: App, courier: Courier, *, now: Callable[[], datetime] = wall) -> None:
        self._app = app
        self._courier = courier
        self._now = now
        self._under_way: set[asyncio.Task[None]] = set()
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            # A late tick is still a tick, many late ones are one, and never two of a kind at once.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def start(self) -> None:
        """Tick at once, for what fell due while nobody looked, and from then on at the set intervals."""
        # It warns of every tick that is left out because the one before is still at work: that is how it should be.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        settings = self._app.settings
        jobs = {
            "sweep": (self._sweep, settings.sweep_every),
            "keys": (self._keys, settings.sweep_every),
            "deliver": (self._deliver, settings.courier_every),
            "seal": (self._seal, SEAL_EVERY),
            "daily": (self._daily, DAILY),
        }
        for name, (job, every) in jobs.items():
            trigger = IntervalTrigger(seconds=max(1, round(every.total_seconds())), timezone=UTC)
            self._scheduler.add_job(self._guarded, trigger, args=[name, job], id=name, next_run_time=datetime.now(UTC))
        self._scheduler.start()

    async def stop(self) -> None:
        """No further tick; what is under way is let to its end."""
        self._scheduler.pause()
        self._courier.rest()
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=CLOSING)
        self._scheduler.shutdown(wait=False)

    async def _guarded(self, name: str, job: Callable[[], Awaitable[None]]) -> None:
        """One tick; an error ends this tick only. Shielded: the scheduler cancels its jobs when it shuts down."""

        async def tick() -> None:
            try:
                await job()
            except Exception as trouble:  # noqa: BLE001 - the next tick must come
                log.error("a tick failed", tick=name, trouble=described(trouble))  # noqa: TRY400 - see described

        task = asyncio.create_task(tick())
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        await asyncio.shield(task)

    async def _sweep(self) -> None:
        now = self._now()
        done = await asyncio.to_thread(run_once, self._app, now)
        if done.notices or done.unheard:
            log.info("swept", clocks=done.clocks, notices=done.notices, unheard=done.unheard)
        await asyncio.to_thread(self._app.evidence.tidy, now - DRAFTS)

    async def _seal(self) -> None:
        done = await asyncio.to_thread(seal, self._app, self._now())
        if done.refused:
            log.error("rows were refused by the chain: run `jianting verify`", rows=done.refused)

    async def _daily(self) -> None:
        """Forget old tries and answers; take in a year of the calendar that running clocks waited for."""
        now = self._now()
        await asyncio.to_thread(self._forget, now)
        moved = await asyncio.to_thread(calendars.catch_up, self._app, now)
        if moved:
            log.info("due dates worked out again", moved=moved)

    def _forget(self, now: datetime) -> None:
        with self._app.database.transaction() as session:
            attempts.forget_old(session, now)
            tokens.forget_old(session, now)

    async def _keys(self) -> None:
        """Keys rotated meanwhile, by a command or another process, serve from now on; codes get their slow hash."""
        await asyncio.to_thread(self._app.vault.refresh)
        await asyncio.to_thread(querycodes.exchange, self._app)

    async def _deliver(self) -> None:
        done = await self._courier.run()
        if done.sent or done.failed:
            log.info("delivered", sent=done.sent, later=done.later, failed=done.failed)


@asynccontextmanager
async def ticking(
    app: App, door: Door, telegram: Carrier | None = None, *, now: Callable[[], datetime] = wall
) -> AsyncIterator[Clock]:
    """The clock with its courier, running until the block is left."""
    clock = Clock(app, Courier(app, door, telegram, wall=now), now=now)
    clock.start()
    try:
        yield clock
    finally:
        await clock.stop()
