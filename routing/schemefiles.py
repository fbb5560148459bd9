"""Schemes of rewards looked at before they count: the packaged ones by `law check`, a bureau's own whenever they are read.

A bureau's scheme with a fault is kept as one that lets no sum be worked out: without it another scheme would speak, and
somebody would be paid too much or too little.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlu import places
from routing.lawfiles import Fault, fault, field_faults, read
from routing.wording import say

if TYPE_CHECKING:
    from routing.rewards import Rate, Scheme

FIELDS: Mapping[str, type] = {"key": str, "from": date, "name": str, "paper": str, "verified": bool}
MORE = frozenset(
    {"until", "place", "article", "mark", "reporters", "floor", "cap", "how", "rate", "uplift", "no_amount", "may_fall"}
)
RATE_FIELDS = frozenset({"percent", "up_to", "grade", "accused", "plus", "floor"})
UPLIFT_FIELDS = frozenset({"who", "how", "value"})
REPORTERS = frozenset({"person", "legal_person", "organisation"})
Build = Callable[[Mapping[str, Any]], "Scheme"]


def own_schemes(folder: Path | None, packaged: Sequence[Scheme], build: Build) -> tuple[list[Scheme], list[Fault]]:
    """The bureau's own schemes, those with a fault marked as such, and every fault."""
    found = read(folder, "scheme")
    unread = [one for one in found.faults if one.kind == "unreadable"]
    schemes = [replace(build(_bare({"key": one.key})), faulty=one.sentence) for one in unread]
    faults: list[Fault] = []
    keys = [one.key for one in packaged] + [str(row.get("key")) for _, row in found.rows]
    days = [(row.get("place"), row.get("from")) for _, row in found.rows]
    for file, row in found.rows:
        wrong = list(_shape(file, row))
        if not wrong:
            wrong = [*faults_of(build(row)), *_beside(row, keys, days)]
        grave = [one for one in wrong if one.grave]
        faults += wrong
        why = "".join(dict.fromkeys(one.sentence for one in grave))
        schemes.append(replace(build(_bare(row)), faulty=why) if grave else build(row))
    return schemes, faults


def faults_of(one: Scheme) -> Iterator[Fault]:
    """What contradicts itself in one scheme: no source, an end before its beginning, brackets that leave a gap."""
    if not one.citation.strip():
        yield fault("no_citation", one.key, since=one.since)
    if one.until is not None and one.until < one.since:
        yield fault("ends_before", one.key, since=one.since, until=one.until)
    for grade, accused in sorted({(rate.grade, rate.accused) for rate in one.rates}, key=str):
        rows = [rate for rate in one.rates if (rate.grade, rate.accused) == (grade, accused)]
        if sum(rate.up_to is None for rate in rows) != 1 or len({rate.up_to for rate in rows}) != len(rows):
            yield fault("brackets", one.key, grade=grade or "", accused=accused or "")
        elif not one.may_fall and (bound := _falls(one, rows)) is not None:
            yield fault("falls", one.key, grave=False, bound=f"{bound:,}")
    if one.cap is not None and one.cap < one.floor:
        yield fault("cap_below", one.key, cap=one.cap, floor=one.floor)


def _falls(one: Scheme, rows: Sequence[Rate]) -> Decimal | None:
    """The first case value above which the amount is smaller than at it; None where it only ever rises.

    Progressive parts join where they meet, so that only additions and floors can make it fall.
    """
    ordered = sorted(rows, key=lambda rate: (rate.up_to is None, rate.up_to or 0))
    total = below = Decimal(0)
    for lower, upper in pairwise(ordered):
        bound = lower.up_to
        if bound is None:
            break
        total, below = total + (bound - below) * lower.percent / 100, bound
        shares = [total if one.how == "progressive" else bound * rate.percent / 100 for rate in (lower, upper)]
        at, above = (max(share + rate.plus, rate.floor) for share, rate in zip(shares, (lower, upper), strict=True))
        if at > above:
            return bound
    return None


def _beside(row: Mapping[str, Any], keys: list[str], days: list[Any]) -> Iterator[Fault]:
    """What contradicts another scheme: the same key, or the same region from the same day."""
    if keys.count(row["key"]) > 1:
        yield fault("twice", row["key"])
    if days.count((row.get("place"), row["from"])) > 1:
        yield fault("overlap", row["key"], layer=row.get("place") or say("lawshow.own"), since=row["from"])


def _shape(file: str, row: Mapping[str, Any]) -> Iterator[Fault]:
    """Fields that are missing, unknown or in the wrong form."""
    yield from field_faults(file, row, FIELDS, MORE)
    key = str(row.get("key", file))
    amounts = [(name, row[name]) for name in ("floor", "cap", "no_amount") if name in row]
    rows = {name: row.get(name, []) for name in ("rate", "uplift")}
    for name, known in (("rate", RATE_FIELDS), ("uplift", UPLIFT_FIELDS)):
        if not isinstance(rows[name], list) or not all(isinstance(one, dict) for one in rows[name]):
            yield fault("no_field", key, file=file, field=name)
            return
        for one in rows[name]:
            for unknown in one.keys() - known:
                yield fault("unknown_field", key, file=file, field=f"{name}.{unknown}")
            amounts += [(f"{name}.{part}", one[part]) for part in ("up_to", "plus", "floor", "value") if part in one]
            if name == "rate" and not _is_sum(one.get("percent"), 100):
                yield fault("no_field", key, file=file, field="rate.percent")
    for name, given in amounts:
        if not _is_sum(given):
            yield fault("no_field", key, file=file, field=name)
    for name, wrong in _choices(row, rows):
        if wrong:
            yield fault("no_field", key, file=file, field=name)


def _choices(row: Mapping[str, Any], rows: Mapping[str, list[Any]]) -> Iterator[tuple[str, bool]]:
    """Fields that know a few words only, and whether this one knows another."""
    yield "how", row.get("how", "whole") not in {"whole", "progressive"}
    reporters = row.get("reporters", [])
    yield "reporters", not isinstance(reporters, list) or not all(one in REPORTERS for one in reporters)
    yield "until", "until" in row and (not isinstance(row["until"], date) or isinstance(row["until"], datetime))
    for one in rows["rate"]:
        yield "rate.accused", one.get("accused", "unit") not in {"unit", "individual"}
        yield "rate.grade", "grade" in one and (not isinstance(one["grade"], int) or one["grade"] not in range(1, 10))
    for one in rows["uplift"]:
        yield "uplift", one.get("who") not in {"insider", "competitor"} or one.get("how") not in {"share", "points"}
        yield "uplift.value", "value" not in one


def _is_sum(given: object, most: float = 10**11) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given <= most


def _bare(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """As much of a faulty row as says where and from when it was to hold: at worst everywhere and always."""
    place, since = row.get("place"), row.get("from")
    known = isinstance(place, str) and places.by_code(place) is not None
    key = str(row.get("key", "?"))
    return {
        "key": key,
        "name": str(row.get("name", key)),
        "from": since if isinstance(since, date) and not isinstance(since, datetime) else date.min,
        "paper": str(row.get("paper", "")),
        "verified": False,
        **({"place": place} if known else {}),
    }
