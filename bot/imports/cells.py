"""A cell as text: numbers without a tail, dates in ISO order, and nothing that a spreadsheet would run."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

LOST_DIGITS = 10**15
"""From here on a spreadsheet has rounded a number: a double holds fifteen digits for certain."""
_RUN = ("=", "+", "-", "@", "\t", "\r")
_GUARD = "'"
_BLANK = "\ufeff\u200b\u200c\u200d\u2060"


def as_text(value: object) -> str:
    """The cell as a person reads it; a rounded number stays in scientific notation, so that it can be told."""
    if value is None:
        return ""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta) else clean(str(value))


def _number(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 — the test for "no number"
        return ""
    if abs(value) >= LOST_DIGITS:
        return f"{value:E}"
    return format(Decimal(repr(value)).normalize(), "f")


def clean(text: str) -> str:
    """Without blanks around it and without the guard that our own error file puts before what could be run."""
    text = text.strip().strip(_BLANK).strip()
    guarded = text.startswith(_GUARD) and text[1:].startswith(_RUN)
    return text[1:] if guarded else text


def guarded(text: str) -> str:
    """The text for a spreadsheet that others open: what begins like a formula becomes text (OWASP, CSV injection)."""
    return _GUARD + text if text.startswith(_RUN) else text
