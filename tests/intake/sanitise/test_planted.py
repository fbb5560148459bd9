"""A file of every format, with planted people, places and devices: none is left, and the original is as it came."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
from pathlib import Path

import pytest

from intake.confidentiality import Vault
from intake.copies import WorkingCopy
from intake.evidence import EvidenceStore
from tests.intake.sanitise import corpus_papers as papers
from tests.intake.sanitise import corpus_recordings as recordings
from tests.intake.sanitise.corpus import Sample, opened, samples
from tests.intake.sanitise.search import found, layers

SAMPLES = samples()
each = pytest.mark.parametrize("sample", SAMPLES, ids=[sample.name for sample in SAMPLES])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> EvidenceStore:
    return EvidenceStore(tmp_path_factory.mktemp("evidence"), Vault(b"k" * 32))


def cleaned(store: EvidenceStore, name: str, content: bytes) -> tuple[WorkingCopy, bytes]:
    """What staff are given of a file."""
    copy = store.copy_of(store.store(content, name).digest)
    return copy, b"" if copy.withheld else b"".join(store.copy_pieces(hashlib.sha256(content).hexdigest()))


@each
def test_nothing_planted_is_left(store: EvidenceStore, sample: Sample) -> None:
    """The same search that finds every planted word in the original finds none in the copy."""
    assert found(sample.content, sample.words) == set(sample.words)
    copy, content = cleaned(store, sample.name, sample.content)
    assert copy.withheld == ""
    assert found(content, sample.words) == set()
    assert copy.removed, "what was taken out is on record"
    assert copy.digest == hashlib.sha256(content).hexdigest()
    assert copy.sm3 == hashlib.new("sm3", content).hexdigest()


@each
def test_the_original_is_as_it_came(store: EvidenceStore, sample: Sample) -> None:
    """Cleaning never touches what was given: the same bytes under the same digests."""
    stored = store.store(sample.content, sample.name)
    store.copy_of(stored.digest)
    assert store.read(stored.digest) == sample.content
    assert stored.digest == hashlib.sha256(sample.content).hexdigest()
    assert stored.sm3 == hashlib.new("sm3", sample.content).hexdigest()


@each
def test_a_copy_is_clean_of_itself(store: EvidenceStore, sample: Sample) -> None:
    """A copy, sent in again, is taken, and cleaning it finds nobody: nothing that tells was put in on the way."""
    _, content = cleaned(store, sample.name, sample.content)
    copy, _ = cleaned(store, "", content)
    assert copy.withheld == ""
    assert not set(copy.removed) & {"location", "device", "author", "software", "comment", "xmp", "iptc", "thumbnail"}


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
@each
def test_an_independent_witness_finds_nobody(store: EvidenceStore, sample: Sample, tmp_path: Path) -> None:
    """Phil Harvey's exiftool, where it is installed (Debian: libimage-exiftool-perl)."""
    _, content = cleaned(store, sample.name, sample.content)
    (tmp_path / "copy").write_bytes(content)
    told = subprocess.run(
        ["exiftool", "-a", "-u", "-ee", str(tmp_path / "copy")], capture_output=True, text=True, check=False
    ).stdout
    assert not [word for word in sample.words if word in told]
    assert "GPS" not in told


@pytest.mark.parametrize("name", ["单据.pdf", "材料.docx", "明细.xlsx", "汇报.pptx", "材料.odt"])
def test_what_people_read_is_still_there(store: EvidenceStore, name: str) -> None:
    """Text, comments and tracked words stay; pictures inside keep their pixels."""
    sample = next(one for one in SAMPLES if one.name == name)
    _, content = cleaned(store, name, sample.content)
    assert papers.WORDS_SHOWN in str(found(content, (papers.WORDS_SHOWN,)))
    if name != "明细.xlsx":
        pictures = [layer for layer in layers(content) if layer[:2] == b"\xff\xd8" or b"DCTDecode" in layer]
        assert pictures


@pytest.mark.parametrize("name", ["录音.wav", "录音.ogg", "录像.mp4", "录像.mov", "录音.m4a"])
def test_what_people_hear_and_see_is_still_there(store: EvidenceStore, name: str) -> None:
    """The samples of sound and film are the same bytes; in a film also at the same place."""
    sample = next(one for one in SAMPLES if one.name == name)
    _, content = cleaned(store, name, sample.content)
    assert recordings.VOICE in content
    if not name.endswith((".wav", ".ogg")):
        assert content.index(recordings.VOICE) == sample.content.index(recordings.VOICE)
        assert len(content) == len(sample.content)


def test_every_frame_of_an_mp3_is_still_there(store: EvidenceStore) -> None:
    """Nine frames went in, nine come out, and nothing else."""
    _, content = cleaned(store, "录音.mp3", recordings.mp3())
    assert len(content) == 9 * len(recordings.FRAME)
    assert content.count(b"\xff\xfb\x90\x00") == 9


def test_an_opened_pdf_has_its_page_and_photo(store: EvidenceStore) -> None:
    """A reader opens it without a word of repair, and the photo decodes."""
    import pikepdf

    _, content = cleaned(store, "单据.pdf", papers.pdf())
    with pikepdf.open(io.BytesIO(content)) as paper:
        assert paper.check_pdf_syntax() == []
        assert set(paper.Root.keys()) <= {"/Type", "/Pages", "/AcroForm", "/Names"}
        photo = paper.pages[0].obj.Resources.XObject.P
        assert opened(photo.read_raw_bytes()).size == (96, 48)
        notes = [note for note in paper.pages[0].obj.Annots if str(note.Subtype) == "/Text"]
        assert str(notes[0].Contents) == papers.WORDS_SHOWN
