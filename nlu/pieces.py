"""Long texts in pieces: how they are cut, and how what is heard in the pieces becomes one judgement."""

from __future__ import annotations

import re

import numpy as np

from nlu.linear import Floats

WHOLE = 160
"""Longer texts are heard piece by piece as well."""
MOST = 40
PIECE = 60
LISTENED = PIECE * MOST
"""Characters of the beginning that are heard as a whole."""

_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;\n]*")
_CODE_SHARE = 0.5
_OTHER_SHARE = 0.25


def cut(text: str) -> list[str]:
    """The whole (its beginning, where it is very long), and for long texts its sentences in groups."""
    if len(text) <= WHOLE:
        return [text]
    pieces: list[str] = []
    for sentence in _SENTENCE.findall(text):
        for start in range(0, len(sentence), 2 * PIECE):
            part = sentence[start : start + 2 * PIECE]
            if pieces and len(pieces[-1]) + len(part) <= PIECE:
                pieces[-1] += part
            else:
                pieces.append(part)
    if len(pieces) > MOST:
        pieces = pieces[: MOST - 8] + pieces[-8:]
    return [text[:LISTENED], *pieces]


def pool(scores: Floats, first_code: int) -> Floats:
    """One row from the whole and its pieces.

    A code may stand in a single sentence, so its clearest piece counts half. Whose voice it is and what is wanted
    is said by the letter as a whole: the clearest of thirty pieces would find a reproach in any letter.
    """
    whole: Floats = scores[0]
    if len(scores) == 1:
        return whole
    pieces = scores[1:]
    pooled: Floats = np.empty_like(whole)
    pooled[:first_code] = (1 - _OTHER_SHARE) * whole[:first_code] + _OTHER_SHARE * pieces[:, :first_code].mean(axis=0)
    pooled[first_code:] = (1 - _CODE_SHARE) * whole[first_code:] + _CODE_SHARE * pieces[:, first_code:].max(axis=0)
    return pooled
