"""The tables beside this file: a lawyer reads and extends them, this only asks each row."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from routing.deadlines import due
from routing.jurisdiction import Facts, route
from routing.lawbook import LawBook
from routing.rules import SHANGHAI
from routing.workdays import Calendar

HERE = Path(__file__).parent
LAW = LawBook.load()
CALENDAR = Calendar.load()


def rows(name: str) -> list[Any]:
    cases = tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))["case"]
    return [pytest.param(case["given"], case["then"], id=f"{i}-{case['because']}") for i, case in enumerate(cases, 1)]


@pytest.mark.parametrize(("given", "then"), rows("working_days"))
def test_a_period_ends_where_the_table_says(given: Mapping[str, Any], then: Any) -> None:
    """Civil Code Art. 201–203 over the State Council's calendar."""
    if "working_days" in given:
        assert CALENDAR.add_working_days(given["from"], given["working_days"]).due_on == then
    else:
        assert CALENDAR.add_calendar_days(given["from"], given["calendar_days"]).due_on == then


@pytest.mark.parametrize(("given", "then"), [*rows("deadlines"), *rows("deadlines_local")])
def test_a_clock_ends_where_the_table_says(given: Mapping[str, Any], then: Mapping[str, Any]) -> None:
    """Every kind of clock gives its day, its citation, and whether the text was seen."""
    found = due(
        given["kind"],
        given["from"],
        law=LAW,
        calendar=CALENDAR,
        place=given.get("place"),
        extended=given.get("extended", 0),
        at=datetime.combine(given["from"], given["at"], SHANGHAI) if "at" in given else None,
    )
    assert (found.due_on, found.verified) == (then["due"], then["verified"])
    assert (found.due_at.timetz() if found.due_at else None) == (
        then["at"].replace(tzinfo=SHANGHAI) if "at" in then else None
    )
    assert then["cites"] in found.citation
    assert found.steps[-1]


@pytest.mark.parametrize(("given", "then"), rows("jurisdiction"))
def test_a_matter_goes_where_the_table_says(given: Mapping[str, Any], then: Mapping[str, Any]) -> None:
    """DOMAIN §2.4, evaluated top-down, with reason and citation."""
    listed: Any = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    found = route(Facts(**listed), home="621000")
    assert (found.rule, found.authority.code) == (then["rule"], then["authority"])
    assert list(found.excluded) == then.get("excluded", [])
    assert [copy.code for copy in found.copies] == then.get("copies", [])
    assert list(found.also) == then.get("also", [])
    assert found.reasons
    assert found.citation
    assert "{" not in "".join(found.reasons)


def test_every_kind_of_clock_stands_in_the_table() -> None:
    """A kind without a row here would be a kind that nobody checked."""
    tested = {param.values[0]["kind"] for param in [*rows("deadlines"), *rows("deadlines_local")]}
    assert set(LAW.kinds) - tested == set()
    for kind in LAW.kinds:
        assert due(kind, __import__("datetime").date(2026, 11, 20), law=LAW, calendar=CALENDAR).prose


def test_every_rule_of_jurisdiction_stands_in_the_table() -> None:
    """A rule without a row here would be a rule that nobody checked."""
    from routing.accused import table

    then = [param.values[1] for param in rows("jurisdiction")]
    assert {one["rule"] for one in then} == {rule["id"] for rule in table()["rule"]}
    assert {name for one in then for name in one.get("also", ())} == {row["id"] for row in table()["also"]}
