"""The store of evidence: each content once, sealed in pieces, under its SHA-256, whole or not at all.

A file on disk is: a mark, a random number of its own, then frames. Each frame is a kind, a length and a sealed piece;
the piece's context names file, position and kind, so pieces cannot be exchanged, repeated or left out unnoticed.
The last frame says what the whole is. Only one piece at a time is in memory, and nothing unsealed touches the disk.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from sqlalchemy.orm import Session

from intake.confidentiality import Vault, sync_folder
from intake.db import insert
from intake.errors import EvidenceEmpty, EvidenceMissing, EvidenceTooLarge, SealBroken
from intake.media import Inspector
from intake.models import Evidence

PIECE = 1 << 20
MARK = b"JTE1"
OWN_BYTES = 16
DEFAULT_LIMIT = 60 << 20
_FRAME = struct.Struct(">cI")
_PIECE_KIND, _LAST_KIND = b"P", b"L"


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
    """Evidence under `folder`, sealed by `vault`; files above `limit` bytes are refused."""

    def __init__(self, folder: Path, vault: Vault, limit: int = DEFAULT_LIMIT) -> None:
        self.folder = folder
        self.limit = limit
        self._vault = vault
        self._incoming = folder / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True, mode=0o700)

    def store(self, content: Readable | bytes, name: str = "") -> Stored:
        """Take one file: refused with an EvidenceRefused, or safely on disk when this returns. The row comes later."""
        stream: Readable = io.BytesIO(content) if isinstance(content, bytes) else content
        draft = self._incoming / secrets.token_hex(16)
        try:
            with draft.open("xb") as file:
                draft.chmod(0o600)
                stored = self._write(stream, file, name)
                file.flush()
                os.fsync(file.fileno())
            place = self._place(stored.digest)
            if not place.exists():
                place.parent.mkdir(exist_ok=True, mode=0o700)
                draft.replace(place)
                sync_folder(place.parent)
                sync_folder(self.folder)
        finally:
            draft.unlink(missing_ok=True)
        return stored

    def _write(self, stream: Readable, file: BinaryIO, name: str) -> Stored:
        """Seal the stream into `file`, hashing and inspecting it on the way."""
        own = secrets.token_bytes(OWN_BYTES)
        file.write(MARK + own)
        sha256, sm3, inspector, size = hashlib.sha256(), hashlib.new("sm3"), Inspector(name), 0
        for position, piece in enumerate(_pieces(stream)):
            size += len(piece)
            if size > self.limit:
                raise EvidenceTooLarge
            sha256.update(piece)
            sm3.update(piece)
            inspector.feed(piece)
            self._frame(file, _PIECE_KIND, piece, _context(own, position))
        if not size:
            raise EvidenceEmpty
        stored = Stored(sha256.hexdigest(), sm3.hexdigest(), inspector.media_type(), size, name)
        about = {"sm3": stored.sm3, "media_type": stored.media_type, "size": size}
        self._frame(file, _LAST_KIND, json.dumps(about).encode(), _last_context(own, stored.digest))
        return stored

    def _frame(self, file: BinaryIO, kind: bytes, plain: bytes, context: str) -> None:
        """Write one sealed frame."""
        sealed = self._vault.seal(plain, context)
        file.write(_FRAME.pack(kind, len(sealed)))
        file.write(sealed)

    def read(self, digest: str) -> bytes:
        """The whole content."""
        return b"".join(self.pieces(digest))

    def pieces(self, digest: str) -> Iterator[bytes]:
        """The content piece by piece, for a download; raises SealBroken where bytes were changed or are missing."""
        size = 0
        with self._open(digest) as file:
            own = _own(file)
            for position, (kind, sealed) in enumerate(_frames(file)):
                if kind == _LAST_KIND:
                    about = json.loads(self._vault.unseal(sealed, _last_context(own, digest)))
                    if about["size"] != size:
                        raise SealBroken
                    return
                piece = self._vault.unseal(sealed, _context(own, position))
                size += len(piece)
                yield piece
        raise SealBroken

    def about(self, digest: str) -> Stored:
        """What lies under `digest`, told by the file itself; raises EvidenceMissing."""
        with self._open(digest) as file:
            own = _own(file)
            for kind, sealed in _frames(file, skip=True):
                if kind == _LAST_KIND:
                    told = json.loads(self._vault.unseal(sealed, _last_context(own, digest)))
                    return Stored(digest, told["sm3"], told["media_type"], told["size"])
        raise SealBroken

    def has(self, digest: str) -> bool:
        """Whether a content lies here."""
        return self._place(digest).is_file()

    def remove(self, digest: str) -> None:
        """Take a content away for good; call it after the commit that removed its row. One that is absent is gone."""
        self._place(digest).unlink(missing_ok=True)

    def tidy(self, before: datetime) -> int:
        """Remove drafts that a killed process left behind before a moment, and tell how many."""
        old = [draft for draft in self._incoming.iterdir() if draft.stat().st_mtime < before.timestamp()]
        for draft in old:
            draft.unlink(missing_ok=True)
        return len(old)

    def _place(self, digest: str) -> Path:
        """Where a content lies; a digest comes from outside and must not become a path."""
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise EvidenceMissing
        return self.folder / digest[:2] / digest

    def _open(self, digest: str) -> BinaryIO:
        """The sealed file."""
        try:
            return self._place(digest).open("rb")
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


def _own(file: BinaryIO) -> bytes:
    """The file's own number, after its mark."""
    head = file.read(len(MARK) + OWN_BYTES)
    if not head.startswith(MARK):
        raise SealBroken
    return head[len(MARK) :]


def _frames(file: BinaryIO, *, skip: bool = False) -> Iterator[tuple[bytes, bytes]]:
    """Kind and sealed bytes of each frame; `skip` jumps over the pieces."""
    while len(head := file.read(_FRAME.size)) == _FRAME.size:
        kind, length = _FRAME.unpack(head)
        if skip and kind == _PIECE_KIND:
            file.seek(length, os.SEEK_CUR)
        else:
            yield kind, file.read(length)


def _context(own: bytes, position: int) -> str:
    """What a piece is sealed for."""
    return f"evidence {own.hex()} {position}"


def _last_context(own: bytes, digest: str) -> str:
    """What the last frame is sealed for."""
    return f"evidence {own.hex()} last {digest}"
