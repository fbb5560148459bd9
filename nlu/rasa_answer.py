"""What Rasa answered, as an understanding: probabilities of intents and codes, weighed as the embedded ear weighs its own.

Rasa is not told what was just asked, so its intents are shifted by the same table, `listening.toml`.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any

from nlu.meaning import Category, Entity, Intent, Side, Understanding

NAME = "rasa"
_KEPT_INTENTS = 4
_FAINT = 0.08
_ALLEGING = 0.25
_ACCEPTED = 0.35
_LEAST = 1e-9
_VOICES: Mapping[str, Side] = {
    "report_fraud": "citizen",
    "complain_inspection": "enterprise",
    "appeal_penalty": "enterprise",
}


class Nonsense(ValueError):
    """What the server sent is not an answer of Rasa's."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Probabilities of the intents, and for each retrieval intent those of its codes."""

    intents: Mapping[str, float]
    codes: Mapping[str, Mapping[str, float]]


@cache
def _settings() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "listening.toml").read_text("utf-8"))


def read(content: Any) -> Answer:
    """The answer in the JSON of `POST /model/parse`; anything else is nonsense."""
    try:
        intents = _ranking(content["intent_ranking"], "name")
        codes = {
            intent: {key.partition("/")[2]: chance for key, chance in ranking.items()}
            for intent, found in (content.get("response_selector") or {}).items()
            if isinstance(found, dict) and (ranking := _ranking(found["ranking"], "intent_response_key"))
        }
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as wrong:
        raise Nonsense(f"{type(wrong).__name__}: {wrong}") from wrong
    implied = _settings()["implied"]
    return Answer(intents, {name: {implied[name]: 1.0} for name in intents if name in implied} | codes)


def _ranking(rows: Any, key: str) -> dict[str, float]:
    found = {}
    for row in rows:
        name, chance = row[key], float(row["confidence"])
        if not isinstance(name, str) or not math.isfinite(chance):
            raise Nonsense(f"{key}: {name!r} with {chance}")
        found[name] = min(max(chance, 0.0), 1.0)
    return found


def understood(text: str, answer: Answer, asked: str | None, entities: tuple[Entity, ...]) -> Understanding:
    """The answer in the words of the protocol; Rasa does not tell which words led it."""
    chances = _in_context(answer.intents, text, asked)
    side, sure = _side(chances)
    intents = _intents(chances)
    likeliest = _likeliest(answer, chances, side, sure)
    allowed = _carried(chances, side) > _ALLEGING
    categories = tuple(one for one in likeliest if one.probability >= _ACCEPTED) if allowed else ()
    faded = 1.0 if allowed else 1.0 - min(sum(chances.get(name, 0.0) for name in _settings()["elsewhere"]), 1.0)
    return Understanding(
        text=text,
        side=side,
        side_probability=sure,
        intents=intents,
        categories=categories,
        entities=entities,
        abstained=_abstained(intents, categories),
        engine=NAME,
        suggestions=tuple(Category(one.code, one.probability * faded) for one in likeliest[:3]),
    )


def _in_context(intents: Mapping[str, float], text: str, asked: str | None) -> Mapping[str, float]:
    """After a question a short text is an answer first."""
    settings = _settings()
    if asked is None or asked in settings["open_questions"] or not intents:
        return intents
    short, long = settings["short"], settings["long"]
    strength = min(max((long - len(text.strip())) / (long - short), 0.0), 1.0)
    expected = settings["expected"].get(asked)
    powers = {
        name: max(chance, _LEAST) * math.exp(settings["shift"].get(name, 0.0) * strength + (name == expected))
        for name, chance in intents.items()
    }
    whole = math.fsum(powers.values())
    return {name: power / whole for name, power in powers.items()}


def _side(chances: Mapping[str, float]) -> tuple[Side | None, float]:
    voices: dict[Side, float] = {"citizen": 0.0, "enterprise": 0.0}
    for intent, side in _VOICES.items():
        voices[side] += chances.get(intent, 0.0)
    side, chance = max(voices.items(), key=itemgetter(1))
    return (side if chance > 0.5 else None), min(chance, 1.0)


def _intents(chances: Mapping[str, float]) -> tuple[Intent, ...]:
    order = sorted(chances.items(), key=lambda item: (-item[1], item[0]))[:_KEPT_INTENTS]
    return tuple(Intent(*one) for rank, one in enumerate(order) if one[1] > (0 if rank == 0 else _FAINT))


def _likeliest(answer: Answer, chances: Mapping[str, float], side: Side | None, sure: float) -> tuple[Category, ...]:
    """Codes best first; each selector counts as much as its intent is likely beside the others that carry codes."""
    weights = {intent: max(chances.get(intent, 0.0), _LEAST) for intent in answer.codes}
    if side is not None and sure > _settings()["one_sided"]:
        weights = {intent: weight for intent, weight in weights.items() if _VOICES.get(intent, side) == side}
    whole = math.fsum(weights.values())
    found: dict[str, float] = {}
    for intent, weight in weights.items():
        for code, chance in answer.codes[intent].items():
            found[code] = found.get(code, 0.0) + chance * weight / whole
    order = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:_KEPT_INTENTS]
    return tuple(Category(code, min(chance, 1.0)) for code, chance in order)


def _carried(chances: Mapping[str, float], side: Side | None) -> float:
    """How likely the message is one that alleges at all."""
    carriers = _settings()["carriers"]
    groups = [carriers[side]] if side else carriers.values()
    return max(sum(chances.get(name, 0.0) for name in names) for names in groups)


def _abstained(intents: tuple[Intent, ...], categories: tuple[Category, ...]) -> bool:
    if not intents or intents[0].probability < 0.35:
        return True
    return intents[0].name in {"report_fraud", "complain_inspection"} and not categories
