"""What matching would find if it compared a report with every stored one: the measure of what keys miss."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from intake.likeness import Decision, Told, compare, decide, same_figure
from intake.matching import RANK, sought_of, wording_of
from intake.names import agreement
from nlu.similarity import profile
from tests.bench.stored import VAULT, again, report_of

AT_ONCE = 2000
WORDING = 0.25
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


def best_of_all(asked: list[int], size: int, workers: int = 2) -> list[Best]:
    """For the repeat of each of these reports, the best decision over the whole ledger."""
    with ProcessPoolExecutor(workers) as pool:
        starts = range(0, size, AT_ONCE)
        stretches = pool.map(_stretch, starts, [size] * len(starts), [tuple(asked)] * len(starts))
        best = [Best()] * len(asked)
        for found in stretches:
            best = [max(one, other, key=lambda each: each.rank) for one, other in zip(best, found, strict=True)]
    return best


@lru_cache(maxsize=1)
def _asked(asked: tuple[int, ...], size: int) -> tuple[list[Told], np.ndarray]:
    found = [sought_of(again(number, size), VAULT) for number in asked]
    return [one.told for one in found], np.stack([profile(*wording_of(one.told)) for one in found])


@lru_cache(maxsize=200_000)
def _alike(name: str | None, asked: tuple[int, ...], size: int) -> tuple[int, ...]:
    """Which of the asked reports may mean an institution of this name."""
    told, _ = _asked(asked, size)
    near = (agreement(name, one.institution) if name and one.institution else 0.0 for one in told)
    return tuple(at for at, share in enumerate(near) if share >= NAMES)


def _stretch(first: int, size: int, asked: tuple[int, ...]) -> list[Best]:
    told, words = _asked(asked, size)
    stored = [sought_of(report_of(number, size), VAULT) for number in range(first, min(first + AT_ONCE, size))]
    wording = np.stack([profile(*wording_of(one.told)) for one in stored]) @ words.T
    best = [Best()] * len(asked)
    organs = [one.organ for one in told]
    for at, one in enumerate(stored):
        pairs = {*np.flatnonzero(wording[at] >= WORDING), *_alike(one.told.institution, asked, size)}
        if one.told.organ:
            pairs |= {other for other, organ in enumerate(organs) if organ == one.told.organ}
        for other in pairs:
            like = compare(told[other], one.told, same_teller=False)
            if like is None:
                continue
            number = same_figure(told[other].text, one.text)
            like = like._replace(wording=float(wording[at, other]), number=number)
            found = Best(decide(one.told.side, like, case_open=True), like.score, first + at + 1)
            best[other] = max(best[other], found, key=lambda each: each.rank)
    return best
