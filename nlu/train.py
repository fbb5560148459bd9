"""Training of the embedded ear: `python -m nlu.train --out DIR [--data DIR]`.

One linear model for every label (sides, intents, codes), one against the rest, over the features of
`nlu.features`; probabilities are calibrated on the last third of every file, by a model that has not
seen it: what was added last is from another hand more often than not. Runs in a process
of its own, so that scikit-learn never loads where messages are heard. Prints `stage<TAB>done<TAB>total`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nlu import calibration, examples, features, linear
from nlu.check import Problem, check
from nlu.examples import Example
from nlu.features import Features
from nlu.fingerprint import content_hash
from nlu.linear import Floats, LinearModel, Weighing

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["Problem", "check", "train"]

Progress = Callable[[str, int, int], None]
BALANCE = (1.0, 0.4, 0.25)
"""Shares of character n-grams, words and concepts: the best of eight tried on the held-out sentences."""
STRENGTH = 1.0
BLEND_SHARE = 0.3
BLEND_SEED = 735
SIDES = ("citizen", "enterprise", "neither")
ABOUT = frozenset(
    {
        "add_evidence",
        "appeal_penalty",
        "complain_inspection",
        "correct_previous",
        "disagree_result",
        "query_progress",
        "report_fraud",
        "retaliation_fear",
        "urge",
        "withdraw",
    }
)
"""Intents that may speak of an allegation without a code being marked: no proof that there is none."""
REPORT, COMPLAINT, APPEAL = "report_fraud", "complain_inspection", "appeal_penalty"


@dataclass(frozen=True, slots=True)
class Labels:
    """The columns of the model: sides first, then intents, then codes."""

    sides: tuple[str, ...]
    intents: tuple[str, ...]
    codes: tuple[str, ...]

    @classmethod
    def of(cls, rows: Sequence[Example]) -> Labels:
        """The labels that occur."""
        codes = sorted({code for row in rows for code in row.codes})
        return cls(SIDES if codes else (), tuple(sorted({row.intent for row in rows})), tuple(codes))

    @property
    def citizen(self) -> NDArray[np.bool_]:
        """Which codes are of the citizen's side."""
        return np.array([code.startswith("F") for code in self.codes], dtype=np.bool_)

    def table(self, rows: Sequence[Example]) -> NDArray[np.bool_]:
        """Which label holds for which row."""
        columns = {name: at for at, name in enumerate((*self.sides, *self.intents, *self.codes))}
        table = np.zeros((len(rows), len(columns)), dtype=np.bool_)
        for at, row in enumerate(rows):
            table[at, columns[row.intent]] = True
            if self.sides:
                table[at, columns[side_of(row)]] = True
            for code in row.codes:
                table[at, columns[code]] = True
        return table


def side_of(row: Example) -> str:
    """Whose voice it is: told by the intent, since the codes of one side never stand on the other."""
    sides = {REPORT: "citizen", COMPLAINT: "enterprise", APPEAL: "enterprise"}
    return sides.get(row.intent, "neither")


def weigh(found: Sequence[Features]) -> Weighing:
    """The features that occur twice, weighed by their rarity."""
    unique = [np.unique(one.hashes, return_index=True) for one in found]
    every = np.concatenate([hashes for hashes, _ in unique])
    groups = np.concatenate([one.groups[at] for one, (_, at) in zip(found, unique, strict=True)])
    known, first, counts = np.unique(every, return_index=True, return_counts=True)
    often = counts >= 2
    rarity = np.log(len(found) / counts[often]) + 1
    return Weighing(known[often], rarity.astype(np.float32), groups[first][often], np.array(BALANCE, dtype=np.float32))


def matrix(found: Sequence[Features], weighing: Weighing) -> csr_matrix:
    """One row for each text."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415 — never where messages are heard

    hits = [weighing.look_up(one) for one in found]
    ends = np.cumsum([0, *(hit.rows.size for hit in hits)])
    values = np.concatenate([hit.values for hit in hits])
    rows = np.concatenate([hit.rows for hit in hits]).astype(np.int32)
    return csr_matrix((values.astype(np.float64), rows, ends.astype(np.int32)), shape=(len(hits), weighing.known.size))


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is to be learnt: features, labels, and the rows from which codes, the last columns, may learn."""

    table: csr_matrix
    truth: NDArray[np.bool_]
    told: NDArray[np.bool_]
    first_code: int

    def part(self, rows: NDArray[np.bool_]) -> Lesson:
        """The same lesson from some of the rows."""
        return Lesson(self.table[rows], self.truth[rows], self.told[rows], self.first_code)


def fit(lesson: Lesson, tick: Callable[[int], None], workers: int = 1) -> tuple[Floats, Floats]:
    """Weights (features by labels) and bias: a support vector machine for each label."""
    truth = lesson.truth
    weights = np.zeros((lesson.table.shape[1], truth.shape[1]), dtype=np.float32)
    bias = np.full(truth.shape[1], -1, dtype=np.float32)
    columns = [column for column in range(truth.shape[1]) if 0 < truth[:, column].sum() < len(truth)]
    _bench.update(every=lesson, told=lesson.part(lesson.told))
    with _hands(workers) as hands:
        for done, (column, learnt) in enumerate(zip(columns, hands(_machine, columns), strict=True)):
            weights[:, column], bias[column] = learnt
            tick(done + 1)
    return weights, bias


_bench: dict[str, Lesson] = {}
"""What the forked hands share: a copy for each would cost more than the work."""


@contextmanager
def _hands(workers: int) -> Iterator[Callable[..., Any]]:
    """`map`, or its like over forked processes where the platform has them and more than one is wanted."""
    if workers < 2 or "fork" not in multiprocessing.get_all_start_methods():
        yield map
        return
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        yield lambda work, things: pool.imap(work, things, chunksize=4)


def _machine(column: int) -> tuple[Floats, float]:
    from sklearn.svm import LinearSVC  # noqa: PLC0415 — never where messages are heard

    every = _bench["every"]
    lesson = every if column < every.first_code else _bench["told"]
    machine = LinearSVC(C=STRENGTH, max_iter=20, tol=1e-2, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a machine that stops at 20 rounds is near enough
        machine.fit(lesson.table, lesson.truth[:, column])
    return machine.coef_[0].astype(np.float32), float(machine.intercept_[0])


def kept_back(rows: Sequence[Example]) -> NDArray[np.bool_]:
    """The last third of every file: added last, and so from another hand than the rest more often than not."""
    keys = [(row.source, row.codes[0] if row.codes else row.intent) for row in rows]
    sizes = Counter(keys)
    seen: Counter[tuple[str, str]] = Counter()
    back = np.zeros(len(rows), dtype=np.bool_)
    for at, key in enumerate(keys):
        seen[key] += 1
        back[at] = seen[key] * 3 > sizes[key] * 2
    return back


def blends(rows: Sequence[Example], back: NDArray[np.bool_]) -> tuple[list[Example], NDArray[np.bool_]]:
    """Longer tellings, each of two sentences of one side, both kept back or neither: people seldom tell one thing alone.

    Most sentences of the data are short and carry one code; letters are long and carry several.
    """
    chance = random.Random(BLEND_SEED)  # noqa: S311 — the same blends every time, no secret
    made: list[Example] = []
    where: list[bool] = []
    for intent in (REPORT, COMPLAINT):
        for part in (False, True):
            told = [row for at, row in enumerate(rows) if row.intent == intent and row.codes and back[at] == part]
            if len({row.codes for row in told}) < 2:
                continue
            for first in chance.sample(told, int(len(told) * BLEND_SHARE)):
                second = chance.choice(told)
                codes = tuple(dict.fromkeys((*first.codes, *second.codes)))
                made.append(Example(f"{first.text}。{second.text}", intent, codes, first.source))
                where.append(part)
    return made, np.array(where, dtype=np.bool_)


def train(data: Path, out: Path, progress: Progress | None = None, *, workers: int = 1) -> Path:
    """Train from Rasa YAML at `data`; the folder `out` then holds a whole model."""
    tell = progress or (lambda *_: None)
    rows = examples.read(data)
    if len({row.intent for row in rows}) < 2:
        raise examples.BadData(f"{data}: at least two intents are needed")
    back = kept_back(rows)
    made, made_back = blends(rows, back)
    back = np.concatenate([back, made_back])
    labels = Labels.of(rows)
    truth = labels.table([*rows, *made])
    found = []
    for at, row in enumerate([*rows, *made]):
        found.append(features.extract(row.text))
        if at % 500 == 0:
            tell("reading", at, len(truth))
    weighing = weigh(found[: len(rows)])
    lesson = Lesson(
        matrix(found, weighing),
        truth,
        np.array([bool(row.codes) or row.intent not in ABOUT for row in [*rows, *made]]),
        len(labels.sides) + len(labels.intents),
    )
    rest = lesson.part(~back)
    weights, bias = fit(rest, lambda done: tell("checking", done, truth.shape[1]), workers)
    unseen = np.asarray(lesson.table[back] @ weights, dtype=np.float32) + bias
    weights, bias = fit(lesson, lambda done: tell("learning", done, truth.shape[1]), workers)
    header: dict[str, Any] = {
        "format": linear.FORMAT,
        "content": content_hash(data),
        "sentences": len(rows),
        "balance": list(BALANCE),
        "sides": labels.sides,
        "intents": labels.intents,
        "codes": labels.codes,
        "calibration": calibration.fit(
            unseen, truth[back], lesson.told[back], len(labels.sides), len(labels.intents), labels.citizen
        ),
    }
    LinearModel(weighing, weights.astype(np.float16), bias, header).save(out)
    tell("learning", truth.shape[1], truth.shape[1])
    return out


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; the model appears under its name only when it is whole."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=examples.packaged())
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=chosen.out.parent, prefix=".training-") as workshop:
        made = train(chosen.data, Path(workshop) / "model", _print, workers=min(os.cpu_count() or 1, 4))
        if not (chosen.out / "model.json").exists():
            made.rename(chosen.out)
    return 0


def _print(stage: str, done: int, total: int) -> None:
    sys.stdout.write(f"{stage}\t{done}\t{total}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
