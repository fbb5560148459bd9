"""The embedded ear: a linear model over n-grams, words and concepts, with the entities' finder beside it.

It answers in about a millisecond, needs no other process, and says by which words it was led.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from nlu import calibration, entities, examples, features
from nlu.features import Features
from nlu.fingerprint import content_hash
from nlu.linear import Floats, Hit, LinearModel
from nlu.meaning import Category, Intent, Side, Span, Understanding

Progress = Callable[[str, int, int], None]

_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;\n]*")
_WHOLE = 160
"""Longer texts are heard sentence by sentence as well."""
_PIECE = 60
_MOST_PIECES = 40
_KEPT_INTENTS = 4
_FAINT = 0.08


class TrainingFailed(RuntimeError):
    """The ear could not be trained; the lines above say why."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the model makes of a text, before it is put into words."""

    sides: Floats
    intents: Floats
    codes: Floats
    margins: Floats
    found: Features
    hit: Hit
    """Both of the whole text, or of its beginning where it is very long."""


def _settings() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "listening.toml").read_text("utf-8"))


class EmbeddedEar:
    """Hears one message at a time; safe to share between threads, since nothing in it changes."""

    name = "embedded"

    def __init__(self, model: LinearModel) -> None:
        self.model = model
        header = model.header
        self.sides: list[str] = header["sides"]
        self.intents: list[str] = header["intents"]
        self.codes: list[str] = header["codes"]
        self._calibration: dict[str, Any] = {
            name: {**part, "tilt": np.array(part["tilt"], dtype=np.float32)} if isinstance(part, dict) else part
            for name, part in header["calibration"].items()
        }
        self._settings = _settings()
        self._shift = np.array([self._settings["shift"].get(name, 0.0) for name in self.intents], dtype=np.float32)
        self._carriers = {
            side: np.array([name in names for name in self.intents])
            for side, names in self._settings["carriers"].items()
        }
        self._of_side = {
            side: np.array([code.startswith(letter) for code in self.codes], dtype=np.bool_)
            for side, letter in (("citizen", "F"), ("enterprise", "X"))
        }
        features.extract("热身")  # the dictionary loads now, not at the first message

    @classmethod
    def open(cls, cache: Path, *, progress: Progress | None = None) -> EmbeddedEar:
        """The model of exactly the packaged data and code, from the cache or trained now."""
        folder = cache / f"ear-{content_hash(examples.packaged())}"
        if not (folder / "model.json").exists():
            _train_apart(folder, progress)
        return cls(LinearModel.open(folder))

    @classmethod
    def load(cls, folder: Path) -> EmbeddedEar:
        """A model trained on any data by `nlu.train`."""
        return cls(LinearModel.open(folder))

    def parse(self, text: str, *, now: datetime, asked: str | None = None, home: str | None = None) -> Understanding:
        """Understand `text`, said at `now` in answer to `asked`, in a channel at home in `home`."""
        heard = self.judge(text, asked)
        side, side_chance = self._side(heard)
        intents = self._intents(heard)
        likeliest = self._likeliest(heard, side, side_chance)
        allowed = self._allowed(heard, side)
        accepted = [at for at in likeliest if heard.codes[at] >= self._threshold and allowed][:4]
        named = self._words(text, heard, accepted or likeliest[:1])
        categories = tuple(self._category(heard, at, named) for at in accepted)
        return Understanding(
            text=text,
            side=side,
            side_probability=side_chance,
            intents=intents,
            categories=categories,
            entities=entities.find(text, now=now, home=home, asked=asked),
            abstained=self._abstained(intents, categories),
            engine=self.name,
            suggestions=tuple(self._category(heard, at, named) for at in likeliest[:3]),
        )

    def judge(self, text: str, asked: str | None = None) -> Judgement:
        """The model's probabilities for sides, intents and codes."""
        found = [features.extract(piece) for piece in _pieces(text)]
        hits = [self.model.weighing.look_up(one) for one in found]
        scores = np.stack([self.model.score(hit) for hit in hits])
        sides, intents = len(self.sides), len(self.intents)
        whole = scores[0] if len(hits) == 1 else self._pool(scores)
        code_margins = whole[sides + intents :]
        hints = calibration.evidence(code_margins, self._of_side["citizen"])
        constants = self._calibration
        intent_margins = whole[sides : sides + intents] + self._context(text, asked)
        blank = np.float32(any(hit.rows.size for hit in hits))
        nothing = np.zeros(0, np.float32)
        return Judgement(
            calibration.exclusive(whole[:sides], hints, constants["sides"]) * blank if sides else nothing,
            calibration.exclusive(intent_margins, hints, constants["intents"]) * blank,
            calibration.code_probabilities(code_margins, constants["codes"]) * blank if self.codes else nothing,
            code_margins,
            found[0],
            hits[0],
        )

    @property
    def _threshold(self) -> float:
        return float(self._calibration.get("threshold", 1.0))

    def _pool(self, scores: Floats) -> Floats:
        """The whole and its clearest sentence, half and half: a long letter dilutes what one sentence says."""
        return np.asarray((scores[0] + scores[1:].max(axis=0)) / 2, dtype=np.float32)

    def _context(self, text: str, asked: str | None) -> Floats:
        if asked is None or asked in self._settings["open_questions"]:
            return np.zeros(len(self.intents), dtype=np.float32)
        short, long = self._settings["short"], self._settings["long"]
        strength = float(np.clip((long - len(text.strip())) / (long - short), 0, 1))
        shift = self._shift * np.float32(strength)
        expected = self._settings["expected"].get(asked)
        if expected in self.intents:
            shift[self.intents.index(expected)] += 1
        return shift

    def _side(self, heard: Judgement) -> tuple[Side | None, float]:
        if not heard.sides.size or not heard.sides.any():
            return None, 0.0
        named: dict[Side, float] = {"citizen": float(heard.sides[0]), "enterprise": float(heard.sides[1])}
        side = max(named, key=lambda name: named[name])
        if named[side] > 0.5:
            return side, named[side]
        return None, float(max(named.values()))

    def _intents(self, heard: Judgement) -> tuple[Intent, ...]:
        order = np.argsort(-heard.intents, kind="stable")[:_KEPT_INTENTS]
        return tuple(
            Intent(self.intents[at], float(heard.intents[at]))
            for rank, at in enumerate(order)
            if heard.intents[at] > (0 if rank == 0 else _FAINT)
        )

    def _likeliest(self, heard: Judgement, side: Side | None, sure: float) -> list[int]:
        """Codes best first, those of the other side left out where the side is clear."""
        if not heard.codes.any():
            return []
        order = np.argsort(-heard.margins, kind="stable")
        if side is not None and sure > self._settings["one_sided"]:
            order = order[self._of_side[side][order]]
        return [int(at) for at in order[:6]]

    def _allowed(self, heard: Judgement, side: Side | None) -> bool:
        """Whether the message is one that alleges at all."""
        masks = [self._carriers[side]] if side else list(self._carriers.values())
        return max((float(heard.intents[mask].sum()) for mask in masks), default=0.0) > 0.25

    def _abstained(self, intents: tuple[Intent, ...], categories: tuple[Category, ...]) -> bool:
        if not intents or intents[0].probability < 0.35:
            return True
        return intents[0].name in {"report_fraud", "complain_inspection"} and not categories

    def _category(self, heard: Judgement, at: int, named: dict[int, tuple[Span, ...]]) -> Category:
        return Category(self.codes[at], float(heard.codes[at]), named.get(at, ()))

    def _words(self, text: str, heard: Judgement, codes: list[int]) -> dict[int, tuple[Span, ...]]:
        """For each code the stretches of the text that spoke most for it."""
        first = len(self.sides) + len(self.intents)
        length = min(len(text), _PIECE * _MOST_PIECES)
        return {at: _spans(self.model.blame(heard.found, heard.hit, first + at, length), text[:length]) for at in codes}


def _spans(blame: Floats, text: str, most: int = 4) -> tuple[Span, ...]:
    """Runs of characters that carry at least a third of the strongest character's weight."""
    if not blame.size or blame.max() <= 0:
        return ()
    strong = np.concatenate([[False], blame >= blame.max() * 0.33, [False]])
    edges = np.flatnonzero(strong[1:] != strong[:-1])
    runs = [(int(start), int(end)) for start, end in edges.reshape(-1, 2) if text[start:end].strip()]
    runs.sort(key=lambda run: -float(blame[run[0] : run[1]].sum()))
    return tuple(Span(start, end) for start, end in sorted(runs[:most]))


def _pieces(text: str) -> list[str]:
    """The whole (its beginning, where it is very long), and for long texts its sentences in groups."""
    if len(text) <= _WHOLE:
        return [text]
    pieces: list[str] = []
    for sentence in _SENTENCE.findall(text):
        for start in range(0, len(sentence), 2 * _PIECE):
            part = sentence[start : start + 2 * _PIECE]
            if pieces and len(pieces[-1]) + len(part) <= _PIECE:
                pieces[-1] += part
            else:
                pieces.append(part)
    if len(pieces) > _MOST_PIECES:
        pieces = pieces[: _MOST_PIECES - 8] + pieces[-8:]
    return [text[: _PIECE * _MOST_PIECES], *pieces]


def _train_apart(folder: Path, progress: Progress | None) -> None:
    """Train in a process of its own, so that scikit-learn never loads into this one."""
    command = [sys.executable, "-m", "nlu.train", "--out", str(folder)]
    with subprocess.Popen(  # noqa: S603 — our own module, no shell
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    ) as running:
        said: list[str] = []
        for line in running.stdout or ():
            stage, *numbers = line.rstrip("\n").split("\t")
            if len(numbers) == 2 and progress is not None:
                progress(stage, int(numbers[0]), int(numbers[1]))
            elif len(numbers) != 2:
                said.append(line)
    if running.returncode != 0:
        raise TrainingFailed("".join(said[-20:]) or TrainingFailed.__doc__)
