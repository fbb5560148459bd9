"""Receiving updates by webhook: the answer to Telegram is the confirmation, so it comes when the update is settled."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from bot.app import App
from bot.channels.telegram.channel import Telegram

# Bot API: a call holds one update; the largest message has 4096 characters, so a megabyte is plenty.
LARGEST = 1024 * 1024


def router_for(app: App) -> APIRouter:
    """The route that Telegram calls; the running channel is found as `state.telegram` of the web application."""
    router = APIRouter()
    if app.settings.telegram_token is None or app.settings.telegram_mode != "webhook":
        return router

    @router.post("/telegram/webhook", include_in_schema=False)
    async def update(
        request: Request,
        secret: Annotated[str, Header(alias="X-Telegram-Bot-Api-Secret-Token")] = "",
    ) -> Response:
        """Take one update: 200 confirms it, 503 asks Telegram to bring it again."""
        channel: Telegram | None = getattr(request.app.state, "telegram", None)
        if channel is None:
            return Response(status_code=503)
        if not secrets.compare_digest(secret.encode(), channel.secret.encode()):
            return Response(status_code=401)
        try:
            raw = json.loads(await _body(request))
            settled = channel.accept(raw)
        except (ValueError, KeyError, TypeError):
            return Response(status_code=400)
        if settled is None:
            return Response(status_code=503, headers={"Retry-After": "1"})
        await asyncio.wait([settled], timeout=channel.pace.webhook_patience)
        return Response(status_code=200 if settled.done() and not settled.cancelled() else 503)

    return router


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise ValueError("too large for an update")
    return body
