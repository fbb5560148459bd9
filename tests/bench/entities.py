"""Other people's labelled rows: how well the named things of a text are heard, read where the rows lie.

`python -m tests.bench.entities [FOLDER]` prints the table; `measure` gives the same to whoever wants it.

Places, in `location_cases`: province, city and county are all as labelled, nothing more and nothing less.
Places, in `addresses`, F1 over the divisions said: a part of a found place agrees with a labelled span where it covers
exactly this span at this level and the place, resolved, lies in (or is) a division that may be written so; a place
left open agrees where each of its candidates does. Municipalities count as cities, as the labels have them. What an
address says twice counts once; zones are no division and count nowhere.
Times: a point or stretch is right where its first and last day are; the time of day is not our matter.
Messages: see `_Row`.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from nlu import places
from nlu.entities import find
from nlu.meaning import Entity
from tests.bench.sets import SETS

Figure = tuple[str, str, str]
"""A set, the figure reached on it, the figure wanted (empty where none was agreed)."""

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_MESSAGES_NOW = datetime(2026, 11, 20, 10, tzinfo=_SHANGHAI)
_MUNICIPALITIES = frozenset({"北京", "天津", "上海", "重庆"})
_LABELS = {"province": "prov", "city": "city", "county": "district"}
_CURRENCIES = {"台币": "新台币", "港币": "港元", "美金": "美元"}


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _of(text: str, kind: str, now: datetime = _MESSAGES_NOW) -> list[Entity]:
    return [entity for entity in find(text, now=now) if entity.kind == kind]


def _share(right: int, total: int) -> str:
    return f"{right} of {total} = {right / total:.1%}" if total else "none"


def _f1(agreed: int, found: int, labelled: int) -> str:
    if not agreed:
        return f"F1 0, {found} found, {labelled} labelled"
    precision, recall = agreed / found, agreed / labelled
    return f"F1 {2 * precision * recall / (precision + recall):.1%} (P {precision:.1%}, R {recall:.1%})"


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


def locations(file: Path) -> str:
    """Hard place names: province, city and county all right."""
    right = total = 0
    for row in _rows(file):
        text, *_, want = row["case"]
        found = _of(text, "place")
        got = _chain(found[0].value) if found else (None, None, None)
        total += 1
        zone = got[2] is not None and got[2].endswith("区") and got[2].endswith(want["county"] or got[2] + "-")
        right += got[:2] == (want["province"], want["city"]) and (got[2] == want["county"] or zone)
    return _share(right, total)


def _parts(text: str, place: Entity) -> Iterator[tuple[str, str]]:
    """The parts of a place as (label, span), those that the resolved division bears out."""
    value: Any = place.value
    codes = [value["code"]] if value["code"] else [candidate["code"] for candidate in value["candidates"]]
    for part in value["parts"]:
        span = text[part["start"] : part["end"]]
        label = "city" if span.rstrip("市") in _MUNICIPALITIES else _LABELS[part["level"]]
        name = places.names().get(span)
        borne = name and all(any(places.within(code, above) for above in name.codes) for code in codes)
        yield label if borne else f"not {label}", span


def addresses(file: Path) -> str:
    """Divisions said in addresses: agreed, found, labelled."""
    agreed = found = labelled = 0
    for row in _rows(file):
        text = row["text"]
        want = {(label, span) for label, span in row["spans"] if label in _LABELS.values()}
        got = {part for entity in _of(text, "place") for part in _parts(text, entity)}
        agreed, found, labelled = agreed + len(want & got), found + len(got), labelled + len(want)
    return _f1(agreed, found, labelled)


def sums(file: Path) -> str:
    """Sums of money: bounds and currency right, and nothing else heard."""
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
    return _share(right, total)


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


def times(file: Path) -> tuple[str, str]:
    """Of what a report can contain, and of all points and stretches.

    Left out by what the row's label says: lengths (time_delta: 90日) and habits (time_period: 每周三), which are no
    dates; of the rest, for the first figure, what begins after the day it is seen from, and what is to be read as
    coming (ret_future), as a report tells of what was.
    """
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
        past = start <= now.date().isoformat() and row["mode"] != "ret_future=True"
        counted.update({"all": 1, "right": right, "past": past, "past right": right and past})
    return _share(counted["past right"], counted["past"]), _share(counted["right"], counted["all"])


class _Row:
    """One message and what was heard in it, field by field as sets, so that too much counts against us as too little.

    A field is scored where the row has it; null in the row means that nothing should be heard.

    county: the place that says most, its present name. amount_yuan: the largest sum whose role is no other than the
    claimed one. time, inspection_dates: all dates heard count as heard, but only where the row has the label, since
    other dates may stand beside it. institution, organ: the exact words; of several organs the first.
    personal: the numbers of eleven digits that must be masked.
    """

    def __init__(self, row: dict[str, Any]) -> None:
        self.row = row
        self.entities = find(row["text"], now=_MESSAGES_NOW)

    def _kind(self, kind: str) -> list[Entity]:
        return [entity for entity in self.entities if entity.kind == kind]

    def county(self) -> tuple[set[str], set[str]]:
        """Wanted and heard."""
        found = [e for e in self._kind("place") if not str(e.value["code"] or "1").endswith("00")]
        settled = [entity for entity in found if entity.value["code"]] or found
        return _one(self.row.get("county")), {str(entity.value["name"]) for entity in settled[:1]}

    def amount_yuan(self) -> tuple[set[Any], set[Any]]:
        """Wanted and heard."""
        sums: list[Any] = [e.value["yuan"] for e in self._kind("money") if e.value.get("role", "claimed") == "claimed"]
        return _one(self.row.get("amount_yuan")), {max(filter(None, sums))} if any(sums) else set()

    def time(self) -> tuple[set[str], set[str]]:
        """Wanted and heard."""
        label = self.row.get("time")
        if not label:
            return set(), set()
        start, _, end = label.partition("..")
        size, last = len(start), len(end or start)
        heard = {(str(e.value["from"])[:size], str(e.value["to"])[:last]) for e in self._kind("time")}
        met = (start, end or start) in heard
        return {label}, {label} if met else set()

    def inspection_dates(self) -> tuple[set[str], set[str]]:
        """Wanted and heard."""
        label = self.row.get("inspection_dates") or ()
        heard = {(e.value["from"], e.value["to"]) for e in self._kind("time")}
        return set(label), {one for one in label if (one.split("/")[0], one.split("/")[-1]) in heard}

    def institution(self) -> tuple[set[str], set[str]]:
        """Wanted and heard."""
        return _one(self.row.get("institution")), {entity.text for entity in self._kind("institution")}

    def organ(self) -> tuple[set[str], set[str]]:
        """Wanted and heard."""
        found = {entity.text for entity in self._kind("organ")[:1]}
        return _one(self.row.get("organ")), found

    def officers(self) -> tuple[set[Any], set[Any]]:
        """Wanted and heard."""
        found = {entity.value["count"] for entity in self._kind("officers")}
        return _one(self.row.get("officers")), found

    def personal(self) -> tuple[set[str], set[str]]:
        """Wanted and heard."""
        text = self.row["text"]
        digits = "".join(char if char.isdigit() else " " for char in text).split()
        return {run for run in digits if len(run) == 11}, {entity.text for entity in self._kind("phone")}


def _one(label: Any) -> set[Any]:
    return set() if label is None else {label}


FIELDS = ("county", "amount_yuan", "time", "inspection_dates", "institution", "organ", "officers", "personal")


def messages(rows: Iterable[dict[str, Any]]) -> dict[str, str]:
    """F1 of each field over whole messages."""
    scores = {field: Counter[str]() for field in FIELDS}
    for heard in map(_Row, rows):
        for field, score in scores.items():
            if field not in heard.row and field != "personal":
                continue
            want, got = getattr(heard, field)()
            score.update(agreed=len(want & got), found=len(got), labelled=len(want))
    return {field: _f1(one["agreed"], one["found"], one["labelled"]) for field, one in scores.items()}


def measure(shared: Path) -> list[Figure]:
    """(set, figure, wanted) of every set; one that is not there says so instead of its figure."""
    figures: list[Figure] = []
    simple: dict[str, tuple[Callable[[Path], str], str]] = {
        "location_cases": (locations, "≥ 95 %"),
        "addresses": (addresses, "F1 ≥ 97 %"),
        "money_cases": (sums, "≥ 95 %"),
    }
    for name, (score, wanted) in simple.items():
        file = shared / f"{name}.jsonl"
        figures.append((name, score(file) if file.exists() else _absent(file), wanted))
    file = shared / "time_cases.jsonl"
    told, every = times(file) if file.exists() else (_absent(file), _absent(file))
    figures += [("time_cases a report can contain", told, "≥ 85 %"), ("time_cases, all dates", every, "")]
    file = shared / "messages_sample.jsonl"
    if file.exists():
        figures += [(f"messages_sample, {field}", figure, "") for field, figure in messages(_rows(file)).items()]
    else:
        figures.append(("messages_sample", _absent(file), ""))
    return figures


def _absent(file: Path) -> str:
    return f"not measured: {file} is not there"


if __name__ == "__main__":
    for figure in measure(Path(sys.argv[1]) if len(sys.argv) > 1 else SETS):
        print("  ".join(figure))  # noqa: T201  a command speaks on standard output
