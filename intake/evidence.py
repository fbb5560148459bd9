"""The store of evidence: each content once, sealed in pieces, under its SHA-256, whole or not at all.

Nothing unsealed touches the disk, and only one piece at a time is in memory. What staff are given is a working copy,
made by a process of its own before the file is kept; a file that is a trap is not kept at all.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from sqlalchemy.orm import Session

from intake import frames
from intake.confidentiality import Vault, sync_folder
from intake.copies import Copies, WorkingCopy, trap
from intake.db import insert
from intake.errors import EvidenceEmpty, EvidenceHostile, EvidenceMissing, EvidenceTooLarge, SealBroken
from intake.media import Inspector
from intake.models import Evidence
from intake.sanitise import suspicion
from intake.sanitise.process import Cleaner
from intake.sanitise.verdict import Hostile

PIECE = 1 << 20
DEFAULT_LIMIT = 60 << 20


class Readable(Protocol):
    """Anything that gives bytes piece by piece: a file, an upload, a response."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Stored:
    """A content that lies in the store; `name` is what the teller's file was called."""

    digest: str
    sm3: str
    media_type: str
    size: int
    name: str = ""


class EvidenceStore:
    """Evidence under `folder`, sealed by `vault`; files above `limit` bytes are refused, copies made by `cleaner`."""

    def __init__(self, folder: Path, vault: Vault, limit: int = DEFAULT_LIMIT, cleaner: Cleaner | None = None) -> None:
        self.folder = folder
        self.limit = limit
        self._vault = vault
        self._incoming = folder / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._copies = Copies(folder / "copies", vault, cleaner or Cleaner())

    def store(self, content: Readable | bytes, name: str = "") -> Stored:
        """Take one file: refused with an EvidenceRefused, or safely on disk when this returns. The row comes later."""
        stream: Readable = io.BytesIO(content) if isinstance(content, bytes) else content
        draft = self._incoming / secrets.token_hex(16)
        stored: Stored | None = None
        try:
            name = suspicion.fit_name(name)
            with draft.open("xb") as file:
                draft.chmod(0o600)
                stored = self._write(stream, file, name)
                file.flush()
                os.fsync(file.fileno())
            suspicion.check_name(name, stored.media_type)
            if self.has(stored.digest) and self._copies.of(stored.digest):
                return stored
            with draft.open("rb") as file:
                sealed = frames.pieces(file, self._vault, stored.digest)
                # The original first: a copy without its original would be a file that nobody knows of.
                with self._copies.cleaned(stored.media_type, sealed) as copy:
                    self._settle(draft, stored.digest)
                    self._copies.keep(stored.digest, copy)
        except (Hostile, EvidenceHostile) as hostile:
            refused = trap(hostile) if isinstance(hostile, Hostile) else hostile
            refused.stored = stored
            raise refused from hostile
        finally:
            draft.unlink(missing_ok=True)
        return stored

    def _settle(self, draft: Path, digest: str) -> None:
        """Give a whole file its name, safe from a power cut."""
        place = self.place(digest)
        if not place.exists():
            place.parent.mkdir(exist_ok=True, mode=0o700)
            draft.replace(place)
            sync_folder(place.parent)
            sync_folder(self.folder)

    def _write(self, stream: Readable, file: BinaryIO, name: str) -> Stored:
        """Seal the stream into `file`, hashing and inspecting it on the way."""
        writer = frames.Writer(file, self._vault)
        sha256, sm3, inspector, size = hashlib.sha256(), hashlib.new("sm3"), Inspector(name), 0
        for piece in _pieces(stream):
            size += len(piece)
            if size > self.limit:
                raise EvidenceTooLarge
            sha256.update(piece)
            sm3.update(piece)
            inspector.feed(piece)
            writer.piece(piece)
        if not size:
            raise EvidenceEmpty
        stored = Stored(sha256.hexdigest(), sm3.hexdigest(), inspector.media_type(), size, name)
        writer.last({"sm3": stored.sm3, "media_type": stored.media_type, "size": size}, stored.digest)
        return stored

    def read(self, digest: str) -> bytes:
        """The whole original."""
        return b"".join(self.pieces(digest))

    def pieces(self, digest: str) -> Iterator[bytes]:
        """The original piece by piece; raises SealBroken where bytes were changed or are missing."""
        with self._open(digest) as file:
            yield from frames.pieces(file, self._vault, digest)

    def proven(self, digest: str) -> tuple[str, str, int]:
        """SHA-256, SM3 and size of what lies under a digest, every byte of it; raises SealBroken where one is too many."""
        with self._open(digest) as file:
            found = frames.hashed(frames.pieces(file, self._vault, digest))
            if file.read(1):
                raise SealBroken
        return found

    def copy_is_whole(self, digest: str) -> bool:
        """Whether the working copy of an original, if one is kept, is as it was made."""
        self.place(digest)
        return self._copies.is_whole(digest)

    def about(self, digest: str) -> Stored:
        """What lies under `digest`, told by the file itself; raises EvidenceMissing."""
        with self._open(digest) as file:
            told = frames.about(file, self._vault, digest)
            return Stored(digest, told["sm3"], told["media_type"], told["size"])

    def copy_of(self, digest: str) -> WorkingCopy:
        """What staff are given of an original, made now where it was never made; raises EvidenceMissing."""
        about = self.about(digest)
        return self._copies.of(digest) or self._copies.make(digest, about.media_type, self.pieces(digest))

    def known_copy(self, digest: str) -> WorkingCopy | None:
        """What staff are given of an original, if it is made already."""
        self.place(digest)
        return self._copies.of(digest)

    def copy_pieces(self, digest: str) -> Iterator[bytes]:
        """The working copy piece by piece; raises EvidenceWithheld where there is none."""
        self.place(digest)
        yield from self._copies.pieces(digest)

    def has(self, digest: str) -> bool:
        """Whether a content lies here."""
        return self.place(digest).is_file()

    def forget(self, digest: str) -> None:
        """Original and copy go together, for good; the caller has seen to it that nobody needs them."""
        self._copies.forget(digest)
        self.place(digest).unlink(missing_ok=True)

    def tidy(self, before: datetime) -> int:
        """Remove drafts that a killed process left behind before a moment, and tell how many."""
        drafts = (*self._incoming.iterdir(), *self._copies.drafts())
        old = []
        for draft in drafts:
            with suppress(FileNotFoundError):  # finished while we looked
                if draft.stat().st_mtime < before.timestamp():
                    old.append(draft)
        for draft in old:
            draft.unlink(missing_ok=True)
        return len(old)

    def place(self, digest: str, *, copy: bool = False) -> Path:
        """Where a content lies, or its working copy; a digest comes from outside and must not become a path."""
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise EvidenceMissing
        return (self._copies.folder if copy else self.folder) / digest[:2] / digest

    def _open(self, digest: str) -> BinaryIO:
        """The sealed file."""
        try:
            return self.place(digest).open("rb")
        except FileNotFoundError as absent:
            raise EvidenceMissing from absent


def record(session: Session, stored: Stored, now: datetime) -> None:
    """The row of a stored content; twice is once. Call it after `store`, so that no row lacks its file."""
    row = {
        "sha256": stored.digest,
        "sm3": stored.sm3,
        "media_type": stored.media_type,
        "size": stored.size,
        "stored_at": now,
    }
    session.execute(insert(session, Evidence).values(row).on_conflict_do_nothing(index_elements=["sha256"]))


def _pieces(stream: Readable) -> Iterator[bytes]:
    """The stream in full pieces, whatever sizes it gives."""
    gathered = bytearray()
    while chunk := stream.read(PIECE - len(gathered)):
        gathered += chunk
        if len(gathered) >= PIECE:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)
