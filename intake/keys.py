"""Blocking keys: a report is compared only with those that share one, never with all.

A key is a number of 64 bits, the hash of what it stands for: half the room of the words themselves, and one comparison
a step. Two things under one number only mean one comparison more. Keys of a teller come from keyed hashes: whoever
steals the database cannot try a telephone number. Everything else stands in the redacted copy anyway.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from intake.identity import ERASED
from intake.likeness import Told
from intake.names import organ_form, skeletons, take_apart
from nlu.places import by_code
from nlu.similarity import telling_pairs

MOST_CODES = 3
MOST_QUARTERS = 3
PAIRS = 5
"""So many telling pairs of a text become keys of the institution and of the region; measured, see docs/explanation."""
DAY_LONG = 3
"""A period of at most so many days is an inspection's own date."""

NOWHERE, ANYWHERE = "nowhere", "anywhere"
"""The region of those who give none, and that of all."""

TELLER, LIKE, SURE, LIKELY, WEAK = 8.0, 6.0, 4.0, 2.0, 1.0
"""How much it says that two reports share a key: candidates are ordered by the sum."""


class Key(NamedTuple):
    """One key to look under, and how much it says."""

    number: int
    weight: float


def stored(told: Told, hashes: Iterable[str | None]) -> tuple[int, ...]:
    """The keys under which a report is found later, each once; `hashes` are those of its teller's account and phone."""
    pairs = _pairs(told, PAIRS)
    keys = [*_teller(hashes), *_subject(told, pairs, _region(told.place)), *_everywhere(told)]
    keys += [*_inspection(told), *_place(told, named=bool(told.institution))]
    scopes = _put_under(told.place)
    keys += _words(told, pairs, (*scopes, ANYWHERE))
    if NOWHERE not in scopes:
        keys += _like(told, scopes)
    return tuple(dict.fromkeys(key.number for key in keys))


def sought(told: Told, hashes: Iterable[str | None]) -> tuple[Key, ...]:
    """The keys under which to look for reports like this one, each once.

    Who gives a place looks there and among those who give none, who gives none looks everywhere. A report that names
    no institution is compared with all of its place and act, one that names it only with those that do not: the
    others are found by the name, and they are many.
    """
    # Without name or place the text holds pairs of them that other reports have not chosen: more pairs are tried.
    pairs = _pairs(told, PAIRS if told.institution and told.place else 2 * PAIRS)
    keys = [*_teller(hashes), *_subject(told, pairs, NOWHERE), *_inspection(told)]
    region = _region(told.place)
    if region == NOWHERE:
        keys += [*_everywhere(told), *_words(told, pairs, (ANYWHERE,))]
    else:
        scopes = _looked_under(told.place or "")
        keys += [*_subject(told, pairs, region), *_like(told, scopes), *_words(told, pairs, (*scopes, NOWHERE))]
    keys += _place(told, named=False)
    if not told.institution:
        keys += _place(told, named=True)
    return tuple({key.number: key for key in reversed(keys)}.values())[::-1]


def _teller(hashes: Iterable[str | None]) -> Iterator[Key]:
    """By which the reports of the same person are found."""
    for known in hashes:
        if known and not known.startswith(ERASED):  # whoever was erased is not known again
            yield Key(_signed(int(known[:16], 16)), TELLER)


def _subject(told: Told, pairs: Sequence[int], region: str) -> Iterator[Key]:
    """By which reports about one institution of a region find each other."""
    if not told.institution:
        return
    name = take_apart(told.institution)
    house, codes, spans = (told.side, name.core, region), _codes(told), _spans(told.first, told.last)
    yield from (_key(SURE, *house, code, span) for code in codes for span in spans)
    yield from (_key(LIKELY, *house, "any act", span) for span in spans)
    yield from (_key(SURE, *house, pair) for pair in pairs)
    yield from (_key(LIKELY, *house, code) for code in codes)
    yield _key(WEAK, *house)


def _like(told: Told, scopes: Iterable[str]) -> Iterator[Key]:
    """By which a slip of the hand or a shortened name is found: part of the name, and the act or the time."""
    if told.institution:
        about = (*_codes(told)[:2], *_spans(told.first, told.last)[-1:])
        parts = skeletons(take_apart(told.institution))
        yield from (
            _key(LIKE, told.side, "like", scope, part, one) for scope in scopes for part in parts for one in about
        )


def _everywhere(told: Told) -> Iterator[Key]:
    """By which an institution is found by whoever does not say where it is."""
    if told.institution:
        house, codes = (told.side, take_apart(told.institution).core, "everywhere"), _codes(told)
        yield from (_key(LIKELY, *house, code, span) for code in codes for span in _spans(told.first, told.last))
        yield from (_key(WEAK, *house, code) for code in codes)


def _inspection(told: Told) -> Iterator[Key]:
    """By which complaints of one inspection find each other: the organ, and when or where it came."""
    if told.side != "enterprise" or not told.organ:
        return
    organ, place = organ_form(told.organ), _region(told.place)
    if told.institution:
        yield _key(SURE, "organ", organ, take_apart(told.institution).core)
    if told.first and told.last and (told.last - told.first).days <= DAY_LONG:
        yield _key(SURE, "organ", organ, place, told.first.isoformat())
        yield _key(WEAK, "organ", organ, "anywhere", told.first.isoformat())
    yield from (_key(LIKELY, "organ", organ, place, span) for span in _spans(told.first, told.last))


def _words(told: Told, pairs: Sequence[int], scopes: Iterable[str]) -> Iterator[Key]:
    """By which reports find each other that share nothing but wording and, give or take its precision, the place."""
    yield from (_key(SURE, told.side, "words", scope, pair) for scope in scopes for pair in pairs)


def _pairs(told: Told, most: int) -> tuple[int, ...]:
    """The telling pairs of what is told; names of institution and place have keys of their own."""
    place = by_code(told.place) if told.place else None
    return telling_pairs(told.text, most, f"{told.institution or ''} {place.name if place else ''}")


def _place(told: Told, *, named: bool) -> Iterator[Key]:
    """By which a report without a name and others of its place and act find each other."""
    about = (told.side, "named" if named else "nobody")
    if told.place:
        spans = _spans(told.first, told.last)
        codes = _codes(told)[:2]
        yield from (_key(LIKELY, *about, told.place, code, span) for code in codes for span in spans)
        yield from (_key(WEAK, *about, told.place, code) for code in codes)


def _spans(first: date | None, last: date | None) -> list[str]:
    """The quarters of a period, at most the last three: keys must stay few."""
    if first is None or last is None:
        return []
    start, end = first.year * 4 + (first.month - 1) // 3, last.year * 4 + (last.month - 1) // 3
    return [str(quarter) for quarter in range(max(start, end - MOST_QUARTERS + 1), end + 1)]


def _codes(told: Told) -> list[str]:
    """The acts alleged that become keys."""
    return sorted(told.codes)[:MOST_CODES]


def _region(place: str | None) -> str:
    """The city of a county: some tell the one, some the other; whoever tells only the province tells no place."""
    return place[:4] if place and not place.endswith("0000") else NOWHERE


def _put_under(place: str | None) -> tuple[str, ...]:
    """The scopes in which a report lies: its own division, and its city for those who tell no more than that."""
    region = _region(place)
    if place is None or region == NOWHERE:
        return (NOWHERE,)
    return (place[:6],) if place[4:6] == "00" else (place[:6], f"within {region}")


def _looked_under(place: str) -> tuple[str, ...]:
    """The scopes in which to look: the own county and what told only its city, or all of the city."""
    city = f"{place[:4]}00"
    return (city, f"within {place[:4]}") if place[4:6] == "00" else (place[:6], city)


@lru_cache(maxsize=8192)
def _key(weight: float, *parts: str | int) -> Key:
    """The number of what these parts stand for; under most keys a report is put and others are looked for."""
    digest = hashlib.blake2b("\0".join(map(str, parts)).encode(), digest_size=8).digest()
    return Key(int.from_bytes(digest, "big", signed=True), weight)


def _signed(number: int) -> int:
    """64 bits as the databases keep them."""
    return number - (1 << 64) if number >= 1 << 63 else number
