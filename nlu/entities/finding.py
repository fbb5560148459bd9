"""All finders over one text, rivals settled, spans led back into the text as it was typed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from nlu.entities import answer, count, institution, money, organ, paper, personal, place, role, time
from nlu.entities.heard import Found, Heard
from nlu.meaning import Entity
from nlu.text import normalise

LONGEST = 20_000
"""Characters listened to; what follows in a longer message is an attachment, not a telling."""

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_FINDERS: tuple[Callable[[Heard], list[Found]], ...] = (
    personal.find,
    time.find,
    money.find,
    count.find,
    paper.find,
    role.find,
)
_FREE = frozenset({"role", "paper"})
"""Kinds that say something about a stretch of text another entity may also hold."""


def _settled(found: list[Found]) -> list[Found]:
    """Overlaps resolved: the weightier stays, then the longer; a place may stand inside an institution or organ."""
    kept: list[Found] = []
    # By character, not each with each: a text that repeats itself holds thousands of finds.
    holding: defaultdict[int, list[Found]] = defaultdict(list)
    for one in sorted(found, key=lambda f: (-f.weight, f.start - f.end, f.start)):
        stretch = range(one.start, one.end)
        if all(_may_nest(one, other) for at in stretch for other in holding.get(at, ())):
            kept.append(one)
            for at in stretch:
                holding[at].append(one)
    return sorted(kept, key=lambda f: (f.start, -f.end))


def _may_nest(one: Found, other: Found) -> bool:
    if one.kind in _FREE or other.kind in _FREE:
        return one.kind != other.kind
    if other.kind == "place":
        one, other = other, one
    return (
        one.kind == "place"
        and other.kind in ("institution", "organ")
        and other.covers(one)
        and one.start == other.start
    )


def _moved(part: dict[str, Any], offsets: Sequence[int]) -> dict[str, Any]:
    return {**part, "start": offsets[part["start"]], "end": offsets[part["end"] - 1] + 1}


def _entity(text: str, offsets: Sequence[int], one: Found) -> Entity:
    start, end = offsets[one.start], offsets[one.end - 1] + 1
    value: dict[str, Any] = dict(one.value)
    if "parts" in value:
        value["parts"] = [_moved(part, offsets) for part in value["parts"]]
    if one.kind in ("institution", "organ"):
        value["name"] = text[start:end]
    return Entity(one.kind, start, end, text[start:end], value)


def day(now: datetime) -> date:
    """The day it is in China: all that an understanding takes from the moment."""
    return now.astimezone(_SHANGHAI).date() if now.tzinfo else now.date()


def find(text: str, *, now: datetime, home: str | None = None, asked: str | None = None) -> tuple[Entity, ...]:
    """The named things of a text, in its order; `asked` lets a bare answer be read as what was asked for."""
    folded, offsets = normalise(text[:LONGEST])
    if not folded.strip():
        return ()
    heard = Heard(folded, day(now), home, asked)
    found = [one for finder in _FINDERS for one in finder(heard)]
    places = place.find(heard)
    found += [*places, *institution.find(heard, places), *organ.find(heard, places)]
    settled = _settled(found)
    if asked:
        settled = _settled([*settled, *answer.find(heard, settled)])
    return tuple(_entity(text, offsets, one) for one in settled)
