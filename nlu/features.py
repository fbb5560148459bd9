"""From a message to a sparse vector: character n-grams, words, syllables, the field's concepts.

Everything is hashed by arithmetic that is the same in every process and on every machine, and it can be
told for every feature where in the text it stood, so that a judgement can name the words that caused it.
Only numpy, rjieba and Aho–Corasick, and no loop over features: this module is on the path of every message.
"""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

import ahocorasick
import numpy as np
import rjieba
from numpy.typing import NDArray
from zhconv_rs import zhconv

Hashes = NDArray[np.uint64]
Offsets = NDArray[np.int64]

_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_SHIFT = np.uint64(32)
_WHOLE_WORD = (1 << 64) - 1
_EDGE = ord("^")
_PAUSE = ord(",")
_NUMERALS = str.maketrans(dict.fromkeys("一二三四五六七八九十百千万两俩仨零〇半", "0"))
_GRAMS = 4
_WORDS = (11, 12, 13)
"""Salts of words, of neighbours, of neighbours over one."""
_SOUNDS = (21, 22, 23)
"""Salts of two, three and four syllables."""
_CONCEPT = 31
_MOST_CONCEPTS = 14

CHARACTERS, WORDS, SOUNDS, CONCEPTS = 0, 1, 2, 3
GROUPS = 4


@dataclass(frozen=True, slots=True)
class Features:
    """What was found in one text: a hash each; characters first, then words, then syllables, then concepts."""

    hashes: Hashes
    sizes: tuple[int, int, int, int]
    """How many features each group has."""
    where: Offsets
    """Where in the original each kept character stood, with an edge on both sides."""
    bounds: Offsets
    """Where words begin and end among the kept characters."""
    concepts: tuple[Offsets, Offsets]
    """Where concepts begin and end in the original."""

    @property
    def groups(self) -> NDArray[np.uint8]:
        """The group of each feature."""
        return np.repeat(np.arange(GROUPS, dtype=np.uint8), self.sizes)

    def spans(self) -> tuple[Offsets, Offsets]:
        """The half-open stretch of the original for each feature."""
        starts: list[Offsets] = []
        ends: list[Offsets] = []
        for length in range(1, _GRAMS + 1):
            count = self.where.size - length + 1
            if count < 1:
                break
            starts.append(self.where[:count])
            ends.append(self.where[length - 1 :] + 1)
        for step in range(1, len(_WORDS) + 1):
            if self.bounds.size > step:
                starts.append(self.where[self.bounds[:-step] + 1])
                ends.append(self.where[self.bounds[step:]] + 1)
        for length in range(2, len(_SOUNDS) + 2):
            count = self.where.size - length + 1
            if count < 1:
                break
            starts.append(self.where[:count])
            ends.append(self.where[length - 1 :] + 1)
        starts.append(self.concepts[0])
        ends.append(self.concepts[1])
        return np.concatenate(starts), np.concatenate(ends)


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


@lru_cache(maxsize=1)
def _keeping() -> NDArray[np.uint16]:
    """What each code point is kept as: letters, ideographs, a pause, 0 for every digit; nothing for the rest."""
    table = np.zeros(sys.maxunicode + 1, dtype=np.uint16)
    plain = [*range(0x4E00, 0xA000), *range(ord("a"), ord("z") + 1), _PAUSE]
    table[plain] = plain
    table[ord("0") : ord("9") + 1] = ord("0")
    folded = {point: int(table[ord(character)]) for point, character in _folding().items()}
    table[list(folded)] = list(folded.values())
    return table


def _kept(text: str) -> tuple[NDArray[np.uint16], Offsets]:
    """What is kept of the text, runs of digits and of pauses as one, and where each stood."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    codes = _keeping()[points]
    places = codes.nonzero()[0]
    codes = codes[places]
    marks = (codes < ord("a")).nonzero()[0]
    if marks.size:
        again = marks[1:][(marks[1:] == marks[:-1] + 1) & (codes[marks[1:]] == codes[marks[:-1]])]
        if again.size:
            codes, places = np.delete(codes, again), np.delete(places, again)
        if codes[0] == _PAUSE:
            codes, places = codes[1:], places[1:]
    return codes, places


def kept(text: str) -> str:
    """The text as features see it."""
    return _kept(text)[0].tobytes().decode("utf-16-le")


@lru_cache(maxsize=1 << 16)
def _word(word: str) -> int:
    """A polynomial hash of a word, its numerals masked."""
    value = 0
    for character in word.translate(_NUMERALS):
        value = (value * int(_BASE) + ord(character)) & _WHOLE_WORD
    return value


class Lexicon:
    """The field's concepts, each with many everyday wordings; "a~b" means a, then b a few characters on."""

    _GAP = 8

    def __init__(self, concepts: dict[str, list[str]]) -> None:
        self.names = tuple(sorted(concepts))
        self._wordings: dict[str, tuple[list[int], list[tuple[str, int]]]] = {}
        for number, name in enumerate(self.names):
            for wording in concepts[name]:
                head, _, tail = wording.partition("~")
                plain, led = self._wordings.setdefault(kept(head), ([], []))
                if tail:
                    led.append((kept(tail), number))
                else:
                    plain.append(number)
        self._automaton = ahocorasick.Automaton()
        for literal in self._wordings:
            self._automaton.add_word(literal, literal)
        if len(self._automaton):
            self._automaton.make_automaton()

    def find(self, text: str) -> dict[int, tuple[int, int]]:
        """For each concept in a kept text where it first stands."""
        first: dict[int, tuple[int, int]] = {}
        if not len(self._automaton):
            return first
        for last, literal in self._automaton.iter(text):
            end = last + 1
            start = end - len(literal)
            plain, led = self._wordings[literal]
            for number in plain:
                first.setdefault(number, (start, end))
            for tail, number in led:
                if number in first:
                    continue
                at = text[end : end + self._GAP + len(tail)].partition(",")[0].find(tail)
                if at >= 0:
                    first[number] = (start, end + at + len(tail))
        return first


def locate(text: str, lexicon: Lexicon) -> dict[int, tuple[int, int]]:
    """For each concept of a lexicon where in the original text it first stands."""
    codes, places = _kept(text)
    found = lexicon.find(codes.tobytes().decode("utf-16-le"))
    return {
        number: (int(places[start]), _run_end(text, int(places[end - 1]))) for number, (start, end) in found.items()
    }


def _run_end(text: str, last: int) -> int:
    """Where a stretch ends whose last kept character stands at `last`: a run of digits is kept as one."""
    end = last + 1
    while text[last].isdigit() and end < len(text) and text[end].isdigit():
        end += 1
    return end


def lexicon_path() -> Path:
    """Where the concepts stand: part of the model's content hash, as the sentences are."""
    return Path(__file__).parent / "data" / "lexicon" / "concepts.toml"


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The packaged lexicon, `nlu/data/lexicon/concepts.toml`."""
    table: dict[str, list[str]] = tomllib.loads(lexicon_path().read_text("utf-8"))["concepts"]
    return Lexicon(table)


@lru_cache(maxsize=_MOST_CONCEPTS + 1)
def _couples(count: int) -> tuple[Offsets, Offsets]:
    left, right = np.triu_indices(count, 1)
    return left, right


_NOTHING: Hashes = np.zeros(0, dtype=np.uint64)
_NOWHERE: Offsets = np.zeros(0, dtype=np.int64)


def _concepts(text: str, places: Offsets) -> tuple[Hashes, tuple[Offsets, Offsets]]:
    """Concepts and their pairs: hashes, and where they begin and end."""
    found = sorted(lexicon().find(text).items())[:_MOST_CONCEPTS]
    if not found:
        return _NOTHING, (_NOWHERE, _NOWHERE)
    table = np.array([(number + 1, start, end) for number, (start, end) in found], dtype=np.int64)
    left, right = _couples(len(found))
    numbers, starts, ends = table[:, 0], places[table[:, 1]], places[table[:, 2] - 1] + 1
    hashes = np.concatenate([numbers, numbers[left] * 1009 + numbers[right]]).astype(np.uint64)
    return hashes, (np.concatenate([starts, starts[left]]), np.concatenate([ends, ends[left]]))


def _grams(codes: NDArray[np.uint16]) -> list[Hashes]:
    """Rolling hashes of one to four characters, the edges among them."""
    points = np.empty(codes.size + 2, dtype=np.uint64)
    points[0] = points[-1] = _EDGE
    points[1:-1] = codes
    found = [points]
    for length in range(2, min(_GRAMS, points.size) + 1):
        found.append(found[-1][:-1] * _BASE + points[length - 1 :])
    return found


def sounds_path() -> Path:
    """Which characters sound alike: part of the model's content hash."""
    return Path(__file__).parent / "data" / "lexicon" / "sounds.tsv"


@lru_cache(maxsize=1)
def _sounding() -> Hashes:
    """What each kept character sounds like: a number for each syllable, the character itself where it has none."""
    table = np.arange(0xFFFF, dtype=np.uint64)
    rows = (line for line in sounds_path().read_text("utf-8").splitlines() if not line.startswith(("#", "sound\t")))
    for number, row in enumerate(rows):
        table[[ord(character) for character in row.partition("\t")[2]]] = number + 0x20000
    return table


def _sounds(points: Hashes) -> list[Hashes]:
    """Rolling hashes of two to four syllables: 飘 for 票 and 报消 for 报销 are heard all the same."""
    found = [_sounding()[points]]
    syllables = found[0]
    for length in range(2, min(len(_SOUNDS) + 1, points.size) + 1):
        found.append(found[-1][:-1] * _BASE + syllables[length - 1 :])
    return found[1:]


def _words(text: str) -> tuple[list[Hashes], Offsets]:
    """Words, neighbours and neighbours over one, and where words begin and end."""
    cut = rjieba.cut(text)
    bounds = np.array([0, *accumulate(map(len, cut))], dtype=np.int64)
    singles = np.array(list(map(_word, cut)), dtype=np.uint64)
    steps = range(1, min(len(_WORDS), singles.size))
    return [singles, *(singles[:-step] * _MIX + singles[step:] for step in steps)], bounds


def extract(text: str) -> Features:
    """All features of a text; an empty text has none."""
    codes, places = _kept(text)
    if not codes.size:
        return Features(_NOTHING, (0, 0, 0, 0), _NOWHERE, _NOWHERE, (_NOWHERE, _NOWHERE))
    seen = codes.tobytes().decode("utf-16-le")
    grams = _grams(codes)
    words, bounds = _words(seen)
    sounds = _sounds(grams[0])
    concepts, spots = _concepts(seen, places)
    parts = [*grams, *words, *sounds, concepts]
    sizes = [part.size for part in parts]
    salts = _salts(len(grams), len(words), len(sounds)).repeat(sizes)
    mixed = np.concatenate(parts)
    mixed ^= salts
    mixed *= _MIX
    mixed ^= mixed >> _SHIFT
    first, second = len(grams), len(grams) + len(words)
    groups = (sum(sizes[:first]), sum(sizes[first:second]), sum(sizes[second:-1]), concepts.size)
    where = np.empty(places.size + 2, dtype=np.int64)
    where[0], where[-1] = places[0], places[-1]
    where[1:-1] = places
    return Features(mixed, groups, where, bounds, spots)


@lru_cache(maxsize=16)
def _salts(grams: int, words: int, sounds: int) -> Hashes:
    """One for each kind of feature, so that kinds stay apart."""
    kinds = [*range(1, grams + 1), *_WORDS[:words], *_SOUNDS[:sounds], _CONCEPT]
    return np.array([kind * 0x51ED270B for kind in kinds], dtype=np.uint64)
