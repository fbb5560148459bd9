"""Order, repetition, trouble and confirmation: nothing is lost, nothing has a second effect."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.app import App
from bot.channels.delivery import InDoubt, Later, Refused
from bot.channels.message import Reply
from bot.channels.telegram.channel import listening
from tests.bot.doubles import Echo, Spoken
from tests.bot.telegram.conftest import HURRIED, Line, channel_to
from tests.bot_api_server import BotApi


async def test_one_persons_messages_stay_in_order_and_people_do_not_wait_for_each_other(line: Line) -> None:
    """Ten messages of a slow conversation come in their order; another person is answered meanwhile."""
    line.echo.slow["7"] = 0.05
    for number in range(10):
        await line.api.say(7, f"第{number}句")
    await line.api.say(8, "我很急")
    await line.api.until(lambda: line.api.said[8])
    assert len(line.echo.heard) < 8
    await line.api.settled()
    assert [heard.text for heard in line.echo.heard if heard.sender == "7"] == [f"第{n}句" for n in range(10)]
    assert [said.text for said in line.api.said[7]] == [f"听到:第{n}句" for n in range(10)]


async def test_a_repeated_update_has_no_second_effect(line: Line) -> None:
    """The same update, and the same message under a new update number, are heard and answered once."""
    number = await line.api.say(7, "挂空床")
    update = next(iter(line.api.unconfirmed))
    copy = dict(line.api.unconfirmed[update])
    await line.api.replies(7)
    line.api.push(update, message=copy["message"])
    line.api.push(message=copy["message"])
    assert not await line.api.replies(7)
    assert line.echo.calls == {str(number): 1}


async def test_a_failing_message_is_tried_again(line: Line) -> None:
    """A ledger that is busy for a moment costs the person nothing."""
    line.echo.failures = [RuntimeError("busy"), RuntimeError("busy")]
    await line.api.say(7, "挂空床")
    assert [said.text for said in await line.api.replies(7)] == ["听到:挂空床"]


async def test_a_message_that_cannot_be_taken_is_answered_and_does_not_block_the_next(line: Line) -> None:
    """Its sender is told to send it again; silence would look like receipt."""
    line.echo.failures = [RuntimeError("broken")] * HURRIED.message_tries
    await line.api.say(7, "挂空床")
    await line.api.say(7, "第二句")
    said = await line.api.replies(7)
    assert "没能存下来" in said[0].text
    assert said[1].text == "听到:第二句"


async def test_a_press_that_was_lost_can_be_pressed_again(line: Line) -> None:
    """The choices come back when pressing one could not be taken."""
    line.echo.answer = lambda inbound: Spoken((Reply("是哪一方?", ("群众", "企业")),))
    await line.api.say(7, "你好")
    (asked,) = await line.api.replies(7)
    line.echo.failures = [RuntimeError("broken")] * HURRIED.message_tries
    await line.api.press(7, "企业")
    assert "没能存下来" in (await line.api.replies(7))[0].text
    assert asked.buttons == ("群众", "企业")
    await line.api.press(7, "企业")
    await line.api.replies(7)
    assert [heard.text for heard in line.echo.heard] == ["你好", "企业"]
    assert line.api.said[7][0].buttons == ("✓ 企业",)


async def test_nothing_is_confirmed_before_it_was_committed(api: BotApi, small: App) -> None:
    """A process that dies in the middle of a message finds it again; the answer comes after the restart."""
    echo = Echo(slow={"7": 0.5})
    hasty = replace(HURRIED, closing=0.05)
    async with listening(channel_to(api, small, echo, hasty)):
        await api.say(7, "挂空床")
        await api.until(lambda: api.handed_out)
        await asyncio.sleep(0.1)
    assert api.unconfirmed
    assert not api.said[7]
    echo.slow.clear()
    async with listening(channel_to(api, small, echo)):
        assert [said.text for said in await api.replies(7)] == ["听到:挂空床"]
    assert len(echo.heard) == 1


async def test_a_clean_stop_confirms_what_it_answered(api: BotApi, small: App) -> None:
    """After an orderly restart nobody is answered twice."""
    echo = Echo(slow={"7": 0.3})
    async with listening(channel_to(api, small, echo)):
        await api.say(7, "挂空床")
        await api.until(lambda: api.handed_out)
        await asyncio.sleep(0.1)
    assert not api.unconfirmed
    assert len(api.said[7]) == 1


async def test_while_one_message_takes_long_new_people_are_served(line: Line) -> None:
    """The offset stays before the slow message, and still other people's updates are fetched."""
    line.echo.slow["7"] = 0.6
    slow = await line.api.say(7, "慢")
    await line.api.until(lambda: line.api.handed_out)
    await line.api.say(8, "快")
    await line.api.until(lambda: line.api.said[8])
    assert not line.api.said[7]
    assert next(iter(line.api.unconfirmed.values()))["message"]["message_id"] == slow
    await line.api.settled()
    assert line.echo.calls[str(slow)] == 1


async def test_a_full_lane_leaves_the_rest_with_telegram_in_order(api: BotApi, small: App) -> None:
    """Somebody who sends faster than he can be heard is heard in full and in order, in bounded memory."""
    echo = Echo()
    async with listening(channel_to(api, small, echo, replace(HURRIED, lane=3))):
        for number in range(20):
            await api.say(7, str(number))
        await api.settled()
    assert [heard.text for heard in echo.heard] == [str(number) for number in range(20)]


async def test_flood_control_is_obeyed(line: Line) -> None:
    """Told to wait a second, we wait a second, and the answer still comes once."""
    line.api.trouble("sendMessage", 429, retry_after=1)
    loop = asyncio.get_running_loop()
    start = loop.time()
    await line.api.say(7, "挂空床")
    assert [said.text for said in await line.api.replies(7)] == ["听到:挂空床"]
    assert loop.time() - start >= 1


@pytest.mark.parametrize("trouble", [500, "page", "drop"])
async def test_a_reply_survives_trouble(line: Line, trouble: str | int) -> None:
    """An error of the server, of a proxy, or of the line: the reply is sent until it arrived."""
    line.api.trouble("sendMessage", trouble, trouble)
    await line.api.say(7, "挂空床")
    assert [said.text for said in await line.api.replies(7)] == ["听到:挂空床"]


async def test_fetching_survives_trouble(line: Line) -> None:
    """The channel goes on listening after errors, floods and broken lines."""
    line.api.trouble("getUpdates", 500, "drop", "page", 409)
    await line.api.until(lambda: sum(method == "getUpdates" for method, _ in line.api.calls) > 1)
    await line.api.say(7, "在吗")
    assert [said.text for said in await line.api.replies(7)] == ["听到:在吗"]


async def test_whoever_waits_sees_that_we_are_typing(line: Line) -> None:
    """A slow answer is announced."""
    line.echo.slow["7"] = 0.2
    await line.api.say(7, "挂空床")
    await line.api.replies(7)
    assert ("sendChatAction", {"chat_id": "7", "action": "typing"}) in line.api.calls


async def test_somebody_who_blocked_us_holds_up_nobody(line: Line) -> None:
    """What cannot be answered is still heard and confirmed."""
    line.api.blocked.add(7)
    await line.api.say(7, "挂空床")
    await line.api.settled()
    assert len(line.echo.heard) == 1


async def test_a_stale_button_is_explained(line: Line) -> None:
    """A press that carries no choice any more asks for words."""
    person = {"id": 7, "is_bot": False, "first_name": "某"}
    query = {"id": "q1", "from": person, "chat_instance": "1", "data": "choice:4",
             "message": {"chat": {"id": 7, "type": "private"}, "message_id": 5, "date": 0}}  # fmt: skip
    line.api.push(callback_query=query)
    await line.api.settled()
    (shown,) = [params for method, params in line.api.calls if method == "answerCallbackQuery"]
    assert "已经失效" in shown["text"]
    assert not line.echo.heard


async def test_what_the_courier_sends_is_tried_once_and_its_fate_is_known(line: Line) -> None:
    """A refusal for now, for good, and a doubt are three different things."""
    await line.api.say(7, "你好")
    await line.api.replies(7)
    line.api.trouble("sendMessage", 429, 500, "drop", "lost answer", retry_after=9)
    with pytest.raises(Later) as flood:
        await line.channel.deliver(7, Reply("通知"))
    assert flood.value.seconds == 9
    with pytest.raises(Later):
        await line.channel.deliver(7, Reply("通知"))
    for _ in ("broken before", "broken after"):
        with pytest.raises(InDoubt):
            await line.channel.deliver(7, Reply("通知"))
    with pytest.raises(Refused):
        await line.channel.deliver(999, Reply("通知"))
    await line.channel.deliver(7, Reply("通知"))
    assert [said.text for said in await line.api.replies(7)] == ["通知", "通知"]


async def test_a_server_that_cannot_be_reached_got_nothing(small: App) -> None:
    """A connection that never came about leaves no doubt: it may be tried again."""
    nowhere = BotApi()
    nowhere.base = "http://127.0.0.1:9"
    channel = channel_to(nowhere, small, Echo())
    with pytest.raises(Later):
        await channel.deliver(7, Reply("通知"))
    await channel.bot.session.close()
