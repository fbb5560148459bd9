"""The words that spoke for each category, marked in the redacted text: a suggestion shows what caused it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text; `codes` name the categories that it speaks for, none where it is plain."""

    text: str
    codes: tuple[str, ...] = ()


def parts(text: str, claims: Iterable[Mapping[str, Any]]) -> tuple[Part, ...]:
    """The text cut where marks begin and end; words that were masked away are simply not found."""
    spoken: list[list[str]] = [[] for _ in text]
    for claim in claims:
        # A single character speaks only together with others: marked alone it would puzzle its reader.
        for word in filter(lambda word: len(word) > 1, claim.get("words", ())):
            for start in _places(text, word):
                for at in range(start, start + len(word)):
                    if claim["code"] not in spoken[at]:
                        spoken[at].append(claim["code"])
    cut: list[Part] = []
    begin = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or spoken[at] != spoken[begin]:
            cut.append(Part(text[begin:at], tuple(spoken[begin])))
            begin = at
    return tuple(part for part in cut if part.text)


def _places(text: str, word: str) -> Iterable[int]:
    at = text.find(word) if word else -1
    while at >= 0:
        yield at
        at = text.find(word, at + len(word))
