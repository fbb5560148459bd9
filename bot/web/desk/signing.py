"""Signing in and out: throttled, with a cookie that no script reads and no foreign page sends."""

from __future__ import annotations

import hmac
import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from bot.app import App
from bot.web import door
from bot.web.desk.clockface import moment
from bot.web.desk.labels import label
from bot.web.desk.seat import COOKIE, PATH, SeatHere, form_token, must_be_fresh
from bot.web.templating import page
from intake import staffing
from intake.errors import TooManyTries

BEFORE = "jianting_door"
"""Until somebody is signed in, the form's token belongs to this cookie."""

router = APIRouter()


@router.get(f"{PATH}/sign-in")
def ask(request: Request, back: Annotated[str, Query(alias="next")] = PATH) -> Response:
    """The form."""
    return _form(request, _inside(back))


@router.post(f"{PATH}/sign-in")
def sign_in(
    request: Request,
    username: Annotated[str, Form(max_length=60)] = "",
    password: Annotated[str, Form(max_length=200)] = "",
    csrf: Annotated[str, Form()] = "",
    back: Annotated[str, Form(alias="next")] = PATH,
) -> Response:
    """Open the desk, or say why not; a wrong try is counted against the address and against the name."""
    app, now, username = door.app_of(request), door.now(), username.strip()
    before = request.cookies.get(BEFORE, "")
    if not before or not hmac.compare_digest(csrf.encode(), form_token(app, before).encode()):
        return _form(request, _inside(back), username, label("refused", "csrf_sign_in"), 403)
    origin = door.origin(request)
    try:
        # Reading first: the password's hash takes its time, and no writer should wait for that.
        with app.database.reading() as session:
            staff = staffing.authenticate(session, username, password, origin=origin, vault=app.vault, now=now)
    except TooManyTries as many:
        sentence = label("refused", "wait").format(until=moment(many.until, seconds=True))
        return _form(request, _inside(back), username, sentence, 429)
    with app.database.transaction() as session:
        opened = staffing.settle(session, staff, username, origin=origin, vault=app.vault, now=now)
    if opened is None:
        return _form(request, _inside(back), username, label("refused", "wrong"), 401)
    answer = RedirectResponse(_inside(back), 303)
    answer.delete_cookie(BEFORE, path=PATH)
    _set_cookie(answer, app, COOKIE, opened.token, int(staffing.LIFETIME.total_seconds()))
    return answer


@router.post(f"{PATH}/sign-out")
def sign_out(request: Request, here: SeatHere, csrf: Annotated[str, Form()] = "") -> Response:
    """End this sign-in on the server, not only in the browser."""
    must_be_fresh(here, csrf)
    with door.app_of(request).database.transaction() as session:
        staffing.sign_out(session, request.cookies[COOKIE])
    answer = RedirectResponse(f"{PATH}/sign-in", 303)
    answer.delete_cookie(COOKIE, path=PATH)
    return answer


def _form(request: Request, back: str, username: str = "", problem: str = "", status: int = 200) -> Response:
    app = door.app_of(request)
    before = request.cookies.get(BEFORE) or secrets.token_urlsafe(16)
    hours = int(staffing.LIFETIME.total_seconds() // 3600)
    answer = page(
        "desk/sign_in.html",
        status=status,
        seat=None,
        csrf=form_token(app, before),
        next=back,
        username=username,
        problem=problem,
        hours=hours,
    )
    _set_cookie(answer, app, BEFORE, before, 3600)
    return answer


def _set_cookie(answer: Response, app: App, name: str, value: str, seconds: int) -> None:
    secure = app.settings.secure_cookies
    answer.set_cookie(name, value, max_age=seconds, path=PATH, httponly=True, samesite="strict", secure=secure)


def _inside(back: str) -> str:
    """Only a page of the desk: the way back must not lead to a stranger."""
    inside = back == PATH or back.startswith(f"{PATH}/")
    return back if inside and "\\" not in back and ".." not in back else PATH
