"""MP4, M4A and MOV (ISO/IEC 14496-12): nothing is moved, what tells is overwritten where it stands.

A box that is not needed to play becomes a `free` box of zeros of the same length, so that every offset stays right.
Of the media data only the samples of sound and picture are kept: tracks of places (a phone's or a camera's) go.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from intake.sanitise.verdict import Cleaned, Withheld

INSIDE = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf", b"edts", b"moof", b"traf", b"mvex", b"mfra"})
KEPT = frozenset({
    b"ftyp", b"styp", b"mdat", b"mvhd", b"tkhd", b"mdhd", b"hdlr", b"vmhd", b"smhd", b"gmhd", b"dref", b"url ",
    b"elst", b"stsd", b"stts", b"ctts", b"cslg", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"stss", b"sdtp",
    b"sbgp", b"sgpd", b"mehd", b"trex", b"mfhd", b"tfhd", b"tfdt", b"trun", b"sidx", b"tfra", b"mfro", b"nmhd",
}) | INSIDE  # fmt: skip
PLAYED = frozenset({b"vide", b"soun"})
PICTURES = frozenset(
    {b"avc1", b"avc3", b"hvc1", b"hev1", b"mp4v", b"jpeg", b"av01", b"vp09", b"dvh1", b"dvhe", b"s263"}
)
DEPTH = 12
_LOCATION = (b"\xa9xyz", b"loci", b"com.apple.quicktime.location", b"GPS")
_DEVICE = (b"\xa9mak", b"\xa9mod", b"com.apple.quicktime.make", b"com.apple.quicktime.model", b"com.android")


@dataclass(frozen=True, slots=True)
class Box:
    """One box: kind, where it begins, where its content begins, where it ends."""

    kind: bytes
    start: int
    body: int
    end: int


def clean(content: bytes, media_type: str) -> Cleaned:
    """The same film or recording with only what is needed to play it."""
    data, removed = bytearray(content), Counter[str]()
    top = list(_boxes(data, 0, len(data)))
    if not any(box.kind == b"moov" for box in top):
        raise Withheld("damaged")
    tracks = [trak for moov in top if moov.kind == b"moov" for trak in _boxes(data, moov.body, moov.end)]
    tracks = [trak for trak in tracks if trak.kind == b"trak"]
    played = [trak for trak in tracks if _handler(data, trak) in PLAYED]
    if not played:
        raise Withheld("damaged")
    if any(box.kind == b"moof" for box in top):
        if len(played) < len(tracks):
            raise Withheld("unknown")
    else:
        _silence(data, top, tracks, played, removed)
    for trak in tracks:
        if trak not in played:
            _blank(data, trak, removed)
    _walk(data, 0, len(data), removed, 0)
    return Cleaned(bytes(data), media_type, removed)


def _boxes(data: bytearray, start: int, end: int) -> Iterator[Box]:
    """The boxes between two places; raises Withheld where lengths do not fit."""
    at = start
    while at + 8 <= end:
        length, kind, body = int.from_bytes(data[at : at + 4], "big"), bytes(data[at + 4 : at + 8]), at + 8
        if length == 1:
            length, body = int.from_bytes(data[at + 8 : at + 16], "big"), at + 16
        elif length == 0:
            length = end - at
        if length < body - at or at + length > end:
            raise Withheld("damaged")
        yield Box(kind, at, body, at + length)
        at += length
    if at != end:  # QuickTime ends some lists with four zero bytes
        data[at:end] = bytes(end - at)


def _walk(data: bytearray, start: int, end: int, removed: Counter[str], depth: int) -> None:
    """Blank what is not needed, and the words and times in what is."""
    if depth > DEPTH:
        raise Withheld("damaged")
    for box in _boxes(data, start, end):
        if box.kind in {b"free", b"skip", b"wide"}:
            data[box.body : box.end] = bytes(box.end - box.body)
        elif box.kind not in KEPT:
            _blank(data, box, removed)
        elif box.kind in INSIDE:
            _walk(data, box.body, box.end, removed, depth + 1)
        elif box.kind in {b"mvhd", b"tkhd", b"mdhd"}:
            # Version 1 has times of eight bytes; both begin after version and flags.
            times = 16 if data[box.body] == 1 else 8
            data[box.body + 4 : box.body + 4 + times] = bytes(times)
            removed["time"] = 1
        elif box.kind == b"hdlr":
            # ISO/IEC 14496-12 §8.4.3: version, reserved, kind, 12 bytes where QuickTime names the maker, then a name.
            _wipe(data, box.body + 12, box.end)
        elif box.kind == b"stsd":
            _descriptions(data, box)
        elif box.kind == b"dref":
            for entry in _boxes(data, box.body + 8, box.end):  # QuickTime writes the path of the original here
                _wipe(data, entry.body + 4, entry.end)
        elif box.kind == b"gmhd":
            for inner in _boxes(data, box.body, box.end):
                if inner.kind != b"gmin":
                    _blank(data, inner, removed)


def _wipe(data: bytearray, start: int, end: int) -> None:
    """Zeros over what a writer put here."""
    if start < end:
        data[start:end] = bytes(end - start)


def _blank(data: bytearray, box: Box, removed: Counter[str]) -> None:
    """Make a box one of zeros, and count what it told."""
    inside = bytes(data[box.start : box.end])
    kinds = {"location"} if any(mark in inside for mark in _LOCATION) else set()
    if any(mark in inside for mark in _DEVICE):
        kinds.add("device")
    removed.update(kinds or {"track" if box.kind == b"trak" else "tags"})
    data[box.start + 4 : box.start + 8] = b"free"
    _wipe(data, box.body, box.end)


def _descriptions(data: bytearray, box: Box) -> None:
    """The entries of a sample description: their maker's name, and boxes that are no codec's settings."""
    for entry in _boxes(data, box.body + 8, box.end):
        # QuickTime's vendor; then, of pictures only (§12.1.3), the compressor's name in 32 bytes from 42.
        _wipe(data, entry.body + 12, min(entry.body + 16, entry.end))
        if entry.kind in PICTURES and entry.end - entry.body >= 78:
            _wipe(data, entry.body + 42, entry.body + 74)
            for inner in _boxes(data, entry.body + 78, entry.end):
                if inner.kind in {b"uuid", b"udta", b"meta"}:
                    _wipe(data, inner.body, inner.end)
                    data[inner.start + 4 : inner.body] = b"free" + data[inner.start + 8 : inner.body]


def _handler(data: bytearray, trak: Box) -> bytes:
    """What a track is for: vide, soun, meta, text and others."""
    mdia = _child(data, trak, b"mdia")
    hdlr = _child(data, mdia, b"hdlr") if mdia else None
    return bytes(data[hdlr.body + 8 : hdlr.body + 12]) if hdlr else b""


def _child(data: bytearray, parent: Box, kind: bytes) -> Box | None:
    """The first box of a kind directly inside another."""
    return next((box for box in _boxes(data, parent.body, parent.end) if box.kind == kind), None)


def _silence(data: bytearray, top: list[Box], tracks: list[Box], played: list[Box], removed: Counter[str]) -> None:
    """Zeros over whatever the media data hold beside the samples of the tracks that are played."""
    offsets = sorted({offset for trak in tracks for offset in _offsets(data, trak)})
    stretches = sorted(stretch for trak in played for stretch in _samples(data, trak, offsets))
    for mdat in (box for box in top if box.kind == b"mdat"):
        at = mdat.body
        for start, end in stretches:
            if end <= mdat.body or start >= mdat.end:
                continue
            if start > at:
                removed["other"] += 1 if any(data[at:start]) else 0
                _wipe(data, at, min(start, mdat.end))
            at = max(at, end)
        if at < mdat.end:
            removed["other"] += 1 if any(data[at : mdat.end]) else 0
            _wipe(data, at, mdat.end)


def _tables(data: bytearray, trak: Box) -> dict[bytes, Box]:
    """The sample tables of a track."""
    table: Box | None = trak
    for kind in (b"mdia", b"minf", b"stbl"):
        table = _child(data, table, kind) if table else None
    return {box.kind: box for box in _boxes(data, table.body, table.end)} if table else {}


def _offsets(data: bytearray, trak: Box) -> list[int]:
    """Where the chunks of a track begin."""
    parts = _tables(data, trak)
    if b"co64" in parts:
        return _numbers(data, parts[b"co64"], 1, 8)
    return _numbers(data, parts[b"stco"], 1, 4) if b"stco" in parts else []


def _samples(data: bytearray, trak: Box, bounds: list[int]) -> Iterator[tuple[int, int]]:
    """Where the samples of a track lie, one stretch a chunk (§8.7); `bounds` are the beginnings of all chunks."""
    parts, offsets = _tables(data, trak), _offsets(data, trak)
    if not {b"stsc", b"stsz"} <= parts.keys():
        raise Withheld("unknown")
    runs = _numbers(data, parts[b"stsc"], 1, 4)
    one = int.from_bytes(data[parts[b"stsz"].body + 4 : parts[b"stsz"].body + 8], "big")
    count = int.from_bytes(data[parts[b"stsz"].body + 8 : parts[b"stsz"].body + 12], "big")
    sizes = [] if one else _numbers(data, parts[b"stsz"], 2, 4)
    run, sample = 0, 0
    for number, offset in enumerate(offsets, 1):
        while run + 3 < len(runs) and runs[run + 3] <= number:
            run += 3
        held = min(runs[run + 1] if runs else 0, count - sample)
        end = offset + sum(sizes[sample : sample + held])
        if one:  # QuickTime counts single values of sound here, whatever their width: the next chunk is the bound
            following = bisect_right(bounds, offset)
            end = bounds[following] if following < len(bounds) else offset + max(held * one, held * 8)
        sample += held
        yield offset, min(end, len(data))


def _numbers(data: bytearray, box: Box, skipped: int, width: int) -> list[int]:
    """The numbers of a table, after version, flags and `skipped` counts; as many as the box has room for."""
    start = box.body + 4 + 4 * skipped
    room = bytes(data[start : box.end])
    room = room[: len(room) - len(room) % width]
    return [int.from_bytes(room[at : at + width], "big") for at in range(0, len(room), width)]
