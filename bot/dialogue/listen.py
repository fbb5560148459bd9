"""From what the ear understood to answers: which slots a message fills, and which acts it alleges."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from bot.dialogue import phrases
from bot.dialogue.state import Slot, Talk, Words
from bot.dialogue.steps import STEPS, Step, find_step
from intake.report import Claim, Period, Side
from nlu.meaning import Category, Entity, Understanding
from nlu.text import redact

SIDE_SURE = 0.7
INTENT_SURE = 0.5
CLAIM_LIKELY = 0.6
NAME_LENGTH = 40
COVERED = 0.8
SHORT = 14
STORY = 20

KNOWS_AS = frozenset({"patient", "relative", "employee", "former_employee"})
"""Roles that tell by themselves how somebody came to know."""

_DIGITS = re.compile(r"(?<!\d)(?:\d[\s-]?){16}(?!\d)")
_PHONE = re.compile(r"(?<!\d)(?:1\d{10}|0\d{2,3}-?\d{7,8}|\d{7,8})(?!\d)")
_QUANTITY = re.compile(
    r"^.{0,3}?[\d一二两三四五六七八九十百千万几]+(次|个|块|块钱|元|万|万块|人|天|趟|回)?(多|左右|吧)?$"
)
_NUMBER = re.compile(r"\d+")
_LEAD = re.compile(r"^(就是|是|叫|在|名字叫|好像是|应该是|它叫|那家叫|我们是|我们叫|我叫|我是|姓)+")
_CHINESE_NUMBERS = {"一": 1, "两": 2, "二": 2, "俩": 2, "仨": 3, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8}


def query_code(text: str) -> str | None:
    """A query code in the message, digits only."""
    found = _DIGITS.search(text.translate(str.maketrans("０１２３４５６７８９", "0123456789")))
    return re.sub(r"\D", "", found.group()) if found else None


def words_of(meaning: Understanding) -> Words:
    """The message in own words and masked."""
    return Words(meaning.text, redact(meaning.text, meaning.entities))


def side_of(meaning: Understanding) -> Side | None:
    """Whose side speaks, where the ear is sure or the acts alleged leave no doubt."""
    if meaning.side and meaning.side_probability >= SIDE_SURE:
        return meaning.side
    judged = meaning.categories or (meaning.suggestions if tells(meaning) else ())
    letters = {category.code[0] for category in judged}
    if letters == {"F"}:
        return "citizen"
    return "enterprise" if letters == {"X"} else None


def tells(meaning: Understanding) -> bool:
    """Whether the message tells a matter, rather than answering, asking, greeting or announcing that it will."""
    if alleged(meaning):
        return True
    length = len(meaning.text.strip())
    names = bool(meaning.of_kind("institution") or meaning.of_kind("organ"))
    top = meaning.intents[0] if meaning.intents else None
    if top and top.name in ("report_fraud", "complain_inspection") and top.probability >= INTENT_SURE:
        return length > STORY or names
    # Somebody is named at some length, and the message is nothing else for sure: rather a story than chatter.
    return names and length > SHORT and (top is None or top.probability < INTENT_SURE)


def alleged(meaning: Understanding) -> tuple[Category, ...]:
    """The acts that the message alleges: what the ear is sure of, or a likely one that it held back."""
    likely = tuple(category for category in meaning.suggestions if category.probability >= CLAIM_LIKELY)
    return meaning.categories or likely


def claims_of(meaning: Understanding, side: Side) -> tuple[Claim, ...]:
    """The acts alleged on this side, with the words that spoke for them."""
    letter = "F" if side == "citizen" else "X"
    return tuple(
        Claim(
            category.code, category.probability, tuple(meaning.text[span.start : span.end] for span in category.words)
        )
        for category in alleged(meaning)
        if category.code.startswith(letter) and category.code != "F00"
    )


def merge_claims(old: Iterable[Claim], new: Iterable[Claim]) -> tuple[Claim, ...]:
    """Both lists as one, each code once with its higher probability, likeliest first."""
    best: dict[str, Claim] = {}
    for claim in (*old, *new):
        if claim.code not in best or best[claim.code].probability < claim.probability:
            best[claim.code] = claim
    return tuple(sorted(best.values(), key=lambda claim: -claim.probability))


def _slot(entity: Entity) -> Slot:
    return Slot(entity.text, dict(entity.value))


def _size(entity: Entity) -> float:
    yuan = entity.value.get("yuan")
    return float(yuan) if isinstance(yuan, int | float | str) else 0.0


def _best(entities: tuple[Entity, ...], kind: str) -> Entity:
    """Of several: the largest sum (the others are prices), the most exact place, else the first."""
    if kind == "money":
        return max(entities, key=_size)
    if kind == "place":
        codes = [entity for entity in entities if entity.value.get("code")]
        exact = [entity for entity in codes if not str(entity.value["code"]).endswith("00")]
        return (exact or codes or list(entities))[0]
    return entities[0]


def found_slots(meaning: Understanding, side: Side) -> dict[str, Slot]:
    """Every slot that the message's entities answer, whatever was asked."""
    slots: dict[str, Slot] = {}
    for step in STEPS[side]:
        if step.of_teller and step.asks != "phone":
            continue
        for kind in step.hears:
            if kind in ("certificate", "notice"):
                papers = [paper for paper in meaning.of_kind("paper") if paper.value.get("which") == kind]
                if papers:
                    slots[step.asks] = _slot(papers[0])
            elif kind == "people" and step.asks == "amount":
                if people := meaning.of_kind("people"):
                    slots["people"] = _slot(people[0])
            elif kind == "role":
                known = [role for role in meaning.of_kind("role") if role.value.get("role") in KNOWS_AS]
                if known:
                    slots[step.asks] = _slot(known[0])
            elif entities := meaning.of_kind(kind):
                slots[step.asks] = _slot(_best(entities, kind))
    # Counts are kept also where they would not be asked for.
    for kind in ("officers", "visits"):
        if side == "enterprise" and kind not in slots and (entities := meaning.of_kind(kind)):
            slots[kind] = _slot(entities[0])
    return slots


def in_future(slot: Slot, today: date) -> bool:
    """Whether a time lies wholly after today."""
    first = (slot.value or {}).get("from")
    return isinstance(first, str) and bool(first) and date.fromisoformat(first[:10]) > today


def period(slot: Slot | None, today: date) -> Period | None:
    """The time that an answer gives, no day of it in the future; None where it gives none."""
    value = (slot.value if slot else None) or {}
    first, last = value.get("from"), value.get("to")
    if not first or not last:
        return None
    start, end = date.fromisoformat(str(first)[:10]), date.fromisoformat(str(last)[:10])
    ongoing = bool(value.get("ongoing"))
    return Period(
        start, max(start, today if ongoing else min(end, today)), str(value.get("granularity", "day")), ongoing
    )


def plain_name(text: str) -> str:
    """A bare answer as a name: without 就是, 叫 and closing punctuation."""
    return _LEAD.sub("", text.strip().strip("，。！？,.!? ")).strip() or text.strip()


def count_in(text: str) -> int | None:
    """The number that a bare answer to "how many" gives."""
    if digits := _NUMBER.search(text):
        return int(digits.group()[:6])
    return next((number for word, number in _CHINESE_NUMBERS.items() if word in text), None)


def answer(step: Step, meaning: Understanding, found: Mapping[str, Slot]) -> Slot | None:
    """The message read as an answer to this step; None where it cannot be one."""
    text = meaning.text.strip()
    if phrases.means("skip", text):
        return Slot(text, skipped=True)
    if step.asks in found:
        return found[step.asks]
    if answers_something_else(step, meaning):
        return None
    return _READERS[step.kind](text, meaning, found)


def answers_something_else(step: Step, meaning: Understanding) -> bool:
    """Whether a message is little more than a date, a sum, a place … that this step did not ask for."""
    length = len(meaning.text.strip())
    return step.kind in ("free", "money", "count", "paper") and any(
        entity.kind in ("time", "money", "place", "institution", "phone")
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
        or _QUANTITY.match(text)
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
        return _slot(papers[0])
    if phrases.means("deny", text) or text.startswith(("没", "未", "冇", "不给", "无")):
        return Slot(text, {"shown": False})
    if phrases.means("affirm", text) or text.startswith(("都", "给", "有", "出示", "亮")):
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
    for mode, word in (("anonymous", "匿名"), ("confidential", "保密"), ("named", "实名")):
        if word in text and f"不{word}" not in text:
            return Slot(text, {"mode": mode})
    if meaning.of_kind("phone") or meaning.of_kind("person_name"):
        return Slot(text, {"mode": "confidential"})
    return None


def _read_phone(text: str, meaning: Understanding, found: Mapping[str, Slot]) -> Slot | None:
    number = _PHONE.search(re.sub(r"[\s]", "", text))
    return Slot(number.group(), {"number": number.group()}) if number else None


def _read_yes_no(text: str, meaning: Understanding, found: Mapping[str, Slot]) -> Slot | None:
    if phrases.means("deny", text) or text.startswith(("不", "算了", "没")):
        return Slot(text, {"yes": False})
    if phrases.means("affirm", text) or text.startswith(("愿", "要", "想", "当然", "能领", "领")):
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


def ends_in_question(text: str) -> bool:
    """Whether the message asks something."""
    return phrases.mentions("question", text)


def pending_step(talk: Talk) -> Step | None:
    """The step whose answer is awaited."""
    return find_step(talk.side, talk.asks) if talk.side and talk.asks else None
