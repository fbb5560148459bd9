"""`law show` answers for every kind of entry, by key or by the name that people use, and guesses nothing."""

from __future__ import annotations

from datetime import date

import pytest

from nlu import taxonomy
from routing import accused
from routing.eligibility import rules as reward_rules
from routing.errors import LawSilent, NoSuchEntry
from routing.lawlook import look
from routing.provisions import left_out, provisions
from routing.rules import Rules

RULES = Rules.load()
DAY = date(2026, 11, 20)
KEYS = [
    *RULES.law.values,
    *provisions(),
    *left_out(),
    *(rule["id"] for rule in accused.table()["rule"]),
    *(rule["id"] for rule in reward_rules()),
    *(one.key for one in RULES.rewards.schemes if one.in_force(DAY)),
    *taxonomy.load(),
    "2026",
    "reward_scheme",
]


@pytest.mark.parametrize("key", KEYS)
def test_every_entry_answers_with_its_source(key: str) -> None:
    """Whatever stands in the book can be asked for, and no answer is without the paper it rests on."""
    found = look(key, DAY, None, RULES)
    assert found.lines
    assert any("依据" in line for line in found.lines)
    assert not any("{" in line for line in found.lines)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("线索核查", "clue_verify"),
        ("核查", "clue_verify"),
        ("签收", "sign_in"),
        ("合肥市举报奖励办法", "hefei"),
        ("挂床", "F01"),
        ("pn-06", "PN-06"),
        ("奖励办法", "reward_scheme"),
    ],
)
def test_a_name_that_people_use_leads_to_the_entry(name: str, key: str) -> None:
    """A clerk knows the word, not the key."""
    assert look(name, DAY, None, RULES).key == key


@pytest.mark.parametrize(
    ("name", "near"), [("clue_verfy", "clue_verify"), ("线索合查", "线索核查"), ("热线", "热线派单"), ("诈骗", "CR-08")]
)
def test_an_unknown_name_is_answered_with_near_ones(name: str, near: str) -> None:
    """A slip of the pen, or a word that fits several."""
    with pytest.raises(NoSuchEntry, match=near):
        look(name, DAY, None, RULES)


@pytest.mark.parametrize("name", ["", "   ", "？？？"])
def test_what_is_like_nothing_says_so(name: str) -> None:
    """No trace, no guess."""
    with pytest.raises(NoSuchEntry, match="没有"):
        look(name, DAY, None, RULES)


@pytest.mark.parametrize(
    ("key", "day"), [("PN-06", date(2021, 7, 14)), ("hefei", date(2022, 11, 16)), ("clue_verify", date(2021, 7, 14))]
)
def test_before_its_day_an_entry_is_silent(key: str, day: date) -> None:
    """The book is asked for a day, and answers for that day."""
    with pytest.raises(LawSilent):
        look(key, day, None, RULES)


def test_what_is_unverified_or_in_doubt_says_so_in_its_answer() -> None:
    """Nobody who reads the answer takes it for certain."""
    for key, one in provisions().items():
        if not one.verified:
            lines = look(key, DAY, None, RULES).lines
            assert any("未核对" in line for line in lines)
            assert one.doubt in "".join(lines)
    for key, values in RULES.law.values.items():
        if not values[-1].verified and values[-1].layer == "nation":
            assert any("未核对" in line for line in look(key, DAY, None, RULES).lines)


def test_the_schemes_of_a_place_come_nearest_first() -> None:
    """The city's before the nation's, with what each says."""
    found = look("奖励办法", DAY, "340102", RULES)
    assert found.data["schemes"] == ["hefei", "nation-2022"]
