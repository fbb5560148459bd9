"""The linear model as it is served: weights mapped from a file, a look-up and a sum.

Only numpy. A model is a folder of plain `.npy` files and a `model.json`; nothing in it can run code.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu import features
from nlu.features import Features

Floats = NDArray[np.float32]
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Hit:
    """The known features of one text: rows of the model, each once, and their values, normed."""

    rows: NDArray[np.int64]
    values: Floats
    every: NDArray[np.int64]
    """The row of every occurrence that is known, in the order in which it was found."""
    inside: NDArray[np.bool_]
    """Which of the found features are known."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """How much each group of features counts, and each feature within its group."""

    known: NDArray[np.uint64]
    """Sorted hashes."""
    weights: Floats
    groups: NDArray[np.uint8]
    balance: Floats

    def look_up(self, found: Features) -> Hit:
        """The known features, each once, every group brought to its share and the whole to length one."""
        every = self.known.searchsorted(found.hashes)
        every[every == self.known.size] = 0
        inside = self.known[every] == found.hashes
        every = every[inside]
        rows = np.sort(every)
        rows = rows[np.concatenate([[True], rows[1:] != rows[:-1]])] if rows.size else rows
        values = self.weights[rows]
        groups = self.groups[rows]
        norms = np.sqrt(np.bincount(groups, values * values, minlength=features.GROUPS))
        norms[norms == 0] = 1
        values = values * (self.balance / norms).astype(np.float32)[groups]
        length = float(np.sqrt(values @ values))
        return Hit(rows, values / np.float32(length) if length else values, every, inside)


class LinearModel:
    """Weights for every label over every known feature."""

    def __init__(self, weighing: Weighing, weights: NDArray[np.float16], bias: Floats, header: dict[str, Any]) -> None:
        self.weighing = weighing
        self.weights = weights
        self.bias = bias
        self.header = header

    @classmethod
    def open(cls, folder: Path) -> LinearModel:
        """Map a model from its folder; a damaged one raises OSError or ValueError."""
        header = json.loads((folder / "model.json").read_text("utf-8"))
        if header["format"] != FORMAT:
            raise ValueError(f"{folder} holds a model of format {header['format']}, not {FORMAT}")
        weighing = Weighing(
            _map(folder / "known.npy"),
            np.load(folder / "idf.npy"),
            np.load(folder / "groups.npy"),
            np.array(header["balance"], dtype=np.float32),
        )
        return cls(weighing, _map(folder / "weights.npy"), np.load(folder / "bias.npy"), header)

    def save(self, folder: Path) -> None:
        """Write all files; the header last, so that a folder with a header is whole."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "known.npy", self.weighing.known)
        np.save(folder / "idf.npy", self.weighing.weights)
        np.save(folder / "groups.npy", self.weighing.groups)
        np.save(folder / "weights.npy", self.weights)
        np.save(folder / "bias.npy", self.bias)
        (folder / "model.json").write_text(json.dumps(self.header, ensure_ascii=False, indent=1), "utf-8")

    def score(self, hit: Hit) -> Floats:
        """One number for every label; higher is likelier."""
        if not hit.rows.size:
            return self.bias.copy()
        return np.asarray(hit.values @ self.weights[hit.rows].astype(np.float32) + self.bias, dtype=np.float32)

    def blame(self, found: Features, hit: Hit, label: int, length: int) -> Floats:
        """How much each character of a text of `length` spoke for the label."""
        if not hit.rows.size:
            return np.zeros(length, dtype=np.float32)
        values = hit.values[np.searchsorted(hit.rows, hit.every)]
        starts, ends = found.starts[hit.inside], found.ends[hit.inside]
        parts = values * self.weights[:, label][hit.every].astype(np.float32) / np.maximum(ends - starts, 1)
        edges = np.bincount(starts, parts, minlength=length + 1) - np.bincount(ends, parts, minlength=length + 1)
        return np.cumsum(edges)[:length].astype(np.float32)


def _map(path: Path) -> NDArray[Any]:
    """A plain array over the file's pages: look-ups on numpy's own subclass are several times slower."""
    return np.asarray(np.load(path, mmap_mode="r")).view(np.ndarray)
