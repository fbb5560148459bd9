"""The embedded ear: a linear model over n-grams, words and concepts, with the entities' finder beside it.

It answers in about a millisecond, needs no other process, and says by which words it was led.
"""

from __future__ import annotations

import math
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from nlu import calibration, entities, examples, features, flags, pieces
from nlu.features import Features
from nlu.fingerprint import content_hash
from nlu.linear import Floats, Hit, LinearModel
from nlu.meaning import Category, Intent, Side, Span, Understanding

Progress = Callable[[str, int, int], None]

_KEPT_INTENTS = 4
_KEPT_CODES = 6
_FAINT = 0.08
_ALLEGING = 0.25
"""Where intents that carry an allegation have less than this together, no code is accepted."""
_SHORT = 12
_REMEMBERED = 4096
"""Short answers come again and again; this many are kept as they were heard."""


class TrainingFailed(RuntimeError):
    """The ear could not be trained; the lines above say why."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the model makes of a text, before it is put into words."""

    sides: list[float]
    intents: list[float]
    codes: dict[int, float]
    """The likeliest codes, best first, with their probabilities."""
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
        constants = header["calibration"]
        self._threshold = float(constants.get("threshold", 1.0))
        self._curve: list[float] = constants.get("codes", [0.0, 0.0, 0.0])
        parts = [constants[name] for name in ("sides", "intents") if name in constants]
        self._tilt = np.concatenate([np.array(part["tilt"], dtype=np.float32) for part in parts], axis=1)
        sizes = [len(part["tilt"][0]) for part in parts]
        self._sharpness = np.repeat([1 / part["temperature"] for part in parts], sizes).astype(np.float32)
        self._settings = _settings()
        self._shift = np.array([self._settings["shift"].get(name, 0.0) for name in self.intents], dtype=np.float32)
        self._carriers = {
            side: [at for at, name in enumerate(self.intents) if name in names]
            for side, names in self._settings["carriers"].items()
        }
        self._elsewhere = [at for at, name in enumerate(self.intents) if name in self._settings["elsewhere"]]
        self._open = frozenset(self._settings["open_questions"])
        self._citizen = sum(code.startswith("F") for code in self.codes)
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._parse_short)
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
        if len(text) <= _SHORT:
            return self._remembered(text, entities.day(now), asked, home)
        return self._parse(text, now, asked, home)

    def _parse_short(self, text: str, today: date, asked: str | None, home: str | None) -> Understanding:
        return self._parse(text, datetime.combine(today, time(12)), asked, home)

    def _parse(self, text: str, now: datetime, asked: str | None, home: str | None) -> Understanding:
        heard = self.judge(text, asked)
        side, side_chance = self._side(heard)
        intents = self._intents(heard)
        likeliest = self._likeliest(heard, side, side_chance)
        allowed = self._carried(heard, side) > _ALLEGING
        accepted = [at for at in likeliest if heard.codes[at] >= self._threshold][:4] if allowed else []
        named = self._words(text, heard, [*accepted, *(at for at in likeliest[:1] if allowed and at not in accepted)])
        categories = tuple(Category(self.codes[at], heard.codes[at], named[at]) for at in accepted)
        faded = 1.0 if allowed else 1.0 - sum(heard.intents[at] for at in self._elsewhere)
        return Understanding(
            text=text,
            side=side,
            side_probability=side_chance,
            intents=intents,
            categories=categories,
            entities=entities.find(text, now=now, home=home, asked=asked),
            abstained=self._abstained(intents, categories),
            engine=self.name,
            suggestions=tuple(
                Category(self.codes[at], heard.codes[at] * faded, named.get(at, ())) for at in likeliest[:3]
            ),
            flags=flags.find(text),
        )

    def judge(self, text: str, asked: str | None = None) -> Judgement:
        """The model's probabilities for sides, intents and codes."""
        sides, first = len(self.sides), len(self.sides) + len(self.intents)
        found, hit, whole = self._scores(text, first)
        margins = whole[first:]
        if not hit.rows.size and len(text) <= pieces.WHOLE:
            return Judgement([0.0] * sides, [0.0] * len(self.intents), {}, margins, found, hit)
        lifted = whole[:first] + calibration.evidence(margins, self._citizen) @ self._tilt
        if asked is not None and asked not in self._open:
            lifted[sides:] += self._context(text, asked)
        lifted *= self._sharpness
        powers = [math.exp(value) for value in (lifted - lifted.max()).tolist()]
        return Judgement(
            _shares(powers[:sides]), _shares(powers[sides:]), self._code_chances(margins), margins, found, hit
        )

    def _scores(self, text: str, first_code: int) -> tuple[Features, Hit, Floats]:
        """The whole text's features, and the margins of all labels, pooled over its pieces."""
        parts = pieces.cut(text)
        found = features.extract(parts[0])
        hit = self.model.weighing.look_up(found)
        whole = self.model.score(hit)
        if len(parts) == 1:
            return found, hit, whole
        hits = [self.model.weighing.look_up(features.extract(part)) for part in parts[1:]]
        return found, hit, pieces.pool(np.stack([whole, *map(self.model.score, hits)]), first_code)

    def _code_chances(self, margins: Floats) -> dict[int, float]:
        """The likeliest codes of both sides with their probabilities."""
        if margins.size < 2:
            return {}
        values = margins.tolist()
        likely = (-margins[: self._citizen]).argsort(kind="stable")[:_KEPT_CODES].tolist()
        likely += ((-margins[self._citizen :]).argsort(kind="stable")[:_KEPT_CODES] + self._citizen).tolist()
        likely.sort(key=values.__getitem__, reverse=True)
        best, second = values[likely[0]], values[likely[1]]
        slope, by_lead, offset = self._curve
        chances = {}
        for at in likely:
            lead = values[at] - (second if values[at] == best else best)
            chances[at] = 1 / (1 + math.exp(-(slope * values[at] + by_lead * lead + offset)))
        return chances

    def _context(self, text: str, asked: str) -> Floats:
        short, long = self._settings["short"], self._settings["long"]
        strength = min(max((long - len(text.strip())) / (long - short), 0.0), 1.0)
        shift: Floats = self._shift * np.float32(strength)
        expected = self._settings["expected"].get(asked)
        if expected in self.intents:
            shift[self.intents.index(expected)] += 1
        return shift

    def _side(self, heard: Judgement) -> tuple[Side | None, float]:
        if not any(heard.sides):
            return None, 0.0
        citizen, enterprise = heard.sides[:2]
        side: Side = "citizen" if citizen >= enterprise else "enterprise"
        chance = max(citizen, enterprise)
        return (side if chance > 0.5 else None), chance

    def _intents(self, heard: Judgement) -> tuple[Intent, ...]:
        order = sorted(range(len(self.intents)), key=heard.intents.__getitem__, reverse=True)[:_KEPT_INTENTS]
        return tuple(
            Intent(self.intents[at], heard.intents[at])
            for rank, at in enumerate(order)
            if heard.intents[at] > (0 if rank == 0 else _FAINT)
        )

    def _likeliest(self, heard: Judgement, side: Side | None, sure: float) -> list[int]:
        """Codes best first, those of the other side left out where the side is clear."""
        order = list(heard.codes)
        if side is not None and sure > self._settings["one_sided"]:
            letter = "F" if side == "citizen" else "X"
            order = [at for at in order if self.codes[at].startswith(letter)]
        return order[:_KEPT_CODES]

    def _carried(self, heard: Judgement, side: Side | None) -> float:
        """How likely the message is one that alleges at all."""
        carriers = [self._carriers[side]] if side else self._carriers.values()
        return max((sum(heard.intents[at] for at in columns) for columns in carriers), default=0.0)

    def _abstained(self, intents: tuple[Intent, ...], categories: tuple[Category, ...]) -> bool:
        if not intents or intents[0].probability < 0.35:
            return True
        return intents[0].name in {"report_fraud", "complain_inspection"} and not categories

    def _words(self, text: str, heard: Judgement, codes: list[int]) -> dict[int, tuple[Span, ...]]:
        """For each code the stretches of the text that spoke most for it."""
        if not codes:
            return {}
        first = len(self.sides) + len(self.intents)
        length = min(len(text), pieces.LISTENED)
        blames = self.model.blame(heard.found, heard.hit, [first + at for at in codes], length)
        return {at: _spans(blame, text[:length]) for at, blame in zip(codes, blames, strict=True)}


def _shares(powers: list[float]) -> list[float]:
    whole = math.fsum(powers)
    return [power / whole for power in powers] if whole else powers


def _spans(blame: Floats, text: str, most: int = 4) -> tuple[Span, ...]:
    """Runs of characters that carry at least a third of the strongest character's weight."""
    weights = blame.tolist()
    least = max(weights, default=0.0) * 0.33
    if least <= 0:
        return ()
    runs: list[tuple[float, int, int]] = []
    start, carried = -1, 0.0
    for at, weight in enumerate([*weights, -1.0]):
        if weight >= least:
            start, carried = (at, weight) if start < 0 else (start, carried + weight)
        elif start >= 0:
            if not text[start:at].isspace():
                runs.append((carried, start, at))
            start = -1
    runs.sort(reverse=True)
    return tuple(Span(start, end) for _, start, end in sorted(runs[:most], key=itemgetter(1)))


def _train_apart(folder: Path, progress: Progress | None) -> None:
    """Train in a process of its own, so that its memory is given back."""
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
