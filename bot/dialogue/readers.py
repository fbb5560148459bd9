"""One message read as the answer to the question that is open: a name, a place, a time, a count, a yes or a no."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.dialogue import phrases
from bot.dialogue.state import Slot
from bot.dialogue.steps import Step
from nlu.meaning import Understanding
from nlu.text import redact

NAME_LENGTH = 40
COVERED = 0.8

_PHONE = re.compile(r"(?<!\d)(?:1\d{10}|0\d{2,3}-?\d{7,8}|\d{7,8})(?!\d)")
_NUMBER = re.compile(r"\d+")
_CHINESE_NUMBERS = {"一": 1, "两": 2, "二": 2, "俩": 2, "仨": 3, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8}


def plain_name(text: str) -> str:
    """A bare answer as a name: without 就是, 叫 and closing punctuation."""
    return phrases.pattern("lead").sub("", text.strip().strip("，。！？,.!? ")).strip() or text.strip()


def count_in(text: str) -> int | None:
    """The number that a bare answer to "how many" gives."""
    if digits := _NUMBER.search(text):
        return int(digits.group()[:6])
    return next((number for word, number in _CHINESE_NUMBERS.items() if word in text), None)


def answer(step: Step, meaning: Understanding, found: Mapping[str, Slot]) -> Slot | None:
    """The message read as an answer to this step; None where it cannot be one."""
    text = meaning.text.strip()
    if phrases.means("skip", text):
        return Slot(text, {"mode": "anonymous"}) if step.asks == "identity" else Slot(text, skipped=True)
    if step.asks in found:
        return found[step.asks]
    if answers_something_else(step, meaning):
        return None
    return _READERS[step.kind](text, meaning, found)


def answers_something_else(step: Step, meaning: Understanding) -> bool:
    """Whether a message is little more than a date, a sum, a place … that this step did not ask for."""
    length = len(meaning.text.strip())
    if step.asks == "organ" and meaning.of_kind("institution") and not meaning.of_kind("organ"):
        return True
    return step.kind in ("free", "money", "count", "paper") and any(
        entity.kind in ("time", "money", "place", "institution", "phone", "role")
        and entity.kind not in step.hears
        and entity.end - entity.start >= COVERED * length
        for entity in meaning.entities
    )


def _read_name(text: str, meaning: Understanding, found: Mapping[str, Slot]) -> Slot | None:
    if phrases.means("deny", text):
        return Slot(text, skipped=True)
    # A date, a sum or a yes is no name, however short.
    other = (
        phrases.means("affirm", text)
        or phrases.pattern("quantity").match(text)
        or any(meaning.of_kind(kind) for kind in ("time", "money", "phone", "paper"))
    )
    if other or len(text) > NAME_LENGTH:
        return None
    return Slot(plain_name(text), {"name": plain_name(text)})


def _read_time(text: str, meaning: Understanding, found: Mapping[str, Slot]) -> Slot | None:
    if phrases.means("ongoing", text):
        return Slot(text, {"ongoing": True})
    return Slot(text) if len(text) <= NAME_LENGTH else None


def _read_money(text: str, meaning: Understanding, found: Mapping[str, Slot]) -> Slot | None:
    if phrases.means("deny", text):
        return Slot(text, skipped=True)
    # "about twenty people" answers the question as well as a sum does; anything else is kept as it was said.
    return Slot(text)


def _read_count(text: str, meaning: Understanding, found: Mapping[str, Slot]) -> Slot | None:
    count = count_in(text)
    return Slot(text, {"count": count}) if count is not None else None


def _read_paper(text: str, meaning: Understanding, found: Mapping[str, Slot]) -> Slot | None:
    if papers := meaning.of_kind("paper"):
        return Slot(papers[0].text, dict(papers[0].value))
    if phrases.means("deny", text) or phrases.opens("paper_missing", text):
        return Slot(text, {"shown": False})
    if phrases.means("affirm", text) or phrases.opens("paper_shown", text):
        return Slot(text, {"shown": True})
    return Slot(text)


def _read_place(text: str, meaning: Understanding, found: Mapping[str, Slot]) -> Slot | None:
    return None


def _read_free(text: str, meaning: Understanding, found: Mapping[str, Slot]) -> Slot | None:
    return Slot(redact(meaning.text, meaning.entities).strip())


def _read_identity(text: str, meaning: Understanding, found: Mapping[str, Slot]) -> Slot | None:
    for mode in ("anonymous", "confidential", "named"):
        if phrases.means(mode, text):
            return Slot(text, {"mode": mode})
    for mode in ("anonymous", "confidential", "named"):
        if phrases.pattern(mode).search(text):
            return Slot(text, {"mode": mode})
    if meaning.of_kind("phone") or meaning.of_kind("person_name"):
        return Slot(text, {"mode": "confidential"})
    return None


def _read_phone(text: str, meaning: Understanding, found: Mapping[str, Slot]) -> Slot | None:
    number = _PHONE.search(re.sub(r"[\s]", "", text))
    return Slot(number.group(), {"number": number.group()}) if number else None


def _read_yes_no(text: str, meaning: Understanding, found: Mapping[str, Slot]) -> Slot | None:
    if meaning.of_kind("phone"):
        return None
    if phrases.means("deny", text) or phrases.opens("declines", text):
        return Slot(text, {"yes": False})
    if phrases.means("affirm", text) or phrases.opens("accepts", text):
        return Slot(text, {"yes": True})
    return None


_READERS = {
    "story": _read_free,
    "name": _read_name,
    "place": _read_place,
    "time": _read_time,
    "count": _read_count,
    "money": _read_money,
    "paper": _read_paper,
    "free": _read_free,
    "identity": _read_identity,
    "phone": _read_phone,
    "yes_no": _read_yes_no,
}
