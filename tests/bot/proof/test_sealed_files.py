"""What lies on disk beside the ledger is verified as well: each file opened, hashed, and held against its row."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from bot import sealing
from bot.app import App
from intake.models import Evidence, EvidenceUse
from intake.verification import Verdict
from tests.bot.proof.conftest import at, live, nothing

DAY = at("2026-10-21")


def verified(app: App) -> Verdict:
    """Ledger and files."""
    return sealing.verify(app, DAY, nothing)


def kinds(verdict: Verdict) -> list[str]:
    """What was found."""
    return sorted(finding.kind for finding in verdict.findings)


@pytest.fixture
def digests(office: App) -> list[str]:
    """The contents of a ledger that lived some weeks."""
    live(office)
    with office.database.reading() as session:
        found = list(session.scalars(select(Evidence.sha256).order_by(Evidence.sha256)))
    for digest in found:
        office.evidence.copy_of(digest)
    return found


def test_files_as_they_were_given_are_counted_and_sound(office: App, digests: list[str]) -> None:
    """Each is opened and hashed; the count says that none was left out."""
    verdict = verified(office)
    assert (verdict.sound, verdict.files) == (True, len(digests))
    assert sealing.verify(office, DAY, nothing, files=False).files == 0


def flip(path: Path) -> None:
    """One bit in the middle."""
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    path.write_bytes(whole)


def cut(path: Path) -> None:
    """The last byte is gone."""
    path.write_bytes(path.read_bytes()[:-1])


def grow(path: Path) -> None:
    """One byte after the end."""
    path.write_bytes(path.read_bytes() + b"\0")


def empty(path: Path) -> None:
    """The name alone is left."""
    path.write_bytes(b"")


@pytest.mark.parametrize("change", [flip, cut, grow, empty])
@pytest.mark.parametrize(("copy", "kind"), [(False, "sealed_changed"), (True, "copy_changed")])
def test_a_changed_file_is_named(
    office: App, digests: list[str], change: Callable[[Path], None], kind: str, *, copy: bool
) -> None:
    """The original by its digest; a working copy too, and that it can be made again."""
    change(office.evidence.place(digests[1], copy=copy))
    verdict = verified(office)
    assert kinds(verdict) == [kind]
    assert verdict.findings[0].where["digest"] == digests[1]
    assert digests[1] in sealing.in_words(verdict.findings[0])


def test_a_missing_file_is_named(office: App, digests: list[str]) -> None:
    """Its row is there, and still it cannot be shown to anybody."""
    office.evidence.place(digests[0]).unlink()
    verdict = verified(office)
    assert [(one.kind, one.where["digest"]) for one in verdict.findings] == [("sealed_missing", digests[0])]


def test_two_files_that_were_exchanged_are_both_named(office: App, digests: list[str]) -> None:
    """Each is whole and sealed by the right key, but lies under the other's name."""
    one, two = (office.evidence.place(digest) for digest in digests[:2])
    first = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(first)
    assert kinds(verified(office)) == ["sealed_changed", "sealed_changed"]


def test_another_content_under_a_changed_row_is_found(office: App, digests: list[str]) -> None:
    """Whoever changes the row as well has no key for the row's digest."""
    with office.database.transaction() as session:
        session.get_one(Evidence, digests[0]).size += 1
    assert kinds(verified(office)) == ["row_changed", "sealed_changed"]


@pytest.mark.parametrize("name", ["note.txt", "ab/" + "c" * 64, "copies/ab/letter.docx", "ff/" + "f" * 63])
def test_a_file_that_somebody_put_there_is_named(office: App, digests: list[str], name: str) -> None:
    """It opens with no key of ours, wherever it lies."""
    place = office.evidence.folder / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"from outside")
    verdict = verified(office)
    assert [(one.kind, one.where["file"]) for one in verdict.findings] == [("sealed_stranger", name)]


def test_a_file_of_ours_without_a_row_is_remarked_once_it_is_old(office: App, digests: list[str]) -> None:
    """Younger than an hour it may be on its way into the ledger; older, a crash left it, or an erasure did."""
    stored = office.evidence.store(b"never recorded", "a.txt")
    place = office.evidence.place(stored.digest)
    young, old = DAY.timestamp(), (DAY - timedelta(hours=2)).timestamp()
    for moment, left in ((young, []), (old, ["copy_left", "sealed_left"])):
        for path in (place, office.evidence.place(stored.digest, copy=True)):
            os.utime(path, (moment, moment))
        verdict = verified(office)
        assert verdict.sound
        assert sorted(one.kind for one in verdict.remarks if one.kind.endswith("_left")) == left
        assert all(sealing.in_words(one) for one in verdict.remarks)


def test_a_row_that_went_with_its_file_meanwhile_is_no_finding(
    office: App, digests: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An erasure while we read takes row and file; what is looked at after it is not missed."""
    proven = office.evidence.proven

    def erased_meanwhile(digest: str) -> tuple[str, str, int]:
        if digest == digests[-1]:
            with office.database.transaction() as session:
                session.execute(delete(EvidenceUse).where(EvidenceUse.sha256 == digest))
                session.execute(delete(Evidence).where(Evidence.sha256 == digest))
            office.evidence.forget(digest)
        return proven(digest)

    monkeypatch.setattr(office.evidence, "proven", erased_meanwhile)
    assert not {"sealed_missing", "sealed_changed"} & set(kinds(verified(office)))
