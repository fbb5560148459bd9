"""All routes of the desk."""

from __future__ import annotations

from fastapi import APIRouter

from bot.web.desk import bell, case, entering, files, heldtexts, queue, signing

router = APIRouter(include_in_schema=False)
for part in (signing, queue, bell, entering, files, heldtexts, case):
    router.include_router(part.router)
