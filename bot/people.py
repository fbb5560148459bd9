"""Adding members of staff from the command line."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from bot.app import App
from intake import staffing
from routing.authorities import default_authority

PASSWORD_BYTES = 12


def add(app: App, username: str, *, name: str, role: str, place: str, telegram: str | None) -> str:
    """Hire somebody at the bureau of division `place`; gives the password, which exists nowhere else in clear."""
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
