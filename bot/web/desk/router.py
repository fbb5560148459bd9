"""All routes of the desk."""

from __future__ import annotations

from fastapi import APIRouter

from bot.web.desk import bell, case, files, queue, same, signing

router = APIRouter(include_in_schema=False)
for part in (signing, queue, bell, files, case, same):
    router.include_router(part.router)
