"""What lies inside documents: pictures and recordings are cleaned like files of their own, everything else emptied."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

import filetype  # type: ignore[import-untyped]

from intake.sanitise import boxes, images, markup, sound
from intake.sanitise.verdict import Cleaned, Hostile, Limits, Withheld

_EMF = b" EMF"


def clean(content: bytes, limits: Limits, removed: Counter[str]) -> bytes:
    """The same thing cleaned, in the same format; empty where that cannot be done, which is counted."""
    try:
        found = _cleaned(content, limits)
    except Withheld:
        found = None
    if found is None:
        removed["unclean_part"] += 1
        return b""
    removed.update(found.removed)
    return found.content


def _cleaned(content: bytes, limits: Limits) -> Cleaned | None:
    """By its content, never by its name; None for what is not known."""
    kind = _kind(content)
    if kind in images.FORMATS:
        found = images.clean(content, kind, limits)
        return found if found.media_type == kind else None
    if kind == "audio/mpeg":
        return sound.mpeg(content)
    if kind == "audio/x-wav":
        return sound.wave(content)
    if kind == "video/mp4":
        return boxes.clean(content, kind)
    if content[40:44] == _EMF and content[:4] == b"\x01\0\0\0":
        return Cleaned(_metafile(content), "image/emf")
    if content[:4] == b"\xd7\xcd\xc6\x9a":  # WMF has no place for words beside what it draws
        return Cleaned(content, "image/wmf")
    return _drawing(content) if b"<svg" in content[:2000] else None


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


def _drawing(content: bytes) -> Cleaned | None:
    """An SVG without scripts, foreign pages, addresses and metadata."""
    try:
        root = markup.parse(content)
    except Hostile:
        return None
    removed: Counter[str] = Counter()
    for element in list(root.iter()):
        if markup.local(element.tag) in {"script", "foreignObject", "metadata", "title", "desc", "image", "use"}:
            markup.drop(element)
            removed["embedded"] += 1
            continue
        for name in list(element.attrib):
            if markup.local(name).startswith("on") or markup.local(name) == "href" or "inkscape" in name:
                del element.attrib[name]
    return Cleaned(markup.written(root), "image/svg+xml", removed)
