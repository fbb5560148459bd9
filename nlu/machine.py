"""A linear support vector machine for every label at once, by dual coordinate descent, in numpy alone.

The method is Hsieh et al., "A dual coordinate descent method for large-scale linear SVM" (ICML 2008), squared
hinge loss, as in LIBLINEAR; but all labels share each visit to a sentence, so that a few numpy calls do the
work of more than a hundred machines, and nothing needs to be installed or loaded that hearing does not need.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu.linear import Floats

STRENGTH = 1.0
COUNTED = (0.0, 0.02, 0.04, 0.08)
"""How much counts may weigh beside margins: which of these, the sentences kept back decide."""
_UNSEEN = 0.002
"""What a word that a code never met counts for, beside the weights of those that it met."""
_SEED = 2006


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is to be learnt: features, labels, and the sentences from which codes, the last columns, may learn."""

    rows: list[NDArray[np.int64]]
    """Of each sentence its known features."""
    values: list[Floats]
    features: int
    truth: NDArray[np.bool_]
    told: NDArray[np.bool_]
    first_code: int

    def part(self, chosen: NDArray[np.bool_]) -> Lesson:
        """The same lesson from some of the sentences."""
        at = np.flatnonzero(chosen)
        rows, values = [self.rows[one] for one in at], [self.values[one] for one in at]
        return Lesson(rows, values, self.features, self.truth[at], self.told[at], self.first_code)


def fit(lesson: Lesson, rounds: int, tick: Callable[[int], None]) -> tuple[Floats, Floats]:
    """Weights (features by labels) and bias."""
    count, labels = lesson.truth.shape
    weights = np.zeros((lesson.features + 1, labels), dtype=np.float32)
    dual = np.zeros((count, labels), dtype=np.float32)
    signs = np.where(lesson.truth, np.float32(1), np.float32(-1))
    softness = np.float32(0.5 / STRENGTH)
    one = np.ones(1, dtype=np.float32)
    rows = [np.append(known, lesson.features) for known in lesson.rows]
    values = [np.concatenate([own, one]) for own in lesson.values]
    squares = [np.float32(1 / (float(own @ own) + float(softness))) for own in values]
    allowed = [labels if told else lesson.first_code for told in lesson.told]
    chance = np.random.Generator(np.random.PCG64(_SEED))
    for round_ in range(rounds):
        for at in chance.permutation(count):
            own, known, sign, mine, until = values[at], rows[at], signs[at], dual[at], allowed[at]
            ours = weights.take(known, axis=0)
            step = own @ ours
            step *= sign
            step -= 1
            step += mine * softness
            step *= -squares[at]
            np.maximum(step, -mine, out=step)
            step[until:] = 0
            mine += step
            step *= sign
            ours += own[:, None] * step
            weights[known] = ours
        tick(round_ + 1)
    bias = weights[-1].copy()
    bias[~lesson.truth.any(axis=0)] = -1
    return weights[:-1], bias


def counted(lesson: Lesson, said: NDArray[np.bool_]) -> Floats:
    """What the mere counts of features say for each label: the weights of a naive Bayes classifier, centred.

    A machine of margins leans on the few features that separate its sentences; with some hundred sentences a code,
    counts know more of the rest (Ng and Jordan, "On discriminative vs. generative classifiers", NIPS 2001; weights
    as in Rennie et al., "Tackling the poor assumptions of naive Bayes text classifiers", ICML 2003).
    Only from the sentences `said`: those that somebody wrote. Intents and codes are centred each among themselves.
    """
    counts = np.full((lesson.features, lesson.truth.shape[1]), _UNSEEN, dtype=np.float32)
    for at in np.flatnonzero(said):
        counts[np.ix_(lesson.rows[at], np.flatnonzero(lesson.truth[at]))] += lesson.values[at][:, None]
    np.log(counts / counts.sum(axis=0), out=counts)
    for part in (slice(0, lesson.first_code), slice(lesson.first_code, None)):
        if counts[:, part].shape[1]:
            counts[:, part] -= counts[:, part].mean(axis=1, keepdims=True)
    return counts
