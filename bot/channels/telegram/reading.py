"""From the raw update to aiogram's objects; a part that we do not know must not cost the rest."""

from __future__ import annotations

from typing import Any

from aiogram.types import Update
from pydantic import ValidationError

KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
NEEDED = frozenset({"message_id", "date", "chat", "from", "id", "chat_instance"})


def read(raw: dict[str, Any]) -> Update | None:
    """The update; None where not even its sender and chat can be read.

    The Bot API grows several times a year. Where a field has a form that this version does not know, it is left out and
    the rest is read: a text stays a text even if the message that it answers is of a kind of next year.
    """
    try:
        return Update.model_validate(raw)
    except ValidationError as failed:
        unknown = {(error["loc"][0], error["loc"][1]) for error in failed.errors() if len(error["loc"]) > 1}
    if any(field in NEEDED for _, field in unknown):
        return None
    rest = {
        kind: {key: part for key, part in value.items() if (kind, key) not in unknown}
        if isinstance(value, dict)
        else value
        for kind, value in raw.items()
    }
    try:
        return Update.model_validate(rest)
    except ValidationError:
        return None


def chat_of(raw: dict[str, Any]) -> int | None:
    """The chat of an update, read from the raw form: also of one that cannot be parsed."""
    for kind in KINDS:
        found = raw.get(kind)
        if not isinstance(found, dict):
            continue
        inner = found.get("message") if kind == "callback_query" else found
        chat = inner.get("chat") if isinstance(inner, dict) else found.get("from")
        number = chat.get("id") if isinstance(chat, dict) else None
        return number if isinstance(number, int) else None
    return None
