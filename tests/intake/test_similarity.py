"""Closeness in wording: the same matter is near, another one far, and a pair costs next to nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies

from nlu.similarity import closeness

BEDS = "庆城县康宁医院把空床挂在医保上,病人早就回家了,每天还在记费。"
BEDS_AGAIN = "康宁医院搞挂床住院,病人都回家了还天天在医保上记费。"
OIL = "益民大药房可以用医保卡买油和大米,老板说刷卡就行。"


def test_the_same_text_is_as_near_as_can_be() -> None:
    """Whatever its spacing, width and punctuation."""
    assert closeness(BEDS, BEDS) == 1.0
    assert closeness(BEDS, " " + BEDS.replace(",", ",").replace("。", "!!")) > 0.99


def test_the_same_matter_is_nearer_than_another() -> None:
    """Retold in other words, it is still nearer than another matter of the same field."""
    assert closeness(BEDS, BEDS_AGAIN) > 0.3
    assert closeness(BEDS, OIL) < 0.1


def test_what_all_messages_share_says_little() -> None:
    """Greetings and the field's words do not make two matters one."""
    polite = "您好,我想举报一家医院,希望有关部门领导查处,谢谢。"
    assert closeness(polite + BEDS, polite + OIL) < 0.5


@pytest.mark.parametrize(
    ("a", "b"), [("", ""), ("", BEDS), ("。。。", BEDS), ("𠮷", "𠮷𠮷"), ("\ud800", BEDS), ("a" * 200_000, BEDS)]
)
def test_any_text_can_be_compared(a: str, b: str) -> None:
    """Nothing, signs only, rare characters, a novel."""
    assert 0.0 <= closeness(a, b) <= 1.0


@settings(max_examples=40)
@given(strategies.text(max_size=80), strategies.text(max_size=80))
def test_closeness_has_no_direction(a: str, b: str) -> None:
    """One is as near to the other as the other to the one."""
    assert closeness(a, b) == pytest.approx(closeness(b, a), abs=1e-5)
