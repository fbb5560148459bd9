"""A matter that a hotline platform hands over, as our Report: what it states comes before what the ear hears."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from bot.app import App
from bot.dialogue import listen
from bot.dialogue.state import Slot
from bot.web.api.shapes import TEXT_MAX, YEARS, Strict
from bot.web.errors import Refused
from bot.web.words import say
from intake.masks import masked
from intake.report import Claim, Period, Report, Side, Teller
from nlu import places, taxonomy
from nlu.meaning import Understanding

CHANNEL = "api"
Name = Annotated[str, Field(min_length=1, max_length=200)]
SOME = 5


class Reporter(Strict):
    """Who told the hotline; anonymous where nothing is known."""

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


class HotlineReport(Strict):
    """One matter in the caller's own words; whatever is left out is taken from the text."""

    text: Annotated[str, Field(min_length=1, max_length=TEXT_MAX)]
    side: Side | None = None
    received_at: AwareDatetime | None = Field(None, description="When the hotline received it; the clocks start here.")
    reporter: Reporter = Reporter(mode="anonymous")
    institution: Name | None = None
    organ: Name | None = None
    place: Name | None = Field(None, description="Six-digit division code, or the full name of the place.")
    period: When | None = None
    claims: list[Annotated[str, Field(max_length=8)]] = Field([], max_length=20, description="Codes F… or X….")
    amount_yuan: Annotated[Decimal, Field(ge=0, le=Decimal(10) ** 11)] | None = None
    people: Annotated[int, Field(ge=0, le=10**7)] | None = None
    external_number: Annotated[str, Field(max_length=80)] | None = None


def as_report(app: App, told: HotlineReport, *, client: str, key: str, now: datetime) -> Report:
    """The report to file; raises Refused where the side is unclear, or a place, a code or a time cannot be."""
    received_at = told.received_at or now
    if received_at > now:
        raise _wrong("received_at", say("field", "future"))
    if received_at.year not in YEARS:
        raise _wrong("received_at", say("field", "other"))
    heard = app.ear.parse(told.text, now=received_at, home=app.settings.home)
    side = told.side or listen.side_of(heard)
    if side is None:
        raise _wrong("side", say("refused", "side_unknown"))
    slots = listen.found_slots(heard, side)
    subject = told.institution or _name(slots.get("institution" if side == "citizen" else "enterprise"))
    answers = {"external_number": told.external_number} if told.external_number else {}
    return Report(
        side=side,
        # Each call is a person of its own; the same person is known again by the telephone only.
        teller=_teller(told.reporter, f"{client} {key}"),
        conversation=f"{CHANNEL} {app.vault.fingerprint(f'{client} {key}', 'api conversation')[:40]}",
        text=told.text,
        redacted=masked(told.text, now=received_at),
        claims=_claims(told, heard, side),
        received_at=received_at,
        institution=subject,
        organ=told.organ or _name(slots.get("organ")),
        place=_place(told, app.settings.home) or _heard_place(heard),
        place_text=told.place,
        period=_period(told, slots, side, received_at.date()),
        amount_yuan=told.amount_yuan,
        people=told.people,
        answers=answers,
    )


def _wrong(field: str, sentence: str) -> Refused:
    return Refused(422, "invalid", say("refused", "invalid"), fields={field: sentence})


def _teller(reporter: Reporter, account: str) -> Teller:
    if reporter.mode == "anonymous":
        return Teller(CHANNEL, account, "anonymous", wants_reward=reporter.wants_reward)
    return Teller(CHANNEL, account, reporter.mode, reporter.name, reporter.phone, reporter.wants_reward)


def _claims(told: HotlineReport, heard: Understanding, side: Side) -> tuple[Claim, ...]:
    """The codes that a person at the hotline chose are certain; without any, what the ear heard."""
    known = taxonomy.load()
    for code in told.claims:
        if code not in known or not code.startswith("F" if side == "citizen" else "X"):
            raise _wrong("claims", say("refused", "code_unknown", code=code))
    return tuple(Claim(code, 1.0) for code in told.claims) or listen.claims_of(heard, side)


def _place(told: HotlineReport, home: str) -> str | None:
    if told.place is None:
        return None
    if told.place.isascii() and told.place.isdigit():
        found = places.by_code(told.place)
        candidates: tuple[places.Place, ...] = (found,) if found else ()
    else:
        candidates = places.lookup(told.place, home)
    if not candidates:
        raise _wrong("place", say("refused", "place_unknown", name=told.place))
    if len(candidates) > 1:
        named = "、".join(f"{one.full_name}（{one.code}）" for one in candidates[:SOME])
        raise _wrong("place", say("refused", "place_ambiguous", name=told.place, candidates=named))
    return candidates[0].code


def _heard_place(heard: Understanding) -> str | None:
    codes = [str(entity.value["code"]) for entity in heard.of_kind("place") if entity.value.get("code")]
    return codes[0] if codes else None


def _period(told: HotlineReport, slots: dict[str, Slot], side: Side, today: date) -> Period | None:
    if told.period:
        return Period(told.period.first, told.period.last, "day", told.period.ongoing)
    return listen.period(slots.get("time" if side == "citizen" else "inspection_date"), today)


def _name(slot: Slot | None) -> str | None:
    return str((slot.value or {}).get("name") or slot.text)[:200] if slot else None
