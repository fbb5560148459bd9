"""Machine clients: their tokens, and the answers that a repeated request gets again."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from intake.confidentiality import Vault
from intake.db import insert
from intake.errors import KeyReused, LedgerBusy
from intake.models import ApiToken, IdempotentAnswer

KEPT_FOR = timedelta(days=30)


def issue(session: Session, name: str, *, vault: Vault, now: datetime, lifetime: timedelta | None = None) -> str:
    """A new token for the client `name`; it is shown once and kept only as a keyed hash."""
    token = f"jt_{secrets.token_urlsafe(32)}"
    until = now + lifetime if lifetime is not None else None
    session.add(ApiToken(token_hash=_token_hash(vault, token), name=name, created_at=now, until=until))
    return token


def client_of(session: Session, token: str, *, vault: Vault, now: datetime) -> ApiToken | None:
    """Whose token this is; None where it was never given out, was withdrawn, or has run out."""
    known = ApiToken.token_hash == _token_hash(vault, token)
    holds = or_(ApiToken.until.is_(None), ApiToken.until > now)
    return session.scalar(select(ApiToken).where(known, ApiToken.revoked_at.is_(None), holds))


def revoke(session: Session, name: str, now: datetime) -> int:
    """Withdraw every token of a client, and tell how many there were."""
    valid = (ApiToken.name == name, ApiToken.revoked_at.is_(None))
    changed = update(ApiToken).where(*valid).values(revoked_at=now).returning(ApiToken.token_hash)
    return len(session.execute(changed).all())


def recall(session: Session, client: ApiToken, key: str, request: bytes, *, vault: Vault) -> bytes | None:
    """The answer once given under this key, None where there is none; raises KeyReused for another request."""
    kept = session.get(IdempotentAnswer, (client.token_hash, key))
    if kept is None:
        return None
    if kept.request_hash != _request_hash(vault, request):
        raise KeyReused
    return vault.unseal(kept.sealed, _context(client, key))


def remember(
    session: Session,
    client: ApiToken,
    key: str,
    request: bytes,
    answer: bytes,
    *,
    vault: Vault,
    now: datetime,
) -> None:
    """Keep the answer in the transaction that did the work; where another was faster, nothing of this one may stay."""
    row = {
        "client": client.token_hash,
        "key": key,
        "request_hash": _request_hash(vault, request),
        "sealed": vault.seal(answer, _context(client, key)),
        "at": now,
    }
    added = insert(session, IdempotentAnswer).values(row).on_conflict_do_nothing(index_elements=["client", "key"])
    if session.execute(added.returning(IdempotentAnswer.key)).first() is None:
        raise LedgerBusy


def forget_old(session: Session, now: datetime) -> None:
    """Remove answers that no client will ask for again; for the daily tidying."""
    session.execute(delete(IdempotentAnswer).where(IdempotentAnswer.at < now - KEPT_FOR))


def _token_hash(vault: Vault, token: str) -> str:
    """By which a token is known."""
    return vault.fingerprint(token, "api token")


def _request_hash(vault: Vault, request: bytes) -> str:
    """By which a request is known again; keyed, since it holds what a person told."""
    return vault.fingerprint(request.hex(), "request")


def _context(client: ApiToken, key: str) -> str:
    """What an answer is sealed for."""
    return f"answer {client.token_hash} {key}"
