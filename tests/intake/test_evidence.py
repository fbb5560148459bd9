"""The store of evidence: each content once, sealed, whole, and only what may be taken."""

from __future__ import annotations

import hashlib
import io
import os
import tracemalloc
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from intake.confidentiality import Vault
from intake.errors import EvidenceEmpty, EvidenceMissing, EvidenceTooLarge, EvidenceTypeNotAllowed, SealBroken
from intake.evidence import PIECE, EvidenceStore

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\x01" * 200
PDF = b"%PDF-1.7\n" + b"x" * 200
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 3000


def _zip(*names: str, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as archive:
        for name in names:
            archive.writestr(name, b"application/vnd.oasis.opendocument.text" if name == "mimetype" else b"content")
    return packed.getvalue()


def _boxed(brand: bytes) -> bytes:
    return b"\x00\x00\x00\x18ftyp" + brand + b"\x00\x00\x02\x00mp42isom" + b"\x00" * 100


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence", Vault(b"k" * 32), limit=3 * PIECE)


def test_a_file_comes_back_as_it_was(store: EvidenceStore) -> None:
    """Bytes, hashes, type, size and name are those of the file."""
    stored = store.store(JPEG, "账单.jpg")
    assert store.read(stored.digest) == JPEG
    assert stored.digest == hashlib.sha256(JPEG).hexdigest()
    assert stored.sm3 == hashlib.new("sm3", JPEG).hexdigest()
    assert (stored.media_type, stored.size, stored.name) == ("image/jpeg", len(JPEG), "账单.jpg")
    about = store.about(stored.digest)
    assert (about.sm3, about.media_type, about.size) == (stored.sm3, "image/jpeg", len(JPEG))


@pytest.mark.parametrize("size", [PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_files_of_any_length_come_back(store: EvidenceStore, size: int) -> None:
    """Also where a piece ends exactly."""
    content = JPEG + os.urandom(size - len(JPEG))
    assert store.read(store.store(io.BytesIO(content), "a.jpg").digest) == content


def test_nothing_lies_on_disk_in_clear(store: EvidenceStore) -> None:
    """Whoever takes the disk has nothing."""
    secret = "张某某的住院清单".encode() * 20
    store.store(secret, "清单.txt")
    files = [path for path in store.folder.rglob("*") if path.is_file()]
    assert len(files) == 2, "the original and its working copy"
    for file in files:
        assert secret[:24] not in file.read_bytes()
        assert file.stat().st_mode & 0o077 == 0


def test_the_same_content_twice_is_one_file(store: EvidenceStore) -> None:
    """A photo sent by ten people lies there once."""
    assert store.store(JPEG, "a.jpg").digest == store.store(JPEG, "b.jpg").digest
    assert len([path for path in store.folder.glob("??/*") if path.is_file()]) == 1


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (PDF, "a.pdf", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "a", "image/png"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 " + b"\0" * 50, "a.webp", "image/webp"),
        (_boxed(b"heic"), "IMG_1.HEIC", "image/heic"),
        (_boxed(b"isom"), "a.mp4", "video/mp4"),
        (_boxed(b"qt  "), "a.mov", "video/quicktime"),
        (_boxed(b"M4A "), "a.m4a", "audio/mp4"),
        (b"#!AMR\n" + b"\x3c" * 50, "a.amr", "audio/amr"),
        (b"ID3\x03\x00" + b"\0" * 50, "a.mp3", "audio/mpeg"),
        (b"OggS\x00\x02" + b"\0" * 50, "a.ogg", "audio/ogg"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt " + b"\0" * 50, "a.wav", "audio/x-wav"),
        ("姓名,金额\n张三,5".encode(), "a.csv", "text/csv"),
        ("姓名,金额".encode("gb18030"), "a.CSV", "text/csv"),
        ("你好".encode("utf-16"), "a.txt", "text/plain"),
        ("﻿你好".encode(), "a.txt", "text/plain"),
        ("你好".encode(), "", "text/plain"),
        (OLE + "WordDocument".encode("utf-16-le"), "a.doc", "application/msword"),
        (OLE + "Workbook".encode("utf-16-le"), "a.xls", "application/vnd.ms-excel"),
        (
            _zip("mimetype", "content.xml", compression=zipfile.ZIP_STORED),
            "a.odt",
            "application/vnd.oasis.opendocument.text",
        ),
    ],
)
def test_what_people_send_is_taken(store: EvidenceStore, content: bytes, name: str, media_type: str) -> None:
    """Pictures, papers, sound, video, text; known by their content."""
    assert store.store(content, name).media_type == media_type


@pytest.mark.parametrize(
    ("part", "kind"), [("word/document.xml", "word"), ("xl/workbook.xml", "sheet"), ("ppt/presentation.xml", "pres")]
)
def test_office_documents_are_taken_whatever_the_order_of_their_parts(
    store: EvidenceStore, part: str, kind: str
) -> None:
    """Their directory stands at the end, so the order does not matter."""
    fillers = [f"media/{number}" for number in range(500)]
    assert kind in store.store(_zip(*fillers, part, "[Content_Types].xml"), "a").media_type


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"MZ\x90\x00" + b"\0" * 200, "photo.jpg"),
        (b"\x7fELF\x02\x01\x01" + b"\0" * 200, "a"),
        (b"#!/bin/sh\nrm -rf /", "a.txt"),
        (b"\xef\xbb\xbf  <!DOCTYPE HTML><script>alert(1)</script>", "a.txt"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.txt"),
        (b"print('x')", "a.py"),
        (b"@echo off", "a.bat"),
        (_zip("a.txt"), "a.zip"),
        (_zip("a.txt"), "a.docx"),
        (OLE, "setup.msi"),
        (b"Rar!\x1a\x07\x01\x00" + b"\0" * 50, "a.rar"),
        (b"\x1f\x8b\x08" + b"\0" * 50, "a.gz"),
        (b"text\x00with a nul", "a.txt"),
        (b"\xff\xfe\x00", "a.txt"),
        (os.urandom(5000), "a.bin"),
    ],
)
def test_what_could_do_harm_is_refused(store: EvidenceStore, content: bytes, name: str) -> None:
    """Programs, scripts, archives and the unknown are not taken, whatever they are called; nothing stays behind."""
    with pytest.raises(EvidenceTypeNotAllowed):
        store.store(content, name)
    assert not [path for path in store.folder.rglob("*") if path.is_file()]


def test_an_empty_and_a_too_large_file_are_refused_by_name(store: EvidenceStore) -> None:
    """Each refusal is an error of its own, and nothing stays behind."""
    with pytest.raises(EvidenceEmpty):
        store.store(b"", "a.jpg")
    with pytest.raises(EvidenceTooLarge):
        store.store(JPEG + b"\0" * (3 * PIECE), "a.jpg")
    assert not [path for path in store.folder.rglob("*") if path.is_file()]


def test_an_endless_stream_is_cut_off_early(store: EvidenceStore) -> None:
    """Who sends 200 MB is refused after the limit, not after the last byte."""

    class Endless:
        given = 0

        def read(self, size: int, /) -> bytes:
            self.given += size
            return b"\xff\xd8\xff" + b"\0" * (size - 3)

    endless = Endless()
    with pytest.raises(EvidenceTooLarge):
        store.store(endless, "a.jpg")
    assert endless.given <= 5 * PIECE


def test_a_large_file_needs_little_memory(tmp_path: Path) -> None:
    """A video of 20 MB goes through in pieces."""
    store = EvidenceStore(tmp_path, Vault(b"k" * 32))

    class Video:
        left = 20

        def read(self, size: int, /) -> bytes:
            self.left -= 1
            return _boxed(b"isom").ljust(size, b"\0") if self.left >= 0 else b""

    tracemalloc.start()
    stored = store.store(Video(), "a.mp4")
    total = sum(len(piece) for piece in store.pieces(stored.digest))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total == stored.size == 20 * PIECE
    assert peak < 8 * PIECE


def test_changed_shortened_or_exchanged_files_are_noticed(store: EvidenceStore) -> None:
    """Evidence is what was given, or it is an error."""
    one = store.store(JPEG + os.urandom(2 * PIECE), "a.jpg").digest
    other = store.store(JPEG + os.urandom(2 * PIECE), "a.jpg").digest
    path, another = (store.folder / digest[:2] / digest for digest in (one, other))
    whole = path.read_bytes()
    for broken in (
        whole[:-1],
        whole[: PIECE + 500],
        whole[:100] + b"?" + whole[101:],
        another.read_bytes(),
        b"",
        b"JTE1",
    ):
        path.write_bytes(broken)
        with pytest.raises(SealBroken):
            store.read(one)


@pytest.mark.parametrize("digest", ["0" * 64, "../../etc/passwd", "", "Z" * 64, "a" * 63 + "/"])
def test_an_unknown_digest_is_missing_and_never_a_path(store: EvidenceStore, digest: str) -> None:
    """What comes from outside cannot lead out of the store."""
    with pytest.raises(EvidenceMissing):
        store.read(digest)


def test_drafts_of_a_killed_process_are_tidied(store: EvidenceStore) -> None:
    """What was never whole is removed after a while, what is being written is not."""
    (store.folder / "incoming" / "half").write_bytes(b"half")
    assert store.tidy(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert store.tidy(datetime.now(UTC) + timedelta(hours=1)) == 1
