"""JPEG streams inside documents: segments that draw nothing are left out, without decoding (ITU-T T.81 annex B)."""

from __future__ import annotations

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_ADOBE = 0xEE  # APP14 says how colours are to be read
_APP0, _COM = 0xE0, 0xFE


def stripped(content: bytes) -> bytes | None:
    """The picture without application segments, comments and anything behind its end; None if there were none."""
    if content[:2] != b"\xff\xd8":
        return None
    kept, at, changed = bytearray(content[:2]), 2, False
    while at + 4 <= len(content) and content[at] == 0xFF:
        kind = content[at + 1]
        if kind == 0xFF:
            at += 1
            continue
        if kind == _EOI:
            break
        length = int.from_bytes(content[at + 2 : at + 4], "big") + 2
        segment = content[at : at + length]
        if (_APP0 <= kind <= 0xEF and kind != _ADOBE) or kind == _COM:
            changed = True
        else:
            kept += segment
        at += length
        if kind == _SOS:
            end = _scan_end(content, at)
            kept += content[at:end]
            at = end
    rest = content[at:]
    if rest[:2] == b"\xff\xd9":
        rest = rest[2:]
    return bytes(kept) + b"\xff\xd9" if changed or rest.strip(b"\0\r\n") else None


def _scan_end(content: bytes, at: int) -> int:
    """Where the packed pixels of a scan end: at the first marker that is neither stuffing nor a restart."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            return len(content)
        if content[at + 1] == 0 or 0xD0 <= content[at + 1] <= 0xD7:
            at += 2
        else:
            return at
