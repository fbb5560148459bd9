"""No rule of DOMAIN.md is lost: each is in the law book, or left out with a reason, and as sure as its sources."""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from nlu import taxonomy
from routing import accused, lives
from routing.eligibility import rules as reward_rules
from routing.lawbook import LAW_FILES, LawBook
from routing.provisions import left_out, marks, provisions
from routing.rewards import RewardLaw
from routing.workdays import Calendar
from tests.law import domain

LAW = LawBook.load()
LATE = date(2026, 11, 20)
NAMED: Mapping[str, Mapping[str, list[str]]] = tomllib.loads(
    (Path(__file__).parent / "domain_rows.toml").read_text("utf-8")
)
SCHEMES = {one.key for one in RewardLaw.load().schemes}
UNSURE = frozenset({"M", "D"})


def _file(name: str) -> Mapping[str, Any]:
    return tomllib.loads(resources.files("routing").joinpath("law", name).read_text("utf-8"))


def _rows_of_values() -> Iterator[Mapping[str, Any]]:
    for name in LAW_FILES:
        yield from _file(name)["value"]


def _keys(row: domain.Row) -> list[str]:
    """Where a row of DOMAIN.md is found."""
    if row.section == "2.4":
        return [f"R{row.name}"]
    if row.section in NAMED:
        fits = [keys for name, keys in NAMED[row.section].items() if row.name.startswith(name)]
        if len(fits) == 1:
            return fits[0]
    if row.section == "8.1":
        return {"publish_penalty/other": ["publish_penalty", "publish_other"]}.get(row.name, [row.name])
    return [row.name]


def _known() -> set[str]:
    return set(LAW.values) | SCHEMES | set(provisions()) | set(left_out()) | set(taxonomy.load())


LAW_SECTIONS = (
    "1.1",
    "1.2",
    "2.1",
    "2.2",
    "2.3",
    "2.4",
    "3.1",
    "3.2",
    "3.3",
    "4",
    "4.1",
    "4.2",
    "5.1",
    "5.2",
    "8",
    "8.1",
)


@domain.needed
@pytest.mark.parametrize("section", LAW_SECTIONS)
def test_every_row_is_in_the_law_book_or_left_out_with_a_reason(section: str) -> None:
    """What nobody decided about would be a rule that the program breaks without knowing."""
    rows = domain.of(section)
    assert rows
    lost = {row.name: missing for row in rows if (missing := [key for key in _keys(row) if key not in _known()])}
    assert lost == {}


@domain.needed
def test_the_law_book_claims_no_rule_that_nobody_wrote_down() -> None:
    """Every provision, and everything left out, goes back to a row; nothing is both."""
    named = {key for row in domain.of(*LAW_SECTIONS) for key in _keys(row)}
    assert set(provisions()) | set(left_out()) <= named
    assert not set(provisions()) & set(left_out())


@domain.needed
def test_every_provision_is_as_sure_as_its_sources() -> None:
    """The marks of the row are the marks of the entry, one for one."""
    entries = {key: one.mark for key, one in provisions().items()}
    entries |= {key: out.mark for key, out in left_out().items()}
    entries |= {row["key"]: row["mark"] for row in _file("reward_schemes.toml")["scheme"]}
    differ = {
        key: (sorted(row.marks), entries[key])
        for row in domain.of(*LAW_SECTIONS)
        for key in _keys(row)
        if key in entries and marks(entries[key]) != row.marks and not _framed(row)
    }
    assert differ == {}


def _framed(row: domain.Row) -> bool:
    """The frames of penalty share the mark of the regulation, given once."""
    return row.section == "3.1"


def test_what_nobody_read_is_never_called_verified() -> None:
    """M and D are unverified everywhere, and a provision says which part of it is in doubt where the rest is not."""
    for one in provisions().values():
        seen = marks(one.mark)
        if one.verified:
            assert not seen & UNSURE, one.key
        else:
            assert one.doubt or seen <= UNSURE, one.key
    for row in _rows_of_values():
        assert row["verified"] is (row["mark"] not in UNSURE), row["key"]
    for rule in reward_rules():
        assert not (rule["verified"] and marks(rule["mark"]) & UNSURE), rule["id"]


def test_no_period_is_surer_than_the_provision_it_serves() -> None:
    """A value that was read (V, v, S) needs a provision, or a row of its own, that was read so."""
    letters: dict[str, set[str]] = {}
    for one in provisions().values():
        for kind, _, key in (kept.partition(" ") for kept in one.kept_by):
            if kind in {"clock", "value"}:
                letters.setdefault(key, set()).update(mark[0] for mark in marks(one.mark))
    for row in _rows_of_values():
        if row["key"] in letters and letters[row["key"]] and row["mark"] not in UNSURE and "place" not in row:
            assert row["mark"] in letters[row["key"]], row["key"]


@domain.needed
def test_every_period_of_the_table_has_its_length_and_its_unit() -> None:
    """§8.1, machine form: length, unit, extensions; [M] is unverified and nothing else is but our own defaults."""
    for row in domain.of("8.1"):
        _, _, length, unit, extend, *_ = row.cells
        keys = _keys(row)
        for key, number in zip(keys, length.split("/"), strict=True):
            found = LAW.value(key, LATE)
            assert (found.value, found.unit) == (
                int(number),
                domain.lengths(f"0 {unit}")[0][1] if unit != "cal" else "calendar_day",
            ), key
            if "M" in row.marks:
                assert not found.verified, key
        more = [int(number) for number in re.findall(r"\+≤?(\d+)", extend)]
        known = [LAW.value(f"{keys[0]}.extend{i}", LATE) for i in range(1, LAW.extensions(keys[0], LATE) + 1)]
        assert [value.value for value in known] == more, keys
        assert {value.unit for value in known} <= {LAW.value(keys[0], LATE).unit}


VECTOR = re.compile(r"(\d{4})-(\d\d-\d\d) \+(\d+)(wd|d) → (?:(\d{4})-)?(\d\d-\d\d)(?:, extended to (\d\d-\d\d))?")


@domain.needed
def test_every_vector_of_the_working_day_engine_holds_and_stands_in_the_lawyers_table() -> None:
    """§8: from a receipt so many days lead to that day, and a lawyer reads the same in working_days.toml."""
    calendar, found = Calendar.load(), 0
    table = tomllib.loads((Path(__file__).parent / "working_days.toml").read_text("utf-8"))["case"]
    for year, start, n, unit, _, end, extended in VECTOR.findall(domain.DOMAIN.read_text("utf-8")):
        since, until = date.fromisoformat(f"{year}-{start}"), date.fromisoformat(f"{year}-{extended or end}")
        count = calendar.add_working_days if unit == "wd" else calendar.add_calendar_days
        assert count(since, int(n)).due_on == until
        asked = {"from": since, "working_days" if unit == "wd" else "calendar_days": int(n)}
        assert any(case["given"] == asked and case["then"] == until for case in table), asked
        found += 1
    assert found == 10


@domain.needed
def test_every_period_of_the_table_has_a_row_that_a_lawyer_reads() -> None:
    """§8.1: each key stands in deadlines.toml."""
    tested = {
        case["given"]["kind"]
        for case in tomllib.loads((Path(__file__).parent / "deadlines.toml").read_text("utf-8"))["case"]
    }
    assert {key for row in domain.of("8.1") for key in _keys(row)} <= tested


@domain.needed
def test_every_limit_of_the_hotline_has_its_length_and_its_unit() -> None:
    """§5.2: what the table says in hours, days and working days is what the clocks count."""
    seen = 0
    for row in domain.of("5.2"):
        keys = [key for key in _keys(row) if key in LAW.values]
        told = domain.lengths(row.cells[1].replace("same day, else", ""))
        if keys and told:
            values = [LAW.value(key, LATE) for key in keys]
            assert [(value.value, value.unit) for value in values] == told, row.name
            seen += len(keys)
    assert seen >= 14


@domain.needed
def test_every_category_rests_on_the_articles_of_its_row() -> None:
    """§3.2: the articles of the regulation in the basis are those that the program shows."""
    categories = taxonomy.load()
    for row in domain.of("3.2"):
        if row.name in categories and re.match(r"\d\d\b", row.cells[2]):
            articles = set(re.findall(r"(?<!\d)\d\d(?!\d)", re.split(r"[;；:]", row.cells[2])[0]))
            assert articles <= set(re.findall(r"\d\d", categories[row.name].law)), row.name


@pytest.mark.parametrize("key", provisions())
def test_what_keeps_a_provision_is_there(key: str) -> None:
    """A clock, a route, a rule, a verb or a function that is renamed or removed would leave the law unkept."""
    one = provisions()[key]
    assert one.kept_by
    assert one.says
    assert one.citation
    for kept in one.kept_by:
        assert _exists(kept), f"{key}: {kept}"


def _exists(kept: str) -> bool:
    kind, _, name = kept.partition(" ")
    known: Mapping[str, Any] = {
        "clock": set(LAW.kinds) & set(LAW.values),
        "value": LAW.values,
        "route": {rule["id"] for rule in accused.table()["rule"]},
        "reward": {rule["id"] for rule in reward_rules()},
        "scheme": SCHEMES,
        "verb": {verb for life in lives.names() for verb in lives.life(life).moves},
        "code": taxonomy.load(),
        "year": {str(year) for year in Calendar.load().papers},
    }
    if kind in known:
        return name in known[kind]
    module, _, thing = kept.partition(":")
    return hasattr(importlib.import_module(module), thing)


def test_everything_left_out_says_why() -> None:
    """A reason is a sentence, and the rule itself is told, so that a lawyer can disagree."""
    for one in left_out().values():
        assert one.reason.endswith("。"), one.key
        assert one.says.endswith("。"), one.key
        assert one.citation, one.key
