"""The law as data: dated, cited values, appended to and never edited, so that an old case keeps the old law.

Layers: the nation, then province, city and county by their division codes, then the bureau's own folder;
the nearest layer that speaks on the day wins, and the answer says which one it was.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from routing import lawfiles
from routing.errors import LawSilent
from routing.lawfiles import Fault

NATION = "nation"
UNITS = frozenset({"working_day", "calendar_day", "hour", "month"})
SUMS = frozenset({"yuan"})
"""Units of values that are no period: they belong to no clock."""
LAW_FILES = (
    "clues.toml",
    "procedure.toml",
    "crime.toml",
    "complaints.toml",
    "rewards.toml",
    "hotline.toml",
    "oversight.toml",
)


@dataclass(frozen=True, slots=True)
class LawValue:
    """One value in force: `unit` is working_day, calendar_day, hour or month, for a sum yuan; `layer` is NATION or a division code.

    `verified` is false where no primary or secondary text was seen; staff are then told so.
    `own` marks a value that the bureau itself set in its data folder.
    """

    value: int
    unit: str
    citation: str
    verified: bool
    since: date
    layer: str = NATION
    own: bool = False


@dataclass(frozen=True, slots=True)
class ClockKind:
    """What a period is called, from what it runs, who approves each of its extensions, what time does not count.

    `extend_by` names an approval for each extension in turn (life/case.toml, [approvals]); `extend_up_to` are the
    extensions of which fewer days than the law's may be granted. `exclude` are the grounds whose time does not count
    ([suspensions] of the same file), `exclude_says` the sentence; without `exclude_verified` nobody saw the text.
    """

    key: str
    name: str
    starts: str
    extend_by: tuple[str, ...] = ()
    extend_up_to: tuple[int, ...] = ()
    exclude: tuple[str, ...] = ()
    exclude_says: str = ""
    exclude_verified: bool = True
    both_ways: bool = False


@dataclass(frozen=True, slots=True)
class LawBook:
    """All values by key, the kinds of clocks by key, and what was wrong with the bureau's own files."""

    values: Mapping[str, tuple[LawValue, ...]]
    kinds: Mapping[str, ClockKind]
    faults: tuple[Fault, ...] = ()

    @classmethod
    def load(cls, overrides: Path | None = None) -> LawBook:
        """The packaged law and, nearer than all of it, the *.toml files of the folder `overrides`.

        A row of the bureau with a fault does not act; its sentence stands in `faults`.
        """
        folder = resources.files("routing").joinpath("law")
        kinds = tomllib.loads(folder.joinpath("clocks.toml").read_text(encoding="utf-8"))
        rows = [(row, False) for name in LAW_FILES for row in _rows(folder.joinpath(name))]
        packaged = cls(values=_by_key(rows), kinds={key: _kind(key, fields) for key, fields in kinds.items()})
        own, faults = lawfiles.own_values(overrides, packaged, UNITS, SUMS)
        return replace(packaged, values=_by_key([*rows, *((row, True) for row in own)]), faults=tuple(faults))

    def value(self, key: str, on: date, place: str | None = None) -> LawValue:
        """The value of `key` in force on the day `on` in division `place`; LawSilent where there is none."""
        if key not in self.values:
            raise LawSilent(key=key, day=on)
        near = layers(place)
        spoken = [value for value in self.values[key] if value.since <= on and value.layer in near]
        if not spoken:
            raise LawSilent(key=key, day=on)
        return max(spoken, key=lambda value: (value.own, near.index(value.layer), value.since))

    def history(self, key: str, place: str | None = None) -> tuple[LawValue, ...]:
        """Every value of `key` that ever held in division `place`, oldest first; LawSilent where there is none."""
        near = layers(place)
        found = tuple(value for value in self.values.get(key, ()) if value.layer in near)
        if not found:
            raise LawSilent(key=key, day="")
        return found

    def kind(self, key: str) -> ClockKind:
        """The clock of this name; LawSilent where there is none."""
        if key not in self.kinds:
            raise LawSilent(key=key, day="")
        return self.kinds[key]

    def extensions(self, key: str, on: date, place: str | None = None) -> int:
        """How often a clock may be extended."""
        times = 0
        while f"{key}.extend{times + 1}" in self.values:
            times += 1
        return times if key in self.values and self.value(key, on, place) else 0


def layers(place: str | None) -> tuple[str, ...]:
    """From far to near: nation, province, city, county."""
    if not place:
        return (NATION,)
    return tuple(dict.fromkeys((NATION, f"{place[:2]}0000", f"{place[:4]}00", place[:6])))


def _rows(file: Traversable) -> Iterable[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = tomllib.loads(file.read_text(encoding="utf-8")).get("value", [])
    return rows


def _kind(key: str, fields: Mapping[str, Any]) -> ClockKind:
    told: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in fields.items()}
    return ClockKind(key=key, **told)


def _by_key(rows: Iterable[tuple[Mapping[str, Any], bool]]) -> Mapping[str, tuple[LawValue, ...]]:
    """The values of each key, the oldest first; each row with whether it is the bureau's own."""
    values: dict[str, list[LawValue]] = {}
    for row, own in rows:
        values.setdefault(row["key"], []).append(_value(row, own=own))
    return {key: tuple(sorted(found, key=lambda value: value.since)) for key, found in values.items()}


def _value(row: Mapping[str, Any], *, own: bool) -> LawValue:
    return LawValue(
        value=int(row["value"]),
        unit=str(row["unit"]),
        citation=str(row["paper"]) + str(row.get("article", "")),
        verified=bool(row["verified"]),
        since=row["from"],
        layer=str(row.get("place", NATION)),
        own=own,
    )
