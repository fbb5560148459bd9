"""A whole conversation with the real dialogue, over the Bot API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from bot import talk
from bot.app import App
from bot.channels.telegram.channel import listening
from bot.courier import Courier
from intake.models import Event
from tests.bot.telegram.conftest import channel_to
from tests.bot.town import ask, settle
from tests.bot_api_server import BotApi


async def test_from_the_first_words_to_the_officers_question(api: BotApi, app: App) -> None:
    """Told in own words, confirmed by a button, a receipt in hand; later the office's question arrives and is answered."""
    settle(app)
    async with listening(channel_to(api, app, talk)) as channel:
        await api.say(7, "/start")
        assert (await api.replies(7))[0].text
        await api.say(7, "我举报甘肃省庆阳市庆城县康宁医院,今年9月到10月一直挂空床,人都回家了还在记费,大概套了五万块")
        for _ in range(20):
            said = await api.replies(7)
            if any(reply.protected for reply in said):
                break
            buttons = said[-1].buttons
            await (api.press(7, buttons[0]) if buttons else api.say(7, "不知道"))
        (receipt,) = [reply for reply in said if reply.protected]
        assert "复制" in receipt.buttons[0]
        now = datetime.now(UTC)
        ask(app, 1, "空床在几楼?", at=now)
        noon = (now + timedelta(days=1)).replace(hour=4)  # tellers are not told at night
        await Courier(app, talk, channel, wall=lambda: noon).run()
        assert any("空床在几楼?" in reply.text for reply in await api.replies(7))
        await api.say(7, "在三楼东头")
        assert await api.replies(7)
    with app.database.reading() as session:
        answered = session.scalars(select(Event).where(Event.kind == "supplemented")).all()
    assert len(answered) == 1
