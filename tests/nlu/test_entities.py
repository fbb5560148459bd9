"""What the ear hears in a sentence, kind by kind; the sentences stand in tests/nlu/entities as readable tables."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from nlu.entities import find
from nlu.meaning import Entity
from nlu.text import redact

TABLES = Path(__file__).parent / "entities"
NOW = datetime(2026, 11, 20, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


def rows(table: str) -> list[Any]:
    table_rows = yaml.safe_load((TABLES / f"{table}.yaml").read_text("utf-8"))
    return [pytest.param(row, id=f"{row['text']} {row.get('kind', '')}".strip()) for row in table_rows]


def heard(text: str, kind: str) -> list[Entity]:
    return [entity for entity in find(text, now=NOW) if entity.kind == kind]


@pytest.mark.parametrize("row", rows("place"))
def test_a_place_becomes_the_division_code_of_today(row: dict[str, Any]) -> None:
    """Old names, short names and chains lead to today's code; an open one stays open with its candidates."""
    found = heard(row["text"], "place")
    assert [entity.value["code"] for entity in found] == row["codes"]
    if "names" in row:
        assert [entity.value["name"] for entity in found] == row["names"]
    assert all(entity.value["candidates"] for entity in found)


@pytest.mark.parametrize("row", rows("time"))
def test_a_time_becomes_a_range_of_days_seen_from_now(row: dict[str, Any]) -> None:
    """A date without a year is the latest past one; what still goes on ends today."""
    found = heard(row["text"], "time")
    if row["time"] is None:
        assert found == []
        return
    value = found[0].value
    assert f"{value['from']}..{value['to']}{'+' if value['ongoing'] else ''}" == row["time"]


@pytest.mark.parametrize("row", rows("money"))
def test_a_sum_in_any_writing_becomes_yuan(row: dict[str, Any]) -> None:
    """Several sums are several entities; doubt is kept as a flag beside the lower bound."""
    found = heard(row["text"], "money")
    assert [f"{'~' if one.value['approximate'] else ''}{one.value['yuan']}" for one in found] == row["yuan"]


@pytest.mark.parametrize("row", rows("money_roles"))
def test_a_sum_says_what_it_is_where_the_words_beside_it_do(row: dict[str, Any]) -> None:
    """Only what was claimed from the fund is a report's sum; a price, a fine, one's own money are something else."""
    assert [one.value.get("role") for one in heard(row["text"], "money")] == row["roles"]


@pytest.mark.parametrize("row", rows("institution"))
def test_an_institution_is_its_name_without_the_words_around_it(row: dict[str, Any]) -> None:
    """Neither the place before the name nor a verb is swallowed, and a kind without a name is none."""
    assert [entity.text for entity in heard(row["text"], "institution")] == row["names"]


def test_a_name_that_was_guessed_says_so() -> None:
    """What only looks like a name is marked, so that the dialogue can ask; a told one is not."""
    guessed = [one.value.get("sure", True) for one in heard("西峰区康瑞林，还有仁济堂", "institution")]
    told = [one.value.get("sure", True) for one in heard("医院叫康瑞，西峰区仁济医院", "institution")]
    assert (guessed, told) == ([False, False], [True, True])


@pytest.mark.parametrize("row", rows("counts"))
def test_heads_officers_and_visits_are_told_apart(row: dict[str, Any]) -> None:
    """Who came to inspect is an officer, everybody else people; times count only where somebody came."""
    assert [entity.value["count"] for entity in heard(row["text"], row["kind"])] == row["counts"]


@pytest.mark.parametrize("row", rows("papers"))
def test_a_paper_was_shown_or_was_not(row: dict[str, Any]) -> None:
    """Certificate, notice and record, each judged in its clause."""
    found = heard(row["text"], "paper")
    assert [f"{one.value['which']}:{one.value['shown']}" for one in found] == row["papers"]


@pytest.mark.parametrize("row", rows("organs_roles"))
def test_offices_and_roles_are_heard(row: dict[str, Any]) -> None:
    """The office in the words of the text; the role the teller claims."""
    key = {"organ": "name", "role": "role"}[row["kind"]]
    assert [entity.value[key] for entity in heard(row["text"], row["kind"])] == row["heard"]


@pytest.mark.parametrize("row", rows("personal"))
def test_personal_data_is_masked(row: dict[str, Any]) -> None:
    """Numbers are believed by their check digits; what fails the check is not touched."""
    assert redact(row["text"], find(row["text"], now=NOW)) == row["redacted"]


@pytest.mark.parametrize("row", rows("answers"))
def test_a_bare_answer_is_read_as_what_was_asked(row: dict[str, Any]) -> None:
    """The question lends its kind to a number, a name, a yes or no; not knowing is no answer."""
    found = [e for e in find(row["text"], now=NOW, home="620100", asked=row["asked"]) if e.kind == row["kind"]]
    wanted = {key: value for key, value in row.items() if key not in ("text", "asked", "kind")}
    if not wanted:
        assert found == []
        return
    assert {key: found[0].value[key] for key in wanted} == wanted


def test_the_home_region_settles_a_name_of_many_places() -> None:
    """城关区 in a channel of Lanzhou is Lanzhou's, in one of Lhasa Lhasa's."""
    for home, code in (("620100", "620102"), ("540000", "540102")):
        (place,) = [e for e in find("城关区的药店", now=NOW, home=home) if e.kind == "place"]
        assert place.value["code"] == code


def test_the_text_outweighs_the_home_region() -> None:
    """甘肃城关 is Lanzhou's also in a channel of Lhasa."""
    (place,) = [e for e in find("甘肃城关", now=NOW, home="540100") if e.kind == "place"]
    assert place.value["code"] == "620102"


def test_spans_point_into_the_text_as_it_was_typed() -> None:
    """Zero-width characters and traditional writing shift nothing."""
    text = "我\u200b在庆\u200b城縣住院，花了三\u200b万五"
    places = [(e.text, e.value["code"]) for e in find(text, now=NOW) if e.kind == "place"]
    sums = [(e.text, e.value["yuan"]) for e in find(text, now=NOW) if e.kind == "money"]
    assert places == [("庆\u200b城縣", "621021")]
    assert sums == [("三\u200b万五", 35000)]
