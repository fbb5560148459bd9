"""From margins to probabilities, fitted on sentences that the model had not seen.

Sides and intents exclude each other: a softmax with one temperature. Codes do not: each stands by its own
margin and by its lead over the best other code, joined by a logistic curve. Only numpy.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.linear import Floats

Truth = NDArray[np.bool_]
_TEMPERATURES = np.geomspace(0.08, 2.0, 40)
_CANDIDATES = 6
_CLEAR = np.float32(1.5)
"""Margins beyond this say no more."""
_RARITY = 0.25
"""Weight of a label by its number in the data: 0 leaves the data as it is, 1 makes all labels equal."""


def softmax(margins: Floats, temperature: float) -> Floats:
    """Probabilities that sum to one, along the last axis."""
    lifted = margins / np.float32(temperature)
    powers = np.exp(lifted - lifted.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)


def code_probabilities(margins: Floats, curve: list[float]) -> Floats:
    """For each code of one text: how likely it is alleged."""
    if margins.size < 2:
        return np.zeros(margins.size, dtype=np.float32)
    best, second = np.partition(margins, -2)[[-1, -2]]
    lead = margins - np.where(margins == best, second, best)
    slope, margin_lead, offset = curve
    return np.asarray(1 / (1 + np.exp(-(slope * margins + margin_lead * lead + offset))), dtype=np.float32)


def evidence(margins: Floats, citizen: int) -> Floats:
    """What the codes say about side and intent, by the last axis: a constant, the best of the citizen's, of the others.

    The first `citizen` columns are the citizen's.
    """
    hints = np.ones((*margins.shape[:-1], 3), dtype=np.float32)
    margins[..., :citizen].max(axis=-1, initial=-_CLEAR, out=hints[..., 1])
    margins[..., citizen:].max(axis=-1, initial=-_CLEAR, out=hints[..., 2])
    return np.minimum(hints, _CLEAR, out=hints)


def fit(
    margins: Floats, truth: Truth, told: NDArray[np.bool_], sides: int, intents: int, citizen: int
) -> dict[str, Any]:
    """All constants of calibration for a model whose columns are sides, intents, codes."""
    side, intent = slice(0, sides), slice(sides, sides + intents)
    codes = slice(sides + intents, None)
    hints = evidence(margins[:, codes], citizen)
    result: dict[str, Any] = {"intents": _exclusive(margins[:, intent], truth[:, intent], hints)}
    if sides:
        alleged = truth[:, codes].any(axis=1)
        result["sides"] = _exclusive(margins[:, side], truth[:, side], hints)
        result["codes"] = _curve(margins[told, codes], truth[told, codes])
        result["threshold"] = _threshold(margins[alleged, codes], truth[alleged, codes], result["codes"])
    return result


def _temperature(margins: Floats, truth: Truth) -> float:
    losses = [-np.log(softmax(margins, float(t))[truth] + 1e-9).mean() for t in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def _exclusive(margins: Floats, truth: Truth, hints: Floats) -> dict[str, Any]:
    """A temperature and, for each label, a tilt by what the codes say; rare labels weigh more than their number.

    The training set holds far more tellings than talk; a conversation does not.
    """
    weights = (truth / np.maximum(truth.sum(axis=0), 1) ** _RARITY).sum(axis=1)
    weights = (weights / weights.sum())[:, None]
    tilt = np.zeros((hints.shape[1], margins.shape[1]))
    temperature = _temperature(margins, truth)
    for _ in range(3):
        for _ in range(80):
            chances = softmax(margins + (hints @ tilt).astype(np.float32), temperature)
            tilt -= 1.5 * temperature * (hints.T @ (weights * (chances - truth)) + 2e-4 * tilt)
        temperature = _temperature(margins + (hints @ tilt).astype(np.float32), truth)
    return {"temperature": temperature, "tilt": tilt.round(4).tolist()}


def _curve(margins: Floats, truth: Truth) -> list[float]:
    """Logistic regression by Newton's method over the likeliest codes of each sentence."""
    order = np.argsort(-margins, axis=1)[:, :_CANDIDATES]
    top = np.take_along_axis(margins, order, axis=1)
    lead = top - np.where(np.arange(top.shape[1]) == 0, top[:, 1:2], top[:, 0:1])
    inputs = np.stack([top.ravel(), lead.ravel(), np.ones(top.size)], axis=1).astype(np.float64)
    hits = np.take_along_axis(truth, order, axis=1).ravel().astype(np.float64)
    curve = np.zeros(3)
    for _ in range(30):
        chances = 1 / (1 + np.exp(-inputs @ curve))
        slope = inputs.T @ (hits - chances) - 1e-3 * curve
        bend = (inputs * (chances * (1 - chances))[:, None]).T @ inputs + 1e-3 * np.eye(3)
        curve += np.linalg.solve(bend, slope)
    return [float(value) for value in curve]


def _threshold(margins: Floats, truth: Truth, curve: list[float], precision: float = 0.86) -> float:
    """The lowest probability above which six of seven accepted codes are right."""
    chances = np.stack([code_probabilities(row, curve) for row in margins])
    order = np.argsort(-chances, axis=None)
    ranked = chances.ravel()[order]
    right = np.cumsum(truth.ravel()[order]) / np.arange(1, order.size + 1)
    enough = np.flatnonzero(right >= precision)
    return float(np.clip(ranked[enough[-1]] if enough.size else 0.9, 0.25, 0.9))
