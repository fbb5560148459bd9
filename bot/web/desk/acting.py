"""From a form to a verb of the desk: each act takes its own fields and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.web.desk.finding import authority_of
from intake.confidentiality import Vault
from intake.models import Case, OutgoingHold, Staff
from routing import desk
from routing.rules import Rules

Typed = Mapping[str, str]


def _words(*names: str) -> Callable[[Typed], dict[str, Any]]:
    """The fields as they were typed; the desk itself refuses what is missing."""
    return lambda typed: {name: typed.get(name, "") for name in names}


def _question(typed: Typed) -> dict[str, Any]:
    number = typed.get("report_id", "")
    return {"report_id": int(number) if number.isascii() and number.isdigit() else 0, **_words("question")(typed)}


def _to(*names: str) -> Callable[[Typed], dict[str, Any]]:
    """The same with an authority, found from what was typed."""
    return lambda typed: {"authority": authority_of(typed.get("authority", "")).code, **_words(*names)(typed)}


VERBS: Mapping[str, Callable[[Typed], dict[str, Any]]] = {
    "accept": _words(),
    "decline": _words("reason", "text"),
    "ask": _question,
    "offer": _to("reason"),
    "take": _words(),
    "send_back": _words("ground", "reason"),
    "dispute": _words("reason"),
    "take_back": _words("reason"),
    "designate": _to("reason"),
    "assign": _to("reason", "weight", "due", "paper"),
    "note_assignment": _to("weight", "due", "paper"),
    "report_back": _words("text"),
    "refer": _words("department", "text", "paper"),
    "extend": _words("reason"),
    "decide": _words("outcome", "finding"),
    "reply": _words("text"),
    "close": _words(),
}


def perform(
    session: Session, case_id: int, officer: Staff, act: str, typed: Typed, *, rules: Rules, vault: Vault, now: datetime
) -> Case | OutgoingHold:
    """Do the act in the caller's transaction, or keep its text to be looked at; raises the desk's own refusals."""
    return desk.attempt(session, case_id, officer, act, VERBS[act](typed), rules=rules, vault=vault, now=now)
