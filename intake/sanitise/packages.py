"""Zip packages of office documents: unpacked within a budget, only with names that stay inside, packed anew."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping

from intake.sanitise.verdict import Hostile, Limits, Withheld

PARTS = 10_000
_CHUNK = 1 << 20
_LOCAL = b"PK\x03\x04"


def unpack(content: bytes, limits: Limits) -> dict[str, bytes]:
    """The parts by name; raises Hostile for bombs, hidden parts and names that lead out."""
    if not content.startswith(_LOCAL):
        raise Hostile("polyglot")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return _parts(package, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError, ValueError) as broken:
        raise Withheld("damaged") from broken
    except RuntimeError as locked:  # zipfile's word for a password
        raise Withheld("encrypted") from locked


def _parts(package: zipfile.ZipFile, limits: Limits) -> dict[str, bytes]:
    """Read every part, counting what really comes out and not what the directory says."""
    entries = package.infolist()
    if len(entries) > PARTS or sum(entry.file_size for entry in entries) > limits.unpacked:
        raise Hostile("bomb")
    if len({entry.header_offset for entry in entries}) < len(entries):
        raise Hostile("bomb")  # overlapping parts: one stretch of bytes, unpacked again and again
    parts: dict[str, bytes] = {}
    left = limits.unpacked
    for entry in entries:
        if entry.is_dir():
            continue
        name = entry.filename
        if name.startswith("/") or "\\" in name or ".." in name.split("/") or ":" in name or name != name.strip():
            raise Hostile("name")
        if name.casefold() in {known.casefold() for known in parts} if len(parts) < 200 else name in parts:
            raise Hostile("polyglot")
        gathered = bytearray()
        with package.open(entry) as part:
            while piece := part.read(_CHUNK):
                left -= len(piece)
                if left < 0:
                    raise Hostile("bomb")
                gathered += piece
        parts[name] = bytes(gathered)
    return parts


def pack(parts: Mapping[str, bytes], first: str = "") -> bytes:
    """The parts as one package without times; `first` is stored as it is, where a format asks for it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name in sorted(parts, key=lambda name: name != first):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_STORED if name == first else zipfile.ZIP_DEFLATED
            package.writestr(entry, parts[name])
    return out.getvalue()
