"""A conversation over HTTP: begin it, speak in it, come back to it."""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict
from hashlib import sha256
from threading import Lock
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse

from bot import talk, wire
from bot.app import App
from bot.channels.message import Inbound
from bot.dialogue import machine, store
from bot.web.api.incoming import Incoming, documented, read
from bot.web.api.shapes import Answered, Begun, History, Problem, Say, Waiting
from bot.web.door import app_of, bearer, now, origin
from bot.web.errors import Refused

CHANNEL = "web"
_REMEMBERED = 10_000

router = APIRouter(prefix="/api/v1", tags=["conversation"])
_UNKNOWN: dict[int | str, dict[str, Any]] = {
    401: {"model": Problem, "description": "No token, or one that does not open this conversation."}
}
_LARGE: dict[int | str, dict[str, Any]] = {
    413: {"model": Problem, "description": "More than the service takes in one message; nothing was kept."}
}


class _Opened:
    """Tokens that were found right, so that only the first message of a conversation asks the ledger."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._digests: OrderedDict[str, bytes] = OrderedDict()

    def knows(self, conversation: str, token: str) -> bool:
        """Whether this very token opened this conversation before."""
        with self._lock:
            digest = self._digests.get(conversation)
        return digest is not None and hmac.compare_digest(digest, sha256(token.encode()).digest())

    def learn(self, conversation: str, token: str) -> None:
        """Remember it; the oldest is forgotten beyond a bound."""
        with self._lock:
            self._digests[conversation] = sha256(token.encode()).digest()
            while len(self._digests) > _REMEMBERED:
                self._digests.popitem(last=False)


def _opened(request: Request) -> _Opened:
    state = request.app.state
    if not hasattr(state, "opened"):
        state.opened = _Opened()
    opened: _Opened = state.opened
    return opened


def _allow(request: Request, app: App, conversation: str) -> None:
    token = bearer(request)
    if token is None or len(conversation) > 60:
        raise Refused(401, "token_missing", headers={"WWW-Authenticate": "Bearer"})
    opened = _opened(request)
    if opened.knows(conversation, token):
        return
    if not talk.authorised(app, CHANNEL, conversation, token):
        raise Refused(401, "token_missing", headers={"WWW-Authenticate": "Bearer"})
    opened.learn(conversation, token)


@router.post("/conversations", status_code=201, response_model=Begun)
def begin(request: Request) -> JSONResponse:
    """Begin a conversation; the token is shown once and is needed for every message."""
    app = app_of(request)
    conversation, token = talk.new_sender(), secrets.token_urlsafe(24)
    answer = talk.begin(app, CHANNEL, conversation, now(), token=token)
    _opened(request).learn(conversation, token)
    replies = [wire.reply(reply) for reply in answer.replies]
    return JSONResponse({"conversation": conversation, "token": token, "replies": replies}, 201)


async def _said(request: Request) -> Incoming[Say]:
    return await read(request, Say)


@router.post(
    "/conversations/{conversation}/messages",
    response_model=Answered,
    responses={**_UNKNOWN, **_LARGE},
    openapi_extra=documented("Say", "message_id"),
)
def speak(request: Request, conversation: str, said: Annotated[Incoming[Say], Depends(_said)]) -> JSONResponse:
    """Say something; the same message_id again gets the same answer."""
    app, body = app_of(request), said.body
    with said:
        _allow(request, app, conversation)
        files = said.keep(app)
    inbound = Inbound(CHANNEL, conversation, body.message_id, body.text, now(), files, origin(request))
    answer = talk.converse(app, inbound)
    return JSONResponse(_answer(answer))


@router.get("/conversations/{conversation}", response_model=History, responses=_UNKNOWN)
def recall(request: Request, conversation: str) -> JSONResponse:
    """The conversation so far, for a page that was reloaded."""
    app = app_of(request)
    _allow(request, app, conversation)
    turns = talk.history(app, CHANNEL, conversation)
    told = sum(turn.message_id.startswith(store.MARK) for turn in turns)
    greeting = [wire.reply(reply) for reply in machine.begin().replies]
    return JSONResponse({"greeting": greeting, "turns": [_turn(turn) for turn in turns], "cursor": told})


def _turn(turn: store.Said) -> dict[str, Any]:
    desk = turn.message_id.startswith(store.MARK)
    return {
        "begun_by": "desk" if desk else "person",
        "message_id": None if desk else turn.message_id,
        "text": turn.text,
        "files": len(turn.files),
        **_answer(turn.answer),
    }


def _answer(answer: store.Answer) -> dict[str, Any]:
    replies = [wire.reply(reply) for reply in answer.replies]
    return {"replies": replies, "receipts": [wire.receipt(receipt) for receipt in answer.receipts]}


@router.get("/conversations/{conversation}/messages", response_model=Waiting, responses=_UNKNOWN)
def listen(request: Request, conversation: str, after: Annotated[int, Query(ge=0)] = 0) -> JSONResponse:
    """What the desk sent into this conversation since the cursor `after`."""
    app = app_of(request)
    _allow(request, app, conversation)
    told = talk.waiting(app, CHANNEL, conversation, after)
    return JSONResponse({"messages": [{"cursor": one.cursor, **wire.reply(one.reply)} for one in told]})
