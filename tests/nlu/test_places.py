"""Divisions: complete, consistent, and found by every name people use."""

from __future__ import annotations

import pytest

from nlu import places


def test_every_division_has_a_parent_and_a_full_name() -> None:
    """34 provinces; every other division hangs below one, and its full name ends in its name."""
    everything = [place for code in places._places() if (place := places.by_code(code))]
    provinces = [place for place in everything if place.level == "province"]
    assert len(provinces) == 34
    for place in everything:
        assert place.full_name.endswith(place.name)
        if place.level != "province":
            assert place.parent is not None
            assert place in places.children(place.parent)


def test_every_former_name_and_zone_leads_to_a_division_of_today() -> None:
    """No code in the tables of names is unknown."""
    for name in places.names().values():
        assert name.codes
        assert all(places.by_code(code) for code in name.codes), name


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("庆城", "甘肃省庆阳市庆城县"),
        ("庆阳县", "甘肃省庆阳市庆城县"),
        ("襄樊", "湖北省襄阳市"),
        ("江东区", "浙江省宁波市鄞州区"),
        ("柳州地区忻城县", "广西壮族自治区来宾市忻城县"),
        ("济源", "河南省济源市"),
        ("石河子", "新疆维吾尔自治区石河子市"),
        ("东莞市", "广东省东莞市"),
        ("甘肃兰州城关", "甘肃省兰州市城关区"),
        ("北京朝阳", "北京市朝阳区"),
        ("内蒙", "内蒙古自治区"),
    ],
)
def test_a_name_is_looked_up(name: str, full: str) -> None:
    """Short, former, nicknamed and chained names find their place first."""
    assert places.lookup(name)[0].full_name == full


def test_the_home_region_comes_first() -> None:
    """Of many 城关 the one near home is offered first, the others after it."""
    assert [place.code for place in places.lookup("城关", home="540100")] == ["540102", "620102"]
    assert places.lookup("城关", home="620000")[0].code == "620102"


def test_unknown_names_and_codes_find_nothing() -> None:
    """Nothing is guessed."""
    assert places.lookup("不存在县") == ()
    assert places.lookup("") == ()
    assert places.by_code("999999") is None
    assert places.children("441900") == ()


def test_a_single_character_is_never_a_short_name() -> None:
    """漳县 has no short form: 漳 alone would be heard everywhere."""
    assert places.stems("漳县") == ()
    assert all(len(name) >= 2 for name in places.names())
