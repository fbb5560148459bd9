"""The courier: brings what waits in the outbox to people, each by his own channel.

A notice is never sent twice. Taking it for sending is committed first; where it then stays unknown whether a channel
got it (the process was killed, the connection broke after the call), it is not sent again: it is marked as failed, an
event says so, and the desk shows it, so that a person decides. Conversations on the web and in the console take a
notice by its key, so there a second try is harmless and is made. Members of staff find every notice on the desk,
whether it also went out or not.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import quiet
from bot.app import App
from bot.channels.delivery import InDoubt, Later, Refused
from bot.channels.door import Door
from bot.channels.message import Reply
from bot.dialogue import phrases
from bot.trouble import described
from intake import audit, lease, outbox
from intake.models import Event, FiledReport, Notice
from intake.outbox import Due

NAME = "courier"
LEASE = timedelta(minutes=2)
BATCH = 8
"""Few at a time: as many as this can fall into doubt when the process is killed."""
BATCHES = 200
JITTER = timedelta(seconds=10)
TALKING = frozenset({"web", "console"})
KINDS = {"asked": "question", "closed": "closed"}

log = structlog.get_logger(__name__)


class Carrier(Protocol):
    """A channel to which one can send: Telegram."""

    async def deliver(self, chat: int, told: Reply) -> None:
        """Send once; raises Later, Refused or InDoubt."""
        ...


@dataclass(frozen=True, slots=True)
class Errand:
    """One notice to carry: what it is about, and whether it may have been sent before."""

    due: Due
    number: str | None
    kind: str
    doubtful: bool = False

    @property
    def replies(self) -> tuple[Reply, ...]:
        """What is said; a closed case asks for a rating, as it does in a conversation on the web."""
        told = Reply(self.due.body)
        if self.kind != "closed" or self.number is None:
            return (told,)
        return (told, phrases.reply("say", "rate_ask", asks="rating", number=self.number))


@dataclass(slots=True)
class Round:
    """What one round of the courier did."""

    sent: int = 0
    later: int = 0
    failed: int = 0


class Courier:
    """Delivers waiting notices; of several processes one at a time, by lease."""

    def __init__(
        self,
        app: App,
        door: Door,
        telegram: Carrier | None = None,
        *,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._app = app
        self._door = door
        self._telegram = telegram
        self._wall = wall
        self._holder = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"[:80]
        self._resting = False

    async def run(self) -> Round:
        """Deliver what is due now."""
        done = Round()
        if not await asyncio.to_thread(self._anything):
            return done
        try:
            for _ in range(BATCHES):
                if self._resting:
                    break
                errands, read, asleep = await asyncio.to_thread(self._take)
                done.sent, done.later = done.sent + read, done.later + asleep
                if not errands and not read and not asleep:
                    break
                await asyncio.gather(*(self._carry(errand, done) for errand in errands))
        finally:
            await asyncio.to_thread(self._release)
        return done

    def rest(self) -> None:
        """Begin nothing new; what is under way comes to its end."""
        self._resting = True

    def _anything(self) -> bool:
        """Whether anything is due: an idle tick writes nothing."""
        due = (Notice.state.in_(("waiting", "sending")), Notice.next_try_at <= self._wall())
        with self._app.database.reading() as session:
            return session.scalar(select(Notice.id).where(*due).limit(1)) is not None

    def _take(self) -> tuple[list[Errand], int, int]:
        """Claim the next notices; what is only read on the pages is done with that, what would wake somebody waits.

        Gives the notices to carry, how many are read on the pages, and how many wait.
        """
        now = self._wall()
        with self._app.database.transaction() as session:
            if not lease.take(session, NAME, self._holder, now, LEASE):
                return [], 0, 0
            abandoned = set(
                session.scalars(select(Notice.id).where(Notice.state == "sending", Notice.next_try_at <= now))
            )
            dues = outbox.claim(session, vault=self._app.vault, now=now, limit=BATCH)
            carried = [due for due in dues if self._goes_out(due)]
            for due in dues:
                if due not in carried:
                    outbox.mark_sent(session, due.notice_id, now)
            awake = [due for due in carried if due.notice_id in abandoned or self._awake(session, due, now)]
            errands = [_errand(session, due, doubtful=due.notice_id in abandoned) for due in awake]
        return errands, len(dues) - len(carried), len(carried) - len(errands)

    def _awake(self, session: Session, due: Due, now: datetime) -> bool:
        """Whether its person may be spoken to now; otherwise the notice waits for his next opening, untried."""
        opening = quiet.opening(session, due, self._app.rules, now)
        if opening <= now:
            return True
        outbox.postpone(session, due, opening)
        return False

    def _goes_out(self, due: Due) -> bool:
        """Whether somebody must be told; otherwise it is read on the desk or on the receipt's page."""
        if due.channel == "telegram":
            return self._telegram is not None or due.staff_id is None
        return due.channel in TALKING

    async def _carry(self, errand: Errand, done: Round) -> None:
        try:
            if errand.due.channel in TALKING:
                await asyncio.to_thread(self._tell, errand)
            else:
                await self._send(errand)
        except Later as later:
            done.later += 1
            await asyncio.to_thread(self._postpone, errand, later)
        except Refused as refused:
            done.failed += 1
            why = type(refused.__cause__ or refused).__name__
            await asyncio.to_thread(self._fail, errand, "notice_failed", why)
        except InDoubt as doubt:
            done.failed += 1
            why = type(doubt.__cause__ or doubt).__name__
            await asyncio.to_thread(self._fail, errand, "notice_in_doubt", why)
            await self._let_know(errand)
        else:
            done.sent += 1
            await asyncio.to_thread(self._mark_sent, errand)
            if errand.due.channel not in TALKING:
                await self._let_know(errand)

    async def _send(self, errand: Errand) -> None:
        """Send once, over a channel that cannot recognise a repetition."""
        if errand.doubtful:
            raise InDoubt
        if self._telegram is None:
            raise Later
        try:
            chat = int(errand.due.account)
        except ValueError as malformed:
            raise Refused from malformed
        first, *more = errand.replies
        try:
            await self._telegram.deliver(chat, first)
        except (Later, Refused, InDoubt):
            raise
        except Exception as trouble:
            log.error("a notice ended in an error", trouble=described(trouble), notice=errand.due.notice_id)  # noqa: TRY400 - see described
            raise InDoubt from trouble
        for reply in more:
            try:
                await self._telegram.deliver(chat, reply)
            except (Later, Refused, InDoubt):
                log.warning("the question after a notice was not delivered", notice=errand.due.notice_id)

    def _tell(self, errand: Errand) -> None:
        """Into the conversation; any failure may be tried again, since the key is known there."""
        due = errand.due
        try:
            self._door.tell(
                self._app, due.channel, due.account, Reply(due.body), due.key, errand.number, errand.kind, self._wall()
            )
        except Exception as trouble:
            raise Later from trouble

    async def _let_know(self, errand: Errand) -> None:
        """Tell the dialogue that an answer may come; only after sending, so that it never awaits one in vain."""
        if errand.due.report_id is None:
            return
        try:
            await asyncio.to_thread(self._tell, errand)
        except Later as failed:
            cause = failed.__cause__ or failed
            log.warning("the dialogue does not know of a notice", trouble=described(cause), notice=errand.due.notice_id)

    def _mark_sent(self, errand: Errand) -> None:
        """It went out: said so as soon as the ledger can be reached, since without it the notice falls into doubt."""
        self._app.database.write(lambda session: outbox.mark_sent(session, errand.due.notice_id, self._wall()))

    def _postpone(self, errand: Errand, later: Later) -> None:
        if errand.due.attempt >= outbox.MOST_ATTEMPTS:
            self._fail(errand, "notice_failed", "tried too often")
            return
        # Jitter, so that what failed together does not come back together.
        pause = timedelta(seconds=later.seconds or 0) + JITTER * random.random()  # noqa: S311 - no secret
        why = type(later.__cause__ or later).__name__
        with self._app.database.transaction() as session:
            outbox.retry(session, errand.due, why, self._wall() + pause)

    def _fail(self, errand: Errand, kind: str, why: str) -> None:
        """No further try: an event of the case, which the desk shows."""
        due, now = errand.due, self._wall()
        about = {"report_id": due.report_id} if due.report_id else {"staff_id": due.staff_id}
        with self._app.database.transaction() as session:
            outbox.fail(session, due, why if kind == "notice_failed" else f"in doubt: {why}")
            audit.append(session, due.case_id, kind, "system", {**about, "notice": due.key, "reason": why}, now)
        log.warning("a notice was given up", kind=kind, reason=why, notice=due.notice_id)

    def _release(self) -> None:
        with self._app.database.transaction() as session:
            lease.release(session, NAME, self._holder)


def _errand(session: Session, due: Due, *, doubtful: bool) -> Errand:
    """The notice with the number of its report and the kind of the event that it tells of."""
    number = None
    if due.report_id is not None:
        number = session.scalar(select(FiledReport.number).where(FiledReport.id == due.report_id))
    found = re.match(r"event-(\d+)-", due.key)
    event = session.get(Event, int(found[1])) if found else None
    kind = KINDS.get(event.kind, event.kind) if event else "notice"
    return Errand(due, number, kind, doubtful)
