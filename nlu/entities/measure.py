"""Measures the finders on labelled rows: `python -m nlu.entities.measure FOLDER` prints a table, `--json` a line.

A row counts when all of its label is met. Of the time rows those are left out that no telling of the past contains:
lengths, habits, and what lies in the future.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from nlu import places
from nlu.entities.finding import find
from nlu.meaning import Entity

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_MESSAGES_NOW = datetime(2026, 11, 20, 10, tzinfo=_SHANGHAI)
_MUNICIPALITIES = frozenset({"北京", "天津", "上海", "重庆"})
_LABELS = {"province": "prov", "city": "city", "county": "district"}
_CURRENCIES = {"台币": "新台币", "港币": "港元", "美金": "美元"}

Score = tuple[int, int]


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _of(text: str, kind: str, now: datetime = _MESSAGES_NOW) -> list[Entity]:
    return [entity for entity in find(text, now=now) if entity.kind == kind]


def _chain(value: Mapping[str, Any]) -> tuple[str | None, str | None, str | None]:
    """Province, city, county of a place; an open one only by the name its candidates share."""
    names: dict[str, str | None] = {"province": None, "city": None, "county": None}
    place = places.by_code(str(value["code"])) if value["code"] else None
    if place is None:
        return None, None, str(value["name"])
    while place:
        names[place.level] = place.name
        place = places.by_code(place.parent) if place.parent else None
    province = names["province"]
    if province and province.rstrip("市") in _MUNICIPALITIES:
        names["city"] = province
    elif province and province.endswith("特别行政区"):
        names["city"] = province.removesuffix("特别行政区")
    return province, names["city"], names["county"] or value.get("zone")


def locations(file: Path) -> Score:
    """Hard place names: province, city and county all right."""
    right = total = 0
    for row in _rows(file):
        text, *_, want = row["case"]
        found = _of(text, "place")
        got = _chain(found[0].value) if found else (None, None, None)
        total += 1
        zone = got[2] is not None and got[2].endswith("区") and got[2].endswith(want["county"] or got[2] + "-")
        right += got[:2] == (want["province"], want["city"]) and (got[2] == want["county"] or zone)
    return right, total


def addresses(file: Path) -> tuple[int, int, int]:
    """Spans of province, city and district in addresses: agreed, found, labelled."""
    agreed = found = labelled = 0
    for row in _rows(file):
        text = row["text"]
        want = {(label, span) for label, span in row["spans"] if label in _LABELS.values()}
        got = set()
        for entity in _of(text, "place"):
            for part in entity.value["parts"]:  # type: ignore[attr-defined]  # a list of parts by construction
                span = text[part["start"] : part["end"]]
                got.add(("city" if span.rstrip("市") in _MUNICIPALITIES else _LABELS[part["level"]], span))
        agreed, found, labelled = agreed + len(want & got), found + len(got), labelled + len(want)
    return agreed, found, labelled


def sums(file: Path) -> Score:
    """Sums of money: bounds and currency right."""
    right = total = 0
    for row in _rows(file):
        text, want = row["case"]
        bounds = want["num"] if isinstance(want["num"], list) else [want["num"]]
        found = _of(text, "money")
        total += 1
        if len(found) == 1:
            value = found[0].value
            low = value["amount"] if value["yuan"] is None else value["yuan"]
            got = [low, value["to"]] if "to" in value else [low]
            currency = str(value.get("currency", "元"))
            same = _CURRENCIES.get(currency, currency) == want["case"]
            right += same and got == [float(bound) for bound in bounds]
    return right, total


def _base(base: Any) -> datetime:
    """The moment a time row is seen from; where only a year or month is given, its last day."""
    if isinstance(base, int | float) and base > 1000:
        return datetime.fromtimestamp(base, _SHANGHAI)
    if isinstance(base, dict):
        base = [base[key] for key in ("year", "month", "day") if key in base]
    if not isinstance(base, list):
        return datetime(2021, 12, 31, tzinfo=_SHANGHAI)
    if len(base) < 3:
        year, month = (base[0], base[1]) if len(base) == 2 else (base[0], 12)
        return datetime(year + month // 12, month % 12 + 1, 1, tzinfo=_SHANGHAI) - timedelta(1)
    return datetime(base[0], base[1], base[2], tzinfo=_SHANGHAI)


def times(file: Path) -> tuple[Score, Score]:
    """Dates and stretches: of what a report of the past can contain, and of all points and stretches."""
    counted = Counter[str]()
    for row in _rows(file):
        want = row["expected"]
        if want["type"] not in ("time_point", "time_span") or not isinstance(want["time"][0], str):
            continue
        start, end = (bound[:10] for bound in want["time"])
        now = _base(row["base"])
        found = _of(row["text"], "time", now)
        value = found[0].value if found else {"from": None, "to": None}
        right = start in ("-inf", value["from"]) and end in ("inf", value["to"]) and bool(found)
        past = start <= now.date().isoformat()
        counted.update({"all": 1, "right": right, "past": past, "past right": right and past})
    return (counted["past right"], counted["past"]), (counted["right"], counted["all"])


def messages(file: Path) -> dict[str, Score]:
    """Whole messages: the labelled value is among what was found."""
    scores: dict[str, list[bool]] = {}
    for row in _rows(file):
        entities = find(row["text"], now=_MESSAGES_NOW)
        for field, met in _MET.items():
            if row.get(field):
                scores.setdefault(field, []).append(met(row[field], entities))
    return {field: (sum(right), len(right)) for field, right in scores.items()}


def _values(entities: tuple[Entity, ...], kind: str, key: str) -> list[Any]:
    return [entity.value[key] for entity in entities if entity.kind == kind]


def _texts(entities: tuple[Entity, ...], kind: str) -> list[str]:
    return [entity.text for entity in entities if entity.kind == kind]


def _time_met(label: str, entities: tuple[Entity, ...]) -> bool:
    start, _, end = label.partition("..")
    end = end or start
    found = zip(_values(entities, "time", "from"), _values(entities, "time", "to"), strict=True)
    return any(one.startswith(start) and other.startswith(end) for one, other in found)


def _visits_met(label: list[str], entities: tuple[Entity, ...]) -> bool:
    found = set(zip(_values(entities, "time", "from"), _values(entities, "time", "to"), strict=True))
    return {(dates.split("/")[0], dates.split("/")[-1]) for dates in label} <= found


_MET: dict[str, Callable[[Any, tuple[Entity, ...]], bool]] = {
    "county": lambda label, entities: label in _values(entities, "place", "name"),
    "amount_yuan": lambda label, entities: label in _values(entities, "money", "yuan"),
    "time": _time_met,
    "inspection_dates": _visits_met,
    "institution": lambda label, entities: label in _texts(entities, "institution"),
    "organ": lambda label, entities: label in _texts(entities, "organ"),
    "officers": lambda label, entities: label in _values(entities, "officers", "count"),
}


def measure(folder: Path) -> dict[str, Any]:
    """All figures of the sets that lie in the folder."""
    figures: dict[str, Any] = {}
    if (file := folder / "location_cases.jsonl").exists():
        figures["location_cases"] = locations(file)
    if (file := folder / "addresses.jsonl").exists():
        agreed, found, labelled = addresses(file)
        precision, recall = agreed / found, agreed / labelled
        f1 = 2 * precision * recall / (precision + recall)
        figures["addresses"] = {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}
    if (file := folder / "money_cases.jsonl").exists():
        figures["money_cases"] = sums(file)
    if (file := folder / "time_cases.jsonl").exists():
        figures["time_cases, past"], figures["time_cases, all dates"] = times(file)
    if (file := folder / "messages_sample.jsonl").exists():
        figures |= {f"messages, {field}": score for field, score in messages(file).items()}
    return figures


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = measure(arguments.folder)
    if arguments.json:
        print(json.dumps(figures, ensure_ascii=False))  # noqa: T201  a command speaks on standard output
        return
    for name, figure in figures.items():
        shown = figure if isinstance(figure, dict) else f"{figure[0]} of {figure[1]} = {figure[0] / figure[1]:.3f}"
        print(f"{name:28} {shown}")  # noqa: T201  a command speaks on standard output


if __name__ == "__main__":
    main()
