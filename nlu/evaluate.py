"""How well an ear hears labelled sentences: any Rasa NLU YAML, any engine behind the protocol."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from nlu import examples
from nlu.embedded import EmbeddedEar
from nlu.engine import Ear
from nlu.examples import Example
from nlu.meaning import Understanding

THRESHOLDS = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_BINS = 10
_MISTAKES = 12
_NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Row:
    """One class: of those said to be it, how many were; of those that were, how many were found."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Cover:
    """Above a threshold: the share of sentences judged, and of those the share judged rightly."""

    threshold: float
    coverage: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Score:
    """One kind of label: intents, or the codes of those sentences that allege something."""

    kind: str
    count: int
    accuracy: float
    top_three: float
    macro_f1: float
    micro_f1: float
    calibration_error: float
    covers: tuple[Cover, ...]
    rows: tuple[Row, ...]
    matrix: tuple[tuple[str, str, int], ...]
    """(truth, what was heard first, how often), most frequent first."""

    @property
    def confusions(self) -> tuple[tuple[str, str, int], ...]:
        """What was heard wrongly."""
        return tuple(cell for cell in self.matrix if cell[0] != cell[1])


@dataclass(frozen=True, slots=True)
class Table:
    """The result of one evaluation."""

    engine: str
    intents: Score
    codes: Score | None

    def as_json(self) -> str:
        """For machines."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)

    def as_text(self) -> str:
        """For people, in columns."""
        return "\n\n".join(_lines(score) for score in (self.intents, self.codes) if score is not None)


@dataclass(frozen=True, slots=True)
class _Heard:
    truth: tuple[str, ...]
    ranked: tuple[tuple[str, float], ...]
    accepted: tuple[str, ...]


def evaluate(model: Path | Ear, data: Path, progress: Progress | None = None, *, now: datetime = _NOON) -> Table:
    """Let the ear (or the embedded model in a folder) hear every sentence at `data`, and compare."""
    ear = EmbeddedEar.load(model) if isinstance(model, Path) else model
    rows = examples.read(data)
    intents: list[_Heard] = []
    codes: list[_Heard] = []
    engine = ""
    for at, row in enumerate(rows):
        heard = ear.parse(row.text, now=now)
        engine = heard.engine
        intents.append(_intent(row, heard))
        if row.codes:
            codes.append(_code(row, heard))
        if progress is not None:
            progress("hearing", at + 1, len(rows))
    return Table(engine, _score("intents", intents), _score("codes", codes) if codes else None)


def _intent(row: Example, heard: Understanding) -> _Heard:
    ranked = tuple((intent.name, intent.probability) for intent in heard.intents)
    return _Heard((row.intent,), ranked, tuple(name for name, _ in ranked[:1]))


def _code(row: Example, heard: Understanding) -> _Heard:
    ranked = tuple((category.code, category.probability) for category in heard.suggestions)
    return _Heard(row.codes, ranked, tuple(category.code for category in heard.categories))


def _score(kind: str, heard: Sequence[_Heard]) -> Score:
    first = [one.ranked[0] if one.ranked else ("", 0.0) for one in heard]
    right = np.array([name == one.truth[0] for (name, _), one in zip(first, heard, strict=True)])
    sure = np.array([chance for _, chance in first])
    rows = _rows(heard)
    return Score(
        kind=kind,
        count=len(heard),
        accuracy=float(right.mean()),
        top_three=float(np.mean([one.truth[0] in [name for name, _ in one.ranked[:3]] for one in heard])),
        macro_f1=float(np.mean([row.f1 for row in rows if row.support])),
        micro_f1=_micro(heard),
        calibration_error=_calibration_error(sure, right),
        covers=tuple(_cover(float(threshold), sure, right) for threshold in THRESHOLDS),
        rows=rows,
        matrix=_matrix(heard),
    )


def _cover(threshold: float, sure: np.ndarray, right: np.ndarray) -> Cover:
    judged = sure >= threshold
    return Cover(threshold, float(judged.mean()), float(right[judged].mean()) if judged.any() else 1.0)


def _rows(heard: Sequence[_Heard]) -> tuple[Row, ...]:
    labels = sorted({label for one in heard for label in (*one.truth, *one.accepted)})
    return tuple(_row(label, heard) for label in labels)


def _row(label: str, heard: Iterable[_Heard]) -> Row:
    said = is_it = both = 0
    for one in heard:
        says, holds = label in one.accepted, label in one.truth
        said, is_it, both = said + says, is_it + holds, both + (says and holds)
    return Row(label, both / said if said else 0.0, both / is_it if is_it else 0.0, _f1(both, said, is_it), is_it)


def _f1(both: int, said: int, is_it: int) -> float:
    return 2 * both / (said + is_it) if said + is_it else 0.0


def _micro(heard: Sequence[_Heard]) -> float:
    both = sum(len(set(one.truth) & set(one.accepted)) for one in heard)
    return _f1(both, sum(len(one.accepted) for one in heard), sum(len(one.truth) for one in heard))


def _calibration_error(sure: np.ndarray, right: np.ndarray) -> float:
    """Expected calibration error over ten equal bins (Guo et al., 2017)."""
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    gaps = [abs(sure[bins == one].mean() - right[bins == one].mean()) * (bins == one).mean() for one in set(bins)]
    return float(sum(gaps))


def _matrix(heard: Sequence[_Heard]) -> tuple[tuple[str, str, int], ...]:
    counts = Counter((one.truth[0], one.ranked[0][0] if one.ranked else "") for one in heard)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple((truth, guess, count) for (truth, guess), count in ordered)


def _lines(score: Score) -> str:
    head = (
        f"{score.kind}: {score.count} sentences, top-1 {score.accuracy:.3f}, top-3 {score.top_three:.3f}, "
        f"macro-F1 {score.macro_f1:.3f}, micro-F1 {score.micro_f1:.3f}, ECE {score.calibration_error:.3f}"
    )
    lines = [head, "", f"{'label':26}{'precision':>10}{'recall':>8}{'F1':>8}{'count':>7}"]
    lines += [f"{row.label:26}{row.precision:10.2f}{row.recall:8.2f}{row.f1:8.2f}{row.support:7}" for row in score.rows]
    lines += ["", f"{'threshold':>10}{'coverage':>10}{'accuracy':>10}"]
    lines += [f"{cover.threshold:10.1f}{cover.coverage:10.3f}{cover.accuracy:10.3f}" for cover in score.covers]
    lines += ["", f"{'most often mistaken':26}{'for':26}{'times':>7}"]
    lines += [f"{truth:26}{guess or '-':26}{count:7}" for truth, guess, count in score.confusions[:_MISTAKES]]
    return "\n".join(lines)
