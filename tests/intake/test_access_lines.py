"""No table, column or field without a line: whoever adds one has to say who may read it, or why nobody does."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from intake import access
from intake.db import Base
from tests.canaries import WORDS

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LINES = tomllib.loads((HERE / "access_lines.toml").read_text("utf-8"))
WALKED = tomllib.loads((HERE / "access_fields.toml").read_text("utf-8"))
FIELDS = [f"{kind}.{field}" for kind in access.OBJECTS for field in access.table()[kind]]


def test_every_table_has_a_line_and_no_line_is_of_a_table_that_went() -> None:
    """A table is governed by an object of access.toml, or it is said why nobody reads it."""
    assert set(LINES) == set(Base.metadata.tables)
    for name, line in LINES.items():
        assert ("governed" in line) != ("unread" in line), name
        assert line.get("governed", access.OBJECTS[0]) in access.OBJECTS, name
        assert line.get("unread", "x"), name


@pytest.mark.parametrize("name", sorted(Base.metadata.tables))
def test_every_column_was_thought_of(name: str) -> None:
    """A new column fails here until it is written down; by then it was decided which field it is."""
    assert set(LINES.get(name, {}).get("columns", ())) == set(Base.metadata.tables[name].columns.keys())


def test_every_field_of_the_table_is_walked_by_a_word_or_by_a_test_that_is_named() -> None:
    """The generated walk (test_access_table.py) finds words; what has none is walked elsewhere, or the line fails."""
    named = [field for fields in WALKED.values() for field in fields]
    assert len(named) == len(set(named))
    assert set(FIELDS) - set(WORDS) == set(named)
    assert set(WORDS) <= set(FIELDS)


@pytest.mark.parametrize("path", WALKED)
def test_a_named_test_is_there_and_speaks_of_what_it_walks(path: str) -> None:
    """Not a file that went, nor one of something else."""
    content = (ROOT / path).read_text("utf-8").lower()
    for field in WALKED[path]:
        assert any(word in content for word in field.split(".")), field


@pytest.mark.parametrize("kind", ["crime", "handover", "paper", "ticket", "held"])
@pytest.mark.parametrize("role", ["custodian", "supervisor", "federation", "administrator"])
def test_who_does_not_handle_cases_reads_nothing_of_how_they_are_handled(role: str, kind: str) -> None:
    """Transfers for crime, between authorities, papers, hotline tickets, texts that wait: under no condition at all."""
    assert [field for field in access.table()[kind] if access.ever(role, kind, field)] == []


@pytest.mark.parametrize("kind", ["crime", "handover", "ticket", "held"])
def test_a_teller_reads_nothing_of_it_either(kind: str) -> None:
    """With a query code he learns what happened to his own report, not how the offices deal with one another."""
    assert [field for field in access.table()[kind] if access.ever("reporter", kind, field)] == []
