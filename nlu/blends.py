"""Longer tellings and letters, put together from the sentences of the data: people seldom tell one thing alone.

Most sentences of the data are short and carry one code; letters are long, carry several, and say much beside
their matter. Matters of every kind are put into the same frames, so that the manner of a letter decides nothing.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.examples import Example

_SEED = 735
_PAIRED = ("report_fraud", "complain_inspection")
_PAIR_SHARE = 0.3
_LETTERS = {
    "report_fraud": (0.25, 2),
    "complain_inspection": (0.1, 2),
    "appeal_penalty": (0.5, 2),
    "out_of_scope": (1.0, 3),
    "ask_policy_reimbursement": (0.4, 2),
    "complain_service": (1.0, 2),
}
"""Of each intent how many letters for one sentence, and how many of its sentences a letter holds at most."""
_NOTES = {"report_fraud": 0.12, "complain_inspection": 0.04, "out_of_scope": 0.3, "complain_service": 0.2}
"""Of each intent how many short tellings with a place, a name and a time for one sentence."""
_ASIDES = ("out_of_scope", "ask_policy_reimbursement")
"""Of these a letter that reports a fraud may hold a sentence or two as well: it reports all the same."""
_ASIDE_SHARE = 0.4
_LONGEST = 90
_NOTE = 40
_FRAMED = 0.6


def path() -> Path:
    """Where the frames of letters stand."""
    return Path(__file__).parent / "data" / "lexicon" / "letter.toml"


@cache
def _frames() -> dict[str, list[str]]:
    frames: dict[str, list[str]] = tomllib.loads(path().read_text("utf-8"))
    return frames


def blends(rows: Sequence[Example], back: NDArray[np.bool_]) -> tuple[list[Example], NDArray[np.bool_]]:
    """Made examples, and which of them are kept back: each is made of sentences all kept back, or of none."""
    chance = random.Random(_SEED)  # noqa: S311 — the same blends every time, no secret
    made: list[Example] = []
    where: list[bool] = []
    for part in (False, True):
        asides = [row for at, row in enumerate(rows) if row.intent in _ASIDES and back[at] == part]
        for intent in dict.fromkeys((*_PAIRED, *_LETTERS)):
            told = [row for at, row in enumerate(rows) if row.intent == intent and back[at] == part]
            coded = [row for row in told if row.codes]
            more = _pairs(coded, chance) if intent in _PAIRED else []
            more += _letters(
                coded if intent in _PAIRED else told, intent, asides if intent == _PAIRED[0] else [], chance
            )
            more += _notes(coded if intent in _PAIRED else told, intent, chance)
            made += more
            where += [part] * len(more)
    return made, np.array(where, dtype=np.bool_)


def _pairs(told: list[Example], chance: random.Random) -> list[Example]:
    if len({row.codes for row in told}) < 2:
        return []
    firsts = chance.sample(told, int(len(told) * _PAIR_SHARE))
    return [_joined([first, chance.choice(told)], []) for first in firsts]


def _letters(told: list[Example], intent: str, asides: list[Example], chance: random.Random) -> list[Example]:
    share, most = _LETTERS.get(intent, (0.0, 1))
    short = [row for row in told if len(row.text) <= _LONGEST]
    beside = [row for row in asides if len(row.text) <= _LONGEST]
    if len(short) < most:
        return []
    letters = []
    for _ in range(int(len(told) * share)):
        chosen = chance.sample(short, chance.randint(1, most))
        if len(beside) > 1 and chance.random() < _ASIDE_SHARE:
            chosen += chance.sample(beside, chance.randint(1, 2))
            chosen[1:] = chance.sample(chosen[1:], len(chosen) - 1)
        letters.append(_joined(chosen, _frame(chance)))
    return letters


def _notes(told: list[Example], intent: str, chance: random.Random) -> list[Example]:
    """城关区的仁济医院…,今年九月: where, who, what, when."""
    frames = _frames()
    short = [row for row in told if len(row.text) <= _NOTE]
    notes = []
    for row in chance.sample(short, min(len(short), int(len(told) * _NOTES.get(intent, 0)))):
        where, who, when = (chance.choice(frames[kind]) for kind in ("wheres", "whos", "whens"))
        text = chance.choice(
            (f"{where}{who}{row.text},{when}", f"{when},{where}{who}{row.text}", f"{where}{who},{row.text}")
        )
        notes.append(Example(text, row.intent, row.codes, row.source))
    return notes


def _frame(chance: random.Random) -> list[str]:
    """An opening, what is said beside the matter, a gap for it, a closing."""
    frames = _frames()
    opening = [chance.choice(frames["openings"])] if chance.random() < _FRAMED else []
    closing = [chance.choice(frames["closings"])] if chance.random() < _FRAMED else []
    before = chance.sample(frames["backgrounds"], chance.randint(0, 2))
    after = chance.sample(frames["backgrounds"], chance.randint(0, 1))
    return [*opening, *before, "", *after, *closing]


def _joined(told: list[Example], frame: list[str]) -> Example:
    """Several sentences as one example with all their codes, in a frame where there is one."""
    codes = tuple(dict.fromkeys(code for row in told for code in row.codes))
    texts = [row.text.rstrip("。,，") for row in told]
    if frame:
        at = frame.index("")
        texts = [*frame[:at], *texts, *frame[at + 1 :]]
    return Example("。".join(texts), told[0].intent, codes, told[0].source)
