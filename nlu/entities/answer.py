"""A bare answer, read as what was asked: 城关的, 五个, 上个月底吧, 没有.

Runs after the other finders and adds only what they could not hear without the question.
"""

from __future__ import annotations

import re
from functools import cache

from nlu.entities.heard import Found, Heard, lexicon
from nlu.entities.numbers import HAN, read

_NUMBER = re.compile(rf"(?:\d[\d,]*(?:\.\d+)?|[{HAN}俩仨]+)(?:[十百千万亿kKwW])*")
_LONGEST_NAME = 24
_LONGEST_ANSWER = 80


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {key: re.compile(pattern) for key, pattern in lexicon("answer")["patterns"].items()}


def _bare(text: str) -> tuple[int, int]:
    """The answer without the words around it."""
    before = _patterns()["filler_before"].search(text)
    start = before.end() if before else 0
    after = _patterns()["filler_after"].search(text, start)
    end = after.start() if after else len(text)
    if start >= end:
        stripped = text.strip()
        start = text.find(stripped)
        end = start + len(stripped)
    return start, end


def _counted(text: str, start: int, end: int, kind: str) -> list[Found]:
    match = _NUMBER.search(text, start, end)
    if not match or end - start > len(match.group()) + 4:
        return []
    number = read(match.group())
    if number is None:
        return []
    low = int(number.low) if number.low == number.low.to_integral_value() else float(number.low)
    rest = text[match.end() : end]
    fuzzy = number.fuzzy or bool(re.match(r"[多来余几]", rest))
    if kind == "money":
        return [Found(kind, match.start(), match.end(), {"yuan": low, "approximate": fuzzy}, 30)]
    if rest and not re.fullmatch(r"[多来余]?(?:个|名|位|人|口|次|回|趟|遍)*[人次]?", rest):
        return []
    return [Found(kind, match.start(), end, {"count": low, "approximate": True} if fuzzy else {"count": low}, 40)]


def _paper(text: str, asked: str) -> list[Found]:
    stripped = text.strip(" ,。.!?")
    which = lexicon("answer")["papers"][asked]
    start = text.find(stripped)
    for key, shown in (("no", False), ("yes", True)):
        match = _patterns()[key].match(stripped)
        if match:
            return [Found("paper", start, start + match.end(), {"which": which, "shown": shown}, 20)]
    return []


def _name(heard: Heard, start: int, end: int, kind: str) -> list[Found]:
    name = heard.text[start:end]
    if not 2 <= len(name) <= _LONGEST_NAME or _patterns()["unknown"].match(name) or re.search(r"[,。!?;\n]", name):
        return []
    if kind == "person_name":
        if not re.fullmatch(r"[\u4e00-\u9fff·]{2,8}|[A-Za-z][A-Za-z .]{1,30}", name):
            return []
        return [Found(kind, start, end, {"masked": name[0] + "**"}, 20)]
    return [Found(kind, start, end, {"name": name}, 20)]


def _phone(text: str) -> list[Found]:
    match = re.search(r"(?<!\d)\d(?:[ \-]?\d){6,11}(?!\d)", text)
    if not match:
        return []
    digits = re.sub(r"\D", "", match.group())
    return [Found("phone", match.start(), match.end(), {"masked": f"{digits[:3]}****{digits[-4:]}"}, 20)]


def _only_place(heard: Heard, found: list[Found], start: int, end: int) -> bool:
    return any(
        one.kind in ("place", "time", "money", "phone") and one.start <= start and end <= one.end for one in found
    )


def find(heard: Heard, found: list[Found]) -> list[Found]:
    """What the answer adds to the finds."""
    kind = lexicon("answer")["kinds"].get(heard.asked or "")
    if kind is None or len(heard.text) > _LONGEST_ANSWER or any(one.kind == kind for one in found):
        return []
    start, end = _bare(heard.text)
    if kind in ("money", "people", "officers", "visits"):
        if kind == "visits" and (match := _patterns()["none_visits"].match(heard.text.strip())):
            said = match.group()
            at = heard.text.find(said)
            count = 1 if "一" in said else 0
            return [Found(kind, at, at + len(said), {"count": count}, 20)]
        return _counted(heard.text, start, end, kind)
    if kind == "paper":
        return _paper(heard.text, heard.asked or "")
    if kind == "phone":
        return _phone(heard.text)
    if kind in ("institution", "organ", "person_name") and not _only_place(heard, found, start, end):
        return _name(heard, start, end, kind)
    return []
