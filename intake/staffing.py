"""Staff: who they are, how they sign in and out. Passwords are kept as Argon2id, cookies as hashes."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from intake import attempts
from intake.confidentiality import Vault
from intake.errors import NotFound, UsernameTaken, WeakPassword
from intake.models import SignIn, Staff

SHORTEST_PASSWORD = 10
LONGEST_INTERESTS = 400
LIFETIME = timedelta(hours=12)
TRUSTED_FOR = timedelta(days=60)
# OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, 2 iterations, 1 lane.
_MEMORY_KIB, _ITERATIONS, _LANES = 19 * 1024, 2, 1


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh sign-in; the token exists in clear only here and in the browser's cookie."""

    staff: Staff
    token: str
    until: datetime


def hash_password(password: str) -> str:
    """The password as the ledger may keep it; its parameters stand in it."""
    kdf = Argon2id(salt=os.urandom(16), length=32, iterations=_ITERATIONS, lanes=_LANES, memory_cost=_MEMORY_KIB)
    return kdf.derive_phc_encoded(password.encode())


def password_fits(password: str, kept: str) -> bool:
    """Whether this is the password."""
    try:
        Argon2id.verify_phc_encoded(password.encode(), kept)
    except (InvalidKey, ValueError):
        return False
    return True


def hire(
    session: Session,
    *,
    username: str,
    password: str,
    name: str,
    role: str,
    authority: str,
    now: datetime,
    interests: str = "",
    telegram: str | None = None,
) -> Staff:
    """A new member of staff, written down; raises WeakPassword or UsernameTaken."""
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPassword
    if session.scalar(select(Staff.id).where(Staff.username == username)) is not None:
        raise UsernameTaken
    staff = Staff(
        username=username,
        password_hash=hash_password(password),
        name=name,
        role=role,
        authority=authority,
        interests=interests,
        telegram=telegram,
    )
    session.add(staff)
    session.flush()
    return staff


def change_password(session: Session, staff: Staff, password: str) -> None:
    """A new password; every open sign-in ends."""
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPassword
    staff.password_hash = hash_password(password)
    session.execute(delete(SignIn).where(SignIn.staff_id == staff.id))


def declare(session: Session, username: str, interests: Sequence[str]) -> None:
    """From whose cases somebody is kept out from now on; raises NotFound, and ValueError for more than fits."""
    staff = session.scalar(select(Staff).where(Staff.username == username, Staff.active))
    if staff is None:
        raise NotFound
    told = "\n".join(name for one in interests if (name := " ".join(one.split())))
    if len(told) > LONGEST_INTERESTS:
        raise ValueError(f"All interests together have at most {LONGEST_INTERESTS} characters.")
    staff.interests = told


def dismiss(session: Session, username: str) -> None:
    """The person leaves: no further sign-in, the history keeps the name."""
    staff = session.scalar(select(Staff).where(Staff.username == username))
    if staff is None:
        raise NotFound
    staff.active = False
    session.execute(delete(SignIn).where(SignIn.staff_id == staff.id))


def authenticate(
    session: Session,
    username: str,
    password: str,
    *,
    origin: str,
    vault: Vault,
    now: datetime,
) -> Staff | None:
    """Whom name and password fit, or None; raises TooManyTries for an origin or a name that has to wait.

    It takes some 30 ms on purpose and writes nothing: call it with a reading session, then `settle` in a transaction.
    """
    address, name = _origins(vault, origin, username)
    attempts.check(session, address, now)
    # Where he signed in before, strangers who try his name elsewhere do not lock him out.
    if not attempts.is_trusted(session, _own_origin(vault, origin, username), now):
        attempts.check(session, name, now)
    staff = session.scalar(select(Staff).where(Staff.username == username, Staff.active))
    # A name that does not exist costs the same time, so that names cannot be found out by the clock.
    fits = password_fits(password, staff.password_hash if staff else _nobody())
    return staff if staff and fits else None


def settle(
    session: Session,
    staff: Staff | None,
    username: str,
    *,
    origin: str,
    vault: Vault,
    now: datetime,
    lifetime: timedelta = LIFETIME,
) -> SignedIn | None:
    """Write down what `authenticate` found: a sign-in, or a wrong try; the caller commits either."""
    for known in _origins(vault, origin, username):
        if staff is None:
            attempts.count_wrong(session, known, now)
        else:
            attempts.forgive(session, known)
    if staff is None:
        return None
    attempts.trust(session, _own_origin(vault, origin, username), now + TRUSTED_FOR)
    token, until = secrets.token_urlsafe(32), now + lifetime
    session.execute(delete(SignIn).where(SignIn.until < now))
    session.add(SignIn(token_hash=_token_hash(token), staff_id=staff.id, until=until))
    return SignedIn(staff, token, until)


def sign_in(
    session: Session,
    username: str,
    password: str,
    *,
    origin: str,
    vault: Vault,
    now: datetime,
    lifetime: timedelta = LIFETIME,
) -> SignedIn | None:
    """Both steps in one transaction, for where nobody waits; None where name and password do not fit: commit it."""
    staff = authenticate(session, username, password, origin=origin, vault=vault, now=now)
    return settle(session, staff, username, origin=origin, vault=vault, now=now, lifetime=lifetime)


def signed_in(session: Session, token: str, now: datetime) -> Staff | None:
    """Who the cookie belongs to, as long as it holds and he is still there."""
    query = select(Staff).join(SignIn, SignIn.staff_id == Staff.id)
    return session.scalar(query.where(SignIn.token_hash == _token_hash(token), SignIn.until > now, Staff.active))


def sign_out(session: Session, token: str) -> None:
    """The cookie no longer opens anything."""
    session.execute(delete(SignIn).where(SignIn.token_hash == _token_hash(token)))


def _origins(vault: Vault, origin: str, username: str) -> tuple[str, str]:
    """Wrong tries count against the address and against the name, so that neither can be tried out from many."""
    return attempts.origin_hash(vault, "sign-in", origin), attempts.origin_hash(vault, "sign-in name", username)


def _own_origin(vault: Vault, origin: str, username: str) -> str:
    """One name at one address."""
    return attempts.origin_hash(vault, "sign-in own", f"{username}\0{origin}")


def _token_hash(token: str) -> str:
    """256 random bits need no key and no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash that no password fits."""
    return hash_password(secrets.token_urlsafe(32))
