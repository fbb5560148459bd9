"""Whatever a person sends is stored or answered."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from bot.channels.message import Reply
from tests.bot.doubles import RECEIPT, Spoken
from tests.bot.telegram.conftest import Line

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
OGG = b"OggS\x00\x02" + bytes(40) + b"\x01vorbis" + bytes(30)
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
MP4 = bytes.fromhex("00000018667479706d703432000000006d70343269736f6d") + bytes(32)


async def test_a_text_is_heard_and_answered(line: Line) -> None:
    """What a person writes reaches the dialogue word for word, and its answer comes back."""
    number = await line.api.say(7, "县医院挂空床")
    said = await line.api.replies(7)
    assert [reply.text for reply in said] == ["听到:县医院挂空床"]
    (heard,) = line.echo.heard
    assert (heard.channel, heard.sender, heard.message_id, heard.text) == ("telegram", "7", str(number), "县医院挂空床")


async def test_start_greets(line: Line) -> None:
    """The start button begins a conversation; what stands behind it in a link is not taken for words."""
    await line.api.say(7, "/start poster12")
    assert [reply.text for reply in await line.api.replies(7)] == ["您好,请说。"]
    assert line.echo.begun == ["7"]
    assert not line.echo.heard


async def test_commands_of_the_menu_say_plain_words(line: Line) -> None:
    """A command is a way of saying something, so that the dialogue needs to know no commands."""
    await line.api.say(7, "/status@jianting_bot")
    await line.api.replies(7)
    assert line.echo.heard[0].text == "查进度"


async def test_the_menu_is_published(line: Line) -> None:
    """Telegram shows our commands beside the input field."""
    await line.api.until(lambda: any(method == "setMyCommands" for method, _ in line.api.calls))
    (menu,) = [params["commands"] for method, params in line.api.calls if method == "setMyCommands"]
    assert {"start", "status", "help"} <= {command["command"] for command in menu}


async def test_a_choice_is_a_button_and_pressing_it_says_it(line: Line) -> None:
    """A quick reply is pressed once, is answered, and what was chosen stays to be read."""
    line.echo.answer = lambda inbound: Spoken(
        (Reply("是哪一方?", ("我是群众,要举报违规使用医保基金的行为", "我是企业")),)
    )
    await line.api.say(7, "你好")
    (asked,) = await line.api.replies(7)
    assert asked.buttons == ("我是群众,要举报违规使用医保基金的行为", "我是企业")
    await line.api.press(7, "我是企业")
    await line.api.replies(7)
    assert [heard.text for heard in line.echo.heard] == ["你好", "我是企业"]
    assert line.api.said[7][0].buttons == ("✓ 我是企业",)
    assert any(method == "answerCallbackQuery" for method, _ in line.api.calls)


async def test_where_the_phone_is_asked_for_one_key_hands_it_over(line: Line) -> None:
    """One's own number need not be typed."""
    line.echo.answer = lambda inbound: Spoken((Reply("电话是多少?", ("不留",), asks="phone"),))
    await line.api.say(7, "实名")
    (asked,) = await line.api.replies(7)
    assert asked.keys[0] == {"text": "发送我的手机号", "request_contact": True}
    assert asked.buttons[1] == "不留"
    await line.api.send(7, contact={"phone_number": "+86 13812345678", "first_name": "张", "user_id": 7})
    await line.api.replies(7)
    assert line.echo.heard[-1].text == "我的手机号是13812345678"


async def test_somebody_elses_contact_is_told_as_such(line: Line) -> None:
    """A contact card of a witness must not become the teller's own number."""
    await line.api.send(7, contact={"phone_number": "13900001111", "first_name": "四", "last_name": "李"})
    await line.api.replies(7)
    assert line.echo.heard[0].text == "联系人：李 四，电话13900001111"


@pytest.mark.parametrize(
    ("kind", "content", "media_type"),
    [  # the kind of media is found by looking into the file, not by believing its name
        ("photo", JPEG, "image/jpeg"),
        ("voice", OGG, "audio/ogg"),
        ("audio", OGG, "audio/ogg"),
        ("video", MP4, "video/mp4"),
        ("video_note", MP4, "video/mp4"),
        ("animation", MP4, "video/mp4"),
        ("document", PDF, "application/pdf"),
    ],
)
async def test_every_kind_of_file_is_stored(line: Line, kind: str, content: bytes, media_type: str) -> None:
    """The file lies sealed in the store under its hash before the dialogue hears of it."""
    shape = {"width": 10, "height": 10, "duration": 1, "length": 10}
    sent: Any = line.api.file(content, **shape)
    if kind == "photo":
        small = line.api.file(b"thumb", width=1, height=1)
        sent = [small, sent]
    await line.api.send(7, **{kind: sent}, caption="这是证据")
    await line.api.replies(7)
    (heard,) = line.echo.heard
    assert heard.text == "这是证据"
    (file,) = heard.files
    assert file.digest == hashlib.sha256(content).hexdigest()
    assert (file.media_type, file.size) == (media_type, len(content))
    assert line.channel.app.evidence.read(file.digest) == content


async def test_a_voice_message_is_kept_and_its_speaker_told_that_it_is_not_understood(line: Line) -> None:
    """Nobody may believe that a machine heard what it did not hear."""
    await line.api.send(7, voice=line.api.file(OGG, duration=3))
    said = await line.api.replies(7)
    assert "录音已经保存" in said[0].text
    assert len(line.echo.heard[0].files) == 1


async def test_an_album_is_one_message(line: Line) -> None:
    """The parts of an album, which Telegram brings one by one, reach the dialogue together and once."""
    for part in range(3):
        caption = {"caption": "三张票"} if part == 0 else {}
        await line.api.send(
            7, photo=[line.api.file(JPEG + bytes([part]), width=9, height=9)], media_group_id="a1", **caption
        )
    await line.api.say(7, "就这些")
    await line.api.replies(7)
    first, second = line.echo.heard
    assert (first.text, len(first.files), second.text) == ("三张票", 3, "就这些")


async def test_a_location_is_kept_and_the_county_asked_for(line: Line) -> None:
    """A point is stored as it was sent; which county it is, is never guessed."""
    await line.api.send(7, location={"latitude": 35.7340, "longitude": 107.6380})
    said = await line.api.replies(7)
    assert line.echo.heard[0].text == "我发送的位置：经度107.638000，纬度35.734000"
    assert "哪个县" in said[0].text


async def test_a_venue_tells_its_address(line: Line) -> None:
    """A named place brings words that can be understood."""
    point = {"latitude": 35.7, "longitude": 107.6}
    await line.api.send(7, venue={"location": point, "title": "县中医院", "address": "庆城县南大街"}, location=point)
    await line.api.replies(7)
    assert "县中医院，庆城县南大街" in line.echo.heard[0].text


async def test_an_edit_is_a_correction_and_the_old_words_stay(line: Line) -> None:
    """Changing a message adds a correction; what was said first is kept; a mere link preview is no change."""
    number = await line.api.say(7, "在西峰区")
    await line.api.replies(7)
    await line.api.edit(7, number, text="在庆城县")
    await line.api.replies(7)
    await line.api.edit(7, number, text="在庆城县")
    assert not await line.api.replies(7)
    assert [heard.text for heard in line.echo.heard] == ["在西峰区", "更正：在庆城县"]
    assert line.echo.heard[0].message_id != line.echo.heard[1].message_id


async def test_an_edited_caption_does_not_bring_its_photo_again(line: Line) -> None:
    """One picture is one piece of evidence."""
    photo = [line.api.file(JPEG, width=9, height=9)]
    number = await line.api.send(7, photo=photo, caption="西峰")
    await line.api.replies(7)
    await line.api.edit(7, number, photo=photo, caption="庆城")
    await line.api.replies(7)
    assert [len(heard.files) for heard in line.echo.heard] == [1, 0]


STICKER = {"file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1, "is_animated": False,
           "is_video": False}  # fmt: skip
POLL = {"id": "1", "question": "?", "options": [], "total_voter_count": 0, "is_closed": False, "is_anonymous": True,
        "type": "regular", "allows_multiple_answers": False, "allows_revoting": False, "members_only": False}  # fmt: skip


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"sticker": STICKER}, "贴纸"),
        ({"poll": POLL}, "投票"),
        ({"dice": {"emoji": "🎲", "value": 3}}, "骰子"),
        ({"story": {"chat": {"id": 7, "type": "private"}, "id": 1}}, "动态"),
        ({"something_of_next_year": {"a": 1}}, "还收不下来"),
        ({"photo": "not a list"}, "还收不下来"),
        ({"text": "a", "from": "nobody"}, "读不出来"),
    ],
)
async def test_what_cannot_be_kept_is_said_so(line: Line, content: dict[str, Any], words: str) -> None:
    """No message falls into silence: not a sticker, not a kind that was invented after us, not a broken one."""
    await line.api.send(7, **content)
    (said,) = await line.api.replies(7)
    assert words in said.text
    assert not line.echo.heard


async def test_an_unknown_part_of_a_message_does_not_cost_the_rest(line: Line) -> None:
    """A text stays a text, even where the message that it answers has a form of next year."""
    await line.api.send(7, text="就是这家", reply_to_message={"of": "next year"})
    await line.api.replies(7)
    assert line.echo.heard[0].text == "就是这家"


async def test_what_telegram_says_about_the_chat_is_no_message(line: Line) -> None:
    """A changed timer or a pinned message is nobody's words."""
    await line.api.send(7, message_auto_delete_timer_changed={"message_auto_delete_time": 5})
    assert not await line.api.replies(7)


async def test_a_hidden_address_is_shown(line: Line) -> None:
    """A link that lies under a word may be the evidence; emoji before it do not shift it."""
    link = {"type": "text_link", "offset": 3, "length": 2, "url": "http://example.invalid/p"}
    await line.api.send(7, text="😀看这里吧", entities=[link])
    await line.api.replies(7)
    assert line.echo.heard[0].text == "😀看这里（http://example.invalid/p）吧"


async def test_a_group_is_refused_politely_and_once(line: Line) -> None:
    """Nobody tells of fraud before others; a group is told once and its talk is not heard."""
    for text in ("/start", "医院挂空床"):
        await line.api.send(-100, kind="supergroup", text=text)
    (said,) = await line.api.replies(-100)
    assert "一对一" in said.text
    assert not line.echo.heard


async def test_a_file_too_large_gets_a_sentence_and_the_words_beside_it_are_heard(line: Line) -> None:
    """Telegram gives out files of up to 20 MB; beyond that the person is told, and nothing else is lost."""
    big = line.api.file(b"", file_name="监控.mp4")
    big["file_size"] = 200 * 1024 * 1024
    await line.api.send(7, document=big, caption="监控录像")
    said = await line.api.replies(7)
    assert "“监控.mp4”有 200 MB，超过了 20 MB" in said[0].text
    assert line.echo.heard[0].text == "监控录像"
    assert not line.echo.heard[0].files


async def test_an_empty_file_gets_a_sentence(line: Line) -> None:
    """What the store of evidence refuses is said in Chinese."""
    await line.api.send(7, document=line.api.file(b"", file_name="空.txt"))
    (said,) = await line.api.replies(7)
    assert said.text == "“空.txt”没有收下：文件是空的，请重新选择再发。"


async def test_a_broken_download_is_tried_again(line: Line) -> None:
    """A connection that breaks once costs nothing; one that stays broken is told."""
    line.api.trouble("download", "drop")
    await line.api.send(7, document=line.api.file(PDF, file_name="票.pdf"))
    await line.api.replies(7)
    assert len(line.echo.heard[0].files) == 1
    line.api.trouble("download", *["drop"] * 6)  # aiohttp itself repeats a GET once
    await line.api.send(7, document=line.api.file(PDF + b"2", file_name="二.pdf"), caption="第二张")
    said = await line.api.replies(7)
    assert "“二.pdf”没能收到" in said[0].text
    assert line.echo.heard[1].text == "第二张"


async def test_a_receipt_hides_its_code_and_cannot_be_forwarded(line: Line) -> None:
    """The code is veiled, protected and copied by a button; its date is explained, its deletion advised."""
    words = "😀编号:1\n查询码:4929 0000 0000 0003\n最晚3月9日"
    line.echo.answer = lambda inbound: Spoken((Reply(words), Reply("还有别的吗?", ("没有了",))), (RECEIPT,))
    await line.api.say(7, "确认")
    receipt, explained, asked = await line.api.replies(7)
    assert [said.protected for said in (receipt, explained, asked)] == [True, False, False]
    (veil,) = receipt.raw["entities"]
    hidden = words.encode("utf-16-le")[veil["offset"] * 2 : (veil["offset"] + veil["length"]) * 2].decode("utf-16-le")
    assert (veil["type"], hidden) == ("spoiler", "4929 0000 0000 0003")
    assert receipt.keys[0]["copy_text"] == {"text": RECEIPT.query_code}
    assert RECEIPT.derivation in explained.text
    assert "删掉" in explained.text
    assert asked.buttons == ("没有了",)


async def test_a_long_answer_is_cut_where_it_may_be(line: Line) -> None:
    """No message is longer than 4096 UTF-16 units, no word is lost, the buttons stand under the last."""
    text = "\n".join(f"第{number}行😀,说的是同一件事。" for number in range(700))
    line.echo.answer = lambda inbound: Spoken((Reply(text, ("好",)),))
    await line.api.say(7, "讲")
    said = await line.api.replies(7)
    assert len(said) > 2
    assert "\n".join(reply.text for reply in said) == text
    assert [bool(reply.buttons) for reply in said] == [False] * (len(said) - 1) + [True]
