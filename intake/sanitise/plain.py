"""Text and tables of values: brought to UTF-8, and nothing else; there is nothing beside the words."""

from __future__ import annotations

import codecs

from intake.sanitise.verdict import Cleaned, Withheld


def clean(content: bytes, media_type: str) -> Cleaned:
    """The same words in UTF-8."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return Cleaned(content.decode(encoding).encode("utf-8", "strict"), media_type)
        except UnicodeError:
            continue
    raise Withheld("damaged")
