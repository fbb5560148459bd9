"""Files made to harm whoever opens them are refused by name, or come out harmless; the service outlives all of them."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from pathlib import Path

import pikepdf
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from intake.confidentiality import Vault
from intake.errors import (
    EvidenceBomb,
    EvidenceDeceives,
    EvidenceHostile,
    EvidenceMacros,
    EvidenceNameHostile,
    EvidencePolyglot,
    EvidenceTypeNotAllowed,
)
from intake.evidence import EvidenceStore
from intake.sanitise.clean import clean
from intake.sanitise.process import Cleaner
from intake.sanitise.verdict import Hostile, Limits, Withheld
from tests.intake.sanitise import corpus
from tests.intake.sanitise import corpus_papers as papers
from tests.intake.sanitise.corpus import Sample, samples
from tests.intake.sanitise.search import found

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEN_GIB = 10 << 30
SAMPLES = samples()


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence", Vault(b"k" * 32))


def zeros(times: int) -> bytes:
    """Deflated zeros, 64 MiB so many times over: a few kilobytes each."""
    packer = zlib.compressobj(9, wbits=-15)
    one = packer.compress(bytes(64 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return one * times + packer.flush(zlib.Z_FINISH)


def bomb_docx(told: int) -> bytes:
    """A Word document whose text would be 10 GiB; its directory says it was `told` bytes."""
    content = papers.packed({"[Content_Types].xml": "<Types/>", "word/document.xml": "PLACE" * 4})
    packed, name = zeros(TEN_GIB // (64 << 20)), b"word/big.xml"
    size = min(told, 0xFFFFFFFF)
    sizes = struct.pack("<HHHHHIII", 20, 0, 8, 0, 33, 0, len(packed), size)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        at, entries = package.start_dir, len(package.infolist())
    directory = content[at : content.rindex(b"PK\x05\x06")]
    local = b"PK\x03\x04" + sizes + struct.pack("<HH", len(name), 0) + name + packed
    directory += b"PK\x01\x02" + struct.pack("<H", 20) + sizes
    directory += struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, at) + name
    counts = struct.pack("<HHHHIIH", 0, 0, entries + 1, entries + 1, len(directory), at + len(local), 0)
    return content[:at] + local + directory + b"PK\x05\x06" + counts


def flate_pdf(layers: int) -> bytes:
    """A page whose drawing would be 10 GiB, packed so many times over."""
    packed = zlib.compress(b"")[:2] + zeros(TEN_GIB // (64 << 20)) + b"\0\0\0\1"
    for _ in range(layers - 1):
        packed = zlib.compress(packed)
    names = b"/FlateDecode " * layers
    stream = b"4 0 obj <</Length %d /Filter [%s]>>\nstream\n%s\nendstream endobj\n" % (len(packed), names, packed)
    pages = b"1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n"
    page = b"3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>> endobj\n"
    return b"%PDF-1.5\n" + pages + page + stream + b"trailer <</Root 1 0 R>>\n%%EOF\n"


def huge_png() -> bytes:
    """50 000 by 50 000 pixels in less than a hundred bytes."""
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + corpus.chunk(b"IHDR", head)
        + corpus.chunk(b"IDAT", b"x\x9c")
        + corpus.chunk(b"IEND", b"")
    )


def long_gif(frames: int = 100_000) -> bytes:
    """A picture of one pixel that moves a hundred thousand times."""
    frame = b"!\xf9\x04\0\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0"
    return b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff" + frame * frames + b";"


def entities() -> bytes:
    """XML that grows with the square of its length, in a Word document."""
    text = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "{"x" * 50_000}">]><d>{"&a;" * 50_000}</d>'
    return papers.packed({"[Content_Types].xml": "<Types/>", "word/document.xml": text})


@pytest.mark.parametrize(
    ("name", "build"),
    [
        ("a.png", huge_png),
        ("a.gif", long_gif),
        ("told.docx", lambda: bomb_docx(TEN_GIB)),
        ("a.docx", entities),
        ("a.pdf", lambda: flate_pdf(1)),
        ("b.pdf", lambda: flate_pdf(2)),
        ("c.pdf", lambda: flate_pdf(9)),
    ],
)
def test_bombs_are_refused_and_nothing_is_kept(store: EvidenceStore, name: str, build) -> None:
    """Whatever would unpack beyond the budget is known before it does."""
    content = build()
    assert len(content) < 20 << 20
    with pytest.raises(EvidenceBomb):
        store.store(content, name)
    assert not [path for path in store.folder.rglob("*") if path.is_file()]


def test_a_bomb_that_lies_about_its_size_does_not_unpack(store: EvidenceStore) -> None:
    """The directory says a kilobyte: no more is read, and there is no copy."""
    assert store.copy_of(store.store(bomb_docx(1024), "a.docx").digest).withheld == "damaged"


def test_a_package_in_a_package_in_a_package_is_opened_once(store: EvidenceStore) -> None:
    """The document within is cleaned, the one within that is emptied."""
    inner = papers.docx()
    for _ in range(3):
        inner = papers.packed({
            "[Content_Types].xml": "<Types/>", "word/document.xml": "<d>kept</d>", "word/embeddings/a.docx": inner,
        })  # fmt: skip
    stored = store.store(inner, "a.docx")
    assert store.copy_of(stored.digest).removed["embedded"] == 1
    assert found(b"".join(store.copy_pieces(stored.digest)), papers.OFFICE_WORDS) == set()


ZIP = papers.packed({"evil.txt": "x"})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jpg", corpus.jpeg(behind=ZIP)),
        ("a.png", corpus.png() + ZIP),
        ("a.gif", b"GIF89a/*" + corpus.gif()[8:] + b"*/=1;alert(1)"),
        ("b.gif", corpus.gif()[:13] + b"<script>alert(1)</script>" + corpus.gif()[13:]),
        ("b.jpg", corpus.jpeg()[:2] + b"\xff\xfe\x00\x10%PDF-1.7 xxxxx" + corpus.jpeg()[2:]),
        ("a.pdf", papers.pdf() + ZIP),
        ("b.pdf", papers.pdf()[:20] + b"<html><script>alert(1)</script>" + papers.pdf()[20:]),
        ("a.wav", b"RIFF/*\0\0WAVEfmt " + bytes(40) + b"*/=1"),
        ("c.jpg", corpus.jpeg(behind=b"Rar!\x1a\x07\x01\x00" + bytes(50))),
        ("d.jpg", corpus.jpeg(behind=b"7z\xbc\xaf\x27\x1c" + bytes(50))),
    ],
)  # fmt: skip
def test_files_that_are_two_things_at_once_are_refused(store: EvidenceStore, name: str, content: bytes) -> None:
    """A picture that is also an archive, a page, a paper or a script."""
    with pytest.raises(EvidencePolyglot):
        store.store(content, name)
    assert not [path for path in store.folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "parts",
    [
        {"word/vbaProject.bin": b"x"},
        {"word/other.bin": b"x", "[Content_Types].xml": "<Types>application/vnd.ms-office.vbaProject</Types>"},
        {"xl/macrosheets/sheet1.xml": "<x/>"},
    ],
)
def test_office_documents_with_macros_are_refused(store: EvidenceStore, parts: dict[str, bytes]) -> None:
    """Wherever the macro hides."""
    whole: dict[str, str | bytes] = {"[Content_Types].xml": "<Types/>", "word/document.xml": "<d/>", **parts}
    with pytest.raises(EvidenceMacros):
        store.store(papers.packed(whole), "a.docx")


def test_macros_in_old_and_in_open_documents_are_refused(store: EvidenceStore) -> None:
    """A .doc by its VBA project, an .odt by its Basic library."""
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000) + "WordDocument".encode("utf-16-le")
    with pytest.raises(EvidenceMacros):
        store.store(ole + "_VBA_PROJECT".encode("utf-16-le"), "a.doc")
    kind = "application/vnd.oasis.opendocument.text"
    open_one = papers.packed(
        {"mimetype": kind, "content.xml": "<c/>", "Basic/Standard/Module1.xml": "<m/>"}, "mimetype"
    )
    with pytest.raises(EvidenceMacros):
        store.store(open_one, "a.odt")


@pytest.mark.parametrize("name", ["photo\u202egpj.txt", "a\x00.txt", "\u202dtxt.a.txt"])
def test_names_that_deceive_the_eye_are_refused(store: EvidenceStore, name: str) -> None:
    """Directions overridden, and signs that end a name early."""
    with pytest.raises(EvidenceNameHostile):
        store.store(b"words", name)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"), ("C:\\Users\\wang\\a.txt", "a.txt"), ("/a/b.txt", "b.txt"), ("..", ""),
        ("\u200eWhatsApp.txt", "WhatsApp.txt"), ("a\nb.txt", "ab.txt"),
    ],
)  # fmt: skip
def test_paths_in_names_come_to_nothing(store: EvidenceStore, name: str, kept: str) -> None:
    """Only the last part of a path is a name; marks that phones put into names are dropped."""
    assert store.store(b"words", name).name == kept


@pytest.mark.parametrize("name", ["../up.xml", "/abs.xml", "a\\b.xml", "C:evil.xml"])
def test_paths_inside_documents_are_refused(store: EvidenceStore, name: str) -> None:
    """A part that would be unpacked somewhere else."""
    whole = papers.packed({"[Content_Types].xml": "<Types/>", "word/document.xml": "<d/>", name: "<x/>"})
    if name == "a\\b.xml":  # zipfile mends this one as it writes
        whole = whole.replace(b"a/b.xml", b"a\\b.xml")
    with pytest.raises(EvidenceNameHostile):
        store.store(whole, "a.docx")


@pytest.mark.parametrize(
    ("name", "content"),
    [("照片.exe", corpus.jpeg()), ("账单.jpg", papers.pdf()), ("a.pdf", corpus.png()), ("a.html", corpus.gif())],
)
def test_an_ending_of_another_family_is_refused(store: EvidenceStore, name: str, content: bytes) -> None:
    """A photo that calls itself a program, a paper that calls itself a photo."""
    with pytest.raises(EvidenceDeceives):
        store.store(content, name)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.jpg", corpus.png()), ("a.png", corpus.heic()), ("微信图片", corpus.jpeg()), ("a.doc", papers.docx()),
     ("a.jpg.1", corpus.jpeg())],
)  # fmt: skip
def test_an_ending_that_phones_get_wrong_is_taken(store: EvidenceStore, name: str, content: bytes) -> None:
    """Within one family, and where there is no known ending, the content alone counts."""
    assert not store.copy_of(store.store(content, name).digest).withheld


def test_a_paper_with_a_password_and_an_old_document_are_kept_without_a_copy(store: EvidenceStore) -> None:
    """Evidence is not lost because it cannot be cleaned; staff get the reason instead."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(papers.pdf())) as paper:
        paper.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000) + "WordDocument".encode("utf-16-le")
    for content, name, reason in ((out.getvalue(), "a.pdf", "encrypted"), (ole, "a.doc", "legacy")):
        stored = store.store(content, name)
        assert store.copy_of(stored.digest).withheld == reason
        assert store.read(stored.digest) == content


def test_a_paper_that_only_its_owner_may_change_is_cleaned(store: EvidenceStore) -> None:
    """It opens for everybody; the copy has no lock."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(papers.pdf())) as paper:
        paper.save(out, encryption=pikepdf.Encryption(owner="o", user=""))
    stored = store.store(out.getvalue(), "a.pdf")
    copy = b"".join(store.copy_pieces(stored.digest))
    assert not pikepdf.open(io.BytesIO(copy)).is_encrypted
    assert found(copy, papers.PDF_WORDS) == set()


def test_what_needs_too_much_memory_or_time_gets_no_copy_and_hurts_nobody(tmp_path: Path) -> None:
    """The process that cleans is bounded, and ends; the next file is cleaned as ever."""
    cleaner = Cleaner(Limits(memory=400 << 20, seconds=1))
    store = EvidenceStore(tmp_path / "e", Vault(b"k" * 32), cleaner=cleaner)
    out = io.BytesIO()
    corpus.picture((9_000, 9_000)).save(out, "PNG")
    assert store.copy_of(store.store(out.getvalue(), "a.png").digest).withheld == "heavy"
    assert not store.copy_of(store.store(corpus.png(), "b.png").digest).withheld


def test_programs_and_archives_are_refused_as_ever(store: EvidenceStore) -> None:
    """Whatever they are called."""
    for content, name in ((ZIP, "a.docx"), (b"MZ\x90" + bytes(100), "a.jpg")):
        with pytest.raises(EvidenceTypeNotAllowed):
            store.store(content, name)


@given(st.sampled_from(SAMPLES), st.integers(0, 2**32))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_damage_provokes_anything_but_a_verdict(sample: Sample, seed: int) -> None:
    """Cut off and with bits turned: a copy, a refusal, or no copy; where there is a copy of a whole, nobody is in it."""
    dice = random.Random(seed)
    content = bytearray(sample.content)
    if dice.random() < 0.5:
        del content[dice.randrange(1, len(content)) :]
    for _ in range(dice.choice((0, 1, 8, 64))):
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    try:
        media_type = _media_type(bytes(content), sample.name)
        clean(bytes(content), media_type, Limits(pixels=4_000_000, unpacked=64 << 20))
    except (Hostile, Withheld, EvidenceTypeNotAllowed, EvidenceHostile):
        pass
    except (MemoryError, RecursionError):
        raise
    except Exception as surprise:  # noqa: BLE001 - in service the child makes this "damaged"
        event(type(surprise).__name__)


def _media_type(content: bytes, name: str) -> str:
    from intake.media import Inspector

    inspector = Inspector(name)
    inspector.feed(content)
    return inspector.media_type()


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.name for sample in SAMPLES])
def test_damaged_files_leave_the_service_standing(store: EvidenceStore, sample: Sample) -> None:
    """The same through the real process: whatever comes, a verdict, and the next file is cleaned."""
    dice = random.Random(len(sample.content))
    for _ in range(2):
        content = bytearray(sample.content)
        for _ in range(12):
            content[dice.randrange(16, len(content))] ^= 1 << dice.randrange(8)
        try:
            store.copy_of(store.store(bytes(content), sample.name).digest)
        except (EvidenceHostile, EvidenceTypeNotAllowed):
            continue
    assert not store.copy_of(store.store(corpus.bmp(), "a.bmp").digest).withheld
