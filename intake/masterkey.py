"""The master key: it wraps the data keys and nothing else, and it lives outside the ledger."""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import string

from cryptography.exceptions import InvalidTag

from intake.confidentiality import ALGORITHMS, KEY_BYTES, NONCE_BYTES, TAG_BYTES, released_keys
from intake.errors import BadMasterKey, WrongMasterKey

WRAPPED_VERSION = 1
_BY_NUMBER = {kind.number: (name, kind) for name, kind in ALGORITHMS.items()}


class MasterKey:
    """32 secret bytes that never leave this object; `mark` tells two master keys apart and gives nothing away."""

    __slots__ = ("__secret", "mark")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise BadMasterKey
        self.__secret = secret
        self.mark = hmac.digest(secret, b"jianting master mark", "sha256")[:8].hex()

    def __repr__(self) -> str:
        return f"MasterKey({self.mark})"

    def __reduce__(self) -> str:
        raise TypeError("a master key is not written down")

    @classmethod
    def read(cls, given: bytes) -> MasterKey:
        """From a file's, a command's or a variable's content: 32 raw bytes, or these as 64 hex digits or in base64."""
        text = given.strip()
        if len(given) == KEY_BYTES and not set(text) <= set(string.hexdigits.encode()):  # else half a key in hex digits
            return cls(given)
        try:
            return cls(
                bytes.fromhex(text.decode("ascii"))
                if len(text) == 2 * KEY_BYTES
                else base64.b64decode(text, validate=True)
            )
        except (ValueError, binascii.Error):
            raise BadMasterKey from None  # the cause would show what was given

    @classmethod
    def new(cls) -> tuple[MasterKey, bytes]:
        """A fresh one, and its bytes for the one who keeps it."""
        secret = os.urandom(KEY_BYTES)
        return cls(secret), secret

    def wrap(self, secret: bytes, context: str, algorithm: str) -> bytes:
        """A data key as the ledger may hold it: version, algorithm, nonce, ciphertext, tag."""
        kind = ALGORITHMS[algorithm]
        head, nonce = bytes((WRAPPED_VERSION, kind.number)), os.urandom(NONCE_BYTES)
        sealer = kind.make(self._derived(algorithm))
        return head + nonce + sealer.encrypt(nonce, secret, head + context.encode())

    def unwrap(self, wrapped: bytes, context: str) -> bytes:
        """The data key; raises WrongMasterKey where this is not the key it was wrapped with, or bytes were changed."""
        known = _BY_NUMBER.get(wrapped[1]) if len(wrapped) > 2 + NONCE_BYTES + TAG_BYTES else None
        if known is None or wrapped[0] != WRAPPED_VERSION:
            raise WrongMasterKey
        algorithm, kind = known
        head, nonce, rest = wrapped[:2], wrapped[2 : 2 + NONCE_BYTES], wrapped[2 + NONCE_BYTES :]
        try:
            return kind.make(self._derived(algorithm)).decrypt(nonce, rest, head + context.encode())
        except InvalidTag:
            raise WrongMasterKey from None

    def released(self) -> tuple[bytes, bytes]:
        """What the first release made of this key: its only sealing key, and its key for keyed hashes."""
        return released_keys(self.__secret)

    def _derived(self, algorithm: str) -> bytes:
        """The wrapping key of one algorithm: the master key itself meets no cipher."""
        return hmac.digest(self.__secret, f"jianting wrap {algorithm}".encode(), "sha256")[
            : ALGORITHMS[algorithm].key_bytes
        ]
