"""The confusion matrix as a picture: SVG, made here, so that an office without the internet can look at it."""

from __future__ import annotations

from collections import Counter
from html import escape

from nlu.evaluate import Score

_CELL = 14
_MARGIN = 150
_RIGHT, _WRONG = "#2e7d5b", "#b3422f"


def picture(score: Score) -> str:
    """A row for what was said, a column for what was heard first; the fuller a cell, the larger its share of the row."""
    cells = {(truth, guess): count for truth, guess, count in score.matrix}
    labels = sorted({label for pair in cells for label in pair if label}) + (
        [""] if any(not g for _, g in cells) else []
    )
    at = {label: number for number, label in enumerate(labels)}
    whole: Counter[str] = Counter()
    for (truth, _), count in cells.items():
        whole[truth] += count
    side = _MARGIN + _CELL * len(labels) + 20
    drawn = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{side}" height="{side}" '
            f'font-family="sans-serif" font-size="10">'
        ),
        f'<rect width="{side}" height="{side}" fill="#fff"/>',
        f'<text x="8" y="16" font-size="12">{escape(score.kind)}: {score.count}</text>',
    ]
    for label, number in at.items():
        middle = _MARGIN + _CELL * number + _CELL * 0.72
        name = escape(label or "–")
        drawn.append(f'<text x="{_MARGIN - 4}" y="{middle:.0f}" text-anchor="end">{name}</text>')
        drawn.append(f'<text transform="translate({middle:.0f} {_MARGIN - 4}) rotate(-90)">{name}</text>')
    drawn.append(
        f'<rect x="{_MARGIN}" y="{_MARGIN}" width="{_CELL * len(labels)}" height="{_CELL * len(labels)}" '
        f'fill="none" stroke="#ccc"/>'
    )
    for (truth, guess), count in cells.items():
        share = count / whole[truth]
        colour = _RIGHT if truth == guess else _WRONG
        drawn.append(
            f'<rect x="{_MARGIN + _CELL * at[guess]}" y="{_MARGIN + _CELL * at[truth]}" width="{_CELL}" '
            f'height="{_CELL}" fill="{colour}" fill-opacity="{0.15 + 0.85 * share:.2f}">'
            f"<title>{escape(truth)} → {escape(guess or '–')}: {count}</title></rect>"
        )
    return "\n".join([*drawn, "</svg>", ""])
