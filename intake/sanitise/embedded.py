"""What lies inside documents: pictures and recordings are cleaned like files of their own, everything else emptied."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

import filetype  # type: ignore[import-untyped]

from intake.sanitise import boxes, images, markup, sound
from intake.sanitise.verdict import Hostile, Limits, Withheld

_EMF = b" EMF"


def clean(content: bytes, limits: Limits, removed: Counter[str]) -> bytes:
    """The same thing cleaned, in the same format; empty where that cannot be done, which is counted."""
    kind = _kind(content)
    try:
        if kind in images.FORMATS:
            found = images.clean(content, kind, limits)
            if found.media_type != kind:
                raise Withheld("unknown")
        elif kind == "audio/mpeg":
            found = sound.mpeg(content)
        elif kind == "audio/x-wav":
            found = sound.wave(content)
        elif kind in {"video/mp4", "audio/mp4", "video/quicktime"}:
            found = boxes.clean(content, kind)
        elif content[40:44] == _EMF and content[:4] == b"\x01\0\0\0":
            return _metafile(content)
        elif content[:4] == b"\xd7\xcd\xc6\x9a":  # WMF has no place for words beside what it draws
            return content
        elif b"<svg" in content[:2000]:
            return _drawing(content, removed)
        else:
            raise Withheld("unknown")
    except Withheld:
        removed["unclean_part"] += 1
        return b""
    removed.update(found.removed)
    return found.content


def _kind(content: bytes) -> str:
    if content[4:8] == b"ftyp":
        return "video/mp4"
    with suppress(Exception):
        return filetype.guess_mime(content[:8192]) or ""
    return ""


def _metafile(content: bytes) -> bytes:
    """An EMF without its description, which names program and title ([MS-EMF] §2.3.4.2: count and offset at 60)."""
    data = bytearray(content)
    count, at = int.from_bytes(data[60:64], "little"), int.from_bytes(data[64:68], "little")
    if count and at + 2 * count <= len(data):
        data[at : at + 2 * count] = bytes(2 * count)
    return bytes(data)


def _drawing(content: bytes, removed: Counter[str]) -> bytes:
    """An SVG without scripts, foreign pages, addresses and metadata."""
    try:
        root = markup.parse(content)
    except Hostile:
        removed["unclean_part"] += 1
        return b""
    for element in list(root.iter()):
        if markup.local(element.tag) in {"script", "foreignObject", "metadata", "title", "desc", "image", "use"}:
            markup.drop(element)
            removed["embedded"] += 1
            continue
        for name in list(element.attrib):
            if markup.local(name).startswith("on") or markup.local(name) == "href" or "inkscape" in name:
                del element.attrib[name]
    return markup.written(root)
