"""What a clerk typed into the form of a report on somebody's behalf: to a work order, and from what the ear heard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot import workorder
from bot.dialogue import listen
from bot.dialogue.state import Slot
from bot.web.desk import facts
from bot.web.desk.labels import label
from bot.workorder import OrderRefused, WorkOrder
from intake.report import Side
from nlu import taxonomy
from nlu.meaning import Understanding
from routing.rules import SHANGHAI

CHANNELS = ("phone", "visit", "letter", "fax")
"""What a clerk takes down; whatever else comes has a channel of its own."""
OLDEST = timedelta(days=366)
FIELDS = (
    "entry", "channel", "received_day", "received_time", "text", "mode", "name", "phone", "reward", "side",
    "institution", "organ", "place", "first", "last", "amount", "people",
)  # fmt: skip
LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Choice:
    """A category to tick: its code, its everyday words, whether it is ticked."""

    code: str
    words: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it stands; `heard` once the ear has read the text."""

    words: Mapping[str, str] = field(default_factory=dict)
    claims: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    heard: bool = False

    def get(self, name: str) -> str:
        """One field; empty where nothing was typed."""
        return self.words.get(name, "")

    @property
    def choices(self) -> list[Choice]:
        """The categories that the ear offers and those that the clerk named."""
        known = taxonomy.load()
        codes = [code for code in dict.fromkeys((*self.claims, *self.offered)) if code in known]
        return [Choice(code, known[code].everyday, code in self.claims) for code in codes]


def of_form(words: Mapping[str, str], claims: Iterable[str], offered: Iterable[str]) -> Typed:
    """The form's fields, trimmed; none is longer than what the ledger takes."""
    kept = {name: words[name].replace("\r\n", "\n").strip()[:LONGEST] for name in FIELDS if words.get(name)}
    more = (
        code.upper() for code in words.get("more", "").replace("、", " ").replace("，", " ").replace(",", " ").split()
    )
    codes = tuple(dict.fromkeys((*claims, *more)))[:20]
    return Typed(kept, codes, tuple(offered)[:20], bool(words.get("heard")))


def received(typed: Typed, now: datetime) -> datetime:
    """When it reached the office; OrderRefused for a moment ahead, or one so old that the year must be wrong."""
    try:
        at = datetime.fromisoformat(f"{typed.get('received_day')}T{typed.get('received_time') or '00:00'}")
        at = at.replace(tzinfo=SHANGHAI)
    except ValueError:
        raise OrderRefused({"received_day": label("enter", "received")}) from None
    if at > now:
        raise OrderRefused({"received_day": label("enter", "future")})
    if at < now - OLDEST:
        raise OrderRefused({"received_day": label("enter", "old")})
    return at


def filled(typed: Typed, heard: Understanding) -> Typed:
    """The form with what the ear heard in the fields that are empty, for the clerk to correct."""
    side: Side | None = "enterprise" if typed.get("side") == "enterprise" else "citizen" if typed.get("side") else None
    side = side or listen.side_of(heard) or listen.likely_side(heard)
    slots = listen.found_slots(heard, side)
    found = {"side": side, **_named(slots, side), "place": facts.place_name(workorder.heard_place(heard))}
    period = listen.period(slots.get("time" if side == "citizen" else "inspection_date"), heard_day(typed))
    if period is not None:
        found |= {"first": period.first.isoformat(), "last": period.last.isoformat()}
    claims = typed.claims or tuple(claim.code for claim in listen.claims_of(heard, side))
    letter = "F" if side == "citizen" else "X"
    offered = tuple(one.code for one in heard.suggestions if one.code.startswith(letter) and one.code != "F00")
    words = {**typed.words, **{name: value for name, value in found.items() if value and not typed.get(name)}}
    return replace(typed, words=words, claims=claims, offered=offered, heard=True)


def heard_day(typed: Typed) -> Any:
    """The day from which words such as "last week" count."""
    return datetime.fromisoformat(typed.get("received_day")).date()


def order(typed: Typed, now: datetime) -> WorkOrder:
    """The form as a work order; raises OrderRefused with the fields at fault."""
    if not typed.get("text"):
        raise OrderRefused({"text": label("enter", "text")})
    values: dict[str, Any] = {
        "text": typed.get("text"),
        "channel": typed.get("channel") if typed.get("channel") in CHANNELS else "phone",
        "received_at": received(typed, now),
        "side": typed.get("side") or None,
        "claims": list(typed.claims),
        "reporter": {
            "mode": typed.get("mode") or "confidential",
            **{name: typed.get(name) for name in ("name", "phone") if typed.get(name)},
            "wants_reward": {"yes": True, "no": False}.get(typed.get("reward")),
        },
        **{name: typed.get(name) or None for name in ("institution", "organ", "place", "people")},
        "amount_yuan": typed.get("amount") or None,
    }
    if typed.get("first"):
        values["period"] = {"first": typed.get("first"), "last": typed.get("last") or typed.get("first")}
    return workorder.read(values)


def _named(slots: Mapping[str, Slot], side: Side) -> dict[str, str]:
    """What the slots say, as a person writes it."""
    found = {}
    for name, slot in (
        ("institution", slots.get("institution" if side == "citizen" else "enterprise")),
        ("organ", slots.get("organ")),
    ):
        if slot is not None:
            found[name] = str((slot.value or {}).get("name") or slot.text)
    money, people = slots.get("amount"), slots.get("people")
    if money is not None and (yuan := (money.value or {}).get("yuan")) is not None:
        found["amount"] = f"{yuan}".removesuffix(".0")
    if people is not None and (count := (people.value or {}).get("count")) is not None:
        found["people"] = str(count)
    return found
