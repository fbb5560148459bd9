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


def _number(typed: Typed, name: str) -> int:
    """A number as it was typed; 0 for what is none, which the desk takes for none."""
    given = typed.get(name, "").strip()
    return int(given[:18]) if given.isascii() and given.isdigit() else 0


def _of_report(*names: str) -> Callable[[Typed], dict[str, Any]]:
    """The same for an act on one report."""
    return lambda typed: {"report_id": _number(typed, "report_id"), **_words(*names)(typed)}


def _extension(typed: Typed) -> dict[str, Any]:
    """Days and record only where they were given: a held text is known again by what it was written with."""
    more = {"days": _number(typed, "days"), "record": typed.get("record", "")}
    return {**_words("reason")(typed), **{name: value for name, value in more.items() if value}}


def _to(*names: str) -> Callable[[Typed], dict[str, Any]]:
    """The same with an authority, found from what was typed."""
    return lambda typed: {"authority": authority_of(typed.get("authority", "")).code, **_words(*names)(typed)}


VERBS: Mapping[str, Callable[[Typed], dict[str, Any]]] = {
    "accept": _words(),
    "decline": _words("reason", "text"),
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
    "ask": _of_report("question"),
    "ask_extension": _words("reason"),
    "extend": _extension,
    "suspend": _words("ground", "note"),
    "resume": _words("note"),
    "open_case": _words("reason"),
    "not_open": _words("ground", "reason"),
    "tell_opened": _words(),
    "conclude": _words("outcome", "finding"),
    "reopen": _words("reason"),
    "close_ticket": _of_report(),
    "reopen_ticket": _of_report("text"),
    "supervise_ticket": _of_report("text"),
    "decide": _words("outcome", "finding"),
    "reply": _words("text"),
    "close": _words(),
}


def perform(
    session: Session, case_id: int, officer: Staff, act: str, typed: Typed, *, rules: Rules, vault: Vault, now: datetime
) -> Case | OutgoingHold:
    """Do the act in the caller's transaction, or keep its text to be looked at; raises the desk's own refusals."""
    return desk.attempt(session, case_id, officer, act, VERBS[act](typed), rules=rules, vault=vault, now=now)
