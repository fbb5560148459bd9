"""How well matching decides labelled pairs: precision, recall, F1, false merges, and the curve over the score.

Two measures: heard alone, where the ear has only the text; and confirmed, where the category is the one that the
teller has confirmed, as the dialogue asks. `make bench` shows both and writes the curves.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from bot.replay import report_of
from intake.confidentiality import KEY_BYTES, Vault
from intake.likeness import Decision
from intake.matching import Match, judged, likeness, sought_of, told_then, wording_of
from intake.report import Claim, Report
from nlu.engine import Ear
from nlu.similarity import near, profile, same_figure
from tests.matters.pairs import TOLD_AT, Pair

VAULT = Vault(bytes(KEY_BYTES))
HOME = "621000"
STEPS = 50


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair, and what the rules say of it."""

    pair: Pair
    decision: Decision
    score: float
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a set of judged pairs: "same matter" is said by attaching or by suggesting; only attaching merges."""

    pairs: int
    precision: float
    recall: float
    f1: float
    false_merges: float
    by_kind: dict[str, Counter[str]]


def judge(pairs: Iterable[Pair], ear: Ear, *, confirmed: bool) -> list[Judged]:
    """Every pair, heard by the real ear: the first is filed, the second told afterwards."""
    found = []
    for pair in pairs:
        match = match_of(*told(pair, ear, confirmed=confirmed))
        found.append(Judged(pair, match.decision, match.score, match.reasons))
    return found


def told(pair: Pair, ear: Ear, *, confirmed: bool) -> list[Report]:
    """Both tellings as reports; `confirmed` with the category that their tellers would confirm."""
    rows: list[dict[str, Any]] = [
        {
            "id": at,
            "text": text,
            "received_at": TOLD_AT.isoformat(),
            "side": pair.side,
            "reporter": "one" if pair.own or not at else "two",
        }
        for at, text in enumerate(pair.texts)
    ]
    reports = [report_of(row, ear, HOME) for row in rows]
    if confirmed and pair.codes:
        reports = [replace(one, claims=(Claim(code, 1.0),)) for one, code in zip(reports, pair.codes, strict=True)]
    return reports


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
    like = likeness(now, row, told_then(row))
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


def curve(judged_pairs: Sequence[Judged]) -> list[tuple[float, float, float, float]]:
    """Threshold, precision, recall and the share of different pairs above it, over the score of the best decision."""
    same = sum(one.pair.same for one in judged_pairs)
    other = len(judged_pairs) - same
    points = []
    for step in range(STEPS + 1):
        least = step / STEPS
        above = [one.pair.same for one in judged_pairs if one.decision != "new" and one.score >= least]
        right = sum(above)
        wrong = len(above) - right
        points.append((least, right / len(above) if above else 1.0, right / max(1, same), wrong / max(1, other)))
    return points


def as_csv(curves: dict[str, list[tuple[float, float, float, float]]]) -> str:
    """The curves, a line a threshold."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("measure", "threshold", "precision", "recall", "false_matches"))
    for name, points in curves.items():
        writer.writerows((name, *(f"{value:.4f}" for value in point)) for point in points)
    return out.getvalue()


def as_svg(curves: dict[str, list[tuple[float, float, float, float]]]) -> str:
    """Precision over recall as a picture, one line a measure."""
    lines = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 460 360" font-family="sans-serif" font-size="12">']
    lines.append('<rect x="50" y="20" width="380" height="280" fill="none" stroke="#888"/>')
    for at, (name, points) in enumerate(curves.items()):
        colour = ("#0b5671", "#b4561a")[at % 2]
        path = " ".join(f"{50 + 380 * recall:.1f},{300 - 280 * precision:.1f}" for _, precision, recall, _ in points)
        lines.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        lines.append(f'<text x="70" y="{260 + 18 * at}" fill="{colour}">{name}</text>')
    lines += [
        f'<text x="{50 + 380 * share - 8:.0f}" y="316">{share}</text><text x="22" y="{304 - 280 * share:.0f}">{share}</text>'
        for share in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    lines.append('<text x="220" y="340">recall</text><text x="10" y="12">precision</text></svg>')
    return "\n".join(lines) + "\n"
