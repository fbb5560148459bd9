"""A work order (工单): a matter told elsewhere and handed over, by a hotline's program, a table or a clerk.

One set of fields, one validation and one set of sentences for all of them. What the work order states comes before
what the ear hears in its text.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, Self, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.dialogue import listen
from bot.dialogue.state import Slot
from bot.web.fields import fields_of
from bot.web.words import say
from intake.confidentiality import Vault
from intake.masks import lock, masked
from intake.report import Claim, Period, Report, Side, Teller
from nlu import places, taxonomy
from nlu.entities.finding import LONGEST
from nlu.meaning import Understanding
from nlu.text import redact

TEXT_MAX = 100_000
YEARS = range(1990, 2100)
"""The years in which anything can have happened: beyond them no calendar counts, and sums of days overflow."""
SOME = 5

Name = Annotated[str, Field(min_length=1, max_length=200)]
Number = Annotated[str, Field(min_length=1, max_length=80)]
Channel = Literal[
    "api", "hotline", "phone", "web", "wechat", "visit", "letter", "fax", "email", "supervisor", "federation", "superior",
    "transfer",
]  # fmt: skip
"""By which way it first came (DOMAIN.md §5.3); people read the words in the desk's labels."""
CHANNELS: tuple[str, ...] = get_args(Channel)


class Strict(BaseModel):
    """A body whose misspelt keys are refused instead of silently ignored."""

    model_config = ConfigDict(extra="forbid")


class Reporter(Strict):
    """Who told; anonymous where nothing is known."""

    mode: Literal["anonymous", "confidential", "named"] = "confidential"
    name: Annotated[str, Field(max_length=60)] | None = None
    phone: Annotated[str, Field(max_length=30)] | None = None
    wants_reward: bool | None = None


class When(Strict):
    """When it happened, both days included."""

    first: date
    last: date
    ongoing: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first or self.first.year not in YEARS or self.last.year not in YEARS:
            raise ValueError("period")
        return self


class WorkOrder(Strict):
    """One matter in the teller's own words; whatever is left out is taken from the text."""

    text: Annotated[str, Field(min_length=1, max_length=TEXT_MAX)]
    side: Side | None = None
    channel: Channel = "api"
    received_at: AwareDatetime | None = Field(None, description="When it was first received; the clocks start here.")
    reporter: Reporter = Reporter(mode="anonymous")
    institution: Name | None = None
    organ: Name | None = None
    place: Name | None = Field(None, description="Six-digit division code, or the full name of the place.")
    period: When | None = None
    claims: list[Annotated[str, Field(max_length=8)]] = Field([], max_length=20, description="Codes F… or X….")
    amount_yuan: Annotated[Decimal, Field(ge=0, le=Decimal(10) ** 11)] | None = None
    people: Annotated[int, Field(ge=0, le=10**7)] | None = None
    source_number: Number | None = Field(
        None, description="The number that whoever hands it over gave it; it is filed once, whichever way it comes."
    )
    external_number: Number | None = Field(None, description="The number of the same matter in a third system.")


class OrderRefused(ValueError):
    """The work order cannot be filed as it is; `fields` tells each field at fault, with its sentence."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {sentence}" for name, sentence in fields.items()))
        self.fields = dict(fields)


def read(values: Mapping[str, object]) -> WorkOrder:
    """The values as a work order; raises OrderRefused with every field at fault."""
    try:
        return WorkOrder.model_validate(values)
    except ValidationError as invalid:
        raise OrderRefused(fields_of(invalid.errors())) from None


def content(order: WorkOrder) -> str:
    """All that was handed over, by which the same again is known; fields that a later version adds change nothing."""
    return order.model_dump_json(exclude_defaults=True)


def received(order: WorkOrder, now: datetime) -> datetime:
    """When the matter was received; raises OrderRefused for a moment that cannot be."""
    at = order.received_at or now
    if at > now:
        raise OrderRefused({"received_at": say("field", "future")})
    if at.year not in YEARS:
        raise OrderRefused({"received_at": say("field", "other")})
    return at


def as_report(
    order: WorkOrder,
    heard: Understanding,
    *,
    account: str,
    vault: Vault,
    home: str,
    now: datetime,
    otherwise: Side | None = None,
    settled: bool = False,
    evidence: tuple[str, ...] = (),
) -> Report:
    """The report to file; raises OrderRefused where the side is unclear, or a place, a code or a time cannot be.

    `account` is a person of its own for each work order: the same person is known again by the telephone only.
    `otherwise` is the side where neither the work order nor the ear knows one. `settled`: a person has seen what the
    ear heard, and what the work order leaves out is meant to be left out.
    """
    received_at = received(order, now)
    side = order.side or listen.side_of(heard) or otherwise
    if side is None:
        raise OrderRefused({"side": say("refused", "side_unknown")})
    slots = {} if settled else listen.found_slots(heard, side)
    subject = order.institution or _name(slots.get("institution" if side == "citizen" else "enterprise"))
    return Report(
        side=side,
        teller=_teller(order, account),
        conversation=f"{order.channel} {vault.fingerprint(account, 'api conversation')[:40]}",
        text=order.text,
        redacted=_redacted(order, heard, received_at),
        claims=_claims(order, side) or (() if settled else listen.claims_of(heard, side)),
        received_at=received_at,
        institution=subject,
        organ=order.organ or _name(slots.get("organ")),
        place=place_code(order.place, home) if order.place else None if settled else heard_place(heard),
        place_text=order.place,
        period=_period(order, slots, side, received_at.date()),
        amount_yuan=order.amount_yuan,
        people=order.people,
        answers={name: value for name in ("source_number", "external_number") if (value := getattr(order, name))},
        evidence=evidence,
    )


def _teller(order: WorkOrder, account: str) -> Teller:
    told = order.reporter
    if told.mode == "anonymous":
        return Teller(order.channel, account, "anonymous", wants_reward=told.wants_reward)
    return Teller(order.channel, account, told.mode, told.name, told.phone, told.wants_reward)


def _redacted(order: WorkOrder, heard: Understanding, now: datetime) -> str:
    """The text as staff may read it; the name that stands beside it is masked in it as well."""
    head, rest = order.text[:LONGEST], order.text[LONGEST:]
    text = lock(redact(head, (one for one in heard.entities if one.end <= len(head))))
    text += masked(rest, now=now) if rest else ""
    name = (order.reporter.name or "").strip()
    return text.replace(name, f"{name[0]}**") if len(name) > 1 else text


def _claims(order: WorkOrder, side: Side) -> tuple[Claim, ...]:
    """The codes that a person chose: they are certain."""
    known = taxonomy.load()
    for code in order.claims:
        if code not in known or not code.startswith("F" if side == "citizen" else "X"):
            raise OrderRefused({"claims": say("refused", "code_unknown", code=code)})
    return tuple(Claim(code, 1.0) for code in order.claims)


def place_code(name: str, home: str) -> str:
    """The division that a code or a name means; raises OrderRefused where it means none, or more than one."""
    if name.isascii() and name.isdigit():
        found = places.by_code(name)
        candidates: tuple[places.Place, ...] = (found,) if found else ()
    else:
        candidates = places.lookup(name, home)
    if not candidates:
        raise OrderRefused({"place": say("refused", "place_unknown", name=name)})
    if len(candidates) > 1:
        named = "、".join(f"{one.full_name}（{one.code}）" for one in candidates[:SOME])
        raise OrderRefused({"place": say("refused", "place_ambiguous", name=name, candidates=named)})
    return candidates[0].code


def heard_place(heard: Understanding) -> str | None:
    """The division that the text names, if it names one."""
    codes = [str(entity.value["code"]) for entity in heard.of_kind("place") if entity.value.get("code")]
    return codes[0] if codes else None


def _period(order: WorkOrder, slots: dict[str, Slot], side: Side, today: date) -> Period | None:
    if order.period:
        return Period(order.period.first, order.period.last, "day", order.period.ongoing)
    return listen.period(slots.get("time" if side == "citizen" else "inspection_date"), today)


def _name(slot: Slot | None) -> str | None:
    return str((slot.value or {}).get("name") or slot.text)[:200] if slot else None
