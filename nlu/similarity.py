"""How close two texts are in wording: cosine over weighted character 1–2-grams, without a trained model.

Measured on near-duplicates of government mail, character 1–2-grams found the same event for 98 % of the messages;
what most messages share (similarity.toml) weighs less, in place of counts over a corpus that a new ledger lacks.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import lru_cache
from importlib import resources
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

BUCKETS = 1 << 12
SIGNS = 1 << 16
LONGEST = 4000
"""Characters looked at: the matter is told by then, and a pasted novel must not cost more than a message."""

Profile = NDArray[np.float32]

# Knuth's multiplicative hash: https://en.wikipedia.org/wiki/Hash_function#Fibonacci_hashing
_MIX = np.uint32(2654435761)
_MIX_AGAIN = np.uint32(2246822519)  # the second prime of xxHash: https://github.com/Cyan4973/xxHash
_LOTS = float(1 << 32) + 1.0
_SHIFT = np.uint32(32 - 12)
_FUNCTION_WEIGHT, _FIELD_WEIGHT, _SINGLE_WEIGHT = 0.15, 0.4, 0.5


@lru_cache(maxsize=1)
def _weights() -> tuple[NDArray[np.float32], NDArray[np.uint32], NDArray[np.bool_]]:
    """Weight by sign, the field's pairs sorted, and which signs are letters or digits at all."""
    words = tomllib.loads(resources.files("nlu").joinpath("similarity.toml").read_text("utf-8"))
    signs = np.ones(SIGNS, dtype=np.float32)
    signs[[ord(sign) for sign in words["function"]]] = _FUNCTION_WEIGHT
    pairs = np.array(sorted({ord(a) << 16 | ord(b) for word in words["field"] for a, b in pairwise(word)}))
    letters = np.array([unicodedata.category(chr(sign))[0] in "LN" for sign in range(SIGNS)])
    return signs, pairs.astype(np.uint32), letters


@lru_cache(maxsize=1)
def _common() -> tuple[NDArray[np.uint32], NDArray[np.float64]]:
    """The pairs that many tellings share, sorted, and what each weighs."""
    levels = tomllib.loads(resources.files("nlu").joinpath("common_pairs.toml").read_text("utf-8"))["level"]
    weighed = sorted(
        (ord(line[at]) << 16 | ord(line[at + 1]), float(level["weight"]))
        for level in levels
        for line in level["pairs"]
        for at in range(0, len(line), 2)
    )
    return np.array([pair for pair, _ in weighed], dtype=np.uint32), np.array([weight for _, weight in weighed])


@lru_cache(maxsize=1)
def _damped() -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
    """The pairs that say less in comparing, sorted, and the share of their weight that is left."""
    field = _weights()[1]
    pairs = np.union1d(field, _common()[0])
    left = np.sqrt(_commonness(pairs)) * np.where(np.isin(pairs, field), _FIELD_WEIGHT, 1.0)
    return pairs, left.astype(np.float32)


def _commonness(pairs: NDArray[np.uint32]) -> NDArray[np.float64]:
    """What each pair weighs: 1 where few tellings hold it, less where many do."""
    common, weight = _common()
    place = np.minimum(np.searchsorted(common, pairs), len(common) - 1)
    weights: NDArray[np.float64] = np.where(common[place] == pairs, weight[place], 1.0)
    return weights


def _signs(text: str) -> NDArray[np.uint32]:
    """The letters and digits of a text, half-width and lower case."""
    letters = _weights()[2]
    folded = unicodedata.normalize("NFKC", text[:LONGEST]).lower()
    signs = np.frombuffer(folded.encode("utf-32-le", "replace"), dtype=np.uint32)
    signs = signs[signs < SIGNS]
    return signs[letters[signs]]


def _pairs(signs: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Each two neighbouring signs as one number."""
    return signs[:-1] << np.uint32(16) | signs[1:]


@lru_cache(maxsize=64)
def telling_pairs(text: str, most: int, known: str = "") -> tuple[int, ...]:
    """At most so many pairs of signs by which texts of the same matter find each other, the most telling first.

    A weighted bottom-k sketch: every pair draws the same lot in every text, and rare pairs draw better ones, so that
    two texts which share rare pairs are likely to choose the same (Cohen and Kaplan, Summarizing data using bottom-k
    sketches, PODC 2007). Pairs are numbers of 32 bits, alike on every machine: they stand in the ledger.
    What the pairs of `known` say is known otherwise, such as a name: they are not chosen.
    """
    pairs = np.unique(_pairs(_signs(text)))
    if known:
        pairs = np.setdiff1d(pairs, _pairs(_signs(known)))
    if not len(pairs):
        return ()
    weights = _commonness(pairs)
    lots = ((pairs * _MIX ^ (pairs * _MIX >> np.uint32(15))) * _MIX_AGAIN).astype(np.float64) + 1.0
    ranks = -np.log(lots / _LOTS) / weights
    best = np.argsort(ranks, kind="stable")[:most]
    return tuple(int(pair) for pair in pairs[best])


def profile(text: str, known: str = "") -> Profile:
    """The text as a unit vector; texts are compared by the product of their profiles (`near`).

    What stands in `known`, such as the name and the place, is compared otherwise and left out here.
    """
    weights, (often, damped) = _weights()[0], _damped()
    signs = _signs(text)
    if not len(signs):
        return np.zeros(BUCKETS, dtype=np.float32)
    pairs = _pairs(signs)
    heft = np.sqrt(weights[signs[:-1]] * weights[signs[1:]])
    place = np.minimum(np.searchsorted(often, pairs), len(often) - 1)
    heft = np.where(often[place] == pairs, heft * damped[place], heft)
    if known:
        told = (pairs[:, None] == _pairs(_signs(known))).any(axis=1)
        heft = np.where(told, 0.0, heft)
        covered = np.zeros(len(signs), dtype=bool)
        covered[:-1] |= told
        covered[1:] |= told
        singles = np.where(covered, 0.0, weights[signs])
    else:
        singles = weights[signs]
    hashed = np.concatenate((signs, pairs)) * _MIX >> _SHIFT
    hefts = np.concatenate((singles * _SINGLE_WEIGHT, heft))
    # The root damps what one text repeats; a pair seen once keeps its weight.
    counts = np.sqrt(np.bincount(hashed, hefts * hefts, minlength=BUCKETS)).astype(np.float32)
    length = float(np.sqrt(counts @ counts))
    return counts / np.float32(length) if length else counts


def near(one: Profile, other: Profile) -> float:
    """The cosine of two profiles, between 0 and 1."""
    return min(1.0, max(0.0, float(one @ other)))


def closeness(a: str, b: str) -> float:
    """How close two texts are in wording, between 0 (nothing shared) and 1 (the same signs)."""
    if a == b:
        return 1.0
    return near(profile(a), profile(b))


@lru_cache(maxsize=1)
def _sounds() -> dict[str, str]:
    """The sound of each character that has one."""
    rows = resources.files("nlu").joinpath("data", "lexicon", "sounds.tsv").read_text("utf-8").splitlines()
    pairs = (row.split("\t") for row in rows if "\t" in row and not row.startswith(("#", "sound\t")))
    return {sign: sound for sound, signs in pairs for sign in signs}


def same_sound(one: str, other: str) -> bool:
    """Whether two characters sound alike, so that a hurried hand may type the one for the other."""
    return one in _sounds() and _sounds()[one] == _sounds().get(other)


# Figures of two digits or more that are no year, month, day or hour.
_FIGURE = re.compile(r"(?<![\d.年月])\d{2,}(?:\.\d+)?(?![\d.]|[年月日号点]|个月)")


def same_figure(one: str, other: str) -> bool:
    """Whether two texts hold the same figure, other than a date: tellers of one matter often agree on one."""
    found = set(_FIGURE.findall(one))
    return bool(found) and not found.isdisjoint(_FIGURE.findall(other))
