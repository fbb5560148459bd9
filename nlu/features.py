"""From a message to a sparse vector: character n-grams, words, the field's concepts.

Everything is hashed by arithmetic that is the same in every process and on every machine, and every
feature remembers where in the text it stood, so that a judgement can name the words that caused it.
Only numpy, rjieba and Aho–Corasick: this module is on the path of every message.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import ahocorasick
import numpy as np
import rjieba
from numpy.typing import NDArray
from zhconv_rs import zhconv

Hashes = NDArray[np.uint64]
Offsets = NDArray[np.int32]

_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_SHIFT = np.uint64(32)
_EDGE = "^"
_NUMERALS = str.maketrans(dict.fromkeys("一二三四五六七八九十百千万两俩仨零〇半", "0"))
_GRAMS = (1, 2, 3, 4)

CHARACTERS, WORDS, CONCEPTS = 0, 1, 2
GROUPS = 3


@dataclass(frozen=True, slots=True)
class Features:
    """What was found in one text: a hash, a group and a half-open stretch of the original for each."""

    hashes: Hashes
    groups: NDArray[np.uint8]
    starts: Offsets
    ends: Offsets


@lru_cache(maxsize=1)
def _folding() -> dict[int, str]:
    """One character for one character: traditional to simplified, full width to half, capitals to small."""
    table: dict[int, str] = {}
    ideographs = [chr(point) for point in range(0x4E00, 0x9FFF)]
    for before, after in zip(ideographs, zhconv("\n".join(ideographs), "zh-hans").split("\n"), strict=True):
        if before != after and len(after) == 1:
            table[ord(before)] = after
    table |= {point: chr(point - 0xFEE0) for point in range(0xFF01, 0xFF5F)}
    table |= {point: chr(point + 32) for point in range(ord("A"), ord("Z") + 1)}
    table |= {point + 0xFEE0: chr(point + 32) for point in range(ord("A"), ord("Z") + 1)}
    table |= dict.fromkeys((ord(mark) for mark in "。！？；：、…~!?;:.\n\r"), ",")
    table |= {ord("，"): ",", 0x3000: " ", ord("\t"): " "}
    return table


def fold(text: str) -> str:
    """The text in one writing, of the same length, so that offsets stay true."""
    return text.translate(_folding())


def _kept(folded: str) -> tuple[str, list[int]]:
    """Letters, ideographs and punctuation, with digits run together as one 0, and where each stood."""
    kept: list[str] = []
    places: list[int] = []
    last = ""
    for place, character in enumerate(folded):
        if "\u4e00" <= character <= "\u9fff" or "a" <= character <= "z":
            last = character
        elif "0" <= character <= "9":
            if last == "0":
                continue
            last = "0"
        elif character == ",":
            if last in {",", ""}:
                continue
            last = ","
        else:
            continue
        kept.append(last)
        places.append(place)
    return "".join(kept), places


def _points(text: str) -> Hashes:
    return np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)


def _finish(hashes: Hashes, salt: int) -> Hashes:
    """Spread the bits; the salt keeps the kinds of features apart."""
    mixed = (hashes ^ np.uint64(salt * 0x51ED270B)) * _MIX
    return np.asarray(mixed ^ (mixed >> _SHIFT), dtype=np.uint64)


def _grams(points: Hashes) -> list[tuple[Hashes, Offsets, int]]:
    found: list[tuple[Hashes, Offsets, int]] = []
    running = points
    for length in _GRAMS:
        if length > 1:
            if running.size < 2:
                break
            running = running[:-1] * _BASE + points[length - 1 :]
        found.append((_finish(running, length), np.arange(running.size, dtype=np.int32), length))
    return found


def _word_hashes(points: Hashes, bounds: NDArray[np.int64]) -> Hashes:
    """Polynomial hashes of the stretches between bounds, by prefix sums."""
    hashes = np.zeros(bounds.size - 1, dtype=np.uint64)
    lengths = np.diff(bounds)
    for step in range(int(lengths.max(initial=0))):
        inside = lengths > step
        hashes[inside] = hashes[inside] * _BASE + points[bounds[:-1][inside] + step]
    return hashes


class Lexicon:
    """The field's concepts, each with many everyday wordings; "a~b" means a, then b a few characters on."""

    _GAP = 8

    def __init__(self, concepts: dict[str, list[str]]) -> None:
        self.names = tuple(sorted(concepts))
        self._plain: dict[str, list[int]] = {}
        self._heads: dict[str, list[tuple[str, int]]] = {}
        for number, name in enumerate(self.names):
            for wording in concepts[name]:
                head, _, tail = fold(wording).partition("~")
                if tail:
                    self._heads.setdefault(head, []).append((tail, number))
                else:
                    self._plain.setdefault(head, []).append(number)
        self._automaton = ahocorasick.Automaton()
        for literal in self._plain.keys() | self._heads.keys():
            self._automaton.add_word(literal, literal)
        if len(self._automaton):
            self._automaton.make_automaton()

    def find(self, folded: str) -> list[tuple[int, int, int]]:
        """(concept, start, end) for every match, in the order of the text."""
        if not len(self._automaton):
            return []
        found: list[tuple[int, int, int]] = []
        for last, literal in self._automaton.iter(folded):
            start, end = last + 1 - len(literal), last + 1
            found.extend((number, start, end) for number in self._plain.get(literal, ()))
            for tail, number in self._heads.get(literal, ()):
                window = folded[end : end + self._GAP + len(tail)].partition(",")[0]
                at = window.find(tail)
                if at >= 0:
                    found.append((number, start, end + at + len(tail)))
        return found


def lexicon_path() -> Path:
    """Where the concepts stand: part of the model's content hash, as the sentences are."""
    return Path(__file__).parent / "data" / "lexicon" / "concepts.toml"


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The packaged lexicon, `nlu/data/lexicon/concepts.toml`."""
    table: dict[str, list[str]] = tomllib.loads(lexicon_path().read_text("utf-8"))["concepts"]
    return Lexicon(table)


def _concepts(folded: str) -> tuple[list[int], list[int], list[int]]:
    """Concepts and their pairs as (hash, start, end)."""
    first: dict[int, tuple[int, int]] = {}
    for number, start, end in lexicon().find(folded):
        first.setdefault(number, (start, end))
    singles = sorted(first.items())[:14]
    hashes = [number + 1 for number, _ in singles]
    starts = [span[0] for _, span in singles]
    ends = [span[1] for _, span in singles]
    for index, (left, span) in enumerate(singles):
        for right, _ in singles[index + 1 :]:
            hashes.append((left + 1) * 1009 + right + 1)
            starts.append(span[0])
            ends.append(span[1])
    return hashes, starts, ends


def extract(text: str) -> Features:
    """All features of a text, with their places in it; an empty text has none."""
    folded = fold(text)
    kept, places = _kept(folded)
    if not kept:
        empty = np.zeros(0, dtype=np.int32)
        return Features(np.zeros(0, np.uint64), np.zeros(0, np.uint8), empty, empty)
    where = np.array([places[0], *places, places[-1]], dtype=np.int32)
    hashes: list[Hashes] = []
    groups: list[int] = []
    starts: list[Offsets] = []
    ends: list[Offsets] = []
    for found, at, length in _grams(_points(f"{_EDGE}{kept}{_EDGE}")):
        hashes.append(found)
        starts.append(where[at])
        ends.append(where[at + length - 1] + 1)
        groups.append(found.size)
    characters = sum(groups)
    words = _words(kept)
    for found, at, until in words:
        hashes.append(found)
        starts.append(where[at + 1])
        ends.append(where[until] + 1)
    number_of_words = sum(found.size for found, _, _ in words)
    numbers, begin, finish = _concepts(folded)
    hashes.append(_finish(np.array(numbers, dtype=np.uint64), 31))
    starts.append(np.array(begin, dtype=np.int32))
    ends.append(np.array(finish, dtype=np.int32))
    kinds = np.repeat(np.array([CHARACTERS, WORDS, CONCEPTS], np.uint8), [characters, number_of_words, len(numbers)])
    return Features(np.concatenate(hashes), kinds, np.concatenate(starts), np.concatenate(ends))


def _words(kept: str) -> list[tuple[Hashes, Offsets, Offsets]]:
    """Words, neighbours and neighbours over one, numerals masked; offsets are into `kept`."""
    cut = rjieba.cut(kept)
    bounds = np.cumsum([0, *map(len, cut)])
    singles = _word_hashes(_points(kept.translate(_NUMERALS)), bounds)
    found = [(_finish(singles, 11), bounds[:-1].astype(np.int32), bounds[1:].astype(np.int32))]
    for step, salt in ((1, 12), (2, 13)):
        if singles.size > step:
            pairs = singles[:-step] * _MIX + singles[step:]
            begin, until = bounds[: -step - 1], bounds[step + 1 :]
            found.append((_finish(pairs, salt), begin.astype(np.int32), until.astype(np.int32)))
    return found
