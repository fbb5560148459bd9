"""Invented evidence: texts as they are, and a drawn plan of beds as somebody might photograph it."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

from bot.demo.content import Attachment

COLUMNS, CELL, GAP = 8, 72, 10
PAPER, TAKEN, EMPTY, EDGE = "#f7f5ef", "#c9d9cf", "#ffffff", "#8a8f94"


def content(attachment: Attachment) -> bytes:
    """The bytes of one attachment."""
    return _plan(attachment.beds) if attachment.beds else attachment.text.encode()


def _plan(beds: str) -> bytes:
    """A ward from above: one cell a bed, filled where somebody lies in it."""
    rows = -(-len(beds) // COLUMNS)
    size = (COLUMNS * (CELL + GAP) + GAP, rows * (CELL + GAP) + GAP)
    picture = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(picture)
    for index, taken in enumerate(beds):
        left = GAP + index % COLUMNS * (CELL + GAP)
        top = GAP + index // COLUMNS * (CELL + GAP)
        fill = TAKEN if taken == "1" else EMPTY
        pen.rounded_rectangle((left, top, left + CELL, top + CELL), 6, fill, EDGE, 2)
        pen.text((left + 8, top + 8), str(301 + index), EDGE)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
