"""Quoted wording: stretches that an outgoing text shares with a report, small changes in between allowed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nlu.text import normalise
from routing.leaks.table import table

MOST_PLACES = 40
"""Places of one run of a report that are looked at: a text that repeats itself must not cost its square."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A stretch of the outgoing text and how many of its characters are the report's own."""

    start: int
    end: int
    shared: int


@dataclass(frozen=True, slots=True)
class Letters:
    """A text without punctuation and spaces; `at[i]` is where its letter i stands in the text as written."""

    letters: str
    at: Sequence[int]

    @classmethod
    def of(cls, text: str) -> Letters:
        """The letters of `text`; a mask stays as a star, which no letter equals."""
        folded, offsets = normalise(text)
        kept = [(char, offsets[i]) for i, char in enumerate(folded) if char.isalnum() or char == "*"]
        return cls("".join(char for char, _ in kept), [at for _, at in kept])


def quotes(outgoing: str, report: str, common: Iterable[str]) -> list[Quote]:
    """Where `outgoing` repeats `report`; what stands in `common` (names, phrases of every office) does not count."""
    settings = table()["quote"]
    shortest, gap = int(settings["shortest"]), int(settings["gap"])
    out, told = Letters.of(outgoing), Letters.of(report)
    same = _shared(out.letters, told.letters, shortest)
    for phrase in table()["words"]["stock"]:
        _strike(same, out.letters, Letters.of(phrase).letters)
    for name in common:
        # Whoever shortens a name, 北街店 without its county, still only names it.
        letters = Letters.of(name).letters
        for at in range(max(1, len(letters) - shortest + 1)):
            _strike(same, out.letters, letters[at : at + shortest])
    return [
        Quote(out.at[first], out.at[last] + 1, sum(same[first : last + 1]))
        for first, last in _stretches(same, gap)
        if sum(same[first : last + 1]) >= shortest
    ]


def _shared(out: str, told: str, shortest: int) -> list[bool]:
    """For each letter of `out`, whether it lies in a run of at least `shortest` that `told` holds as well."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for at in range(len(told) - shortest + 1):
        gram = told[at : at + shortest]
        if "*" not in gram and len(places[gram]) < MOST_PLACES:
            places[gram].append(at)
    same = [False] * len(out)
    for at in range(len(out) - shortest + 1):
        if out[at : at + shortest] in places:
            same[at : at + shortest] = [True] * shortest
    return same


def _strike(same: list[bool], out: str, phrase: str) -> None:
    """Take out what is said in every paper."""
    at = out.find(phrase) if phrase else -1
    while at >= 0:
        same[at : at + len(phrase)] = [False] * len(phrase)
        at = out.find(phrase, at + len(phrase))


def _stretches(same: Sequence[bool], gap: int) -> list[tuple[int, int]]:
    """First and last letter of each stretch; up to `gap` other letters in between do not part it."""
    found: list[tuple[int, int]] = []
    for at, shared in enumerate(same):
        if not shared:
            continue
        if found and at - found[-1][1] <= gap + 1:
            found[-1] = (found[-1][0], at)
        else:
            found.append((at, at))
    return found
