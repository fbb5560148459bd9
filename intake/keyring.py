"""The table of data keys: made, read, rotated, and moved under another master key; the caller commits."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from intake.confidentiality import ALGORITHMS, FINGERPRINTS, HASH, KEY_BYTES, PURPOSES, RELEASED, DataKey, Vault
from intake.errors import KeyNotRotated, SealBroken, WrongMasterKey
from intake.masterkey import MasterKey
from intake.models import ApiToken, Conversation, FiledReport, Identity, WrappedKey

# Any fixed number serves: whoever changes the keys takes this lock first (PostgreSQL).
CHANGE_LOCK = 6_210_22


def rows(session: Session) -> tuple[WrappedKey, ...]:
    """Every data key, wrapped, oldest first."""
    return tuple(session.scalars(select(WrappedKey).order_by(WrappedKey.id)))


def has_sealed(session: Session) -> bool:
    """Whether this ledger already belongs to a master key, so that another one would be the wrong one."""
    return session.scalar(select(WrappedKey.id).limit(1)) is not None or _is_of_first_release(session)


def read(session: Session, master: MasterKey) -> tuple[DataKey, ...]:
    """Every data key; raises WrongMasterKey where one does not open: a ledger is served with all of them or not at all."""
    return tuple(_opened(row, master) for row in rows(session))


def lacking(keys: Iterable[DataKey], algorithm: str) -> tuple[str, ...]:
    """The purposes that have no key in use of this algorithm; keyed hashes have one for ever."""
    sealing = {key.purpose for key in keys if key.in_use and key.algorithm in {algorithm, HASH}}
    return tuple(purpose for purpose in (*PURPOSES, FINGERPRINTS) if purpose not in sealing)


def provide(session: Session, master: MasterKey, algorithm: str, now: datetime) -> None:
    """Make the keys that are lacking; several processes that start together end with the same ones.

    A ledger of the first release keeps its two derived keys, now wrapped, after one of its values proved the master
    key. Raises WrongMasterKey.
    """
    _lock(session)
    keys = read(session, master)
    if not keys and _is_of_first_release(session):
        sealing, hashing = master.released()
        _prove(session, Vault((DataKey(0, "other", "sm4-gcm", sealing), _hashing(0, hashing), _old(0, sealing))))
        _add(session, master, _hashing(1, hashing), algorithm, now)
        _add(session, master, _old(2, sealing), algorithm, now, retired=now)
        keys = read(session, master)
    if purposes := lacking(keys, algorithm):
        _make(session, master, purposes, algorithm, now)


def rotate(session: Session, master: MasterKey, purposes: Collection[str], algorithm: str, now: datetime) -> int:
    """New keys for what is sealed from now on, and how many; the old ones still open. KeyNotRotated, WrongMasterKey."""
    wanted = tuple(purposes) or PURPOSES
    if not set(wanted) <= set(PURPOSES):
        raise KeyNotRotated
    _lock(session)
    read(session, master)
    _make(session, master, wanted, algorithm, now)
    return len(wanted)


def rewrap(session: Session, old: MasterKey, new: MasterKey, algorithm: str) -> int:
    """Move every data key under a new master key, and tell how many; what they sealed is not touched.

    One transaction: until it is committed the old master key opens the ledger, from then on the new one alone.
    """
    _lock(session)
    wrapped = rows(session)
    for row in wrapped:
        row.wrapped = new.wrap(_opened(row, old).secret, _context(row.id, row.purpose, row.algorithm), algorithm)
        row.master = new.mark
    session.flush()
    return len(wrapped)


def _lock(session: Session) -> None:
    """One change at a time: the keys are read again after this (SQLite has one writer anyway)."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHANGE_LOCK})
    session.expire_all()


def _opened(row: WrappedKey, master: MasterKey) -> DataKey:
    """One data key, unwrapped."""
    if row.master != master.mark:
        raise WrongMasterKey
    secret = master.unwrap(row.wrapped, _context(row.id, row.purpose, row.algorithm))
    return DataKey(row.id, row.purpose, row.algorithm, secret, row.retired_at is None)


def _make(session: Session, master: MasterKey, purposes: Iterable[str], algorithm: str, now: datetime) -> None:
    """Random keys, numbered on; those in use for the same purposes retire."""
    number = session.scalar(select(func.max(WrappedKey.id))) or 0
    for purpose in purposes:
        number += 1
        in_use = (WrappedKey.purpose == purpose, WrappedKey.retired_at.is_(None))
        session.execute(update(WrappedKey).where(*in_use).values(retired_at=now))
        hashing = purpose == FINGERPRINTS
        secret = os.urandom(KEY_BYTES if hashing else ALGORITHMS[algorithm].key_bytes)
        _add(session, master, DataKey(number, purpose, HASH if hashing else algorithm, secret), algorithm, now)


def _add(
    session: Session, master: MasterKey, key: DataKey, algorithm: str, now: datetime, retired: datetime | None = None
) -> None:
    """One row."""
    wrapped = master.wrap(key.secret, _context(key.id, key.purpose, key.algorithm), algorithm)
    row = WrappedKey(
        id=key.id, purpose=key.purpose, algorithm=key.algorithm, wrapped=wrapped, master=master.mark,
        made_at=now, retired_at=retired,
    )  # fmt: skip
    session.add(row)
    session.flush()


def _context(number: int, purpose: str, algorithm: str) -> str:
    """What a data key is wrapped for: a row's key does not open in another row."""
    return f"data key {number} {purpose} {algorithm}"


def _hashing(number: int, secret: bytes) -> DataKey:
    return DataKey(number, FINGERPRINTS, HASH, secret)


def _old(number: int, secret: bytes) -> DataKey:
    return DataKey(number, RELEASED, "sm4-gcm", secret, in_use=False)


def _is_of_first_release(session: Session) -> bool:
    """Whether something was sealed or hashed here before there were data keys."""
    used = (Identity.id, Conversation.id, ApiToken.token_hash)
    return any(session.scalar(select(column).limit(1)) is not None for column in used)


def _prove(session: Session, vault: Vault) -> None:
    """Open one value of the first release; raises WrongMasterKey, so that no second key is ever mixed in."""
    told = select(Identity.sealed, FiledReport.number).join(FiledReport, FiledReport.identity_id == Identity.id)
    identity = session.execute(told.limit(1)).first()
    talk = session.execute(select(Conversation.sealed_state, Conversation.id).limit(1)).first()
    try:
        if identity is not None:
            vault.unseal(identity.sealed, f"identity {identity.number}")
        elif talk is not None:
            vault.unseal(talk.sealed_state, f"talk {talk.id}")
    except SealBroken:
        raise WrongMasterKey from None
