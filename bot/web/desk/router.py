"""All routes of the desk."""

from __future__ import annotations

from fastapi import APIRouter

from bot.web.desk import (
    audit,
    bell,
    case,
    criming,
    entering,
    figures,
    files,
    handovers,
    heldtexts,
    overseeing,
    papers,
    queue,
    rewarding,
    same,
    signing,
    unmasking,
)

router = APIRouter(include_in_schema=False)
for part in (
    signing,
    queue,
    bell,
    entering,
    files,
    unmasking,
    audit,
    figures,
    heldtexts,
    handovers,
    rewarding,
    criming,
    same,
    papers,
    overseeing,
    case,
):
    router.include_router(part.router)
