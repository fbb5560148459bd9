"""A witness that knows nothing of the cleaner: every layer of a file's bytes, searched in every usual spelling."""

from __future__ import annotations

import base64
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress


def layers(content: bytes, depth: int = 0) -> Iterator[bytes]:
    """The bytes as they are, the parts of a package, and whatever unpacks at any place where something packed begins."""
    yield content
    if depth > 3:
        return
    if content.startswith(b"PK"):
        with suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(content)) as package:
            for entry in package.infolist():
                yield entry.filename.encode() + entry.comment + entry.extra
                yield from layers(package.read(entry), depth + 1)
    for start in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", content):
        with suppress(zlib.error):
            unpacked = zlib.decompressobj().decompress(content[start.start() :], 1 << 22)
            if unpacked:
                yield from layers(unpacked, depth + 1)
    for text in re.findall(rb"<((?:[0-9A-Fa-f]{2}\s*){4,})>", content):
        yield bytes.fromhex(re.sub(rb"\s", b"", text).decode())
    for text in re.findall(rb"[A-Za-z0-9+/]{24,}={0,2}", content):
        with suppress(ValueError):
            yield base64.b64decode(text)


def found(content: bytes, words: tuple[str, ...]) -> set[str]:
    """Which of the words stand anywhere in the file, as UTF-8 or UTF-16 of either order."""
    spelled = {word: [word.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")] for word in words}
    seen: set[str] = set()
    for layer in layers(content):
        seen |= {word for word, forms in spelled.items() if any(form in layer for form in forms)}
    return seen
