"""Receiving updates by webhook: the answer to Telegram is the confirmation, so it comes when the update is settled."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Header, Request, Response

if TYPE_CHECKING:  # aiogram takes seconds to import: a service without Telegram does without it
    from bot.channels.telegram.channel import Telegram

# Bot API: a call holds one update; the largest message has 4096 characters, so a megabyte is plenty.
LARGEST = 1024 * 1024


router = APIRouter()


@router.post("/telegram/webhook", include_in_schema=False)
async def take_update(
    request: Request,
    secret: Annotated[str, Header(alias="X-Telegram-Bot-Api-Secret-Token")] = "",
) -> Response:
    """Take one update: 200 confirms it, 503 asks Telegram to bring it again.

    The running channel is found as `state.telegram` of the web application.
    """
    channel: Telegram | None = getattr(request.app.state, "telegram", None)
    if channel is None or channel.app.settings.telegram_mode != "webhook":
        return Response(status_code=404)
    if not secrets.compare_digest(secret.encode(), channel.secret.encode()):
        return Response(status_code=401)
    try:
        settled = channel.accept(json.loads(await _body(request)))
    except (ValueError, KeyError, TypeError):
        return Response(status_code=400)
    if settled is None:
        return Response(status_code=503, headers={"Retry-After": "1"})
    await asyncio.wait([settled], timeout=channel.pace.webhook_patience)
    return Response(status_code=200 if settled.done() and not settled.cancelled() else 503)


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise ValueError("too large for an update")
    return body
