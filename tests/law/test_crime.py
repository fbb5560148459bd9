"""Hints and transfers of suspected crimes as a table that a lawyer reads and extends (crime.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from intake import crime as rows
from nlu import taxonomy
from routing.crime import acts, hint, papers
from routing.errors import NotNow, WrongRole
from routing.lawbook import LawBook
from routing.lives import life

TABLE = tomllib.loads((Path(__file__).parent / "crime.toml").read_text(encoding="utf-8"))
LAW = LawBook.load()
LIFE = life("crime")


def cases(kind: str) -> list[Any]:
    found = enumerate(TABLE[kind], 1)
    return [pytest.param(case["given"], case["then"], id=f"{i}-{case['because']}") for i, case in found]


@pytest.mark.parametrize(("given", "then"), cases("hint"))
def test_a_hint_is_given_where_the_table_says(given: Mapping[str, Any], then: Mapping[str, Any]) -> None:
    """CR-08 to CR-10: the sum, the acts, and where they are written; silent in every other case."""
    sums = {kind: [Decimal(one) for one in given.get(kind, ())] for kind in ("told", "found")}
    found = hint(given["codes"], **sums, law=LAW, on=given["on"], place=given.get("place", "621021"))
    if not then:
        assert found is None
        return
    assert found is not None
    assert (found.grade, found.threshold, found.found) == (then["grade"], then["threshold"], then["found"])
    assert [act.id for act in found.acts] == then.get("acts", [act.id for act in found.acts])
    assert "第二百六十六条" in found.citation
    assert all("法发〔2024〕6号" in act.citation for act in found.acts)


def test_a_province_sets_its_own_sum(tmp_path: Path) -> None:
    """The range is the nation's, the figure the province's: from its day on, in its counties only."""
    (tmp_path / "own.toml").write_text(
        '[[value]]\nkey = "fraud_threshold"\nplace = "620000"\nfrom = 2026-07-01\nvalue = 5000\nunit = "yuan"\n'
        'paper = "甘肃省规定"\nverified = true\n',
        encoding="utf-8",
    )
    law = LawBook.load(tmp_path)

    def at(yuan: int, on: date, place: str) -> bool:
        return hint(["F16"], told=[Decimal(yuan)], found=[], law=law, on=on, place=place) is not None

    assert not at(4000, date(2026, 7, 1), "621021")
    assert at(5000, date(2026, 7, 1), "621021")
    assert at(4000, date(2026, 6, 30), "621021")
    assert at(4000, date(2026, 7, 1), "320100")


@pytest.mark.parametrize(("given", "then"), cases("move"))
def test_a_transfer_moves_as_the_table_says(given: Mapping[str, Any], then: Mapping[str, Any]) -> None:
    """Who may do what from where, where it leads, and which clock then runs."""
    if not then:
        with pytest.raises((NotNow, WrongRole)):
            LIFE.check(given["act"], given["state"], given["by"])
        return
    move = LIFE.check(given["act"], given["state"], given["by"])
    assert move.target == then["state"]
    for side in ("citizen", "enterprise"):
        assert list(move.clocks(side, named=False)) == then["starts"]


def test_every_state_that_waits_has_a_clock_whichever_way_it_was_reached() -> None:
    """Walked through the table alone: no path of acts leaves a transfer without a period, but where nobody is waited for."""
    idle = {*LIFE.table["case"]["unhurried"], *LIFE.table["case"]["ended"]}
    seen, ahead = set(), [("none", frozenset[str]())]
    while ahead:
        state, runs = ahead.pop()
        for move in (one for one in LIFE.moves.values() if state in one.source):
            after = (str(move.target), (runs - set(move.stops)) | set(move.clocks("citizen", named=False)))
            assert bool(after[1]) == (after[0] not in idle), (state, move.verb)
            if after not in seen:
                seen.add(after)
                ahead.append(after)
    assert {state for state, _ in seen} == set(LIFE.table["states"]) - {"none"}


def test_table_and_ledger_speak_of_the_same_periods() -> None:
    """What the ledger hides from those who look on is what the table starts."""
    started = {kind for move in LIFE.moves.values() for kind in move.clocks("citizen", named=False)}
    assert started == rows.CLOCKS == set(LIFE.table["case"]["outlives"])


def test_the_data_names_what_there_is() -> None:
    """Every category exists, none stands under two acts; the set of Art. 6 has its five parts."""
    codes = [code for act in acts() for code in act.codes]
    assert set(codes) <= set(taxonomy.load())
    assert len(codes) == len(set(codes))
    assert [paper["key"] for paper in papers()] == ["letter", "report", "goods", "appraisal", "other"]
