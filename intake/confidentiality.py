"""Sealing: SM4-GCM under keys that live outside the database, and keyed hashes to know a value again."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from intake.errors import SealBroken

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16


def sync_folder(folder: Path) -> None:
    """Make a new name in `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Vault:
    """Seals and unseals bytes, and hashes under key; one secret of 32 bytes, from which each use derives its own."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise ValueError(f"the vault's key must have {KEY_BYTES} bytes, not {len(secret)}")
        self._seal_key = hmac.digest(secret, b"jianting seal", "sha256")[:16]
        self._hash_key = hmac.digest(secret, b"jianting hash", "sha256")

    @classmethod
    def open(cls, path: Path) -> Vault:
        """The vault whose key lies in the file `path`; the file is made, readable by its owner only, if it is absent."""
        if path.exists():
            return cls(path.read_bytes())
        # Written whole under another name first: a second process must never read half a key.
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            with contextlib.suppress(FileExistsError):  # another process was first: its key counts
                os.link(draft, path)
        finally:
            draft.unlink()
        sync_folder(path.parent)
        return cls(path.read_bytes())

    def seal(self, plain: bytes, context: str) -> bytes:
        """Nonce, ciphertext and tag; only the same `context` opens it again."""
        nonce = os.urandom(NONCE_BYTES)
        encryptor = Cipher(algorithms.SM4(self._seal_key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(context.encode())
        return nonce + encryptor.update(plain) + encryptor.finalize() + encryptor.tag

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """The plain bytes; raises SealBroken where key, context or content do not fit."""
        if len(sealed) < NONCE_BYTES + TAG_BYTES:
            raise SealBroken
        nonce, body, tag = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:-TAG_BYTES], sealed[-TAG_BYTES:]
        decryptor = Cipher(algorithms.SM4(self._seal_key), modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(context.encode())
        try:
            return decryptor.update(body) + decryptor.finalize()
        except InvalidTag as broken:
            raise SealBroken from broken

    def fingerprint(self, value: str, purpose: str) -> str:
        """A keyed hash, 64 hexadecimal digits: equal values of one purpose are known again, nothing else is learnt."""
        return hmac.new(self._hash_key, f"{purpose}\0{value}".encode(), hashlib.sha256).hexdigest()
