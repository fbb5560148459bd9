"""The law book: dated, layered, silent where there is no law."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from routing.deadlines import due, explain
from routing.errors import LawSilent, NothingToExtend
from routing.lawbook import NATION, LawBook
from routing.lawcheck import check
from routing.rewards import RewardLaw
from routing.workdays import Calendar

LAW = LawBook.load()


def test_every_value_is_cited_and_unverified_only_where_no_text_was_seen() -> None:
    """Each value names its paper; memory and own defaults are marked as unverified."""
    for values in LAW.values.values():
        for value in values:
            assert value.citation
            assert value.unit in {"working_day", "calendar_day", "hour", "month", "yuan"}
            assert value.verified or "默认" in value.citation or "22号" in value.citation or "118号" in value.citation


def test_before_the_law_there_is_silence() -> None:
    """The real-name period exists since 2022-03-01: asked for the day before, the book says that it has nothing."""
    assert LAW.value("tell_real_name", date(2022, 3, 1)).value == 5
    with pytest.raises(LawSilent, match="没有"):
        LAW.value("tell_real_name", date(2022, 2, 28))
    with pytest.raises(LawSilent):
        LAW.value("no_such_period", date(2026, 1, 1))


def test_the_nearest_layer_speaks_and_says_so() -> None:
    """庆阳's rule holds in its counties, from its day on; elsewhere the national default."""
    assert LAW.value("inspect_result_notice", date(2026, 1, 1), "621021").layer == "621000"
    assert LAW.value("inspect_result_notice", date(2025, 6, 25), "621021").layer == NATION
    assert LAW.value("inspect_result_notice", date(2026, 1, 1), "620102").layer == NATION


def test_a_bureau_sets_its_own_value_and_old_cases_keep_the_old(tmp_path: Path) -> None:
    """A value of the data folder wins from its day on and changes nothing before it."""
    (tmp_path / "own.toml").write_text(
        '[[value]]\nkey = "complaint_accept"\nfrom = 2026-07-01\nvalue = 3\nunit = "working_day"\n'
        'paper = "本局规定"\nverified = true\n',
        encoding="utf-8",
    )
    law = LawBook.load(tmp_path)
    assert law.value("complaint_accept", date(2026, 6, 30)).value == 5
    changed = law.value("complaint_accept", date(2026, 7, 1), "621021")
    assert (changed.value, changed.own) == (3, True)


def test_no_clock_is_extended_more_often_than_the_law_allows() -> None:
    """Verification is extended once, a decision on the penalty twice, notice to a real-name teller never."""
    day, calendar = date(2026, 9, 18), Calendar.load()
    assert [LAW.extensions(kind, day) for kind in ("clue_verify", "case_decide", "tell_real_name")] == [1, 2, 0]
    with pytest.raises(NothingToExtend):
        due("clue_verify", day, law=LAW, calendar=calendar, extended=2)


def test_a_derivation_tells_start_count_skips_paper_and_law() -> None:
    """Whoever reads it can recount the days by hand."""
    text = explain("clue_verify", date(2026, 9, 18))
    for part in (
        "9月18日",
        "不计入",
        "9月20日",
        "15个工作日",
        "令第4号",
        "中秋节",
        "国庆节",
        "调休",
        "10月15日",
        "〔2025〕7号",
    ):
        assert part in text
    assert "尚未公布2027年" in explain("clue_verify", date(2026, 12, 18))
    assert "尚未核对" in explain("reward_decide", date(2026, 9, 18))
    assert "如按工作日计算" in explain("police_answer_watch", date(2026, 9, 30))


def test_the_packaged_law_has_no_grave_fault_and_lists_what_nobody_verified() -> None:
    """`jianting law check` passes on what we ship, and hides none of its doubts."""
    found = check(LAW, RewardLaw.load(), Calendar.load())
    assert [one.sentence for one in found if one.grave] == []
    unverified = {one.key for one in found if one.kind == "unverified"}
    doubtful = {key for key, values in LAW.values.items() if not all(value.verified for value in values)}
    assert doubtful <= unverified


def _without(key: str, **changed: object) -> LawBook:
    """The law book with every value of a key changed."""
    values = tuple(replace(value, **changed) for value in LAW.values[key])  # type: ignore[arg-type]
    return replace(LAW, values={**LAW.values, key: values})


TORN = {
    "overlap": replace(LAW, values={**LAW.values, "serve": LAW.values["serve"] * 2}),
    "no_citation": _without("serve", citation=" "),
    "no_period": _without("serve", value=0),
    "no_nation": _without("serve", layer="621000"),
    "no_turn": replace(LAW, values={key: v for key, v in LAW.values.items() if key != "case_decide.extend1"}),
    "units_differ": _without("seal.extend1", unit="working_day"),
    "no_value": replace(LAW, values={key: v for key, v in LAW.values.items() if key != "serve"}),
    "no_kind": replace(LAW, kinds={key: kind for key, kind in LAW.kinds.items() if key != "serve"}),
    "extends_nothing": replace(LAW, values={key: v for key, v in LAW.values.items() if key != "seal"}),
}


@pytest.mark.parametrize("kind", TORN)
def test_each_fault_of_the_law_book_itself_is_found(kind: str) -> None:
    """A hole, an overlap, a missing source in what we ship: the check would end with exit code 1."""
    found = check(TORN[kind], RewardLaw.load(), Calendar.load())
    assert kind in {one.kind for one in found if one.grave}


def test_a_year_missing_between_two_known_ones_is_found() -> None:
    """Every period across it would be provisional for ever."""
    calendar = Calendar.load()
    torn = replace(calendar, papers={year: papers for year, papers in calendar.papers.items() if year != 2015})
    found = [one for one in check(LAW, RewardLaw.load(), torn) if one.grave]
    assert [(one.kind, one.key) for one in found] == [("year_missing", "2015")]


def test_a_gap_between_two_schemes_of_one_region_is_told() -> None:
    """After the old paper and before the new one only the nation's speaks; it is told, and no sum is wrong."""
    rewards = RewardLaw.load()
    old = replace(rewards.named("hunan-2022"), until=date(2024, 6, 30))
    torn = replace(rewards, schemes=tuple(old if one.key == old.key else one for one in rewards.schemes))
    assert ("hole", "hunan-2025") in {(one.kind, one.key) for one in check(LAW, torn, Calendar.load())}


BROKEN = {
    "overlap": '[[value]]\nkey = "clue_verify"\nfrom = 2027-01-01\nvalue = 9\nunit = "working_day"\npaper = "甲"\n'
    'verified = true\n[[value]]\nkey = "clue_verify"\nfrom = 2027-01-01\nvalue = 8\nunit = "working_day"\npaper = "乙"\n'
    "verified = true\n",
    "no_citation": '[[value]]\nkey = "clue_verify"\nfrom = 2027-01-01\nvalue = 9\nunit = "hour"\npaper = " "\n'
    "verified = true\n",
    "no_period": '[[value]]\nkey = "clue_verify"\nfrom = 2027-01-01\nvalue = 0\nunit = "moon"\npaper = "甲"\n'
    "verified = true\n",
    "unknown_key": '[[value]]\nkey = "unheard_of"\nfrom = 2027-01-01\nvalue = 9\nunit = "hour"\npaper = "甲"\n'
    "verified = true\n",
    "extends_nothing": '[[value]]\nkey = "nobody.extend1"\nfrom = 2027-01-01\nvalue = 9\nunit = "hour"\npaper = "甲"\n'
    "verified = true\n",
    "brackets": '[[scheme]]\nkey = "own"\nplace = "621021"\nfrom = 2027-01-01\nname = "甲"\npaper = "甲"\n'
    "verified = true\nrate = [{ up_to = 5, percent = 3 }]\n",
    "ends_before": '[[scheme]]\nkey = "own"\nplace = "621021"\nfrom = 2027-01-01\nuntil = 2026-01-01\nname = "甲"\n'
    'paper = "甲"\nverified = true\n',
    "twice": '[[scheme]]\nkey = "hefei"\nplace = "621021"\nfrom = 2027-01-01\nname = "甲"\npaper = "甲"\n'
    "verified = true\n",
}


@pytest.mark.parametrize("kind", BROKEN)
def test_each_fault_in_a_bureaus_own_law_is_found(kind: str, tmp_path: Path) -> None:
    """Holes, overlaps, missing citations: each has its sentence, and is grave."""
    (tmp_path / "own.toml").write_text(BROKEN[kind], encoding="utf-8")
    found = check(LawBook.load(tmp_path), RewardLaw.load(tmp_path), Calendar.load())
    assert kind in {one.kind for one in found if one.grave}
    assert all(one.sentence for one in found)
