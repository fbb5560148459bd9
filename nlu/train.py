"""Training of the embedded ear: `python -m nlu.train --out DIR [--data DIR]`.

One linear model for every label (sides, intents, codes), one against the rest, over the features of
`nlu.features`; probabilities are calibrated on what another hand wrote, by a model that has not seen it.
Runs in a process of its own, so that what it needs of memory is given back. Prints `stage<TAB>done<TAB>total`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu import blends, calibration, examples, features, linear, machine, pieces
from nlu.check import Problem, check
from nlu.examples import Example
from nlu.features import Features
from nlu.fingerprint import content_hash
from nlu.linear import Floats, LinearModel, Weighing
from nlu.machine import Lesson

__all__ = ["Problem", "check", "train"]

Progress = Callable[[str, int, int], None]
BALANCE = (1.0, 0.4, 0.5, 0.25)
"""Shares of character n-grams, words, syllables and concepts; of eight others tried none was clearly better."""
ROUNDS = 8
ROUNDS_CHECKING = 6
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
    def citizen(self) -> int:
        """How many codes are of the citizen's side: the first ones."""
        return sum(code.startswith("F") for code in self.codes)

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
    every, groups = [], []
    for one in found:
        hashes, at = np.unique(one.hashes, return_index=True)
        every.append(hashes)
        groups.append(one.groups[at])
    known, first, counts = np.unique(np.concatenate(every), return_index=True, return_counts=True)
    often = counts >= 2
    rarity = np.log(len(found) / counts[often]) + 1
    kinds = np.concatenate(groups)[first][often]
    return Weighing(known[often], rarity.astype(np.float32), kinds, np.array(BALANCE, dtype=np.float32))


def _lesson(rows: Sequence[Example], said: int, labels: Labels, tell: Progress) -> tuple[Weighing, Lesson]:
    """What the sentences teach; features are weighed by the first `said`, which nobody put together."""
    found = []
    for at, row in enumerate(rows):
        found.append(features.extract(row.text))
        if at % 500 == 0:
            tell("reading", at, len(rows))
    weighing = weigh(found[:said])
    hits = [weighing.look_up(one) for one in found]
    return weighing, Lesson(
        [hit.rows for hit in hits],
        [hit.values for hit in hits],
        weighing.known.size,
        labels.table(rows),
        np.array([bool(row.codes) or row.intent not in ABOUT for row in rows]),
        len(labels.sides) + len(labels.intents),
    )


@dataclass(frozen=True, slots=True)
class Proof:
    """What the calibration is fitted on: sentences kept back, the long ones in pieces as they will be heard."""

    lesson: Lesson
    back: NDArray[np.bool_]
    asked: NDArray[np.intp]
    """Those of them that somebody wrote: what was put together for learning proves nothing."""
    said: NDArray[np.bool_]
    weighing: Weighing
    texts: list[str]

    def margins(self) -> Floats:
        """The margins of the sentences kept back, by a model that has not seen them: one table for each share of counts."""
        learnt = ~self.back
        weights, bias = machine.fit(self.lesson.part(learnt), ROUNDS_CHECKING, lambda _: None)
        counts = machine.counted(self.lesson, learnt & self.said)
        rows = [self._heard(at, weights, bias, counts) for at in self.asked]
        return np.stack(rows, axis=1) if rows else np.zeros((len(machine.COUNTED), 0, bias.size), dtype=np.float32)

    def _heard(self, at: int, weights: Floats, bias: Floats, counts: Floats) -> Floats:
        hits = [(self.lesson.rows[at], self.lesson.values[at])]
        for piece in pieces.cut(self.texts[at])[1:]:
            hit = self.weighing.look_up(features.extract(piece))
            hits.append((hit.rows, hit.values))
        plain = np.stack([values @ weights[known] + bias for known, values in hits])
        counted = np.stack([values @ counts[known] for known, values in hits])
        first = self.lesson.first_code
        return np.stack([pieces.pool(plain + np.float32(share) * counted, first) for share in machine.COUNTED])


@dataclass(frozen=True, slots=True)
class Shares:
    """How much counts weigh beside margins, for intents and for codes; nothing for sides, which codes tell anyway."""

    intents: float
    codes: float

    def add(self, weights: Floats, counts: Floats, labels: Labels) -> None:
        """Both in one table of weights: heard at the price of one."""
        first, last = len(labels.sides), len(labels.sides) + len(labels.intents)
        weights[:, first:last] += np.float32(self.intents) * counts[:, first:last]
        weights[:, last:] += np.float32(self.codes) * counts[:, last:]


def _chosen(unseen: Floats, truth: NDArray[np.bool_], labels: Labels) -> tuple[Shares, Floats]:
    """The shares by which most kept-back sentences are heard rightly, every label alike; and the margins with them.

    Without codes there are no counts either: what is left are sets such as letters to seven departments, whose
    labels have sentences enough for margins alone (measured: macro-F1 0.864 without counts, 0.842 with them).
    """
    if not labels.codes:
        return Shares(0.0, 0.0), unseen[0]
    first, last = len(labels.sides), len(labels.sides) + len(labels.intents)
    intents = _best(unseen[:, :, first:last], truth[:, first:last])
    codes = _best(unseen[:, :, last:], truth[:, last:])
    margins = np.concatenate([unseen[0, :, :first], unseen[intents, :, first:last], unseen[codes, :, last:]], axis=1)
    return Shares(machine.COUNTED[intents], machine.COUNTED[codes]), margins


def _best(tables: Floats, truth: NDArray[np.bool_]) -> int:
    asked = truth.any(axis=1)
    if not asked.any():
        return 0
    truth = truth[asked]
    rare = (truth / np.sqrt(np.maximum(truth.sum(axis=0), 1))).max(axis=1)
    at = np.arange(truth.shape[0])
    return int(np.argmax([(rare * truth[at, table[asked].argmax(axis=1)]).sum() for table in tables]))


_bench: list[Proof] = []
"""What the forked hand finds: a copy sent to it would cost more than the work."""


def _prove() -> Floats:
    return _bench[0].margins()


@contextmanager
def _beside(proof: Proof, workers: int) -> Iterator[Callable[[], Floats]]:
    """The proof's margins, worked out in a forked process meanwhile where there is one, else when asked for."""
    _bench[:] = [proof]
    if workers < 2 or "fork" not in multiprocessing.get_all_start_methods():
        yield _prove
        return
    with multiprocessing.get_context("fork").Pool(1) as pool:
        yield pool.apply_async(_prove).get


def kept_back(rows: Sequence[Example]) -> NDArray[np.bool_]:
    """Of every label what one hand wrote, the hand whose share is nearest to a third; without hands the last third.

    Sentences of one hand resemble each other: what a model makes of a stranger's is what it will make of the world's.
    """
    places: dict[tuple[str, str], list[int]] = {}
    for at, row in enumerate(rows):
        places.setdefault((row.source, row.codes[0] if row.codes else row.intent), []).append(at)
    back = np.zeros(len(rows), dtype=np.bool_)
    for own in places.values():
        hands = Counter(rows[at].hand for at in own)
        third = len(own) / 3
        hand, count = min(hands.items(), key=lambda item: (abs(item[1] - third), item[0]))
        if third / 2 <= count <= 2 * third and len(hands) > 1:
            back[[at for at in own if rows[at].hand == hand]] = True
        else:
            back[own[len(own) - int(third) :]] = True
    return back


def train(data: Path | None, out: Path, progress: Progress | None = None, *, workers: int = 1) -> Path:
    """Train from Rasa YAML at `data` (the packaged, if None); the folder `out` then holds a whole model."""
    tell = progress or (lambda *_: None)
    place = data or examples.packaged()
    rows = examples.read(place)
    if len({row.intent for row in rows}) < 2:
        raise examples.BadData(f"{place}: at least two intents are needed")
    back = kept_back(rows)
    made, made_back = blends.blends(rows, back)
    back = np.concatenate([back, made_back])
    labels = Labels.of(rows)
    every = [*rows, *made]
    weighing, lesson = _lesson(every, len(rows), labels, tell)
    asked = np.flatnonzero(back[: len(rows)])
    said = np.arange(len(every)) < len(rows)
    with _beside(Proof(lesson, back, asked, said, weighing, [row.text for row in every]), workers) as unseen:
        weights, bias = machine.fit(lesson, ROUNDS, lambda done: tell("learning", done, ROUNDS + 1))
        tell("checking", 0, 1)
        shares, margins = _chosen(unseen(), lesson.truth[asked], labels)
        shares.add(weights, machine.counted(lesson, said), labels)
        constants = calibration.fit(
            margins, lesson.truth[asked], lesson.told[asked], len(labels.sides), len(labels.intents), labels.citizen
        )
        tell("checking", 1, 1)
    header: dict[str, Any] = {
        "format": linear.FORMAT,
        "content": content_hash(place),
        "sentences": len(rows),
        "balance": list(BALANCE),
        "sides": labels.sides,
        "intents": labels.intents,
        "codes": labels.codes,
        "counted": asdict(shares),
        "calibration": constants,
    }
    LinearModel.of(weighing, weights, bias, header).save(out)
    tell("learning", ROUNDS + 1, ROUNDS + 1)
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
