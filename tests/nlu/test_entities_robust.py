"""The finders under any text: never an exception, spans always inside, and quick."""

from __future__ import annotations

from datetime import datetime, timedelta
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nlu.entities import find
from nlu.text import redact

NOW = datetime(2026, 11, 20, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
PIECES = st.sampled_from(
    [
        "今年",
        "去年",
        "上个月",
        "腊月",
        "初",
        "三十",
        "二月",
        "31号",
        "2月30",
        "零",
        "万",
        "亿",
        "五六百",
        "几",
        "半",
        "多",
        "块",
        "元",
        "角",
        "-",
        "到",
        "至",
        "从",
        "以来",
        "前",
        "后",
        "第",
        "城关",
        "区",
        "县",
        "市",
        "医院",
        "药房",
        "叫",
        "堂",
        "的",
        "我",
        "姓",
        "张",
        "床",
        "138",
        "0000",
        "0001",
        "1",
        "9",
        ",",
        "。",
        "（",
        "）",
        "次",
        "趟",
        "人",
        "证",
        "没",
        "给",
        "\u200b",
        "縣",
        "😀",
        "ab",
        "SELECT",
        "'",
        '"',
        "\n",
    ]
)
ASKED = st.sampled_from(
    [None, "place", "time", "amount", "people", "officers", "visits", "certificate", "name", "phone", "institution"]
)


class TestAnyText:
    """Understanding must never raise, and every span must lie in the original text."""

    @settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
    @given(text=st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=25).map("".join)), asked=ASKED)
    def test_spans_lie_in_the_text_and_say_what_they_cover(self, text: str, asked: str | None) -> None:
        for entity in find(text, now=NOW, asked=asked, home="620100"):
            assert 0 <= entity.start < entity.end <= len(text)
            assert entity.text == text[entity.start : entity.end]

    @settings(max_examples=60, deadline=None)
    @given(day=st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2050, 1, 1)))  # noqa: DTZ001  zone added
    def test_a_time_never_ends_before_it_begins(self, day: datetime) -> None:
        now = day.replace(tzinfo=ZoneInfo("Asia/Shanghai"))
        text = "去年腊月到今年三月底，上周五，2月29号，国庆前，三个月前，上个季度初，初八，近半年，从正月开始一直到现在"
        for entity in find(text, now=now):
            if entity.kind == "time":
                assert str(entity.value["from"]) <= str(entity.value["to"])

    @settings(max_examples=80, deadline=None)
    @given(text=st.lists(PIECES, max_size=20).map("".join))
    def test_redaction_keeps_everything_else(self, text: str) -> None:
        """Without personal data the text comes back unchanged."""
        entities = [e for e in find(text, now=NOW) if e.kind in ("place", "time", "money")]
        assert redact(text, entities) == text


MONOTONOUS = (
    "一", "1", "嗯", "吧", "万", "在", "医院", "2026", "没", "（", "初", "叫", "，上", "1月", "春节", "前年", "上个月",
    "从1月到", "三床", "庆城县", "庆城县医保局", "身份证", "。",
)  # fmt: skip


@pytest.mark.parametrize("piece", MONOTONOUS)
def test_twenty_thousand_characters_of_one_thing_take_no_minute(piece: str) -> None:
    """No pattern runs away on a long monotonous text."""
    started = process_time()
    find((piece * 20_000)[:20_000], now=NOW)
    assert process_time() - started < 5


def test_a_message_of_sixty_characters_takes_about_half_a_millisecond() -> None:
    """Measured in processor time and with a wide margin for slow machines; `make bench` prints the figure."""
    text = "我在西峰区仁济医院住院,去年腊月二十到正月初八,他们多收了我三千多块,来了两个人检查,证都没掏,电话13800000001"
    find(text, now=NOW)
    best = min(_seconds(text) for _ in range(5))
    assert best < 0.004


def _seconds(text: str) -> float:
    started = process_time()
    for _ in range(20):
        find(text, now=NOW)
    return (process_time() - started) / 20


def test_now_in_another_zone_is_read_as_the_day_in_shanghai() -> None:
    """Legal dates are Chinese: at 20:00 UTC it is already tomorrow there."""
    now = datetime(2026, 11, 19, 20, tzinfo=ZoneInfo("UTC"))
    (time,) = [e for e in find("今天", now=now) if e.kind == "time"]
    assert time.value["from"] == (now + timedelta(1)).date().isoformat()
