"""What matching would find if it compared a report with every stored one: the measure of what keys miss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from intake.likeness import Decision, Told, compare, decide
from intake.matching import RANK, wording_of
from intake.names import agreement
from nlu.similarity import profile, same_figure

AT_ONCE = 1000
WORDING = 0.3
NAMES = 0.55
"""Below both, no rule suggests or attaches: such pairs need not be judged one by one."""


@dataclass(frozen=True, slots=True)
class Best:
    """The best decision about one asked report, over all stored ones."""

    decision: Decision = "new"
    score: float = 0.0
    report: int = 0

    @property
    def rank(self) -> tuple[int, float]:
        """By which two are compared."""
        return RANK[self.decision], self.score


class Asked:
    """The reports that are asked for, with their wording as one matrix."""

    def __init__(self, told: Sequence[Told]) -> None:
        self.told = told
        self.words = np.stack([profile(*wording_of(one)) for one in told])
        self.alike = lru_cache(maxsize=100_000)(self._alike)

    def _alike(self, name: str) -> tuple[int, ...]:
        """Which of them may mean an institution of this name."""
        near = (agreement(name, one.institution) if one.institution else 0.0 for one in self.told)
        return tuple(at for at, share in enumerate(near) if share >= NAMES)

    def may_match(self, one: Told, wording: np.ndarray) -> set[int]:
        """Which of them a stored report could be judged to match at all."""
        pairs = {int(at) for at in np.flatnonzero(wording >= WORDING)}
        if one.institution:
            pairs.update(self.alike(one.institution))
        if one.organ and one.first:
            pairs.update(at for at, asked in enumerate(self.told) if asked.organ and asked.first == one.first)
        return pairs


def best_among(stored: Sequence[Told], first: int, asked: Asked) -> list[Best]:
    """For each asked report the best decision among these; the first of them is report number `first` + 1."""
    best = [Best()] * len(asked.told)
    for start in range(0, len(stored), AT_ONCE):
        part = stored[start : start + AT_ONCE]
        wording = np.stack([profile(*wording_of(one)) for one in part]) @ asked.words.T
        for at, one in enumerate(part):
            for other in asked.may_match(one, wording[at]):
                like = compare(asked.told[other], one, same_teller=False)
                if like is None:
                    continue
                number = same_figure(asked.told[other].text, one.text)
                like = like._replace(wording=float(wording[at, other]), number=number)
                found = Best(decide(one.side, like, case_open=True), like.score, first + start + at + 1)
                best[other] = max(best[other], found, key=lambda each: each.rank)
    return best
