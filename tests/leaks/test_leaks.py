"""The identity-leak check as a decision: its figures on invented texts, and what it may never become."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from routing import leaks
from routing.leaks import Told, table
from routing.rules import SHANGHAI
from tests.leaks import unseen
from tests.leaks.measure import judged, score

NOW = datetime(2026, 11, 20, 10, tzinfo=SHANGHAI)
HEARD = datetime(2026, 9, 18, 10, tzinfo=SHANGHAI)


def told(text: str, report_id: int = 1) -> Told:
    """A report of September."""
    return Told(report_id, text, HEARD)


def kinds(text: str, *reports: Told, to: str = "authority", institution: str = "县医院") -> set[str]:
    """What kinds of detail are found."""
    found = leaks.check(text, list(reports), to=to, now=NOW, institution=institution)
    return {one.kind for one in found.findings}


@pytest.mark.parametrize("half", ["tuned", "held"])
def test_leaks_are_held_and_harmless_texts_leave(half: str) -> None:
    """The figures that the issue asks for, on the half that the weights were set by and on the other."""
    found = score(half)
    assert found.recall >= 0.95
    assert found.false_holds <= 0.15


@pytest.mark.parametrize("name", ["unseen.yml", "unseen_second.yml", "unseen_third.yml"])
def test_texts_written_before_the_table_was_mended_are_judged_as_well(name: str) -> None:
    """Nine of ten leaks are held, and of the harmless texts at most one of twenty."""
    found = unseen.score(unseen.FIRST.with_name(name))
    assert found.recall >= 0.9
    assert found.false_holds <= 0.05


def test_the_invented_texts_are_enough_and_of_both_sorts() -> None:
    """At least eighty, neither sort below forty per cent, every way of leaking more than once or named alone."""
    rows = [one.row for one in judged()]
    leaking = sum("leaks" in row for row in rows)
    assert len(rows) >= 80
    assert 0.4 <= leaking / len(rows) <= 0.6


def test_every_kind_of_finding_has_its_sentences() -> None:
    """Whatever is found can say why it tells and what to write instead."""
    found = {finding.kind for one in judged() for finding in one.verdict.findings}
    assert {"personal", "bed", "date", "role", "kin", "quote", "amount", "number", "rare", "other"} <= found
    for kind in found:
        assert table.why(kind)
        assert table.instead(kind)


def test_findings_lie_in_the_text_in_order_and_never_overlap() -> None:
    """A page can cut the text along them."""
    for one in judged():
        at = 0
        for finding in one.verdict.findings:
            assert at <= finding.start < finding.end <= len(one.row["text"])
            at = finding.end


def test_what_the_addressee_told_himself_may_be_told_to_him() -> None:
    """His own day and sum are no leak towards him, and are one towards the other teller of the case."""
    mine, other = told("我10月14日看急诊，花了1987.6元。"), told("空跑的车次也收费。", 2)
    text = "您10月14日就诊时支付的1987.6元已退还。"
    to_me = leaks.check(text, [other], to="teller", now=NOW, own=mine)
    to_other = leaks.check(text, [mine], to="teller", now=NOW, own=other)
    assert not to_me.held
    assert to_other.held


def test_the_only_teller_of_a_case_may_be_told_everything() -> None:
    """There is nobody else to protect."""
    verdict = leaks.check("您住在三楼12床，8月12日入院。", [], to="teller", now=NOW)
    assert (verdict.held, verdict.findings) == (False, ())


def test_a_masked_name_cannot_be_guessed_at() -> None:
    """Right guess and wrong guess give the same findings: the check is no oracle for what is masked."""
    report = told("我叫张**，电话138****5678，护士让我去签字。")
    right = leaks.check("反映人张小丽来电。", [report], to="authority", now=NOW)
    wrong = leaks.check("反映人李小丽来电。", [report], to="authority", now=NOW)
    assert right == wrong


def test_yesterday_in_a_report_is_the_day_before_it_came_in() -> None:
    """Relative days are compared as days."""
    assert "date" in kinds("请调取9月17日的监控。", told("昨天我去买药，店员不给小票。"))
    assert "date" not in kinds("请调取9月18日的监控。", told("昨天我去买药，店员不给小票。"))


def test_a_sum_is_the_same_however_it_is_written() -> None:
    """386.4元 and 386.40元 are one sum; a round sum hardly tells."""
    assert "amount" in kinds("请核对386.40元的结算。", told("刷了386.4元"))
    round_sum = leaks.check("涉及3万元。", [told("大概三万块")], to="authority", now=NOW)
    assert not round_sum.held


def test_wording_with_small_changes_is_still_quoted() -> None:
    """A character more or less in between does not hide a quotation."""
    report = told("走廊尽头锅炉房改的那间病房一个人都没有，床头卡倒是插得满满当当")
    text = "走廊尽头锅炉房改的病房里一个人都没有，床头卡插得满满当当。"
    assert "quote" in kinds(text, report)


@pytest.mark.parametrize(
    ("text", "report", "kind"),
    [
        ("请核查十月上旬的刷卡记录。", "国庆第三天我去买药", "part"),
        ("请在每周三晚上检查仓库。", "他们每个礼拜三晚上卸货", "recurring"),
        ("涉及一万六千余元。", "总共一万六千四百二十七块五", "about"),
        ("患者兄弟到院探视。", "我哥住在那里", "kin"),
        ("向该院供应蔬菜的人员提供了线索。", "我给医院送菜", "described"),
        ("患者只有前三天人在医院，后来每天回家做饭。", "其实只有头三天人在那儿，后来天天回家做饭", "near"),
        ("请核查四组村民的慢病本。", "我们四组一共三十来户", "group"),
    ],
)
def test_what_is_told_in_another_way_is_told_all_the_same(text: str, report: str, kind: str) -> None:
    """Ten days for a day, a rounded sum, kinship by another name, a person described, a sentence turned round."""
    assert kind in kinds(text, told(report))


def test_an_office_that_hands_a_matter_on_is_no_teller() -> None:
    """Who sent the file, and that somebody must be protected, stands in every letter."""
    for text in (
        "本线索由省局交办。",
        "请依法保护反映人的合法权益。",
        "群众反映该院收费不规范。",
        "核查结果应当告知反映人。",
    ):
        assert kinds(text, told("我在三楼看见的")) == set()


def test_in_a_small_place_a_detail_weighs_more() -> None:
    """What passes for a county hospital is held for a village clinic."""
    report, text = told("我糖尿病，在那里配药，一共31盒。"), "涉及糖尿病用药31盒。"
    large = leaks.check(text, [report], to="authority", now=NOW, institution="庆城县人民医院")
    small = leaks.check(text, [report], to="authority", now=NOW, institution="顾家塬村卫生室")
    assert small.small
    assert small.weight > large.weight


def test_an_office_may_give_its_own_telephone() -> None:
    """A land line in a letter's foot is no leak; behind the word for the source it is."""
    assert kinds("请函告我局，联系电话：0934-3221166。", told("空床")) == set()
    assert "personal" in kinds("请与反映人联系，电话0934-3221166。", told("空床"))


@pytest.mark.parametrize("text", ["", "。", "啊" * 5000, "12床" * 1000, "\ud83d", "8月12日" * 700])
def test_odd_texts_are_judged_all_the_same(text: str) -> None:
    """Nothing, one sign, the same over and over, half an emoji."""
    report = told("啊" * 3000 + "8月12日12床")
    verdict = leaks.check(text, [report], to="authority", now=NOW)
    assert 0 <= verdict.weight <= 1


def test_every_pattern_can_be_compiled_and_holds_no_sentence() -> None:
    """The table is data: a slip in it is found here and not at the desk."""
    patterns = table.table()["patterns"]
    for name in patterns:
        assert isinstance(table.pattern(name), re.Pattern)
