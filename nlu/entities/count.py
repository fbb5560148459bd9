"""Numbers of people, of officers who came, and of their visits."""

from __future__ import annotations

import re
from functools import cache

from nlu.entities.heard import Found, Heard, alternatives, lexicon
from nlu.entities.numbers import HAN, read

_NUM = rf"\d{{1,9}}(?:\.\d{{1,2}})?|[{HAN}]{{1,10}}"
_CLAUSE_END = re.compile(r"[,。.!?;、 穿拿没都男女就一说自进]")
_PAIRS = {"俩": 2, "俩人": 2, "他俩": 2, "仨": 3, "仨人": 3}


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    words = lexicon("count")
    patterns = words["patterns"]
    compiled = {key: re.compile(pattern) for key, pattern in patterns.items()}
    compiled["heads"] = re.compile(
        rf"(?P<num>{_NUM})(?P<more>多|来|余|几)?(?P<unit>{patterns['officers_unit']}|{alternatives(words['people_units'])})"
    )
    compiled["times"] = re.compile(
        rf"(?P<nth>第)?(?P<num>{_NUM})(?P<more>多|来|余)?(?P<unit>{alternatives(words['visit_units'])})(?![节品要])"
    )
    return compiled


def _count(text: str) -> tuple[float, bool] | None:
    number = read(text)
    if number is None or number.low > 10_000_000:
        return None
    value = float(number.low)
    return (int(value) if value.is_integer() else value), number.fuzzy


def _value(count: float, *, fuzzy: bool) -> dict[str, object]:
    return {"count": count, "approximate": True} if fuzzy else {"count": count}


def _heads(heard: Heard) -> list[Found]:
    text, patterns = heard.text, _patterns()
    found = []
    for match in patterns["heads"].finditer(text):
        before = text[max(0, match.start() - 10) : match.start()]
        read_count = _count(match["num"])
        if read_count is None or before.endswith(("第", ".")) or before[-1:].isdigit():
            continue
        unit = match["unit"]
        officers = bool(
            patterns["officers_unit"].fullmatch(unit)
            or patterns["came_before"].search(before)
            or patterns["came_after"].match(text, match.end())
        )
        if not _heads_meant(text, match, read_count[0], officers=officers):
            continue
        kind = "officers" if officers or (heard.asked == "officers") else "people"
        found.append(
            Found(
                kind, match.start(), match.end(), _value(read_count[0], fuzzy=read_count[1] or bool(match["more"])), 35
            )
        )
    return found


def _heads_meant(text: str, match: re.Match[str], count: float, *, officers: bool) -> bool:
    """三个 by itself counts heads only of those who came; 一个人都没 counts nobody; 三人民 is no number of people."""
    unit, following = match["unit"], text[match.end() : match.end() + 1]
    if count == 1 and following and following in "都也":
        return False
    if unit == "人" and following and following in "民员工们群家格":
        return False
    if unit not in ("个", "位", "名"):
        return True
    came = _patterns()["came_after"].match(text, match.end()) is not None
    return (officers and _ends_clause(text, match.end())) or (unit != "个" and came)


def _ends_clause(text: str, end: int) -> bool:
    return end >= len(text) or _CLAUSE_END.match(text, end) is not None


def _pairs(heard: Heard) -> list[Found]:
    text, patterns = heard.text, _patterns()
    found = []
    for match in patterns["pair"].finditer(text):
        count = _PAIRS.get(match["pair"], 1)
        before, end = text[max(0, match.start() - 10) : match.start()], match.end()
        lone = match["pair"].startswith("单枪")
        if lone or patterns["came_before"].search(before) or patterns["came_after"].match(text, end):
            found.append(Found("officers", match.start(), end, {"count": count}, 36))
    return found


def _visits(heard: Heard) -> list[Found]:
    text, patterns = heard.text, _patterns()
    found = []
    for match in patterns["times"].finditer(text):
        before = text[max(0, match.start() - 16) : match.start()]
        unit = match["unit"]
        read_count = _count(match["num"])
        if read_count is None or before.endswith("每") or (unit in ("批", "波", "拨") and match["nth"] is None):
            continue
        cued = patterns["visit_before"].search(before) or patterns["visit_after"].match(text, match.end())
        if cued or heard.asked == "visits":
            found.append(
                Found(
                    "visits",
                    match.start(),
                    match.end(),
                    _value(read_count[0], fuzzy=read_count[1] or bool(match["more"])),
                    34,
                )
            )
    return found


def find(heard: Heard) -> list[Found]:
    """The head counts and visits of a text."""
    return _pairs(heard) + _heads(heard) + _visits(heard)
