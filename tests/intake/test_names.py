"""Names of institutions: the same however it is written, and never taken for its neighbour."""

from __future__ import annotations

import pytest

from intake.names import SAME, agreement, conflict, normal_form, organ_form, stands_everywhere, take_apart


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("庆阳市康宁医院有限公司", "康宁医院"),  # prefix and company form dropped
        ("庆城县中医院", "庆城中医院"),  # the county's character left out
        ("庆城县人民医院", "县人民医院"),  # the county's name left out
        ("甘肃省庆阳市庆城县人民医院", "庆城县人民医院"),  # more divisions told
        ("康宁大药房(2店)", "康宁大药房二店"),  # figure and numeral, brackets
        ("康宁 医院", "康宁医院"),  # a space
    ],
)
def test_one_institution_under_two_names(one: str, other: str) -> None:
    """However people write it, it is the same institution, in either order."""
    assert agreement(one, other) >= SAME
    assert agreement(other, one) >= SAME


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("康宁大药房一店", "康宁大药房二店"),
        ("第一人民医院", "第二人民医院"),
        ("庆城县中医院", "西峰区中医院"),
        ("庆阳市人民医院", "庆城县人民医院"),
        ("益寿堂大药房人民路店", "益寿堂大药房西大街店"),
        ("康宁医院", "安康医院"),
        ("同仁医院", "同济医院"),
    ],
)
def test_neighbours_are_kept_apart(one: str, other: str) -> None:
    """A number, a branch, a county or one character makes another institution."""
    assert agreement(one, other) < 0.6


def test_a_branch_and_its_house_are_left_to_a_person() -> None:
    """One name within the other: perhaps the same, perhaps not."""
    assert 0.6 <= agreement("益寿堂大药房人民路店", "益寿堂大药房") < SAME


def test_first_and_one_are_kept_apart() -> None:
    """第一 is a rank, 一 a number; they are never made one."""
    assert take_apart("第一医院").ordinals != take_apart("一医院").ordinals


@pytest.mark.parametrize("name", ["马家市场卫生室", "市立医院", "庆城县医院"])
def test_what_looks_like_a_division_stays(name: str) -> None:
    """A market is no city, and a county's hospital without its county would be any."""
    assert take_apart(name).place == ""


@pytest.mark.parametrize("name", ["", "  ", "()", "省", "市市市", "县", "一" * 500])
def test_any_text_has_a_normal_form(name: str) -> None:
    """Whatever people call an institution, nothing breaks."""
    assert isinstance(normal_form(name), str)
    assert 0 <= agreement(name, "康宁医院") <= 1


@pytest.mark.parametrize("name", ["庆城县市监局", "市场监管局", "庆阳市市场监督管理局庆城分局"])
def test_an_organ_has_one_name(name: str) -> None:
    """The everyday names of an office lead to its proper one."""
    assert organ_form(name) == "市场监督管理局"


def test_county_hospitals_stand_everywhere() -> None:
    """人民医院 names one only together with its county."""
    assert stands_everywhere("县人民医院")
    assert not stands_everywhere("庆城县人民医院")
    assert not stands_everywhere("康宁医院")


def test_an_interest_is_recognised_in_doubt() -> None:
    """Whoever has an interest in an institution is kept out under every form of its name."""
    assert conflict("康宁医院\n益民大药房", "庆阳市康宁医院有限公司")
    assert not conflict("康宁医院", "安和医院")
    assert not conflict("", "康宁医院")
    assert not conflict("康宁医院", None)
