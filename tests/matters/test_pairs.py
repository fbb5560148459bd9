"""The decision about labelled pairs: measured on the half that nobody tuned on."""

from __future__ import annotations

import pytest

from nlu.embedded import EmbeddedEar
from tests.matters.measure import as_csv, as_svg, curve, figures, judge
from tests.matters.pairs import all_pairs, halves


def test_the_pairs_are_many_varied_and_apart() -> None:
    """Enough of each side, hand-written ones among them, and none in both halves."""
    pairs = all_pairs()
    by_hand = [pair for pair in pairs if not pair.codes]
    assert len(pairs) >= 400
    assert len(by_hand) >= 80
    assert 0.3 < sum(pair.same for pair in pairs) / len(pairs) < 0.7
    assert len({pair.kind for pair in pairs}) >= 15
    tuning, reporting = halves()
    assert not {pair.texts for pair in tuning} & {pair.texts for pair in reporting}


@pytest.mark.parametrize(("confirmed", "least"), [(False, 0.90), (True, 0.93)])
def test_the_same_matter_is_known_and_different_ones_are_not_merged(
    ear: EmbeddedEar, confirmed: bool, least: float
) -> None:
    """With the category that the teller confirmed, and with what the ear hears alone."""
    found = judge(halves()[1], ear, confirmed=confirmed)
    told = figures(found)
    assert told.f1 >= least, told
    assert told.false_merges <= 0.005, [one for one in found if one.decision == "attached" and not one.pair.same]


def test_the_curve_falls_as_the_threshold_rises(ear: EmbeddedEar) -> None:
    """And is written as figures and as a picture."""
    points = curve(judge(halves()[1][::4], ear, confirmed=True))
    recalls = [recall for _, _, recall, _ in points]
    assert recalls == sorted(recalls, reverse=True)
    assert as_csv({"one": points}).count("\n") == len(points) + 1
    assert as_svg({"one": points}).count("<polyline") == 1
