"""Text and tables of values: brought to UTF-8, and nothing else; there is nothing beside the words."""

from __future__ import annotations

import codecs

from intake.sanitise.verdict import Cleaned, Withheld


def clean(content: bytes, media_type: str) -> Cleaned:
    """The same words in UTF-8."""
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return Cleaned(content.decode(encoding).encode("utf-8", "strict"), media_type)
        except UnicodeError:
            continue
    raise Withheld("damaged")
