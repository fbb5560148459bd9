"""Folding and masking of text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nlu.meaning import Entity
from nlu.text import normalise, redact


def test_full_width_traditional_and_zero_width_are_folded() -> None:
    """１２３ＡＢＣ，龍醫院 with an invisible joiner reads like plain text."""
    folded, offsets = normalise("１２Ａ，龍\u200b醫院")
    assert folded == "12A,龙医院"
    assert list(offsets) == [0, 1, 2, 3, 4, 6, 7, 8]


@given(st.text())
def test_every_folded_character_keeps_its_address(text: str) -> None:
    """There is one offset for each character and one for the end, rising strictly."""
    folded, offsets = normalise(text)
    assert len(offsets) == len(folded) + 1
    assert list(offsets) == sorted(set(offsets))
    assert offsets[-1] == len(text)


def test_masks_replace_only_personal_data() -> None:
    """Places and sums stay readable; overlapping finds are masked once."""
    phone = Entity("phone", 2, 13, "13800000001", {"masked": "138****0001"})
    inner = Entity("bed", 5, 7, "00", {"masked": "**床"})
    place = Entity("place", 0, 2, "兰州", {"code": "620100"})
    assert redact("兰州13800000001", [phone, inner, place]) == "兰州138****0001"
