"""How values look to other programs: the keys of DESIGN.md §8, the same over HTTP and on the command line."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from bot.channels.message import Reply
from intake.report import Receipt
from nlu.meaning import Category, Understanding


def reply(said: Reply) -> dict[str, Any]:
    """One thing said to the person."""
    return {"text": said.text, "choices": list(said.choices), "asks": said.asks}


def receipt(held: Receipt) -> dict[str, Any]:
    """What the teller holds in hand."""
    return {
        "case_number": held.case_number,
        "query_code": held.query_code,
        "authority": held.authority,
        "due_on": held.due_on.isoformat(),
        "derivation": held.derivation,
        "already_told": held.already_told,
    }


def understanding(heard: Understanding) -> dict[str, Any]:
    """One message, understood; spans are half-open, in code points of the text as it was given."""
    return {
        "side": heard.side,
        "side_probability": heard.side_probability,
        "intents": [{"name": intent.name, "probability": intent.probability} for intent in heard.intents],
        "categories": [_category(category) for category in heard.categories],
        "entities": [
            {
                "kind": entity.kind,
                "start": entity.start,
                "end": entity.end,
                "text": entity.text,
                "value": plain(entity.value),
            }
            for entity in heard.entities
        ],
        "suggestions": [_category(category) for category in heard.suggestions],
        "abstained": heard.abstained,
        "engine": heard.engine,
    }


def _category(category: Category) -> dict[str, Any]:
    words = [[span.start, span.end] for span in category.words]
    return {"code": category.code, "probability": category.probability, "words": words}


def plain(value: Any) -> Any:
    """Only what JSON knows: dates become ISO, decimals numbers, tuples lists."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, date | datetime):
        return value.isoformat()
    if hasattr(value, "items"):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    return float(value)
