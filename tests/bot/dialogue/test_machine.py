"""What the conversation promises whatever people type."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.message import File as SentFile
from bot.channels.message import Inbound
from bot.dialogue import machine, phrases
from bot.dialogue.state import File, Talk, dump, load
from bot.dialogue.steps import STEPS
from bot.dialogue.turn import Outcome, Turn
from bot.talk import CHINA
from nlu.embedded import EmbeddedEar

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=CHINA)
SAYINGS = (
    "我要举报", "我们是药店，检查的人证都没掏", "他家刷卡给现金，一千给七百五", "城关的", "上个月底吧", "五个", "没有", "匿名",
    "保密", "我叫王芳", "13800000000", "愿意", "确认提交", "修改", "取消", "放弃", "接着说", "重新开始", "刚才说到哪了",
    "举报能拿多少钱？", "能匿名吗？", "不是西峰，是庆城县", "不知道", "跳过", "转人工", "庆城县民康医院把没住院的人都挂上床", "1",
    "明年三月", "谢谢", "另外百姓大药房也在刷卡卖米面油", "", "😀😀😀", "DROP TABLE case;--", "催一下", "对", "不对", "都不是",
)  # fmt: skip


def answer(ear: EmbeddedEar, talk: Talk, text: str, files: tuple[SentFile, ...] = ()) -> Outcome:
    def hear(part: str) -> object:
        return ear.parse(part, now=NOW, asked=talk.asks, home="621000")

    inbound = Inbound("web", "person", "m", text, NOW, files)
    return machine.step(Turn(talk, inbound, hear(text), hear, NOW, timedelta(minutes=30), "talk"))  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(st.one_of(st.sampled_from(SAYINGS), st.text(max_size=40)), max_size=14))
def test_any_conversation_gets_an_answer_and_survives_being_written_down(ear: EmbeddedEar, said: list[str]) -> None:
    """Whatever is typed, in whatever order: there is a reply or an errand, and the state survives a restart."""
    talk = machine.begin().talk
    for text in said:
        outcome = answer(ear, talk, text)
        assert outcome.replies or outcome.commands
        talk = load(dump(outcome.talk))
        assert talk == outcome.talk


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(st.sampled_from(SAYINGS), min_size=4, max_size=20))
def test_nothing_is_filed_without_a_yes_to_the_summary(ear: EmbeddedEar, said: list[str]) -> None:
    """A report leaves the conversation only in answer to the summary, and only by a yes."""
    talk = machine.begin().talk
    for text in said:
        outcome = answer(ear, talk, text)
        if any(isinstance(command, File) for command in outcome.commands):
            assert talk.asks == "confirm"
            assert phrases.means("affirm", text)
        talk = outcome.talk


def test_every_step_has_its_question_and_its_name_in_the_summary() -> None:
    """A step added to the table without its sentence is found here, not by a citizen."""
    for side, steps in STEPS.items():
        for step in steps:
            assert phrases.sentence("ask", side, step.asks)
            assert phrases.sentence("ask", side, step.asks, "label")


@pytest.mark.parametrize(
    ("text", "stars"),
    [
        ("非常满意", 5),
        ("满意", 4),
        ("不满意", 2),
        ("很不满意", 1),
        ("给三星吧", 3),
        ("⭐⭐⭐⭐", 4),
        ("5", 5),
        ("看情况", None),
    ],
)
def test_a_rating_is_read_from_words_figures_and_stars(text: str, stars: int | None) -> None:
    """The wording with 不 is never taken for its opposite."""
    assert phrases.stars(text) == stars


def test_files_before_any_word_are_kept_for_the_matter_that_follows(ear: EmbeddedEar) -> None:
    """A photograph sent first belongs to what is told next."""
    photo = SentFile("d" * 64, "发票.png", "image/png", 100)
    talk = answer(ear, machine.begin().talk, "", (photo,)).talk
    talk = answer(ear, talk, "我要举报").talk
    talk = answer(ear, talk, "庆城县民康医院病人都不在，床位费照收").talk
    assert talk.matter.files == ("d" * 64,)
    assert talk.file_names["d" * 64] == "发票.png"
