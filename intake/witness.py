"""The witness: every row that may never change carries a digest that nobody without the proof key can make.

A row's covered columns are written as canonical bytes, blinded with a nonce that only the key gives, and hashed:
`digest = SM3(nonce ‖ bytes)`, `nonce = HMAC-SM3(key, bytes)`. Without the key the digest tells nothing and cannot be
forged; with nonce and bytes anybody can check it. The same digest of a report is the commitment on its receipt.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import LargeBinary, RowMapping
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, Session, mapped_column

from intake.confidentiality import sync_folder
from intake.errors import ProofKeyWrong

SECRET_BYTES = 32
_PLAIN, _NESTED = frozenset({str, int, float, bool}), frozenset({dict, list})

Values = Mapping[str, Any] | RowMapping

CHANGEABLE: Mapping[str, frozenset[str]] = {
    "report": frozenset(
        {"case_id", "query_hash"}
    ),  # a code gets its slow hash after filing; a merge moves a report to another case; the event says so
}
"""Columns that may change in the life of a row, by table. Everything else is covered; a number given by the database,
`id`, is bound by the link. A column that is added later must be NULL in the rows that were there before it."""

NUMBERED = frozenset({"id", "digest"})
KEPT: Mapping[str, frozenset[str]] = {
    "report": frozenset({"identity_id", "conversation", "telling", "sealed_text", "match"}),
}
"""Covered columns that an opening does not show its teller: they could tell him of others, or tell others of him."""


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
_SM3 = hashlib.new("sm3")
"""Begun once and copied: a filing hashes some twenty times."""


def canonical(value: Any) -> bytes:
    """JSON in one way only: keys in order, no spaces, ASCII."""
    return _ENCODER.encode(value).encode()


def sm3(content: bytes) -> bytes:
    """GB/T 32905."""
    state = _SM3.copy()
    state.update(content)
    return state.digest()


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a digest: whoever has both can make it, and read what it stands for."""

    nonce: bytes
    message: bytes

    @property
    def digest(self) -> bytes:
        """The commitment."""
        return sm3(self.nonce + self.message)


class Witness:
    """Blinds and signs; `secret` blinds and stays for the life of the ledger, `seed` signs and can be changed."""

    def __init__(self, secret: bytes, seed: bytes) -> None:
        if len(secret) != SECRET_BYTES or len(seed) != SECRET_BYTES:
            raise ProofKeyWrong
        self._secret, self._mac = secret, hmac.new(secret, digestmod="sm3")
        self._signer = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._signer.public_key().public_bytes_raw().hex()

    @classmethod
    def open(cls, path: Path) -> Witness:
        """The witness whose key lies in the file `path`; made, readable by its owner only, if it is absent."""
        if not path.exists():
            with contextlib.suppress(FileExistsError):  # another process was first: its key counts
                _write(path, os.urandom(2 * SECRET_BYTES))
        kept = path.read_bytes()
        return cls(kept[:SECRET_BYTES], kept[SECRET_BYTES:])

    def renewed(self, path: Path) -> Witness:
        """The same witness with a new signing key, which lies in the file `path`."""
        seed = os.urandom(SECRET_BYTES)
        path.unlink(missing_ok=True)
        _write(path, self._secret + seed)
        return Witness(self._secret, seed)

    def sign(self, content: bytes) -> bytes:
        """An Ed25519 signature."""
        return self._signer.sign(content)

    def opening(self, table: str, values: Values) -> Opening:
        """The opening of a row's digest, from the values of its columns by name."""
        free = CHANGEABLE.get(table, frozenset()) | NUMBERED
        covered = {
            name: value if value.__class__ is str else plain(value)
            for name, value in values.items()
            if value is not None and name not in free
        }
        shown: dict[str, Any] = {"row": table}
        if kept := KEPT.get(table):
            inner = {name: covered.pop(name) for name in kept & covered.keys()}
            shown["kept"] = self._blind(b"kept ", canonical(inner)).hex()
        message = canonical(shown | covered)
        return Opening(self._blind(b"nonce ", message), message)

    def digest(self, table: str, values: Values) -> bytes:
        """The digest of a row."""
        return self.opening(table, values).digest

    def _blind(self, purpose: bytes, message: bytes) -> bytes:
        mac = self._mac.copy()
        mac.update(purpose + message)
        return mac.digest()


def plain(value: Any) -> Any:
    """A column's value as canonical JSON knows it: the same before it is written and after it was read, everywhere."""
    if isinstance(value, bytes):
        return "sm3:" + sm3(value).hex()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value


def witnessed() -> Mapped[bytes | None]:
    """The column for a row's digest, filled at INSERT by the witness that the engine carries; empty without one.

    Whoever writes the row need not think of it, so nobody can forget it. It stands last: it covers the others.
    """
    return mapped_column(LargeBinary(32), default=_of_row, sort_order=1000)


def witness_of(session: Session) -> Witness | None:
    """The witness that the session's engine carries."""
    found = session.get_bind().get_execution_options().get("witness")
    return found if isinstance(found, Witness) else None


def _of_row(context: DefaultExecutionContext) -> bytes | None:
    witness = context.execution_options.get("witness")
    if not isinstance(witness, Witness):
        return None
    table = context.compiled.statement.table.name  # type: ignore[union-attr]
    values = context.get_current_parameters()  # type: ignore[no-untyped-call]
    if context.dialect.name != "sqlite":  # a NUL has no place in its text, and is written as this sign
        values = {
            name: value.replace("\0", "\ufffd") if isinstance(value, str) else value for name, value in values.items()
        }
    return witness.digest(table, {name: as_read(value) for name, value in values.items()})


def as_read(value: Any) -> Any:
    """JSON as it will be read: a key is a string, a tuple a list."""
    if _reads_the_same(value):
        return value
    return json.loads(json.dumps(value))


def _reads_the_same(value: Any) -> bool:
    """Whether there is nothing in it that JSON would change: no key but strings, no tuple, nothing of another class."""
    kind = value.__class__
    if kind is dict:
        return all(key.__class__ is str and _json_keeps(one) for key, one in value.items())
    return all(map(_json_keeps, value)) if kind is list else not isinstance(value, dict | list)


def _json_keeps(value: Any) -> bool:
    """The same for what lies inside, where a date, say, is not left to the column."""
    return value is None or value.__class__ in _PLAIN or (value.__class__ in _NESTED and _reads_the_same(value))


def _write(path: Path, content: bytes) -> None:
    """A new file, written whole under another name first: a second process must never read half a key."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        draft.unlink()
    sync_folder(path.parent)
