"""A load generator: many conversations at once over HTTP, each waiting for its answer before it goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp

PLACES = (
    "庆城县",
    "环县",
    "华池县",
    "合水县",
    "正宁县",
    "宁县",
    "镇原县",
    "西峰区",
    "兴隆台区",
    "商河县",
    "麦积区",
    "青龙县",
)
NAMES = ("颐乐", "仁济", "康宁", "同心", "惠民", "安泰", "德善", "普济", "永和", "济世", "百佳", "长寿", "福安", "民康")
TOLD = "我妈在{place}{name}医院办了住院，人天天在家跳广场舞，{number}号病房八张床七张空着，护士让她每周去签一次字，从上个月到现在"
ANSWERS = {
    "institution": "颐乐福医院",
    "place": "辽宁省盘锦市兴隆台区",
    "time": "上个月到现在",
    "amount": "大概三万块",
    "how_known": "我是患者家属",
    "evidence": "没有",
    "identity": "匿名",
    "reward": "愿意",
    "confirm": "确认提交",
}
LONGEST = 16


def story(number: int) -> str:
    """What person `number` tells: invented hospitals of many counties, as reports really come."""
    first, second = NAMES[number % len(NAMES)], NAMES[number // len(NAMES) % len(NAMES)]
    return TOLD.format(place=PLACES[number % len(PLACES)], name=first + second, number=number)


@dataclass
class Measured:
    """What one level of concurrency gave: seconds per request, and the whole time."""

    seconds: list[float] = field(default_factory=list)
    whole: float = 0.0
    receipts: int = 0

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.seconds) / self.whole if self.whole else 0.0

    def at(self, share: float) -> float:
        """The time within which this share of requests was answered, in milliseconds."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


async def _person_chatting(session: aiohttp.ClientSession, base: str, number: int, measured: Measured) -> None:
    started = time.perf_counter()
    async with session.post(f"{base}/api/v1/conversations", json={}) as opened:
        begun = await opened.json()
    measured.seconds.append(time.perf_counter() - started)
    where = f"{base}/api/v1/conversations/{begun['conversation']}/messages"
    headers = {"Authorization": f"Bearer {begun['token']}"}
    text = story(number)
    for turn in range(LONGEST):
        started = time.perf_counter()
        async with session.post(where, json={"message_id": f"m{turn}", "text": text}, headers=headers) as response:
            answer = await response.json()
            response.raise_for_status()
        measured.seconds.append(time.perf_counter() - started)
        if answer["receipts"]:
            measured.receipts += len(answer["receipts"])
            return
        last = answer["replies"][-1]
        choices = last["choices"]
        text = ANSWERS.get(last["asks"], choices[0] if choices else "不知道")


async def _person_echoing(session: aiohttp.ClientSession, base: str, number: int, measured: Measured) -> None:
    for turn in range(10):
        started = time.perf_counter()
        body = {"message_id": f"m{turn}", "text": story(number)}
        async with session.post(f"{base}/echo", json=body) as response:
            await response.json()
            response.raise_for_status()
        measured.seconds.append(time.perf_counter() - started)


Person = Callable[[aiohttp.ClientSession, str, int, Measured], Awaitable[None]]


async def _drive(person: Person, base: str, at_once: int, people: int) -> Measured:
    measured = Measured()
    waiting = iter(range(people))

    async def lane(session: aiohttp.ClientSession) -> None:
        for number in waiting:
            await person(session, base, number, measured)

    connector = aiohttp.TCPConnector(limit=at_once)
    timeout = aiohttp.ClientTimeout(total=120)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        started = time.perf_counter()
        await asyncio.gather(*(lane(session) for _ in range(at_once)))
        measured.whole = time.perf_counter() - started
    return measured


def chat(base: str, at_once: int, people: int) -> Measured:
    """So many people, so many at once, each telling and filing one report."""
    return asyncio.run(_drive(_person_chatting, base, at_once, people))


def echo(base: str, at_once: int, people: int) -> Measured:
    """The same against the bare echo, ten messages a person."""
    return asyncio.run(_drive(_person_echoing, base, at_once, people))
