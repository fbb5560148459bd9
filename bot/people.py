"""Members of staff and clients of the API, from the command line; passwords and tokens are made here, shown once."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from bot.app import App
from intake import staffing, tokens
from intake.errors import NotFound
from intake.models import Staff
from intake.models.staff import ROLES
from routing.authorities import default_authority

PASSWORD_BYTES = 12


class UnknownRole(ValueError):
    """There is no such role."""

    def __init__(self, role: str) -> None:
        super().__init__(f"There is no role {role}; it is one of {', '.join(ROLES)}.")


def add(app: App, username: str, *, name: str, role: str, place: str, telegram: str | None) -> str:
    """Hire somebody at the bureau of division `place`; gives the password, which exists nowhere else in clear."""
    if role not in ROLES:
        raise UnknownRole(role)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    with app.database.transaction() as session:
        staffing.hire(
            session,
            username=username,
            password=password,
            name=name,
            role=role,
            authority=default_authority(place).code,
            telegram=telegram,
            now=datetime.now(UTC),
        )
    return password


def declare(app: App, username: str, interests: Sequence[str]) -> None:
    """The institutions in which somebody has an interest, in place of what was declared before; none clears them."""
    with app.database.transaction() as session:
        try:
            staffing.declare(session, username, interests)
        except NotFound:
            raise _nobody(username) from None


def new_password(app: App, username: str) -> str:
    """A new password in place of the old one; every open sign-in of this person ends."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    with app.database.transaction() as session:
        staff = session.scalar(select(Staff).where(Staff.username == username, Staff.active))
        if staff is None:
            raise _nobody(username)
        staffing.change_password(session, staff, password)
    return password


def remove(app: App, username: str) -> None:
    """End the account: no further sign-in; what the person did keeps his name."""
    with app.database.transaction() as session:
        try:
            staffing.dismiss(session, username)
        except NotFound:
            raise _nobody(username) from None


def issue_token(app: App, name: str, days: int | None = None) -> str:
    """A token for a client of the API, for so many days; it exists nowhere else in clear."""
    lifetime = timedelta(days=days) if days is not None else None
    with app.database.transaction() as session:
        return tokens.issue(session, name, vault=app.vault, now=datetime.now(UTC), lifetime=lifetime)


def revoke_token(app: App, name: str) -> int:
    """Withdraw every token of a client, and tell how many there were."""
    with app.database.transaction() as session:
        revoked = tokens.revoke(session, name, datetime.now(UTC))
    if not revoked:
        raise NotFound(f"There is no valid token named {name}.")
    return revoked


def _nobody(username: str) -> NotFound:
    return NotFound(f"There is nobody with the user name {username}.")
