"""Promise 1 of DESIGN.md §6: a receipt that was shown is never lost."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp

from tests.bench.load import ANSWERS, LONGEST, story
from tests.serving import Served, serving

PEOPLE = 200
KILL_AFTER = 80


async def _file_one(session: aiohttp.ClientSession, base: str, number: int, shown: list[dict[str, Any]]) -> None:
    """One person, from the greeting to the receipt; a dead service ends it."""
    try:
        async with session.post(f"{base}/api/v1/conversations", json={}) as opened:
            begun = await opened.json()
        where = f"{base}/api/v1/conversations/{begun['conversation']}/messages"
        headers = {"Authorization": f"Bearer {begun['token']}"}
        text = story(number)
        for turn in range(LONGEST):
            async with session.post(where, json={"message_id": f"m{turn}", "text": text}, headers=headers) as response:
                answer = await response.json()
            if answer.get("receipts"):
                shown.extend(answer["receipts"])
                return
            last = answer["replies"][-1]
            text = ANSWERS.get(last["asks"], last["choices"][0] if last["choices"] else "不知道")
    except (aiohttp.ClientError, ConnectionError):
        return


async def _file_until_killed(served: Served) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = []
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=PEOPLE), timeout=timeout) as session:
        people = [asyncio.create_task(_file_one(session, served.base, number, shown)) for number in range(PEOPLE)]
        for filing in asyncio.as_completed(people):
            await filing
            if len(shown) >= KILL_AFTER:
                break
        await asyncio.to_thread(served.kill)
        await asyncio.gather(*people)
    return shown


async def _found(base: str, codes: list[str]) -> list[int]:
    async with aiohttp.ClientSession() as session:
        statuses = []
        for code in codes:
            async with session.post(f"{base}/api/v1/receipts/status", json={"query_code": code}) as response:
                statuses.append(response.status)
        return statuses


def test_every_receipt_shown_before_a_kill_is_found_after_the_restart(tmp_path: Path, model_folder: Path) -> None:
    """200 people file at once, the process dies by SIGKILL, and each code that somebody saw still opens its report."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "model").symlink_to(model_folder)
    with serving(data) as served:
        shown = asyncio.run(_file_until_killed(served))
    assert len(shown) >= KILL_AFTER
    with serving(data) as served:
        statuses = asyncio.run(_found(served.base, [receipt["query_code"] for receipt in shown]))
    assert statuses == [200] * len(shown)
