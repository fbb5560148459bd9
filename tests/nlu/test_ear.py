"""What the embedded ear promises, heard with the real model."""

from __future__ import annotations

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


LETTERS = {
    "wages": (
        "投诉。尊敬的领导您好,我在镇上一家家具厂干了六年,老板从前年起拖着工资不给,四十多个工友一共欠了八十来万。"
        "厂里从没给我们交过社保和医保,去年我摔断腿住院全是自己掏。劳动监察去了两回,说老板跑了没办法。"
        "孩子开学要交学费,老人吃药都断了。请领导替我们做主,把血汗钱要回来,盼复。"
    ),
    "pension": (
        "请求解决。我们是原县水泥厂的退休职工,厂子改制时说好养老金和医保都由改制后的公司接着交,可是公司第二年就停了。"
        "现在六十多个老人看病要自己掏钱,多次到人社局、国资办反映,都让我们等。希望政府给个说法,谢谢!"
    ),
    "policy": (
        "领导好,打扰您了。我父亲退休后跟着我住在外省,想问一下异地安置怎么登记,在这边住院报销的比例是不是要降,"
        "门诊拿慢病药能不能直接结算。我打过热线,一直占线。听说别的省已经可以在手机上办了,我们市什么时候可以?盼望答复。"
    ),
}


@pytest.mark.parametrize(
    ("letter", "intent"),
    [("wages", "out_of_scope"), ("pension", "out_of_scope"), ("policy", "ask_policy_reimbursement")],
)
def test_a_letter_about_something_else_is_no_report(ear: EmbeddedEar, letter: str, intent: str) -> None:
    """However long and however it begins, a letter that alleges nothing of ours is neither report nor complaint."""
    heard = ear.parse(LETTERS[letter], now=NOW)
    assert heard.intent == intent
    assert heard.side is None
    assert heard.categories == ()


def test_a_fraud_told_in_a_letter_is_a_report(ear: EmbeddedEar) -> None:
    """The manner of a letter hides nothing: what it alleges is heard."""
    text = (
        "尊敬的领导:您好!我父亲今年七十多了,身体一直不好。这件事已经拖了很久,大家敢怒不敢言。"
        "我们镇卫生院给老人办了住院手续,人天天在家睡,床上连被子都没有,出院的时候单子上写着住了十二天。"
        "另外护士每天照样记着打针,其实一针都没打过。家里上有老下有小,日子过得紧。恳请领导在百忙之中过问此事,盼复。"
    )
    heard = ear.parse(text, now=NOW)
    assert (heard.intent, heard.side) == ("report_fraud", "citizen")
    assert codes(heard) & {"F01", "F16"}


def test_a_short_answer_heard_before_is_not_worked_out_again(ear: EmbeddedEar) -> None:
    """The same short answer to the same question on the same day is the same value; the next day it is heard anew."""
    first = ear.parse("上个月底", now=NOW, asked="time")
    assert ear.parse("上个月底", now=NOW.replace(hour=9), asked="time") is first
    assert ear.parse("上个月底", now=NOW.replace(month=12), asked="time").entities != first.entities


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


def test_sentences_of_another_hand_are_understood(ear: EmbeddedEar) -> None:
    """The held-out sentences, never trained on, stay above the floor that was reached before."""
    table = evaluate(ear, SENTENCES)
    assert table.codes is not None
    assert table.intents.accuracy >= 0.91
    assert table.codes.accuracy >= 0.87
    assert table.codes.top_three >= 0.96
    assert table.codes.micro_f1 >= 0.78
    assert "F01" in table.as_text()
    assert '"macro_f1"' in table.as_json()
