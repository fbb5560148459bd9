"""Canaries: invented people whose every trait is unmistakable, and the search for them in whatever bytes there are."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

import ahocorasick

SURNAMES = "赵吕孙李周吴郑王冯陈褚罗蒋沈韩杨朱秦郭徐"
MIDDLE = "玉秀桂淑金银铁石宝德福庆荣贵志国建明晓丽"
LAST = "兰英梅莲凤霞珍娥琴香柱锁栓山河林峰海涛军"
HOSPITALS = ("康宁", "仁济", "同心", "惠民", "安泰", "德善", "普济", "永和", "济世", "长寿", "福安", "民康")
SPELLINGS = ("{0}{1}{2}", "{0} {1} {2}", "{0}-{1}-{2}", "+86{0}{1}{2}", "{0} {1}{2}")
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
SPOKEN = str.maketrans("0123456789", "零一二三四五六七八九")
STORIES = (
    "我叫{name}，是{hospital}医院的护士，电话{phone}。{hospital}医院三楼{n}张病床空着，医保照样报销，从上个月到现在。",
    "庆城县{hospital}医院把没来过的人写成住院，{n}个人的医保卡压在护士站。我的微信号{account}，身份证{identity}，从上个月到现在。",
    "庆城县{hospital}医院虚开了{n}张化验单。举报人{name}，联系电话：{phone}，身份证号码{identity}，上个月的事。",
    "我妈在庆城县{hospital}医院住院，做了{n}次理疗没做却收了钱，有事打{phone}找{name}，从上个月到现在。",
)


@dataclass(frozen=True)
class Canary:
    """One teller; everything about him follows from his number and occurs nowhere else."""

    number: int

    @property
    def name(self) -> str:
        """Three characters that no other canary has in this order."""
        first, rest = self.number % 20, self.number // 20
        return SURNAMES[first] + MIDDLE[rest % 20] + LAST[(rest // 20 + first) % 20]

    @property
    def phone(self) -> str:
        """A mobile number, plain."""
        return f"139{self.number * 7919 % 100_000_000:08d}"

    @property
    def phone_as_told(self) -> str:
        """The same as people write it, each in another way."""
        parts = self.phone[:3], self.phone[3:7], self.phone[7:]
        way = self.number % (len(SPELLINGS) + 1)
        return self.phone.translate(FULL_WIDTH) if way == len(SPELLINGS) else SPELLINGS[way].format(*parts)

    @property
    def identity(self) -> str:
        """An identity number whose check digit is right (GB 11643)."""
        body = f"62102119{60 + self.number % 40}0{1 + self.number % 9}1{self.number % 10}{self.number % 1000:03d}"
        weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
        total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
        return body + "10X98765432"[total % 11]

    @property
    def account(self) -> str:
        """A chat account that people give in passing."""
        return f"canary_{self.number:04d}x"

    @property
    def file_name(self) -> str:
        """What the file was called: it names its owner."""
        return f"{self.name}的工资单{self.number}.txt"

    @cached_property
    def story(self) -> str:
        """What is told, with what should not have been told in it."""
        return STORIES[self.number % len(STORIES)].format(
            name=self.name, phone=self.phone_as_told, identity=self.identity, account=self.account,
            hospital=self.hospital, n=3 + self.number % 40,
        )  # fmt: skip

    @property
    def hospital(self) -> str:
        """The accused; not secret."""
        return HOSPITALS[self.number % 12] + HOSPITALS[self.number // 12 % 12]

    @property
    def letter(self) -> str:
        """What is added afterwards with the query code."""
        return f"补充一点：我是{self.name}，换了电话，打{self.phone_as_told}，微信{self.account}。"

    def traits(self) -> Iterator[tuple[str, str]]:
        """Kind and text of everything that must not be found in clear."""
        yield "name", self.name
        parts = self.phone[:3], self.phone[3:7], self.phone[7:]
        for spelling in SPELLINGS:
            yield "phone", spelling.format(*parts)
        yield "phone", self.phone.translate(FULL_WIDTH)
        yield "phone", self.phone.translate(SPOKEN)
        yield "identity number", self.identity
        yield "account", self.account
        yield "file name", self.file_name
        yield "story", self.story
        yield "letter", self.letter


class Search:
    """Finds every trait of every canary in bytes: clear, UTF-16, hex, base64 at each offset, and as the web writes it."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        self._automaton: Any = ahocorasick.Automaton()
        for canary in canaries:
            for kind, trait in canary.traits():
                for way, written in forms(trait):
                    self._automaton.add_word(written.decode("latin-1"), (canary.number, f"{kind} {way}"))
        self._automaton.make_automaton()

    def found(self, content: bytes, *, own: int | None = None) -> set[tuple[int, str]]:
        """Whose what was found; what is `own` may be there."""
        hits = {hit for _, hit in self._automaton.iter(content.decode("latin-1"))}
        return {hit for hit in hits if hit[0] != own}


def forms(trait: str) -> Iterator[tuple[str, bytes]]:
    """The bytes in which a text can lie around, each with a name."""
    plain = trait.encode()
    yield "clear", plain
    for code in ("utf-16-le", "utf-16-be", "gb18030"):
        if trait.isascii() and code == "gb18030":
            continue
        yield code, trait.encode(code)
    yield "hex", plain.hex().encode()
    yield "HEX", plain.hex().upper().encode()
    for offset in range(3):
        coded = base64.b64encode(bytes(offset) + plain)
        # Only the signs that hold bits of nothing else: those at both ends also depend on their neighbours.
        yield "base64", coded[-(-offset * 4 // 3) : (offset + len(plain)) * 4 // 3]
    if not trait.isascii():
        yield "json", json.dumps(trait)[1:-1].encode()
    if quote(trait) != trait:
        yield "percent", quote(trait).encode()
    if html.escape(trait) != trait:
        yield "html", html.escape(trait).encode()
