"""Text made comparable without losing its place: folding, and the masking of personal data.

Everything the ear reports points into the text as it was typed, so folding must never move a character
without keeping its address; whole-phrase conversion of traditional characters is therefore out of the question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from zhconv_rs import zhconv

from nlu.meaning import Entity

ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad\ufe0e\ufe0f"
_INVISIBLE = re.compile(f"[{ZERO_WIDTH}]")
_DASHES = "－﹣—–―─‐‑‒−"
_PERSONAL = frozenset({"phone", "identity_number", "bank_card", "person_name", "bed"})


@cache
def _table() -> dict[int, str]:
    """Character for character: traditional to simplified, full width to half, dashes to one dash."""
    han = [chr(code) for code in range(0x4E00, 0xA000)]
    simplified = zhconv("\n".join(han), "zh-hans").split("\n")
    table = {ord(a): b for a, b in zip(han, simplified, strict=True) if a != b and len(b) == 1}
    table.update({code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)})
    table.update({ord(dash): "-" for dash in _DASHES})
    table.update({0x3000: " ", 0xA0: " ", ord("\u301c"): "~", ord("〇"): "零", ord("○"): "零", ord("﹔"): ";"})
    return table


def normalise(text: str) -> tuple[str, Sequence[int]]:
    """Fold `text`; offsets[i] is where folded character i stood, with one more entry for the end."""
    folded = text.translate(_table())
    if not _INVISIBLE.search(folded):
        return folded, range(len(folded) + 1)
    offsets = [index for index, char in enumerate(folded) if char not in ZERO_WIDTH]
    return "".join(folded[index] for index in offsets), [*offsets, len(text)]


def redact(text: str, entities: Iterable[Entity]) -> str:
    """The text with personal data masked (DOMAIN.md §7.3), for logs, lists and everyone who needs no more."""
    pieces: list[str] = []
    at = 0
    for entity in sorted((e for e in entities if e.kind in _PERSONAL), key=lambda e: (e.start, -e.end)):
        if entity.start < at:
            continue
        pieces += [text[at : entity.start], str(entity.value.get("masked", "*" * (entity.end - entity.start)))]
        at = entity.end
    return "".join([*pieces, text[at:]])
