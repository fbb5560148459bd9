"""Recordings: only what is heard is kept, everything that is written beside it is left out."""

from __future__ import annotations

import io
from collections import Counter

from intake.sanitise.verdict import Cleaned, Withheld

# ISO/IEC 11172-3 §2.4.2.3 and 13818-3: kbit/s by version and layer, Hz by version.
_BITRATES = {
    (1, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
# 3GPP TS 26.101 and 26.201: bytes of a frame after its first, by frame type.
_AMR = {
    b"#!AMR\n": (12, 13, 15, 17, 19, 20, 26, 31, 5, 6, 5, 5, 0, 0, 0, 0),
    b"#!AMR-WB\n": (17, 23, 32, 36, 40, 46, 50, 58, 60, 5, 5, 5, 5, 5, 0, 0),
}
_WAVE_PARTS = frozenset({b"fmt ", b"fact", b"data"})
_CODECS = (b"\x01vorbis", b"OpusHead", b"Speex   ", b"\x7fFLAC", b"\x80theora")


def mpeg(content: bytes) -> Cleaned:
    """MP3: the frames of sound; tags before, between and behind them are left out."""
    kept, removed, at, sound = bytearray(), Counter[str](), 0, b""
    while at + 4 <= len(content):
        if tag := _tag(content, at):
            removed["tags"] += 1
            at += tag
            continue
        length = _frame(content, at)
        following = at + length
        # A frame is one that another one follows, or that goes on as the ones before: text can begin with 0xFF, too.
        alike = _voice(content, at) == sound
        if length and (alike or following + 4 > len(content) or _frame(content, following) or _tag(content, following)):
            kept += content[at : min(following, len(content))]
            at, sound = following, _voice(content, at)
            continue
        start = content.find(b"\xff", at + 1)
        removed["other"] = 1
        at = start if start >= 0 else len(content)
    if not kept:
        raise Withheld("damaged")
    return Cleaned(_without_encoder(kept), "audio/mpeg", removed)


def _voice(content: bytes, at: int) -> bytes:
    """What all frames of one recording have in common: version, layer, sampling rate."""
    return bytes((content[at + 1] & 0xFE, content[at + 2] & 0x0C)) if at + 2 < len(content) else b"?"


def _tag(content: bytes, at: int) -> int:
    """Length of an ID3v2, APE or ID3v1 tag that begins here, or 0."""
    mark = content[at : at + 10]
    if mark[:3] == b"ID3" and len(mark) == 10:
        return 10 + (mark[6] << 21 | mark[7] << 14 | mark[8] << 7 | mark[9])
    if mark[:8] == b"APETAGEX":
        return 32 + int.from_bytes(content[at + 12 : at + 16], "little")
    return 128 if mark[:3] == b"TAG" and at + 128 >= len(content) else 0


def _frame(content: bytes, at: int) -> int:
    """Length of the MPEG audio frame that begins here, or 0."""
    head = content[at : at + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return 0
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or layer == 4 or bitrate in {0, 15} or rate == 3:
        return 0
    group = 1 if version == 3 else 2
    bits = _BITRATES[group, layer if group == 1 else min(layer, 2)][bitrate] * 1000
    hertz, padding = _RATES[version][rate], head[2] >> 1 & 1
    if layer == 1:
        return (12 * bits // hertz + padding) * 4
    return (72 if layer == 3 and group == 2 else 144) * bits // hertz + padding


def _without_encoder(sound: bytearray) -> bytes:
    """The first frame may name the program that encoded, nine characters, after its table of lengths."""
    at = max(sound.find(mark, 0, 64) for mark in (b"Xing", b"Info"))
    if at >= 0:
        flags = int.from_bytes(sound[at + 4 : at + 8], "big")
        at += 8 + 4 * (flags & 1) + 4 * (flags >> 1 & 1) + 100 * (flags >> 2 & 1) + 4 * (flags >> 3 & 1)
        sound[at : at + 9] = bytes(len(sound[at : at + 9]))
    return bytes(sound)


def wave(content: bytes) -> Cleaned:
    """WAV: format and samples; every other part (INFO, bext, iXML, id3 …) is left out."""
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise Withheld("damaged")
    kept, removed, at = bytearray(), Counter[str](), 12
    while at + 8 <= len(content):
        kind, length = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        part = content[at + 8 : at + 8 + length]
        if kind in _WAVE_PARTS:
            kept += kind + len(part).to_bytes(4, "little") + part + bytes(len(part) & 1)
        else:
            removed["tags"] += 1
        at += 8 + length + (length & 1)
    if b"data" not in kept or not kept.startswith(b"fmt "):
        raise Withheld("damaged")
    return Cleaned(b"RIFF" + (len(kept) + 4).to_bytes(4, "little") + b"WAVE" + kept, "audio/x-wav", removed)


def amr(content: bytes) -> Cleaned:
    """AMR has no place for words: frames as far as they go, and nothing behind them."""
    mark = next((mark for mark in _AMR if content.startswith(mark)), None)
    if mark is None:
        raise Withheld("unknown")
    at = len(mark)
    while at < len(content):
        following = at + 1 + _AMR[mark][content[at] >> 3 & 15]
        # TS 26.101 annex A: the first and the last two bits of a frame's head are zero.
        if content[at] & 0x83 or following > len(content):
            break
        at = following
    return Cleaned(content[:at], "audio/amr", Counter({"other": 1} if at < len(content) else {}))


def ogg(content: bytes) -> Cleaned:
    """Ogg: comments and the encoder's name are taken out of every known codec; an unknown one is not handed on."""
    import mutagen  # noqa: PLC0415 - only Ogg needs it

    serials, at, previous = set[bytes](), 0, -1
    while at >= 0 and at > previous:
        if content[at : at + 4] != b"OggS" or at + 27 > len(content):
            break
        serial, first = content[at + 14 : at + 18], content[at + 5] & 2
        segments = content[at + 27 : at + 27 + content[at + 26]]
        start = at + 27 + content[at + 26]
        if first:
            serials.add(serial)
            if not content.startswith(_CODECS, start):
                raise Withheld("unknown")
        elif serial not in serials:
            raise Withheld("damaged")
        previous, at = at, start + sum(segments)
    if len(serials) != 1:
        raise Withheld("unknown")
    end = min(at, len(content))
    target = io.BytesIO(content[:end])
    tagged = mutagen.File(target)
    if tagged is None:
        raise Withheld("damaged")
    removed = Counter({"tags": len(tagged.tags or ())}) + Counter()
    if end < len(content):
        removed["other"] = 1
    target.seek(0)
    if tagged.tags is not None:
        tagged.tags.clear()
        tagged.tags.vendor = ""
        tagged.save(target, padding=lambda _: 0)
    return Cleaned(target.getvalue(), "audio/ogg", removed)
