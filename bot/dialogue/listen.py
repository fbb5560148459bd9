"""From what the ear understood to answers: which slots a message fills, and which acts it alleges."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from bot.dialogue import phrases
from bot.dialogue.state import Slot, Talk, Words
from bot.dialogue.steps import STEPS, Step, find_step
from intake.report import Claim, Period, Side
from nlu.meaning import Category, Entity, Understanding
from nlu.text import redact

SIDE_SURE = 0.7
SIDE_CERTAIN = 0.9
INTENT_SURE = 0.5
CLAIM_LIKELY = 0.6
VAGUE = "part of year"
SHORT = 14
STORY = 20
ENDLESS = 36500

KNOWS_AS = frozenset({"patient", "relative", "employee", "former_employee", "doctor"})
"""Roles that tell by themselves how somebody came to know."""

OF_CITIZENS = frozenset({"patient", "relative", "neighbour"})
"""Roles that no institution under inspection speaks in."""

_DIGITS = re.compile(r"(?<!\d)(?:\d[\s-]?){16}(?!\d)")


def query_code(text: str) -> str | None:
    """A query code in the message, digits only."""
    found = _DIGITS.search(text.translate(str.maketrans("０１２３４５６７８９", "0123456789")))
    return re.sub(r"\D", "", found.group()) if found else None


def words_of(meaning: Understanding) -> Words:
    """The message in own words and masked."""
    return Words(meaning.text, redact(meaning.text, meaning.entities))


_WISHES: dict[str, Side] = {"report_fraud": "citizen", "complain_inspection": "enterprise"}


def side_of(meaning: Understanding) -> Side | None:
    """Whose side speaks, where the ear is sure or the acts alleged leave no doubt."""
    letters = {category.code[0] for category in alleged(meaning)}
    against = {"citizen": {"X"}, "enterprise": {"F"}}
    if meaning.side and meaning.side_probability >= SIDE_SURE:
        # Offences told in the voice of the other side leave a doubt that only the person can clear.
        doubtful = letters == against[meaning.side] and meaning.side_probability < SIDE_CERTAIN
        return None if doubtful else meaning.side
    if meaning.of_kind("role") and {role.value.get("role") for role in meaning.of_kind("role")} <= OF_CITIZENS:
        return "citizen"
    if letters in ({"F"}, {"X"}):
        return "citizen" if letters == {"F"} else "enterprise"
    # Side and wish are judged apart: where both lean the same way, that is enough.
    leans = _WISHES.get(meaning.intent)
    return leans if leans == meaning.side and meaning.intents[0].probability >= INTENT_SURE else None


def likely_side(meaning: Understanding) -> Side:
    """The side to go on with where the person was asked and did not say: the likeliest act's, else a citizen's."""
    first = meaning.suggestions[0].code if meaning.suggestions else ""
    organ_alone = meaning.of_kind("organ") and not meaning.of_kind("institution")
    return "enterprise" if first.startswith("X") or (not first and organ_alone) else "citizen"


def tells(meaning: Understanding) -> bool:
    """Whether the message tells a matter, rather than answering, asking, greeting or announcing that it will."""
    length = len(meaning.text.strip())
    if alleged(meaning):
        return not (length <= SHORT and _announces(meaning))
    names = bool(meaning.of_kind("institution") or meaning.of_kind("organ"))
    top = meaning.intents[0] if meaning.intents else None
    if top and top.name in ("report_fraud", "complain_inspection") and top.probability >= INTENT_SURE:
        return length > STORY or names
    # Somebody is named at some length, and the message is nothing else for sure: rather a story than chatter.
    return names and length > SHORT and (top is None or top.probability < INTENT_SURE)


def _announces(meaning: Understanding) -> bool:
    """Whether it only says that it will report: nothing named, and no act of the side that speaks."""
    letter = {"citizen": "F", "enterprise": "X"}.get(meaning.side or "", "")
    return not meaning.entities and not any(category.code.startswith(letter) for category in alleged(meaning))


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


def _days(entity: Entity) -> int:
    """How many days a time covers: "last Wednesday" says more than "this year" beside it."""
    return days_of(entity.value)


def days_of(value: Mapping[str, Any]) -> int:
    """The days that a time covers; a great many where it has no end or no beginning."""
    first, last = value.get("from"), value.get("to")
    if not first or not last:
        return ENDLESS
    return (date.fromisoformat(str(last)[:10]) - date.fromisoformat(str(first)[:10])).days


def _best(entities: tuple[Entity, ...], kind: str) -> Entity:
    """Of several: the largest sum (one said to be the fund's, if there is one), the most exact place, a real date, else the first."""
    if kind == "money":
        claimed = [entity for entity in entities if entity.value.get("role") == "claimed"]
        plain = [entity for entity in entities if "role" not in entity.value]
        return max(claimed or plain or entities, key=_size)
    if kind == "place":
        codes = [entity for entity in entities if entity.value.get("code")]
        exact = [entity for entity in codes if not str(entity.value["code"]).endswith("00")]
        return (exact or codes or list(entities))[0]
    if kind == "time":
        dated = [entity for entity in entities if entity.value.get("granularity") != VAGUE]
        return min(dated or entities, key=_days)
    return entities[0]


def narrower(old: Slot, new: Slot) -> Slot:
    """Of a district and the city around it the district: 城关区, and later 兰州的, is one place told in two breaths."""
    value, code = old.value or {}, str((new.value or {}).get("code") or "")
    within = code.rstrip("0")
    if not within:
        return new
    if str(value.get("code") or "").startswith(within):
        return old
    fitting = [one for one in value.get("candidates") or () if str(one.get("code") or "").startswith(within)]
    return Slot(old.text, dict(fitting[0])) if not value.get("code") and len(fitting) == 1 else new


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
    # An office that a citizen names is not asked for, but it must not handle a complaint of itself.
    if side == "citizen" and (organs := meaning.of_kind("organ")):
        slots["organ"] = _slot(organs[0])
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


def ends_in_question(text: str) -> bool:
    """Whether the message asks something."""
    return phrases.mentions("question", text)


def pending_step(talk: Talk) -> Step | None:
    """The step whose answer is awaited."""
    return find_step(talk.side, talk.asks) if talk.side and talk.asks else None
