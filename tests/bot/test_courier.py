"""A notice reaches its person by his own channel, at most once, and a failure is seen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot import talk
from bot.app import App
from bot.channels.delivery import InDoubt, Later, Refused
from bot.channels.message import Reply
from bot.courier import Courier, Round
from intake import lease, outbox
from routing import desk
from routing.hours import Hours
from tests.bot.doubles import Echo
from tests.bot.telegram.conftest import HURRIED, channel_to
from tests.bot.town import NOW, act, ask, events, notices, tell, town
from tests.bot_api_server import BotApi


class Post:
    """A channel that remembers what it delivered, and fails when told to."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, str]] = []
        self.failures: list[Exception] = []

    async def deliver(self, chat: int, told: Reply) -> None:
        """Deliver, or fail."""
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append((chat, told.text))


class Day:
    """A wall clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def app(tmp_path: Path, database_url: str) -> Iterator[App]:
    """A town whose leader reads Telegram."""
    opened = town(tmp_path / "data", database_url, leader="90")
    yield opened
    opened.close()


def courier(app: App, post: Post | None, echo: Echo | None = None, day: Day | None = None) -> Courier:
    """A courier with the time in our hands."""
    return Courier(app, echo or Echo(), post, wall=day or Day())


async def test_each_person_is_reached_by_his_own_channel(app: App) -> None:
    """Telegram by Telegram, the web by its conversation, staff on the desk."""
    post, echo = Post(), Echo()
    first, second = tell(app, "telegram", "7"), tell(app, "web", "w1", institution="福寿堂药店")
    ask(app, first, "是哪一层?")
    ask(app, second, "是哪一天?")
    await courier(app, post, echo).run()
    assert any(chat == 7 and "是哪一层?" in text for chat, text in post.sent)
    told = {(channel, sender, kind) for channel, sender, _, _, kind in echo.told.values()}
    assert {("web", "w1", "question"), ("telegram", "7", "question")} <= told
    assert {notice.state for notice in notices(app)} == {"sent"}


async def test_a_second_round_sends_nothing_again(app: App) -> None:
    """Sent is sent."""
    post = Post()
    ask(app, tell(app, "telegram", "7"), "是哪一层?")
    await courier(app, post).run()
    sent = list(post.sent)
    assert await courier(app, post).run() == Round()
    assert post.sent == sent


async def test_a_closed_case_asks_for_a_rating(app: App) -> None:
    """The teller who is told of the end is asked in the same breath how it was."""
    post = Post()
    report = tell(app, "telegram", "7")
    act(app, report, desk.accept)
    act(app, report, desk.decide, outcome="not_established", finding="床位与病历相符。")
    act(app, report, desk.reply, text="经查未发现空床。")
    act(app, report, desk.close)
    await courier(app, post).run()
    assert "满意吗" in post.sent[-1][1]


async def test_a_refusal_for_now_is_tried_again_later(app: App) -> None:
    """Not at once, but after a pause that doubles; a pause that Telegram asks for is kept."""
    post, day = Post(), Day()
    ask(app, tell(app, "telegram", "7"), "是哪一层?")
    waiting = len(notices(app, report_id=1))
    post.failures = [Later(300)] * waiting
    assert (await courier(app, post, day=day).run()).later == waiting
    day.now += timedelta(seconds=299)
    assert await courier(app, post, day=day).run() == Round()
    day.now += timedelta(seconds=60)
    assert (await courier(app, post, day=day).run()).sent == waiting
    assert len(post.sent) == waiting


async def test_after_many_tries_it_has_failed_and_an_event_says_so(app: App) -> None:
    """Nothing is tried for ever, and nobody gives up in silence."""
    app = replace(app, rules=replace(app.rules, hours=Hours()))  # so many tries take days and nights
    post, day = Post(), Day()
    tell(app, "telegram", "7")
    with app.database.transaction() as session:
        outbox.put(session, key="k", body="通知", now=NOW, report_id=1, case_id=1)
    for _ in range(outbox.MOST_ATTEMPTS):
        post.failures = [Later()]
        await courier(app, post, day=day).run()
        day.now += timedelta(hours=2)
    assert not (await courier(app, post, day=day).run()).sent
    (notice,) = notices(app, key="k")
    assert (notice.state, notice.attempts) == ("failed", outbox.MOST_ATTEMPTS)
    assert [event.data["notice"] for event in events(app, "notice_failed")] == ["k"]


async def test_whoever_blocked_us_is_not_tried_again(app: App) -> None:
    """A refusal for good is final, and the desk sees it."""
    post = Post()
    tell(app, "telegram", "7")
    with app.database.transaction() as session:
        outbox.put(session, key="k", body="通知", now=NOW, report_id=1, case_id=1)
    post.failures = [Refused()]
    assert (await courier(app, post).run()).failed == 1
    assert notices(app, key="k")[0].state == "failed"
    assert events(app, "notice_failed")[0].data["report_id"] == 1


async def test_in_doubt_it_is_not_sent_again_and_the_desk_sees_it(app: App) -> None:
    """A line that breaks after the call: perhaps it arrived, so a person decides; an answer would be understood."""
    post, echo, day = Post(), Echo(), Day()
    tell(app, "telegram", "7")
    with app.database.transaction() as session:
        outbox.put(session, key="k", body="通知", now=NOW, report_id=1, case_id=1)
    post.failures = [InDoubt()]
    await courier(app, post, echo, day).run()
    day.now += timedelta(days=3)
    await courier(app, post, echo, day).run()
    assert not post.sent
    assert notices(app, key="k")[0].state == "failed"
    assert len(events(app, "notice_in_doubt")) == 1
    assert "k" in echo.told


async def test_killed_between_sending_and_marking_nothing_is_sent_twice(app: App) -> None:
    """What a dead courier had in hand is in doubt on Telegram; a conversation knows its key and takes it once."""
    first, second = tell(app, "telegram", "7"), tell(app, "web", "w1", institution="福寿堂药店")
    post, echo, day = Post(), Echo(), Day()
    await courier(app, post, echo, day).run()
    with app.database.transaction() as session:
        for report_id in (first, second):
            outbox.put(session, key=f"k{report_id}", body="通知", now=NOW, report_id=report_id, case_id=report_id)
        assert len(outbox.claim(session, vault=app.vault, now=NOW)) == 2
    post.sent.clear()
    await courier(app, post, echo, day).run()
    assert not post.sent  # its lease still runs: the other may be sending just now
    day.now += outbox.LEASE + timedelta(seconds=1)
    await courier(app, post, echo, day).run()
    assert not post.sent
    assert [notices(app, key=f"k{report_id}")[0].state for report_id in (first, second)] == ["failed", "sent"]
    assert echo.told[f"k{second}"][:2] == ("web", "w1")


async def test_a_conversation_that_is_busy_is_told_later(app: App) -> None:
    """A locked ledger postpones a notice; it does not lose it."""
    report = tell(app, "web", "w1")
    echo, day = Echo(), Day()
    await courier(app, None, echo, day).run()
    with app.database.transaction() as session:
        outbox.put(session, key="k", body="通知", now=NOW, report_id=report, case_id=1)
    echo.failures = [RuntimeError("busy")]
    assert (await courier(app, None, echo, day).run()).later == 1
    day.now += timedelta(minutes=2)
    assert (await courier(app, None, echo, day).run()).sent == 1


async def test_without_telegram_staff_read_on_the_desk_and_tellers_wait(app: App) -> None:
    """A notice to an officer is done when it stands on his desk; a teller's waits until his channel is back."""
    report = tell(app, "telegram", "7")
    with app.database.transaction() as session:
        outbox.put(session, key="k", body="通知", now=NOW, report_id=report, case_id=1)
        outbox.put(session, key="s", body="通知", now=NOW, staff_id=2, case_id=1)
    await courier(app, None).run()
    assert notices(app, key="s")[0].state == "sent"
    assert notices(app, key="k")[0].state == "waiting"


async def test_nobody_is_woken(app: App) -> None:
    """At night a teller's and an officer's notice wait, untried; the teller is told at eight, the officer at half past."""
    post, day = Post(), Day()
    tell(app, "telegram", "7")
    await courier(app, post, day=day).run()
    post.sent.clear()
    day.now = NOW.replace(hour=15)  # eleven in the evening in China
    with app.database.transaction() as session:
        outbox.put(session, key="teller", body="通知", now=day.now, report_id=1, case_id=1)
        outbox.put(session, key="staff", body="通知", now=day.now, staff_id=2, case_id=1)
    assert (await courier(app, post, day=day).run()).later == 2
    assert not post.sent
    assert [one.attempts for key in ("teller", "staff") for one in notices(app, key=key)] == [0, 0]
    day.now = NOW.replace(hour=0) + timedelta(days=1)
    await courier(app, post, day=day).run()
    assert [chat for chat, _ in post.sent] == [7]
    day.now += timedelta(minutes=30)
    await courier(app, post, day=day).run()
    assert [chat for chat, _ in post.sent] == [7, 90]


async def test_staff_are_left_alone_on_days_off_and_tellers_are_not(app: App) -> None:
    """On a Sunday at noon a citizen may be told; an office reads it on Monday."""
    post, day = Post(), Day()
    tell(app, "telegram", "7")
    await courier(app, post, day=day).run()
    post.sent.clear()
    day.now = NOW - timedelta(days=1) + timedelta(hours=2)
    with app.database.transaction() as session:
        outbox.put(session, key="teller", body="通知", now=day.now, report_id=1, case_id=1)
        outbox.put(session, key="staff", body="通知", now=day.now, staff_id=2, case_id=1)
    await courier(app, post, day=day).run()
    assert [chat for chat, _ in post.sent] == [7]
    day.now = NOW
    await courier(app, post, day=day).run()
    assert [chat for chat, _ in post.sent] == [7, 90]


async def test_what_is_urgent_is_told_at_night(app: App) -> None:
    """Twenty-four hours are twenty-four hours: a key that says so waits for nobody."""
    post, day = Post(), Day()
    day.now = NOW.replace(hour=18)
    with app.database.transaction() as session:
        outbox.put(session, key=f"{outbox.URGENT}k", body="移送", now=day.now, staff_id=2)
    await courier(app, post, day=day).run()
    assert post.sent == [(90, "移送")]


async def test_a_conversation_on_the_web_is_told_at_any_hour(app: App) -> None:
    """It makes no sound: its owner looks when he likes."""
    echo, day = Echo(), Day()
    tell(app, "web", "w1")
    day.now = NOW.replace(hour=18)
    with app.database.transaction() as session:
        outbox.put(session, key="k", body="通知", now=day.now, report_id=1, case_id=1)
    await courier(app, None, echo, day).run()
    assert "k" in echo.told


async def test_one_courier_at_a_time(app: App) -> None:
    """While another process holds the lease nothing is taken; a round that is over gives it back."""
    post, day = Post(), Day()
    ask(app, tell(app, "telegram", "7"), "是哪一层?")
    with app.database.transaction() as session:
        lease.take(session, "courier", "somebody else", NOW, timedelta(minutes=2))
    assert await courier(app, post, day=day).run() == Round()
    day.now += timedelta(minutes=3)
    await courier(app, post, day=day).run()
    assert post.sent
    with app.database.transaction() as session:
        assert lease.take(session, "courier", "another", day.now, timedelta(minutes=2))


async def test_two_couriers_at_once_send_each_notice_once(app: App) -> None:
    """Two processes that tick in the same moment."""
    post = Post()
    tell(app, "telegram", "7")
    with app.database.transaction() as session:
        for number in range(30):
            outbox.put(session, key=f"k{number}", body=f"通知{number}", now=NOW, report_id=1, case_id=1)
    await asyncio.gather(*(courier(app, post).run() for _ in range(3)))
    texts = [text for _, text in post.sent if text.startswith("通知")]
    assert sorted(texts) == sorted(f"通知{number}" for number in range(30))


async def test_a_question_stands_in_the_conversation_on_the_web(app: App) -> None:
    """Through the real dialogue: told once, however often the courier comes."""
    talk.begin(app, "web", "w1", NOW)
    report = tell(app, "web", "w1")
    ask(app, report, "是哪一天?")
    await Courier(app, talk, None, wall=lambda: NOW).run()
    told = [one.reply.text for one in talk.waiting(app, "web", "w1", 0)]
    assert sum("是哪一天?" in text for text in told) == 1


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    """The Bot API server."""
    async with BotApi() as server:
        yield server


async def test_a_question_arrives_by_the_bot_api_through_its_troubles(app: App, api: BotApi) -> None:
    """Over real HTTP: a flood and an error postpone it, then it arrives once."""
    api.chats[7] = "private"
    ask(app, tell(app, "telegram", "7"), "是哪一层?")
    api.trouble("sendMessage", 429, 500)
    channel, day = channel_to(api, app, Echo(), HURRIED), Day()
    for _ in range(4):
        await Courier(app, Echo(), channel, wall=day).run()
        day.now += timedelta(minutes=5)
    await channel.bot.session.close()
    assert sum("是哪一层?" in said.text for said in api.said[7]) == 1
    assert {notice.state for notice in notices(app, report_id=1)} == {"sent"}
