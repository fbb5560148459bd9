"""How well matching decides labelled pairs: precision, recall, F1, false merges, and the curve over the score.

`python -m tests.matters.measure [FOLDER]` prints the figures of the half for reporting, and writes the curve there.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bot.replay import report_of
from intake.confidentiality import KEY_BYTES, Vault
from intake.likeness import Decision, same_figure
from intake.matching import Match, judged, likeness, sought_of, wording_of
from nlu.engine import Ear
from nlu.similarity import near, profile
from tests.matters.pairs import Pair, halves

VAULT = Vault(bytes(KEY_BYTES))
HOME = "621000"


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair, and what the rules say of it."""

    pair: Pair
    decision: Decision
    score: float
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a set of judged pairs; `merged` counts what is attached by itself, `same` also what is suggested."""

    pairs: int
    precision: float
    recall: float
    f1: float
    false_merges: float
    by_kind: dict[str, Counter[str]]


def judge(pairs: Iterable[Pair], ear: Ear) -> list[Judged]:
    """Every pair, heard by the real ear: the first is filed, the second told afterwards."""
    return [Judged(pair, *_decided(pair, ear)) for pair in pairs]


def _decided(pair: Pair, ear: Ear) -> tuple[Decision, float, tuple[str, ...]]:
    rows = [
        {
            "id": at,
            "text": text,
            "received_at": pair.at.isoformat(),
            "side": pair.side,
            "reporter": "one" if pair.own or not at else "two",
        }
        for at, text in enumerate(pair.texts)
    ]
    first, second = (report_of(row, ear, HOME) for row in rows)
    found = match_of(first, second)
    return found.decision, found.score, found.reasons


def match_of(first: Any, second: Any) -> Match:
    """The decision about a report, where one other is filed."""
    then, now = sought_of(first, VAULT), sought_of(second, VAULT)
    told = then.told
    row: Any = SimpleNamespace(
        id=1, case_id=1, case_open=True, telling=None, redacted=then.text, side=told.side, institution=told.institution,
        organ=told.organ, place=told.place, claims=[{"code": code, "probability": 1.0 if code in told.sure else 0.2} for code in told.codes], ongoing=False,
        period_first=told.first, period_last=told.last, received_at=first.received_at,
        account_hash=then.account_hash, phone_hash=None,
    )  # fmt: skip
    like = likeness(now, row)
    if like is None:
        return Match("new")
    wording = near(profile(*wording_of(then.told)), profile(*wording_of(now.told)))
    return judged(row, like._replace(wording=wording, number=same_figure(then.text, now.text)))


def figures(judged_pairs: Sequence[Judged]) -> Figures:
    """Precision, recall and F1 of "same matter" (attached or suggested), and the share of different ones attached."""
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for one in judged_pairs:
        kinds[one.pair.kind][one.decision] += 1
    said = [one for one in judged_pairs if one.decision in {"attached", "suggested"}]
    right = sum(one.pair.same for one in said)
    same = sum(one.pair.same for one in judged_pairs)
    merged = [one for one in judged_pairs if one.decision == "attached"]
    wrong = sum(not one.pair.same for one in merged)
    precision, recall = right / max(1, len(said)), right / max(1, same)
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return Figures(len(judged_pairs), precision, recall, f1, wrong / max(1, len(judged_pairs) - same), dict(kinds))


def main() -> None:
    """Print the figures; with a folder, write every judged pair as CSV there."""
    from nlu.embedded import EmbeddedEar

    ear = EmbeddedEar.open(Path(".venv/model"))
    tuning, reporting = halves()
    for name, pairs in (("tuning", tuning), ("reporting", reporting)):
        found = judge(pairs, ear)
        told = figures(found)
        print(
            name,
            f"{told.pairs} pairs, precision {told.precision:.3f}, recall {told.recall:.3f}, F1 {told.f1:.3f}, false merges {told.false_merges:.4f}",
        )
        for kind, counted in sorted(told.by_kind.items()):
            print("  ", kind, dict(counted))
        if name == "tuning" and "-v" in sys.argv:
            for one in found:
                if (one.decision in {"attached", "suggested"}) != one.pair.same or (
                    one.decision == "attached" and not one.pair.same
                ):
                    print(one.pair.kind, one.decision, one.score, one.marks, *one.pair.texts, sep="\n     ")


if __name__ == "__main__":
    main()
