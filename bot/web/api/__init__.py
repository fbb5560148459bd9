"""The machine surface of DESIGN.md §8 under /api/v1, and what whoever runs the service asks of it."""

from __future__ import annotations

from fastapi import APIRouter

from bot.web.api import conversations, receipts, reported, reports, tickets, understand
from bot.web.api.shapes import Problem

_REFUSALS: dict[int | str, dict[str, object]] = {
    422: {"model": Problem, "description": "A field is wrong; it is named, with a sentence."},
    503: {"model": Problem, "description": "The ledger is busy or full; nothing was kept, see Retry-After."},
}

router = APIRouter(responses=_REFUSALS)
for part in (conversations, receipts, understand, reports, reported, tickets):
    router.include_router(part.router)
