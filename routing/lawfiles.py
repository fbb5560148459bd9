"""A bureau's own law files, looked at before they count: a row with a fault does not act, and a sentence says why.

Nothing else is lost by a fault: the other rows of the file hold, the statute holds where a period is wrong, and where a
scheme of rewards is wrong no sum is worked out until somebody mends it, because another scheme would give another sum.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlu import places
from routing.errors import LawSilent
from routing.wording import say

if TYPE_CHECKING:
    from routing.lawbook import LawBook

TABLES = frozenset({"value", "scheme"})
VALUE_FIELDS: Mapping[str, type] = {"key": str, "from": date, "value": int, "unit": str, "paper": str, "verified": bool}
VALUE_MORE = frozenset({"article", "mark", "place"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One finding: its kind, what it is about, and a sentence; `grave` where an answer would be wrong."""

    kind: str
    key: str
    sentence: str
    grave: bool


@dataclass(frozen=True, slots=True)
class Read:
    """The rows of one kind in a folder, each with its file, and what could not be read at all."""

    rows: tuple[tuple[str, Mapping[str, Any]], ...]
    faults: tuple[Fault, ...]


def fault(kind: str, key: str, *, grave: bool = True, **facts: object) -> Fault:
    """A finding with its sentence from the phrases."""
    return Fault(kind, key, say(f"lawcheck.{kind}", key=key, **facts), grave)


def read(folder: Path | None, table: str) -> Read:
    """The rows of `table` in the *.toml files of a folder; a file that is no TOML is a fault, and the others are read."""
    rows: list[tuple[str, Mapping[str, Any]]] = []
    faults: list[Fault] = []
    for file in sorted(folder.glob("*.toml")) if folder is not None and folder.is_dir() else ():
        try:
            found = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
            faults.append(fault("unreadable", file.name, why=wrong))
            continue
        for name, given in found.items():
            if name not in TABLES or not isinstance(given, list) or not all(isinstance(row, dict) for row in given):
                faults.append(fault("no_table", file.name, table=name))
            elif name == table:
                rows += [(file.name, row) for row in given]
    return Read(tuple(rows), tuple(faults))


def own_values(
    folder: Path | None, law: LawBook, units: Iterable[str], sums: Iterable[str] = ()
) -> tuple[list[Mapping[str, Any]], list[Fault]]:
    """The bureau's own values that hold beside the packaged `law`, and the faults of those that do not."""
    found = read(folder, "value")
    faults, good = list(found.faults), []
    for file, row in found.rows:
        wrong = list(_value_faults(file, row, law, frozenset(units), frozenset(sums)))
        faults += wrong
        if not wrong:
            good.append(row)
    places_and_days = [(row["key"], row.get("place"), row["from"]) for row in good]
    for key, place, since in sorted({one for one in places_and_days if places_and_days.count(one) > 1}, key=str):
        faults.append(fault("overlap", key, layer=place or say("lawshow.own"), since=since))
    return [row for row, one in zip(good, places_and_days, strict=True) if places_and_days.count(one) == 1], faults


def field_faults(
    file: str, row: Mapping[str, Any], needed: Mapping[str, type], more: frozenset[str]
) -> Iterator[Fault]:
    """What a row lacks, has in the wrong form, or has and nobody knows."""
    key = str(row.get("key", file))
    for name, form in needed.items():
        given = row.get(name)
        wrong = isinstance(given, bool) is not (form is bool) or isinstance(given, datetime)
        if wrong or not isinstance(given, form) or (isinstance(given, str) and not given.strip()):
            yield fault(
                "no_citation" if name == "paper" else "no_field", key, file=file, field=name, since=row.get("from")
            )
    for name in row.keys() - needed.keys() - more:
        yield fault("unknown_field", key, file=file, field=name)
    if "place" in row and (not isinstance(row["place"], str) or places.by_code(row["place"]) is None):
        yield fault("no_place", key, file=file, place=row["place"])


def near(key: str, known: Iterable[str], n: int = 3) -> str:
    """The known names that look most like `key`, as a list in words; empty where none does."""
    return "、".join(get_close_matches(key, sorted(known), n=n, cutoff=0.5))


def _value_faults(
    file: str, row: Mapping[str, Any], law: LawBook, units: frozenset[str], sums: frozenset[str]
) -> Iterator[Fault]:
    """The faults of one value, the first that make the others meaningless alone."""
    wrong = list(field_faults(file, row, VALUE_FIELDS, VALUE_MORE))
    if wrong:
        yield from wrong
        return
    key = row["key"]
    base = key.partition(".extend")[0]
    if base not in law.values:
        yield fault("extends_nothing", key) if base != key else fault("unknown_key", key, near=near(key, law.kinds))
    elif row["unit"] not in units | sums or row["value"] <= 0:
        yield fault("no_period", key, value=row["value"], unit=row["unit"])
    elif base in bounds():
        yield from _loose(row, law, bounds()[base])
    elif base in ranges():
        least, most = ranges()[base]
        if not least <= row["value"] <= most or row["unit"] != law.values[base][0].unit:
            yield fault("out_of_range", key, least=least, most=most)
    elif (row["unit"] in sums) is not (law.values[base][0].unit in sums):
        yield fault("no_period", key, value=row["value"], unit=row["unit"])


def _loose(row: Mapping[str, Any], law: LawBook, may: str) -> Iterator[Fault]:
    """Looser than the statute where a bureau may only be stricter."""
    key = row["key"]
    try:
        statute = law.value(key, row["from"], row.get("place"))
    except LawSilent:
        yield fault("not_given", key, since=row["from"])
        return
    told: dict[str, Any] = {
        "citation": statute.citation,
        "value": statute.value,
        "unit": say(f"lawshow.units.{statute.unit}"),
    }
    if row["unit"] != statute.unit:
        yield fault("other_unit", key, **told)
    elif (row["value"] > statute.value) if may == "shorter" else (row["value"] < statute.value):
        yield fault(f"not_{may}", key, own=row["value"], **told)


@cache
def bounds() -> Mapping[str, str]:
    """Which periods a bureau may only make shorter, and which only longer."""
    return {key: may for may in ("shorter", "longer") for key in _bounds()[may]}


def ranges() -> Mapping[str, tuple[int, int]]:
    """Sums that a province sets within the nation's range, in yuan."""
    return {key: (least, most) for key, (least, most) in _bounds()["between"].items()}


@cache
def _bounds() -> Mapping[str, Any]:
    return tomllib.loads(resources.files("routing").joinpath("law", "bounds.toml").read_text("utf-8"))
