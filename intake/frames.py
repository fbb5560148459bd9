"""A sealed file on disk: a mark, a random number of its own, then frames of a kind, a length and a sealed piece.

Each piece's context names file, position and kind, so pieces cannot be exchanged, repeated or left out unnoticed.
The last frame says what the whole is, under the file's name. Only one piece at a time is in memory.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from intake.confidentiality import Vault
from intake.errors import SealBroken

MARK = b"JTE1"
OWN_BYTES = 16
_FRAME = struct.Struct(">cI")
_PIECE, _LAST = b"P", b"L"


class Writer:
    """Writes one sealed file: its pieces in their order, then the last frame."""

    def __init__(self, file: BinaryIO, vault: Vault) -> None:
        self._file = file
        self._vault = vault
        self._own = secrets.token_bytes(OWN_BYTES)
        self._position = 0
        file.write(MARK + self._own)

    def piece(self, plain: bytes) -> None:
        """The next piece."""
        self._frame(_PIECE, plain, _context(self._own, self._position))
        self._position += 1

    def last(self, about: Mapping[str, Any], name: str) -> None:
        """What the whole is; it opens only under the same name."""
        self._frame(_LAST, json.dumps(about).encode(), _last_context(self._own, name))

    def _frame(self, kind: bytes, plain: bytes, context: str) -> None:
        sealed = self._vault.seal(plain, context)
        self._file.write(_FRAME.pack(kind, len(sealed)))
        self._file.write(sealed)


def pieces(file: BinaryIO, vault: Vault, name: str) -> Iterator[bytes]:
    """The content piece by piece; raises SealBroken where bytes were changed or are missing."""
    own, size = _own(file), 0
    for position, (kind, sealed) in enumerate(_frames(file)):
        if kind == _LAST:
            if json.loads(vault.unseal(sealed, _last_context(own, name)))["size"] != size:
                raise SealBroken
            return
        piece = vault.unseal(sealed, _context(own, position))
        size += len(piece)
        yield piece
    raise SealBroken


def hashed(content: Iterable[bytes]) -> tuple[str, str, int]:
    """SHA-256, SM3 and size of pieces."""
    sha256, sm3, size = hashlib.sha256(), hashlib.new("sm3"), 0
    for piece in content:
        sha256.update(piece)
        sm3.update(piece)
        size += len(piece)
    return sha256.hexdigest(), sm3.hexdigest(), size


def about(file: BinaryIO, vault: Vault, name: str) -> dict[str, Any]:
    """What the last frame says, without opening the pieces."""
    own = _own(file)
    for kind, sealed in _frames(file, skip=True):
        if kind == _LAST:
            told: dict[str, Any] = json.loads(vault.unseal(sealed, _last_context(own, name)))
            return told
    raise SealBroken


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
        if skip and kind == _PIECE:
            file.seek(length, os.SEEK_CUR)
        else:
            yield kind, file.read(length)


def _context(own: bytes, position: int) -> str:
    """What a piece is sealed for."""
    return f"evidence {own.hex()} {position}"


def _last_context(own: bytes, name: str) -> str:
    """What the last frame is sealed for."""
    return f"evidence {own.hex()} last {name}"
