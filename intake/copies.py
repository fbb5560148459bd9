"""Working copies of evidence: what staff are given; the original stays sealed and as it came.

A copy lies sealed under the digest of its original. Where none can be made, what lies there says why. It is made when
the file is taken; should a crash come between, or a newer cleaner, it is made again at the next need, to the same end.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from intake import frames
from intake.confidentiality import Vault, sync_folder
from intake.errors import (
    EvidenceBomb,
    EvidenceDeceives,
    EvidenceHostile,
    EvidenceMacros,
    EvidenceNameHostile,
    EvidencePolyglot,
    EvidenceWithheld,
    IntakeError,
)
from intake.sanitise.process import VERSION, Cleaner, Copy, made_by
from intake.sanitise.verdict import Hostile

PIECE = 1 << 20
_TRAPS: Mapping[str, type[EvidenceHostile]] = {
    "bomb": EvidenceBomb,
    "polyglot": EvidencePolyglot,
    "macros": EvidenceMacros,
    "name": EvidenceNameHostile,
    "lies": EvidenceDeceives,
}


@dataclass(frozen=True, slots=True)
class WorkingCopy:
    """What lies beside an original: the copy's digests, type and size, or the reason why there is none."""

    digest: str
    sm3: str
    media_type: str
    size: int
    tool: str
    version: int
    removed: Mapping[str, int] = field(default_factory=dict)
    withheld: str = ""


def trap(hostile: Hostile) -> EvidenceHostile:
    """The error with a sentence for people."""
    return _TRAPS[hostile.reason]()


class Copies:
    """The copies under `folder`, sealed by `vault`, made by `cleaner`."""

    def __init__(self, folder: Path, vault: Vault, cleaner: Cleaner) -> None:
        self.folder = folder
        self._vault = vault
        self._cleaner = cleaner

    @contextmanager
    def cleaned(self, media_type: str, pieces: Iterable[bytes]) -> Iterator[Copy]:
        """The copy of a content, not kept yet; raises EvidenceHostile for a trap."""
        try:
            with self._cleaner.clean(pieces, media_type) as copy:
                yield copy
        except Hostile as hostile:
            raise trap(hostile) from hostile

    def make(self, original: str, media_type: str, pieces: Iterable[bytes]) -> WorkingCopy:
        """Clean an original and keep what came of it; one that turns out to be a trap is withheld."""
        try:
            with self.cleaned(media_type, pieces) as copy:
                return self.keep(original, copy)
        except EvidenceHostile:
            return self.keep(original, Copy(made_by(media_type), withheld="hostile"))

    def of(self, original: str) -> WorkingCopy | None:
        """What lies beside an original, if a cleaner of today made it."""
        with suppress(FileNotFoundError), self._place(original).open("rb") as file:
            told = frames.about(file, self._vault, _name(original))
            if told["version"] == VERSION:
                return WorkingCopy(**told)
        return None

    def pieces(self, original: str) -> Iterator[bytes]:
        """The copy piece by piece, for a download; raises EvidenceWithheld where there is none."""
        copy = self.of(original)
        if copy is None or copy.withheld:
            raise EvidenceWithheld
        with self._place(original).open("rb") as file:
            yield from frames.pieces(file, self._vault, _name(original))

    def is_whole(self, original: str) -> bool:
        """Whether what is kept of this original's copy is as it was made; where none is kept there is nothing wrong."""
        try:
            with self._place(original).open("rb") as file:
                told = frames.about(file, self._vault, _name(original))
                file.seek(0)
                found = frames.hashed(frames.pieces(file, self._vault, _name(original)))
                return found == (told["digest"], told["sm3"], told["size"]) and not file.read(1)
        except FileNotFoundError:
            return True
        except (IntakeError, OSError, ValueError, LookupError):
            return False

    def drafts(self) -> Iterator[Path]:
        """Copies that are being written, or that a killed process left behind."""
        return self.folder.glob("??/.*")

    def forget(self, original: str) -> None:
        """The copy goes when its original goes."""
        self._place(original).unlink(missing_ok=True)

    def keep(self, original: str, copy: Copy) -> WorkingCopy:
        """Seal a copy beside its original, whole or not at all; twice is once."""
        place = self._place(original)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = place.with_name(f".{secrets.token_hex(16)}")
        try:
            with draft.open("xb") as file:
                draft.chmod(0o600)
                writer = frames.Writer(file, self._vault)
                sha256, sm3, size = hashlib.sha256(), hashlib.new("sm3"), 0
                while copy.file and (piece := copy.file.read(PIECE)):
                    size += len(piece)
                    sha256.update(piece)
                    sm3.update(piece)
                    writer.piece(piece)
                about: dict[str, Any] = {
                    "digest": sha256.hexdigest(),
                    "sm3": sm3.hexdigest(),
                    "media_type": copy.media_type,
                    "size": size,
                    "tool": copy.tool,
                    "version": VERSION,
                    "removed": dict(copy.removed),
                    "withheld": copy.withheld,
                }
                writer.last(about, _name(original))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(place)
            sync_folder(place.parent)
        finally:
            draft.unlink(missing_ok=True)
        return WorkingCopy(**about)

    def _place(self, original: str) -> Path:
        """Where a copy lies; the store has checked that the digest is one."""
        return self.folder / original[:2] / original


def _name(original: str) -> str:
    """What the last frame of a copy is sealed for: no copy can be put in another one's place."""
    return f"copy of {original}"
