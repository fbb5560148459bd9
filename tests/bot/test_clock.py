"""The clock only ticks: what is due stands in rows, and is said once whatever happens to the process."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.app import App
from bot.channels.message import Reply
from bot.clock import run_once as sweep_once
from bot.clock import ticking
from intake import lease
from intake.models import Clock, Reminder
from routing.sweep import Swept
from tests.bot.doubles import Echo
from tests.bot.town import notices, tell, town

ROOT = Path(__file__).parent.parent.parent
NOBODY = Swept(clocks=0, notices=0, unheard=0, more=False)


@pytest.fixture
def app(tmp_path: Path, database_url: str) -> Iterator[App]:
    """A town whose leader reads Telegram."""
    opened = town(tmp_path / "data", database_url, leader="90")
    yield opened
    opened.close()


def morning(day: date) -> datetime:
    """Nine o'clock in China."""
    return datetime(day.year, day.month, day.day, 1, tzinfo=UTC)


def due_on(app: App) -> date:
    """When the first clock of the town ends."""
    with app.database.reading() as session:
        return session.scalars(select(func.min(Clock.due_on)).where(Clock.state == "running")).one()


def reminders(app: App) -> Counter[str]:
    """Reminders by the user name of who gets them."""
    names = {1: "officer", 2: "leader", 3: "superior", 4: "supervisor"}
    with app.database.reading() as session:
        return Counter(names[one] for one in session.scalars(select(Reminder.staff_id)))


def test_a_process_that_was_dead_for_three_days_says_each_thing_once(app: App) -> None:
    """Three days late, handler and leader hear once that it is due, and once more when it is overdue, with those above."""
    tell(app, "telegram", "7")
    due = due_on(app)
    assert sweep_once(app, morning(due - timedelta(days=10))).notices == 0
    for _ in range(3):  # it was dead from before the first reminder until the last day; then it ticks
        sweep_once(app, morning(due))
    assert reminders(app) == {"officer": 1, "leader": 1}
    for hour in range(3):
        sweep_once(app, morning(due + timedelta(days=1)) + timedelta(hours=hour))
    assert reminders(app) == {"officer": 2, "leader": 2, "superior": 1, "supervisor": 1}


def test_it_goes_on_until_nothing_is_left(app: App) -> None:
    """More than one batch holds, each in its own transaction."""
    for number in range(7):
        tell(app, "telegram", str(number), institution=f"第{number}诊所")
    done = sweep_once(app, morning(due_on(app)), batch=2)
    assert (done.clocks, done.more) == (7, False)
    assert reminders(app) == {"officer": 7, "leader": 7}


def test_one_sweeper_at_a_time(app: App) -> None:
    """While another process sweeps, this one does nothing; when the other has died, it takes over."""
    tell(app, "telegram", "7")
    now = morning(due_on(app))
    with app.database.transaction() as session:
        lease.take(session, "sweep", "somebody else", now, timedelta(minutes=2))
    assert not sweep_once(app, now).clocks
    assert sweep_once(app, now + timedelta(minutes=3)).notices == 2
    assert sweep_once(app, now + timedelta(minutes=3)) == NOBODY


def test_killed_in_the_middle_of_a_sweep_it_loses_and_doubles_nothing(app: App) -> None:
    """A real process, ended by SIGKILL between two of its transactions; the next one finishes the work."""
    for number in range(40):
        tell(app, "telegram", str(number), institution=f"第{number}诊所")
    now = morning(due_on(app))
    code = (
        "import sys; from dataclasses import replace; from datetime import datetime; from pathlib import Path\n"
        "from bot.clock import run_once; from routing.rules import Rules; from tests.bot.doubles import small_app\n"
        "app = replace(small_app(Path(sys.argv[1]), database_url=sys.argv[3]), rules=Rules.load())\n"
        "print('ready', flush=True); run_once(app, datetime.fromisoformat(sys.argv[2]), batch=1)\n"
    )
    folder = str(app.settings.data_folder)
    command = [sys.executable, "-c", code, folder, now.isoformat(), app.settings.database()]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": "."}) as process:
        assert process.stdout
        process.stdout.readline()
        while sum(reminders(app).values()) < 12 and process.poll() is None:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        assert process.wait(10) == -signal.SIGKILL
    before = sum(reminders(app).values())
    assert 12 <= before < 80
    assert not sweep_once(app, now).clocks  # the dead one's lease
    sweep_once(app, now + timedelta(minutes=3))
    with app.database.reading() as session:
        by_case = session.execute(
            select(Reminder.clock_id, Reminder.staff_id, func.count()).group_by(Reminder.clock_id, Reminder.staff_id)
        ).all()  # fmt: skip
    assert len(by_case) == 80
    assert {count for _, _, count in by_case} == {1}
    digests = Counter(notice.key for notice in notices(app) if notice.key.startswith("digest-"))
    assert sorted(digests.values()) == [1, 1]  # officer and leader, one message each for forty cases


class Post:
    """A channel that remembers."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, str]] = []

    async def deliver(self, chat: int, told: Reply) -> None:
        """Deliver."""
        self.sent.append((chat, told.text))


async def test_it_ticks_inside_the_running_loop_and_survives_a_failing_tick(app: App) -> None:
    """Due reminders are written and delivered without anybody asking; an error ends one tick, not the clock."""
    tell(app, "telegram", "7")
    late = morning(due_on(app))
    settings = app.settings.model_copy(
        update={"sweep_every": timedelta(seconds=1), "courier_every": timedelta(seconds=1)}
    )
    wrong = [RuntimeError("once"), RuntimeError("twice")]

    def now() -> datetime:
        if wrong:
            raise wrong.pop()
        return late

    post = Post()
    async with asyncio.timeout(8), ticking(replace(app, settings=settings), Echo(), post, now=now):
        while not any(chat == 90 for chat, _ in post.sent):  # noqa: ASYNC110 - what a stranger would see
            await asyncio.sleep(0.02)
    assert sum("期" in text for chat, text in post.sent if chat == 90) >= 1
    assert {notice.state for notice in notices(app)} == {"sent"}


async def test_stopping_lets_what_is_under_way_come_to_its_end(app: App) -> None:
    """A notice that is being sent when the service stops is sent and marked, not left in doubt."""

    class Slow(Post):
        async def deliver(self, chat: int, told: Reply) -> None:
            await asyncio.sleep(0.3)
            await super().deliver(chat, told)

    tell(app, "telegram", "7")
    sweep_once(app, morning(due_on(app)))
    slow = Slow()
    async with ticking(app, Echo(), slow, now=lambda: morning(due_on(app))):
        while not any(notice.state == "sending" for notice in notices(app)):  # noqa: ASYNC110 - the rows tell
            await asyncio.sleep(0.01)
    assert slow.sent
    assert {notice.state for notice in notices(app)} <= {"sent", "waiting"}
