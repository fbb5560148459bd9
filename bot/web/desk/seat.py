"""Who sits at the desk in this request: the cookie, the form token, and what the page's head shows."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request

from bot.app import App
from bot.web import door
from bot.web.desk.labels import label, section
from bot.web.desk.ledger import unseen
from bot.web.errors import Refused
from intake import staffing
from intake.models import Staff
from routing.authorities import by_code

COOKIE = "jianting_desk"
PATH = "/desk"


@dataclass(frozen=True, slots=True)
class Seat:
    """One signed-in member of staff, with the token that his forms must carry."""

    staff: Staff
    csrf: str
    unseen: int

    @property
    def name(self) -> str:
        """The person's name."""
        return self.staff.name

    @property
    def role(self) -> str:
        """One of intake.models.staff.ROLES."""
        return self.staff.role

    @property
    def role_word(self) -> str:
        """The role as people read it."""
        return label("role", self.staff.role)

    @property
    def tabs(self) -> Mapping[str, str]:
        """Where this role can go, as addresses with their words."""
        found: Mapping[str, str] = section("nav")[self.staff.role]
        return found

    @property
    def office(self) -> str:
        """The authority's name."""
        return by_code(self.staff.authority).name


class SignedOut(Refused):
    """Nobody is signed in: the person is led to the sign-in page and back."""

    def __init__(self, request: Request) -> None:
        back = request.url.path if request.method == "GET" else PATH
        headers = {"Location": f"{PATH}/sign-in?next={quote(back)}"}
        super().__init__(303, "signed_out", label("refused", "signed_out"), headers=headers)


class FormStale(Refused):
    """The form does not carry the token of this sign-in."""

    def __init__(self) -> None:
        super().__init__(403, "form_stale", label("refused", "csrf"))


def seat(request: Request) -> Seat:
    """Whoever is signed in; raises SignedOut otherwise."""
    app, token = door.app_of(request), request.cookies.get(COOKIE, "")
    with app.database.reading() as session:
        staff = staffing.signed_in(session, token, door.now()) if token else None
        if staff is None:
            raise SignedOut(request)
        return Seat(staff, form_token(app, token), unseen(session, viewer=staff))


def form_token(app: App, cookie: str) -> str:
    """The form token of a cookie: only whoever holds the cookie was ever shown it."""
    return app.vault.fingerprint(cookie, "form")


def is_fresh(here: Seat, given: str) -> bool:
    """Whether a form carries the token of this sign-in."""
    return hmac.compare_digest(given.encode(), here.csrf.encode())


def must_be_fresh(here: Seat, given: str) -> None:
    """Raise FormStale where the token does not fit."""
    if not is_fresh(here, given):
        raise FormStale


SeatHere = Annotated[Seat, Depends(seat)]
