"""Recordings of the corpus, put together byte by byte: nothing here can encode sound or film."""

from __future__ import annotations

import struct

PLACE = "+36.0881+107.6367/"
FILM_WORDS = (
    PLACE,
    "PlantedMaker",
    "PlantedPhone",
    "PlantedAuthor",
    "PlantedProgram",
    "GPSPlantedTrack",
    "PlantedNote",
)
VOICE = b"THE-VOICE-ITSELF"
FRAME = b"\xff\xfb\x90\x00" + bytes(413)
"""MPEG 1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes of silence."""


def mp3() -> bytes:
    """ID3v2 before, APE and ID3v1 behind, the encoder's name inside."""
    text = b"\x03PlantedAuthor"
    tag = b"TPE1" + struct.pack(">I", len(text)) + b"\0\0" + text
    id3 = b"ID3\x04\0\0" + bytes([0, 0, 0, len(tag)]) + tag
    info = bytearray(FRAME)
    info[36:40], info[44:53] = b"Info", b"PlantedXX"
    item = struct.pack("<II", 14, 0) + b"Tool\0" + b"PlantedProgram"
    ape_head = b"APETAGEX" + struct.pack("<IIII", 2000, 32 + len(item), 1, 0xA0000000) + bytes(8)
    ape_foot = b"APETAGEX" + struct.pack("<IIII", 2000, 32 + len(item), 1, 0x80000000) + bytes(8)
    v1 = b"TAG" + b"PlantedNote".ljust(125, b"\0")
    return id3 + bytes(info) + FRAME * 5 + b"PlantedMaker junk" + FRAME * 3 + ape_head + item + ape_foot + v1


def wav() -> bytes:
    """LIST INFO, bext and an ID3 part beside the samples."""

    def part(kind: bytes, content: bytes) -> bytes:
        return kind + struct.pack("<I", len(content)) + content + bytes(len(content) & 1)

    kept = part(b"fmt ", struct.pack("<HHIIHH", 1, 1, 8000, 8000, 1, 8))
    told = part(b"LIST", b"INFO" + part(b"IART", b"PlantedAuthor\0") + part(b"ISFT", b"PlantedProgram\0"))
    told += part(b"bext", b"PlantedNote".ljust(602, b"\0"))
    content = b"WAVE" + kept + told + part(b"data", VOICE * 4) + part(b"id3 ", b"ID3PlantedAuthor")
    return b"RIFF" + struct.pack("<I", len(content)) + content


def _crc(page: bytes) -> int:
    """Ogg's checksum (RFC 3533 §6)."""
    value = 0
    for byte in page:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
    return value


def _page(number: int, flags: int, packet: bytes, place: int) -> bytes:
    """One page with one packet."""
    lacing = bytes([255] * (len(packet) // 255) + [len(packet) % 255])
    head = b"OggS\0" + bytes([flags]) + struct.pack("<qIII", place, 7, number, 0) + bytes([len(lacing)]) + lacing
    page = head + packet
    return page[:22] + struct.pack("<I", _crc(page)) + page[26:]


def ogg() -> bytes:
    """Opus, as Telegram's voice messages are."""
    head = b"OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0"
    vendor, tag = b"PlantedProgram", b"ARTIST=PlantedAuthor"
    tags = b"OpusTags" + struct.pack("<I", len(vendor)) + vendor + struct.pack("<II", 1, len(tag)) + tag
    return _page(0, 2, head, 0) + _page(1, 0, tags, 0) + _page(2, 4, b"\xf8" + VOICE, 960)


def amr() -> bytes:
    """Frames, and words behind them."""
    return b"#!AMR\n" + (b"\x3c" + bytes(31)) * 3 + b"\xffPlantedNote"


def box(kind: bytes, *content: bytes) -> bytes:
    """A box of ISO/IEC 14496-12."""
    body = b"".join(content)
    return struct.pack(">I", len(body) + 8) + kind + body


def _track(handler: bytes, name: bytes, at: int, size: int, entry: bytes) -> bytes:
    """A track with one sample at a place of the file."""
    full = bytes(4)
    table = box(
        b"stbl",
        box(b"stsd", full, struct.pack(">I", 1), entry),
        box(b"stts", full, struct.pack(">III", 1, 1, 1)),
        box(b"stsc", full, struct.pack(">IIII", 1, 1, 1, 1)),
        box(b"stsz", full, struct.pack(">III", 0, 1, size)),
        box(b"stco", full, struct.pack(">II", 1, at)),
    )
    reference = box(b"dinf", box(b"dref", full, struct.pack(">I", 1), box(b"url ", b"\0\0\0\1PlantedNote")))
    hdlr = box(b"hdlr", full, bytes(4), handler, b"PlantedMaker", name + b"\0")
    mdhd = box(b"mdhd", full, struct.pack(">IIIIHH", 3_800_000_000, 3_800_000_000, 1000, 1000, 0, 0))
    media = box(b"mdia", mdhd, hdlr, box(b"minf", reference, table))
    return box(b"trak", box(b"tkhd", full, struct.pack(">II", 3_800_000_000, 3_800_000_000), bytes(72)), media)


def _film(brand: bytes, played: bytes) -> bytes:
    """A recording whose sample comes first, then a track of places, then words that no track owns."""
    ftyp = box(b"ftyp", brand, bytes(4), b"isom")
    track = b"GPSPlantedTrack " + PLACE.encode()
    mdat = box(b"mdat", VOICE, track, b"PlantedNote that nobody plays")
    at = len(ftyp) + 8
    sight = bytes(6) + b"\0\1" + bytes(4) + b"Plnt" + bytes(8) + struct.pack(">HH", 64, 48) + bytes(14)
    sight += b"\x0ePlantedProgram".ljust(32, b"\0") + b"\0\x18\xff\xff"
    sound = bytes(6) + b"\0\1" + bytes(20)
    entry = box(b"avc1", sight) if played == b"vide" else box(b"mp4a", sound)
    place = box(b"\xa9xyz", struct.pack(">HH", len(PLACE), 0), PLACE.encode())
    keys = box(b"keys", bytes(4), struct.pack(">I", 1), box(b"mdta", b"com.apple.quicktime.model"))
    values = box(b"ilst", box(b"\0\0\0\1", box(b"data", bytes(8), b"PlantedPhone")))
    moov = box(
        b"moov",
        box(b"mvhd", bytes(4), struct.pack(">II", 3_800_000_000, 3_800_000_000), bytes(88)),
        _track(played, b"PlantedMaker handler", at, len(VOICE), entry),
        _track(b"meta", b"PlantedPhone places", at + len(VOICE), len(track), box(b"mebx", bytes(8))),
        box(b"udta", place, box(b"\xa9mak", b"PlantedMaker"), box(b"\xa9ART", "PlantedAuthor".encode("utf-16-be"))),
        box(b"meta", keys, values),
    )
    return ftyp + mdat + moov + box(b"uuid", bytes(16), b"PlantedAuthor") + box(b"free", b"PlantedProgram")


def mp4() -> bytes:
    """A phone's film."""
    return _film(b"isom", b"vide")


def mov() -> bytes:
    """The same as QuickTime."""
    return _film(b"qt  ", b"vide")


def m4a() -> bytes:
    """A voice memo."""
    return _film(b"M4A ", b"soun")
