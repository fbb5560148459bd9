"""Whoever can write the database but has no key is found: each changed value, deletion, insertion and exchange."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from bot.settings import Settings
from intake import heads
from intake.chain import SOURCES, line
from intake.db import Base
from intake.witness import CHANGEABLE, Witness, canonical, sm3
from tests.bot.proof.conftest import Lived, Tampered

COVERED = [*SOURCES, "evidence", "remark", "link", "head"]
ENDS = ("ASC", "DESC")


def columns() -> Iterator[tuple[str, str]]:
    """Every column of every covered table, without those that may change and the numbers that the links bind."""
    for name in COVERED:
        for column in Base.metadata.tables[name].columns:
            if column.name not in CHANGEABLE.get(name, ()):
                yield name, column.name


def other(value: Any) -> list[Any]:
    """The value with single bits or signs changed; each is what the column could hold."""
    if value is None:
        return ["2026-01-01", 7]
    if isinstance(value, bytes):
        flipped = [
            bytes([*value[:at], value[at] ^ 1, *value[at + 1 :]]) for at in (0, len(value) // 2, -1 % len(value))
        ]
        return [*flipped, value[:-1], b""]
    if isinstance(value, int):
        return [value ^ 1, value ^ 64, value + 100_000]
    if isinstance(value, float):
        return [value + 0.01]
    return [*_texts(value), None]


def _texts(value: str) -> list[str]:
    """Texts, moments and JSON: one sign changed where it still can be read."""
    if value[:1] in "[{":
        held = json.loads(value)
        return [json.dumps(held | {"x": 1} if isinstance(held, dict) else [*held, "F01"])]
    if len(value) > 18 and value[4] == "-" and value[10] == " ":
        return [f"{value[:18]}{(int(value[18]) + 1) % 10}{value[19:]}", value[:20] + "000001"]
    if len(value) == 10 and value[4] == "-":
        return [value[:9] + str((int(value[9]) + 1) % 10)]
    return [chr(ord(value[0]) ^ 1) + value[1:], value + " ", value[:-1]] if value else ["x"]


def key_of(table: str) -> str:
    """The table's own number."""
    return next(iter(Base.metadata.tables[table].primary_key)).name


def test_what_nobody_touched_verifies(tampered: Tampered) -> None:
    """No finding, no remark, every report counted."""
    verdict = tampered.verdict()
    assert verdict.findings == []
    assert (verdict.reports, verdict.remarks) == (5, [])
    assert verdict.links > 30
    assert verdict.heads == len(tampered.kept) == 3


@pytest.mark.parametrize(("table", "column"), [*columns()])
def test_every_changed_value_is_found(lived: Lived, tampered: Tampered, table: str, column: str) -> None:
    """In the first row and in the last; the finding names the table, or the place in the chain."""
    for end in ENDS:
        pick = f'SELECT "{key_of(table)}", "{column}" FROM "{table}" ORDER BY 1 {end}, 2 {end} LIMIT 1'
        with tampered.raw() as raw:
            row, value = raw.execute(pick).fetchone()
        for changed in other(value):
            try:
                with tampered.raw() as raw:
                    raw.execute(f'UPDATE "{table}" SET "{column}" = ? WHERE "{key_of(table)}" = ?', (changed, row))
            except sqlite3.IntegrityError:
                continue  # the database itself refuses it
            if column == "digest" and changed is None:
                tampered.undo(lived)
                continue  # an emptied digest changes nothing: the link holds it, and the row is compared with that
            verdict = tampered.verdict()
            assert not verdict.sound, f"{table}.{column}: {value!r} became {changed!r}"
            named = (
                {finding.where.get("table") for finding in verdict.findings}
                | {"link" for finding in verdict.findings if "position" in finding.where}
                | {"head" for finding in verdict.findings if "number" in finding.where}
            )
            assert table in named or "event" in named, verdict.findings
            tampered.undo(lived)


@pytest.mark.parametrize("table", COVERED)
@pytest.mark.parametrize("end", ENDS)
def test_every_deletion_is_found(tampered: Tampered, table: str, end: str) -> None:
    """The first row and the last: what was cut off at the end is found by the heads outside the database."""
    key = key_of(table)
    with tampered.raw() as raw:
        raw.execute(f'DELETE FROM "{table}" WHERE "{key}" = (SELECT "{key}" FROM "{table}" ORDER BY 1 {end} LIMIT 1)')
    assert not tampered.verdict().sound


@pytest.mark.parametrize("table", COVERED)
def test_every_insertion_is_found(tampered: Tampered, table: str) -> None:
    """A copy of a true row, digest and all, under another number."""
    key = key_of(table)
    with tampered.raw() as raw:
        raw.row_factory = sqlite3.Row
        row = dict(raw.execute(f'SELECT * FROM "{table}" ORDER BY 1 DESC LIMIT 1').fetchone())
        row[key] = "f" * 64 if isinstance(row[key], str) else row[key] + 1
        row |= {name: f"{row[name]}x" for name in ("query_hash",) if name in row}
        row |= {"number": "621021-2026-999999-9"} if table == "report" else {}
        row |= {"row_id": 999} if table == "link" else {}
        names = ", ".join(f'"{name}"' for name in row)
        raw.execute(f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(row))})', list(row.values()))
    assert not tampered.verdict().sound


@pytest.mark.parametrize("table", COVERED)
def test_every_exchange_is_found(tampered: Tampered, table: str) -> None:
    """Two true rows under each other's number."""
    key = key_of(table)
    with tampered.raw() as raw:
        rows = [row for (row,) in raw.execute(f'SELECT "{key}" FROM "{table}" ORDER BY 1 LIMIT 2')]
        if len(rows) < 2 or table == "evidence":
            pytest.skip("one row has nothing to be exchanged with; a content's number is its own hash")
        aside = "x" if isinstance(rows[0], str) else 99_999
        for before, after in ((rows[0], aside), (rows[1], rows[0]), (aside, rows[1])):
            raw.execute(f'UPDATE "{table}" SET "{key}" = ? WHERE "{key}" = ?', (after, before))
    assert not tampered.verdict().sound


def test_a_chain_that_was_made_anew_is_found(tampered: Tampered) -> None:
    """Somebody without the key drops a report, renumbers and hashes everything again: the heads do not agree."""
    with tampered.raw() as raw:
        _relink(raw, without=("report", 2))
    kinds = {finding.kind for finding in tampered.verdict().findings}
    assert "head_hash" in kinds


def test_a_chain_with_heads_of_another_key_is_found(tampered: Tampered, tmp_path: Any) -> None:
    """He signs new heads with a key of his own: the file outside the database has others."""
    thief = Witness.open(tmp_path / "own.key")
    with tampered.raw() as raw:
        for number, signed in raw.execute("SELECT number, signed FROM head").fetchall():
            body = json.loads(signed) | {"key": thief.public}
            del body["signature"]
            body["signature"] = thief.sign(heads.HEAD_MARK + canonical(body)).hex()
            raw.execute("UPDATE head SET signed = ? WHERE number = ?", (json.dumps(body), number))
    kinds = {finding.kind for finding in tampered.verdict().findings}
    assert "head_differs_from_file" in kinds


def test_a_tail_cut_off_with_its_heads_is_found(tampered: Tampered) -> None:
    """Everything since the first filings is gone, rows, links and heads alike: only the file outside knows."""
    with tampered.raw() as raw:
        (position,) = raw.execute("SELECT position FROM head ORDER BY number DESC LIMIT 1 OFFSET 1").fetchone()
        for source, row in raw.execute("SELECT source, row_id FROM link WHERE position > ?", (position,)).fetchall():
            raw.execute(f'DELETE FROM "{source}" WHERE "{SOURCES[source][1]}" = ?', (row,))
        raw.execute("DELETE FROM remark WHERE event_id NOT IN (SELECT id FROM event)")
        raw.execute("DELETE FROM paper WHERE event_id NOT IN (SELECT id FROM event)")
        raw.execute("DELETE FROM link WHERE position > ?", (position,))
        raw.execute("DELETE FROM head WHERE number = 2")
    assert {finding.kind for finding in tampered.verdict().findings} == {"head_only_in_file"}


def test_heads_that_vanish_from_the_file_are_found(tampered: Tampered) -> None:
    """The file is checked against the database as well."""
    tampered.kept = tampered.kept[:-1]
    assert [finding.kind for finding in tampered.verdict().findings] == ["head_not_in_file"]


def _relink(raw: sqlite3.Connection, without: tuple[str, int]) -> None:
    links = raw.execute("SELECT source, row_id, at, relayed, digest FROM link ORDER BY position").fetchall()
    raw.execute("DELETE FROM link")
    position, last = 0, bytes(32)
    for source, row, at, relayed, digest in links:
        if (source, row) != without:
            position += 1
            last = sm3(last + digest + line(position, source, at, relayed=bool(relayed)))
            values = (position, source, row, at, relayed, digest, last)
            raw.execute("INSERT INTO link VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    raw.execute(f'DELETE FROM "{without[0]}" WHERE id = ?', (without[1],))


def test_the_key_lies_where_the_setting_says(lived: Lived) -> None:
    """Not beside the sealing key where somebody wants it elsewhere."""
    settings = Settings(_env_file=None, data_folder=lived.folder, proof_key_file=lived.folder / "x.key")
    assert settings.proof_key() == lived.folder / "x.key"
