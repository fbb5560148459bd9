"""What the embedded ear promises, heard with the real model."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nlu.embedded import EmbeddedEar
from nlu.evaluate import evaluate
from nlu.meaning import Understanding

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
SENTENCES = Path(__file__).parent.parent / "sentences"


def codes(understanding: Understanding) -> set[str]:
    return {category.code for category in understanding.suggestions}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("刷一千给七百五,现金,当面点", "F09"),
        ("每隔两周就要我们签一次离院,人根本没动过,隔天又是新病历号", "F02"),
        ("一个掏了证,另一个说落办公室了", "X13"),
        ("办了住院,人天天回家睡,床上连被子都没有", "F01"),
        ("我从来没住过院,手机上却查到我住了八天", "F16"),
        ("今年已经是第六次来我店里检查了", "X06"),
        ("上个月刚查过的东西,这个月又来查一遍一模一样的", "X07"),
    ],
)
def test_facts_are_understood_without_the_name_of_the_offence(ear: EmbeddedEar, text: str, code: str) -> None:
    """A teller who only says what happened is offered the right category."""
    assert code in codes(ear.parse(text, now=NOW))


def test_sides_are_told_apart(ear: EmbeddedEar) -> None:
    """A citizen reports, an enterprise complains."""
    citizen = ear.parse("楼下药店拿医保卡给人刷洗衣液,小票上写的是板蓝根", now=NOW)
    enterprise = ear.parse("我们诊所今年被查了七次,来的人连通知书都不给", now=NOW)
    assert (citizen.side, citizen.intent) == ("citizen", "report_fraud")
    assert (enterprise.side, enterprise.intent) == ("enterprise", "complain_inspection")


def test_several_allegations_in_one_message(ear: EmbeddedEar) -> None:
    """Two allegations told in one breath are both heard."""
    text = "来检查的没有出示执法证,也没有给检查通知书,查完连笔录都没做"
    assert {"X12", "X13"} <= codes(ear.parse(text, now=NOW))


def test_the_words_that_spoke_are_named(ear: EmbeddedEar) -> None:
    """Every accepted category points to stretches of the original text."""
    text = "  药店刷医保卡１０００块,给现金八百,当面點清  "
    heard = ear.parse(text, now=NOW)
    assert heard.categories
    for category in heard.categories:
        assert category.words
        assert all(0 <= span.start < span.end <= len(text) for span in category.words)


@pytest.mark.parametrize(
    ("text", "asked", "intent"),
    [
        ("城关的", "place", "inform"),
        ("上个月底吧", "time", "inform"),
        ("五个", "people", "inform"),
        ("县人民医院", "institution", "inform"),
        ("没有", "evidence", "deny"),
        ("不知道", "amount", "skip"),
        ("对的", "confirm", "affirm"),
    ],
)
def test_a_short_answer_is_an_answer(ear: EmbeddedEar, text: str, asked: str, intent: str) -> None:
    """What was just asked decides how a short text is heard: it is never a new report."""
    heard = ear.parse(text, now=NOW, asked=asked)
    assert heard.intent == intent
    assert heard.categories == ()


def test_a_question_in_the_middle_is_still_heard(ear: EmbeddedEar) -> None:
    """Being asked something does not make the ear deaf for another wish."""
    assert ear.parse("转人工", now=NOW, asked="amount").intent == "human_agent"
    assert ear.parse("举报有奖励吗", now=NOW, asked="place").intent == "ask_policy_reward"


@pytest.mark.parametrize(
    "text", ["", " \n\t", "👍👍", "\u200b‍", "'; DROP TABLE reports; --", "hello world", "，。！？"]
)
def test_nothing_to_hear_is_no_category(ear: EmbeddedEar, text: str) -> None:
    """Where nothing is told, nothing is alleged."""
    heard = ear.parse(text, now=NOW)
    assert heard.categories == ()
    assert heard.text == text


def test_an_empty_message_is_abstained_from(ear: EmbeddedEar) -> None:
    """An empty message has no intent."""
    heard = ear.parse("", now=NOW)
    assert heard.abstained
    assert heard.intent == "unclear"


def test_traditional_and_full_width_change_nothing(ear: EmbeddedEar) -> None:
    """The same sentence in another writing is the same sentence."""
    plain = ear.parse("药店刷医保卡返现金,刷1000给800", now=NOW)
    other = ear.parse("藥店刷醫保卡返現金，刷１０００給８００", now=NOW)
    assert plain.suggestions[0].code == other.suggestions[0].code
    assert plain.suggestions[0].probability == pytest.approx(other.suggestions[0].probability, abs=0.05)


def test_a_letter_of_twenty_thousand_characters_is_heard_quickly(ear: EmbeddedEar) -> None:
    """Work is bounded: one telling sentence in a long letter is found, and nobody waits."""
    text = "办了住院手续,人却天天在家睡,病床一直是空的。" * 3 + "以上情况请领导重视,谢谢。" * 1600
    started = time.perf_counter()
    heard = ear.judge(text)
    assert time.perf_counter() - started < 1
    assert ear.codes[int(heard.margins.argmax())] in {"F01", "F16"}


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=300), st.sampled_from([None, "place", "act", "rating", "confirm"]))
def test_no_text_makes_the_ear_stumble(ear: EmbeddedEar, text: str, asked: str | None) -> None:
    """For any text: no exception, probabilities between 0 and 1, spans inside the text."""
    heard = ear.parse(text, now=NOW, asked=asked)
    assert 0 <= heard.side_probability <= 1
    assert all(0 <= intent.probability <= 1 for intent in heard.intents)
    for category in (*heard.categories, *heard.suggestions):
        assert 0 <= category.probability <= 1
        assert all(0 <= span.start < span.end <= len(text) for span in category.words)


def test_the_same_text_is_heard_the_same(ear: EmbeddedEar) -> None:
    """Deterministic: no dice at hearing."""
    text = "把卡押在店里,每个月老板给三百"
    assert ear.parse(text, now=NOW) == ear.parse(text, now=NOW)


def test_scikit_learn_never_loads_where_messages_are_heard(model_folder: Path) -> None:
    """Loading a trained ear and hearing with it needs numpy only."""
    program = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC\n"
        "from nlu.embedded import EmbeddedEar\n"
        f"EmbeddedEar.open(Path({str(model_folder)!r})).parse('药店套现', now=datetime.now(UTC))\n"
        "sys.exit('sklearn' in sys.modules or 'scipy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_sentences_of_another_hand_are_understood(ear: EmbeddedEar) -> None:
    """The held-out sentences, never trained on, stay above the floor that was reached before."""
    table = evaluate(ear, SENTENCES)
    assert table.codes is not None
    assert table.intents.accuracy >= 0.88
    assert table.codes.accuracy >= 0.82
    assert table.codes.top_three >= 0.94
    assert table.codes.micro_f1 >= 0.78
    assert "F01" in table.as_text()
    assert '"macro_f1"' in table.as_json()
