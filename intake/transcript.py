"""A text file that a teller gave, as staff may read it: masked like the report, stretch by stretch, whatever its size."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from intake.masks import masked

STRETCH = 20_000
"""Characters masked at once: as many as the ear listens to."""
SEAMS = "\n。！？；"


def masked_pieces(pieces: Iterable[bytes], *, hide: Callable[[str], str], now: datetime) -> Iterator[bytes]:
    """The text masked, as UTF-8; cut at ends of lines and sentences, so that no number is cut in two.

    `hide` knows the teller's own name and number (intake.traits.hider).
    """
    kept = ""
    for text in decoded(pieces):
        kept += text
        while len(kept) > STRETCH:
            seam = max(kept.rfind(sign, 0, STRETCH) for sign in SEAMS) + 1
            cut = seam or STRETCH
            yield masked(hide(kept[:cut]), now=now).encode()
            kept = kept[cut:]
    yield masked(hide(kept), now=now).encode()


def decoded(pieces: Iterable[bytes]) -> Iterator[str]:
    """The words of a file in UTF-8 or, as many offices write, in GB 18030; what is neither is shown as a mark."""
    reader: codecs.IncrementalDecoder | None = None
    for piece in pieces:
        if reader is None:
            reader = codecs.getincrementaldecoder(_letters(piece))("replace")
        yield reader.decode(piece)
    if reader is not None:
        yield reader.decode(b"", final=True)


def _letters(head: bytes) -> str:
    """The encoding by the first piece; its last character may be cut."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8-sig")("strict").decode(head)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"
