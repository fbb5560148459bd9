"""What pydantic found wrong, field by field, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.web.words import knows, say


def fields_of(errors: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Each field that pydantic found at fault, with its sentence; never the value, which may be personal."""
    fields: dict[str, str] = {}
    for error in errors:
        path = [str(part) for part in error["loc"] if part not in ("body", "query", "path", "header")]
        kind = str(error["type"])
        if kind == "json_invalid":
            path = ["body"]
        key = kind if knows("field", kind) else "other"
        fields.setdefault(".".join(path) or "body", say("field", key, **error.get("ctx", {})))
    return fields
