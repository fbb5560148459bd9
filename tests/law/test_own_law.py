"""A bureau's own law files: what is wrong with one is said, does not act, and takes nothing else with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from routing.errors import RateUnknown, SchemeFaulty
from routing.lawcheck import check
from routing.rewards import Matter, amount
from routing.rules import Rules
from tests.law.test_calendar_layers import YEAR

DAY = date(2026, 11, 20)
GOOD = (
    '[[value]]\nkey = "hotline_reply"\nfrom = 2026-01-01\nvalue = 10\nunit = "working_day"\n'
    'paper = "本局规定"\nverified = true\n'
)
VALUE: Mapping[str, str] = {
    "key": '"clue_verify"',
    "from": "2026-01-01",
    "value": "10",
    "unit": '"working_day"',
    "paper": '"本局规定"',
    "verified": "true",
}
SCHEME: Mapping[str, str] = {
    "key": '"own"',
    "from": "2026-01-01",
    "place": '"621021"',
    "name": '"本局办法"',
    "paper": '"本局文件"',
    "verified": "true",
    "rate": "[{ percent = 2 }]",
}


def _rules(folder: Path, **files: str) -> Rules:
    (folder / "law").mkdir()
    for name, text in files.items():
        (folder / "law" / f"{name}.toml").write_text(text, encoding="utf-8")
    return Rules.load(folder)


def _row(table: str, row: Mapping[str, str], **changed: str) -> str:
    """A row as TOML; `changed` replaces or adds a field, an empty one takes it out."""
    fields = {**row, **changed}
    return f"[[{table}]]\n" + "".join(f"{name} = {value}\n" for name, value in fields.items() if value)


WRONG_VALUES = {
    "a period longer than the statute": ({"value": "20"}, "not_shorter", "15个工作日"),
    "a hearing period shorter than the statute": (
        {"key": '"hearing_request"', "value": "3"},
        "not_longer",
        "只可以比国家规定更长",
    ),
    "another unit than the statute": ({"unit": '"calendar_day"'}, "other_unit", "单位"),
    "a unit that nobody can count": ({"unit": '"moon"'}, "no_period", "moon"),
    "no days at all": ({"value": "0"}, "no_period", "0"),
    "a number that is none": ({"value": '"ten"'}, "no_field", "value"),
    "a misspelt key": ({"key": '"clue_verfy"'}, "unknown_key", "clue_verify"),
    "an extension of nothing": ({"key": '"nobody.extend1"'}, "extends_nothing", "不存在"),
    "an extension that the law does not give": ({"key": '"clue_verify.extend2"'}, "not_given", "国家规定"),
    "a day before the law": ({"from": "2020-01-01"}, "not_given", "2020-01-01"),
    "no source": ({"paper": '" "'}, "no_citation", "依据"),
    "no day": ({"from": ""}, "no_field", "from"),
    "a field that nobody knows": ({"form": "2026-01-01"}, "unknown_field", "form"),
    "a place that is nowhere": ({"place": '"999999"'}, "no_place", "999999"),
    "a province's sum beyond the nation's range": (
        {"key": '"fraud_threshold"', "place": '"620000"', "value": "20000", "unit": '"yuan"'},
        "out_of_range",
        "3000元至10000元",
    ),
    "a period in yuan": ({"key": '"hotline_hard"', "unit": '"yuan"'}, "no_period", "yuan"),
    "whether it was verified in words": ({"verified": '"yes"'}, "no_field", "verified"),
}


@pytest.mark.parametrize("what", WRONG_VALUES)
def test_a_wrong_value_is_named_and_the_statute_holds(what: str, tmp_path: Path) -> None:
    """The sentence says what is wrong; the value does not act; the other row of the same file does."""
    changed, kind, word = WRONG_VALUES[what]
    rules = _rules(tmp_path, own=_row("value", VALUE, **changed) + GOOD)
    assert [one.kind for one in rules.faults] == [kind]
    assert word in rules.faults[0].sentence
    assert kind in {one.kind for one in check(rules.law, rules.rewards, rules.calendar) if one.grave}
    assert rules.law.value("clue_verify", DAY).value == 15
    assert rules.law.value("hearing_request", DAY).value == 5
    assert rules.law.value("hotline_reply", DAY).value == 10


def test_a_stricter_value_holds_and_says_from_which_layer(tmp_path: Path) -> None:
    """Ten days instead of fifteen, in one city of the bureau, and nowhere else."""
    rules = _rules(tmp_path, own=_row("value", VALUE, place='"621000"'))
    assert rules.faults == ()
    near = rules.law.value("clue_verify", DAY, "621021")
    assert (near.value, near.own, near.layer) == (10, True, "621000")
    assert rules.law.value("clue_verify", DAY, "620102").value == 15
    assert rules.due("clue_verify", date(2026, 11, 2), place="621021").layer == "621000"


def test_two_values_of_one_day_contradict_each_other_and_neither_holds(tmp_path: Path) -> None:
    """Nobody could tell which of them was meant."""
    rules = _rules(tmp_path, one=_row("value", VALUE), other=_row("value", VALUE, value="8"))
    assert [one.kind for one in rules.faults] == ["overlap"]
    assert rules.law.value("clue_verify", DAY).value == 15


@pytest.mark.parametrize(("text", "kind"), [("no toml at all =", "unreadable"), ("[[values]]\n", "no_table")])
def test_a_file_that_says_nothing_is_told_and_the_others_hold(text: str, kind: str, tmp_path: Path) -> None:
    """One broken file does not silence its neighbour."""
    rules = _rules(tmp_path, broken=text, good=GOOD)
    assert kind in {one.kind for one in rules.faults}
    assert "broken.toml" in rules.faults[0].sentence
    assert rules.law.value("hotline_reply", DAY).value == 10


WRONG_SCHEMES = {
    "brackets that end": ({"rate": "[{ up_to = 5, percent = 3 }]"}, "brackets"),
    "a rate above the whole": ({"rate": "[{ percent = 300 }]"}, "no_field"),
    "a rate in words": ({"rate": '[{ percent = "two" }]'}, "no_field"),
    "a misspelt field of a rate": ({"rate": "[{ percent = 2, upto = 5 }]"}, "unknown_field"),
    "an end before its beginning": ({"until": "2020-01-01"}, "ends_before"),
    "a key that is taken": ({"key": '"hefei"'}, "twice"),
    "a cap below the floor": ({"floor": "500", "cap": "100"}, "cap_below"),
    "a way to count that nobody knows": ({"how": '"halves"'}, "no_field"),
    "no source": ({"paper": '""'}, "no_citation"),
    "a reporter that nobody knows": ({"reporters": '["cat"]'}, "no_field"),
    "an uplift for nobody": ({"uplift": '[{ who = "cat", how = "share", value = 2 }]'}, "no_field"),
}


@pytest.mark.parametrize("what", WRONG_SCHEMES)
def test_under_a_wrong_scheme_no_sum_is_worked_out(what: str, tmp_path: Path) -> None:
    """Another scheme would give another sum: the sentence is said instead, and only where the scheme was to hold."""
    changed, kind = WRONG_SCHEMES[what]
    rules = _rules(tmp_path, own=_row("scheme", SCHEME, **changed))
    assert kind in {one.kind for one in rules.faults}
    with pytest.raises(SchemeFaulty) as told:
        amount(Matter(Decimal(100_000)), rules.rewards.at("621021", DAY))
    assert rules.faults[0].sentence in told.value.sentence
    assert amount(Matter(Decimal(100_000), accused="unit"), rules.rewards.at("340102", DAY)).yuan == 2000


def test_a_good_scheme_of_the_bureau_counts(tmp_path: Path) -> None:
    """Without a fault it is the nearest, and the national floor and cap still hold."""
    rules = _rules(tmp_path, own=_row("scheme", SCHEME))
    assert rules.faults == ()
    assert amount(Matter(Decimal(100_000)), rules.rewards.at("621021", DAY)).yuan == 2000
    assert amount(Matter(Decimal(50_000_000)), rules.rewards.at("621021", DAY)).yuan == 200_000
    with pytest.raises(RateUnknown):
        amount(Matter(Decimal(100_000)), rules.rewards.at("621022", DAY))


@pytest.mark.parametrize(
    ("name", "old", "new", "word"),
    [
        ("2027.toml", "last = 2027-02-11", "last = 2027-02-04", "春节"),
        ("2028.toml", "", "", "2027.toml"),
        ("2027.toml", "[[off]]", "[off", "日历"),
    ],
)
def test_a_wrong_year_is_set_aside_and_dates_stay_provisional(
    name: str, old: str, new: str, word: str, tmp_path: Path
) -> None:
    """A bad calendar in the data folder stops no service: its year is reckoned provisionally, as before."""
    folder = tmp_path / "law" / "calendar"
    folder.mkdir(parents=True)
    (folder / name).write_text(YEAR.replace(old, new, 1) if old else YEAR, encoding="utf-8")
    rules = Rules.load(tmp_path)
    assert [one.kind for one in rules.faults] == ["bad_year"]
    assert word in rules.faults[0].sentence
    assert rules.due("clue_verify", date(2026, 12, 25)).provisional
