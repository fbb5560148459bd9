"""What happened to a case, in plain Chinese: every event with its moment, its actor and its words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bot.web.desk.clockface import day
from bot.web.desk.labels import label
from intake import papers
from intake.views import EventView
from routing import states
from routing.authorities import by_code
from routing.desk import unmasking as seal
from routing.documents import kinds
from routing.errors import DeskError

STAFF = "staff:"
OF_ANOTHER = frozenset({"merged", "merged_in", "merged_out", "unmerged", "split_off", "split_from"})
"""What happened between two cases: the line names the other one."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the history."""

    at: datetime
    words: str
    who: str
    detail: str


def lines(events: Iterable[EventView], names: Mapping[int, str]) -> list[Happened]:
    """The history, oldest first; `names` tells the members of staff by number."""
    return [Happened(one.at, _words(one), who(one.actor, names), one.words) for one in events]


def _words(event: EventView) -> str:
    words = label("event", event.kind)
    data = event.data
    if "outcome" in data:
        words += label("history", "after").format(what=_outcome(data["outcome"]))
    if "reason" in data and data["reason"] in states.decline_reasons():
        words += label("history", "after").format(what=states.decline_reasons()[data["reason"]])
    if "fields" in data:
        names = seal.table()["fields"]
        words += label("history", "after").format(what="、".join(names.get(one, one) for one in data["fields"]))
    if event.kind in OF_ANOTHER:
        words += label("history", "after").format(what=data.get("into") or data.get("case"))
    if event.kind == papers.EVENT:
        what = label("history", "paper").format(name=kinds().get(data["paper"], data["paper"]), serial=data["serial"])
        words += label("history", "after").format(what=what)
    if "to" in data and "from" in data:
        words += label("history", "after").format(what=_target(str(data["to"])))
    return words


def _outcome(code: str) -> str:
    try:
        return states.outcome_name(code)
    except KeyError:
        return code


def _target(value: str) -> str:
    """Where it went: an authority's name, or the new due date."""
    try:
        return by_code(value).name
    except DeskError:
        pass
    try:
        return day(date.fromisoformat(value))
    except ValueError:
        return value


def who(actor: str, names: Mapping[int, str]) -> str:
    """The person or the part of the system that did it."""
    if actor.startswith(STAFF):
        number = actor.removeprefix(STAFF)
        return names.get(int(number), label("actor", "staff")) if number.isdigit() else label("actor", "staff")
    return label("actor", actor)
