"""What is wrong with training data: conflicts, near copies, leaks into tests, thin classes, unknown labels."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlu import examples, features, taxonomy
from nlu.examples import Example

THIN = 40
THIN_CODE = 120
"""Facts are told in more ways than a greeting."""
GRAVE = frozenset({"conflict", "leak", "unknown_code", "unknown_entity"})
KINDS = frozenset(
    {
        "institution",
        "organ",
        "place",
        "time",
        "money",
        "people",
        "officers",
        "visits",
        "paper",
        "role",
        "phone",
        "identity_number",
        "bank_card",
        "person_name",
        "bed",
    }
)
"""The kinds of entity that may be annotated (DESIGN.md §8)."""
_CLOSE = 0.82
_SHORT = 6
_RARE_PAIRS = 6
_NOISE = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend, with the sentences concerned."""

    kind: str
    """conflict, near_copy, leak, thin, unknown_code or unknown_entity."""
    label: str
    texts: tuple[str, ...] = ()
    source: str = ""

    @property
    def grave(self) -> bool:
        """Whether training on it would teach a falsehood, or testing on it prove nothing."""
        return self.kind in GRAVE


def check(data: Path | None = None, held_out: Path | None = None) -> list[Problem]:
    """Everything that a data author should look at, gravest first; `data` is the packaged where it is None."""
    rows = examples.read(data or examples.packaged())
    found = [*_conflicts(rows), *_unknown(rows)]
    if held_out is not None:
        found += _leaks(rows, examples.read(held_out))
    return [*found, *_thin(rows), *_near_copies(rows)]


def _key(text: str) -> str:
    return _NOISE.sub("", features.fold(text))


def _label(row: Example) -> str:
    return row.codes[0] if row.codes else row.intent


def _conflicts(rows: Sequence[Example]) -> Iterator[Problem]:
    by_text: dict[str, dict[str, Example]] = defaultdict(dict)
    for row in rows:
        by_text[_key(row.text)].setdefault(_label(row), row)
    for same in by_text.values():
        if len(same) > 1:
            first = next(iter(same.values()))
            yield Problem("conflict", " / ".join(sorted(same)), (first.text,), first.source)


def _unknown(rows: Sequence[Example]) -> Iterator[Problem]:
    known = taxonomy.load()
    strangers = {code: row for row in rows for code in row.codes if code not in known}
    for code, row in strangers.items():
        yield Problem("unknown_code", code, (row.text,), row.source)
    marks = {kind: row for row in rows for kind in row.marked if kind not in KINDS}
    for kind, row in marks.items():
        yield Problem("unknown_entity", kind, (row.text,), row.source)


def _thin(rows: Sequence[Example]) -> Iterator[Problem]:
    known = taxonomy.load()
    for label, count in sorted(Counter(_label(row) for row in rows).items()):
        enough = THIN_CODE if label in known else THIN
        if count < enough:
            yield Problem("thin", label, (f"{count} < {enough}",))


def _leaks(rows: Sequence[Example], held_out: Sequence[Example]) -> Iterator[Problem]:
    for left, right in _close(rows, held_out):
        yield Problem("leak", _label(left), (left.text, right.text), left.source)


def _near_copies(rows: Sequence[Example]) -> Iterator[Problem]:
    for left, right in _close(rows, rows):
        if _label(left) != _label(right) and _key(left.text) != _key(right.text):
            yield Problem("near_copy", f"{_label(left)} / {_label(right)}", (left.text, right.text), left.source)


def _close(rows: Sequence[Example], others: Sequence[Example]) -> Iterator[tuple[Example, Example]]:
    """Pairs that share most of their character pairs; candidates come from the rarest pairs of each text."""
    grams = [_pairs(other.text) for other in others]
    holders: dict[str, list[int]] = defaultdict(list)
    for at, pairs in enumerate(grams):
        for pair in pairs:
            holders[pair].append(at)
    for at, row in enumerate(rows):
        mine = grams[at] if rows is others else _pairs(row.text)
        rarest = sorted(mine & holders.keys(), key=lambda pair: (len(holders[pair]), pair))[:_RARE_PAIRS]
        for other in {one for pair in rarest for one in holders[pair]}:
            if rows is others and other <= at:
                continue
            if len(mine & grams[other]) > _CLOSE * len(mine | grams[other]):
                yield row, others[other]


def _pairs(text: str) -> frozenset[str]:
    key = _key(text)
    return frozenset(key[at : at + 2] for at in range(len(key) - 1)) if len(key) >= _SHORT else frozenset()
