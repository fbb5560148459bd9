"""The linear model as it is served: weights mapped from a file, a look-up and a sum.

Only numpy. A model is a folder of plain `.npy` files and a `model.json`; nothing in it can run code.
Weights are eight-bit numbers with one scale for each feature: a quarter of the memory, and nothing lost that
the held-out sentences would show.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu import features
from nlu.features import Features

Floats = NDArray[np.float32]
FORMAT = 3
_STEPS = 127


@dataclass(frozen=True, slots=True)
class Hit:
    """The known features of one text: rows of the model, each once, and their values, normed."""

    rows: NDArray[np.int64]
    values: Floats
    every: NDArray[np.int64]
    """The row of every occurrence that is known, in the order in which it was found."""
    inside: NDArray[np.bool_]
    """Which of the found features are known."""


class Weighing:
    """How much each group of features counts, and each feature within its group."""

    def __init__(self, known: NDArray[np.uint64], weights: Floats, groups: NDArray[np.uint8], balance: Floats) -> None:
        self.known = known
        """Sorted hashes."""
        self.weights = weights
        self.groups = groups
        self.balance = balance
        self._shares: list[float] = balance.tolist()
        bits = max(int(known.size).bit_length(), 1)
        self._shift = np.uint64(64 - bits)
        sizes = np.bincount((known >> self._shift).astype(np.int64), minlength=1 << bits)
        self._first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        self._padded = np.append(known, np.uint64(0xFFFFFFFFFFFFFFFF))

    def find(self, hashes: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Where each hash stands, and whether it does: a step into its shelf, then a few along it."""
        at = self._first[(hashes >> self._shift).astype(np.int64)]
        there = self._padded[at]
        behind = (there < hashes).nonzero()[0]
        while behind.size:
            at[behind] += 1
            there[behind] = self._padded[at[behind]]
            behind = behind[there[behind] < hashes[behind]]
        return at, there == hashes

    def look_up(self, found: Features) -> Hit:
        """The known features, each once, every group brought to its share and the whole to length one."""
        at, inside = self.find(found.hashes)
        every = at[inside]
        rows = np.sort(every)
        if rows.size > 1:
            rows = rows[np.concatenate([_FIRST, rows[1:] != rows[:-1]])]
        return Hit(rows, self.values(rows), every, inside)

    def values(self, rows: NDArray[np.int64]) -> Floats:
        """What the features of one text weigh together."""
        values = self.weights[rows]
        groups = self.groups[rows]
        squares = np.bincount(groups, values * values, features.GROUPS).tolist()
        shares = [share if square else 0.0 for share, square in zip(self._shares, squares, strict=True)]
        length = math.hypot(*shares) or 1.0
        factors = [
            share / (math.sqrt(square) * length) if square else 0.0
            for share, square in zip(shares, squares, strict=True)
        ]
        return values * np.array(factors, dtype=np.float32)[groups]


_FIRST = np.ones(1, dtype=np.bool_)


class LinearModel:
    """Weights for every label over every known feature."""

    def __init__(
        self, weighing: Weighing, weights: NDArray[np.int8], scales: Floats, bias: Floats, header: dict[str, Any]
    ) -> None:
        self.weighing = weighing
        self.weights = weights
        self.scales = scales
        self.bias = bias
        self.header = header

    @classmethod
    def of(cls, weighing: Weighing, weights: Floats, bias: Floats, header: dict[str, Any]) -> LinearModel:
        """From weights as they were learnt."""
        scales = np.maximum(np.abs(weights).max(axis=1, initial=0), 1e-9).astype(np.float32) / np.float32(_STEPS)
        small = np.empty(weights.shape, dtype=np.int8)
        np.rint(weights / scales[:, None], out=small, casting="unsafe")
        return cls(weighing, small, scales, bias, header)

    @classmethod
    def open(cls, folder: Path) -> LinearModel:
        """Map a model from its folder; a damaged one raises OSError or ValueError."""
        header = json.loads((folder / "model.json").read_text("utf-8"))
        if header["format"] != FORMAT:
            raise ValueError(f"{folder} holds a model of format {header['format']}, not {FORMAT}")
        weighing = Weighing(
            np.load(folder / "known.npy"),
            np.load(folder / "idf.npy"),
            np.load(folder / "groups.npy"),
            np.array(header["balance"], dtype=np.float32),
        )
        return cls(
            weighing, _map(folder / "weights.npy"), np.load(folder / "scales.npy"), np.load(folder / "bias.npy"), header
        )

    def save(self, folder: Path) -> None:
        """Write all files; the header last, so that a folder with a header is whole."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "known.npy", self.weighing.known)
        np.save(folder / "idf.npy", self.weighing.weights)
        np.save(folder / "groups.npy", self.weighing.groups)
        np.save(folder / "weights.npy", self.weights)
        np.save(folder / "scales.npy", self.scales)
        np.save(folder / "bias.npy", self.bias)
        (folder / "model.json").write_text(json.dumps(self.header, ensure_ascii=False, indent=1), "utf-8")

    def score(self, hit: Hit) -> Floats:
        """One number for every label; higher is likelier."""
        if not hit.rows.size:
            return self.bias.copy()
        scaled = hit.values * self.scales[hit.rows]
        return np.asarray(scaled @ self.weights[hit.rows].astype(np.float32) + self.bias, dtype=np.float32)

    def blame(self, found: Features, hit: Hit, labels: list[int], length: int) -> Floats:
        """For each label how much each character of a text of `length` spoke for it."""
        if not hit.rows.size:
            return np.zeros((len(labels), length), dtype=np.float32)
        starts, ends = found.spans()
        starts, ends = starts[hit.inside], ends[hit.inside]
        ours = self.weights[hit.rows][:, labels].T * (hit.values * self.scales[hit.rows])
        parts = ours[:, hit.rows.searchsorted(hit.every)] / (ends - starts)
        edges = [np.bincount(starts, part, length + 1) - np.bincount(ends, part, length + 1) for part in parts]
        return np.cumsum(edges, axis=1)[:, :length].astype(np.float32)


def _map(path: Path) -> NDArray[Any]:
    """A plain array over the file's pages: look-ups on numpy's own subclass are several times slower."""
    return np.asarray(np.load(path, mmap_mode="r")).view(np.ndarray)
