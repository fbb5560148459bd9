"""Sealing: SM4-GCM or AES-256-GCM under data keys, one a purpose, and keyed hashes to know a value again.

A sealed value is: a header (mark, version, algorithm, number of the data key), a nonce, the ciphertext, a tag. The
header and the place that the value is sealed for are authenticated with it. Values of the first release have no
header; they open with the key that was then the only one.
"""

from __future__ import annotations

import hmac
import os
import struct
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from intake.errors import SealBroken

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
MARK, VERSION = b"JT", 1
HEADER = struct.Struct(">2sBBI")

FINGERPRINTS, RELEASED, OTHER = "fingerprints", "released", "other"
"""Purposes of their own: keyed hashes; values of the first release, only opened; what has no purpose of its own."""
PURPOSES = ("identity", "text", "evidence", "letters", "conversations", "answers", OTHER)
"""What has a data key of its own for sealing (DOMAIN.md §7.1 asks it for the identity)."""
_PURPOSE_OF = {
    "identity": "identity", "text": "text", "evidence": "evidence", "file": "evidence", "letter": "letters",
    "paper": "letters", "talk": "conversations", "turn": "conversations", "answer": "answers",
}  # fmt: skip
"""The purpose by the first word of what a value is sealed for."""
HASH = "hmac-sha256"


class Sealer(Protocol):
    """One cipher under one key; the tag is the end of what `encrypt` gives."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        """Ciphertext and tag."""
        ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        """The plain bytes; raises InvalidTag."""
        ...


class Sm4Gcm:
    """SM4 (GB/T 32907-2016) in GCM, with the interface that the library gives AES."""

    def __init__(self, key: bytes) -> None:
        self._cipher = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        """Ciphertext and tag."""
        encryptor = Cipher(self._cipher, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data)
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        """The plain bytes; raises InvalidTag."""
        decryptor = Cipher(self._cipher, modes.GCM(nonce, data[-TAG_BYTES:])).decryptor()
        decryptor.authenticate_additional_data(associated_data)
        return decryptor.update(data[:-TAG_BYTES]) + decryptor.finalize()


class Kind(NamedTuple):
    """An algorithm: its number in the header, the length of its key, how it is made."""

    number: int
    key_bytes: int
    make: Callable[[bytes], Sealer]


ALGORITHMS = {"sm4-gcm": Kind(1, 16, Sm4Gcm), "aes-256-gcm": Kind(2, 32, AESGCM)}


def sync_folder(folder: Path) -> None:
    """Make a new name in `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass(frozen=True, slots=True)
class DataKey:
    """One key that seals; no print of it shows the secret. `in_use` says whether new values are sealed with it."""

    id: int
    purpose: str
    algorithm: str
    secret: bytes = field(repr=False)
    in_use: bool = True


@dataclass(frozen=True, slots=True)
class _Ready:
    """A data key with its cipher made and its header written."""

    header: bytes
    cipher: Sealer

    def seal(self, plain: bytes, context: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return self.header + nonce + self.cipher.encrypt(nonce, plain, self.header + context.encode())

    def unseal(self, sealed: bytes, context: str) -> bytes:
        start = len(self.header)
        if len(sealed) < start + NONCE_BYTES + TAG_BYTES:
            raise SealBroken
        nonce, rest = sealed[start : start + NONCE_BYTES], sealed[start + NONCE_BYTES :]
        try:
            return self.cipher.decrypt(nonce, rest, self.header + context.encode())
        except InvalidTag as broken:
            raise SealBroken from broken


class _Ring(NamedTuple):
    """The keys at one moment; replaced whole, so that no thread sees half a change."""

    by_id: dict[int, _Ready]
    sealing: dict[str, _Ready]
    released: _Ready | None
    hashing: bytes


class Vault:
    """Seals and unseals bytes, and hashes under key; its data keys stay in memory, so no call reads the ledger.

    `reread` gives the keys anew when a value names one that is not known here: another process has made it.
    A bare secret of 32 bytes in place of keys serves ledgers that are thrown away.
    """

    __slots__ = ("_lock", "_reread", "_ring")

    def __init__(self, keys: Iterable[DataKey] | bytes, reread: Callable[[], Iterable[DataKey]] | None = None) -> None:
        self._reread = reread
        self._lock = threading.Lock()
        self._ring = _ring(derived(keys) if isinstance(keys, bytes) else keys)

    def refresh(self) -> None:
        """Take the keys anew, for instance after a rotation; the old ones serve where that fails."""
        if self._reread is not None:
            with self._lock:
                self._ring = _ring(self._reread())

    def seal(self, plain: bytes, context: str) -> bytes:
        """Header, nonce, ciphertext and tag; only the same `context` opens it again. Its first word is the purpose."""
        sealing = self._ring.sealing
        return (sealing.get(purpose_of(context)) or sealing[OTHER]).seal(plain, context)

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """The plain bytes; raises SealBroken where key, context or content do not fit."""
        key = self._key_of(sealed)
        released = self._ring.released
        if key is None or released is None:
            if key is None and released is None:
                raise SealBroken
            return (key or released).unseal(sealed, context)  # type: ignore[union-attr]
        try:
            return key.unseal(sealed, context)
        except SealBroken:  # a nonce of the first release can look like a header, once in many thousand millions
            return released.unseal(sealed, context)

    def fingerprint(self, value: str, purpose: str) -> str:
        """A keyed hash, 64 hexadecimal digits: equal values of one purpose are known again, nothing else is learnt."""
        return hmac.digest(self._ring.hashing, f"{purpose}\0{value}".encode(), "sha256").hex()

    def _key_of(self, sealed: bytes) -> _Ready | None:
        """The key that the header names; None where there is no header, or nobody knows the key."""
        if len(sealed) < HEADER.size or not sealed.startswith(MARK):
            return None
        header = sealed[: HEADER.size]
        number = HEADER.unpack(header)[3]
        if number not in self._ring.by_id:
            self.refresh()
        key = self._ring.by_id.get(number)
        return key if key is not None and key.header == header else None


def purpose_of(context: str) -> str:
    """Which data key seals what is sealed for this place."""
    return _PURPOSE_OF.get(context.partition(" ")[0], OTHER)


def released_keys(secret: bytes) -> tuple[bytes, bytes]:
    """The keys that the first release derived from its key file: for sealing (SM4) and for keyed hashes."""
    return hmac.digest(secret, b"jianting seal", "sha256")[:16], hmac.digest(secret, b"jianting hash", "sha256")


def derived(secret: bytes) -> tuple[DataKey, ...]:
    """Keys that need no table, all from one secret: for ledgers that are thrown away."""
    if len(secret) != KEY_BYTES:
        raise ValueError(f"the vault's key must have {KEY_BYTES} bytes, not {len(secret)}")
    sealing, hashing = released_keys(secret)
    own = hmac.digest(secret, b"jianting throw-away", "sha256")[:16]
    return (
        DataKey(0, OTHER, "sm4-gcm", own),
        DataKey(1, RELEASED, "sm4-gcm", sealing, in_use=False),
        DataKey(2, FINGERPRINTS, HASH, hashing),
    )


def _ring(keys: Iterable[DataKey]) -> _Ring:
    """The keys, ready to work; of several in use for one purpose the newest seals."""
    by_id: dict[int, _Ready] = {}
    sealing: dict[str, _Ready] = {}
    released, hashing = None, b""
    for key in sorted(keys, key=lambda one: one.id):
        if key.purpose == FINGERPRINTS:
            hashing = key.secret
            continue
        kind = ALGORITHMS[key.algorithm]
        if key.purpose == RELEASED:
            released = _Ready(b"", kind.make(key.secret))
            continue
        by_id[key.id] = _Ready(HEADER.pack(MARK, VERSION, kind.number, key.id), kind.make(key.secret))
        if key.in_use:
            sealing[key.purpose] = by_id[key.id]
    if not hashing or OTHER not in sealing:
        raise ValueError("a vault needs at least a key for keyed hashes and one for sealing")
    return _Ring(by_id, sealing, released, hashing)
