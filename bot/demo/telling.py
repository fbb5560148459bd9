"""From an invented telling to a Report: heard by the real ear, as the dialogue would hand it on."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import cast

from bot.app import App
from bot.demo.content import Person, Told, word
from intake.report import Claim, IdentityMode, Period, Report, Side, Teller
from nlu.meaning import Category, Understanding
from nlu.text import redact


def as_report(told: Told, person: Person, received: datetime, evidence: tuple[str, ...], app: App) -> Report:
    """The report as its teller would have confirmed it."""
    heard = app.ear.parse(told.text, now=received, home=told.place)
    conversation = word("conversation").format(who=told.who, ago=told.ago)
    first, last = (received.date() - timedelta(days=days) for days in told.happened)
    return Report(
        side=cast("Side", told.side),
        teller=Teller(
            channel="web",
            account=conversation,
            mode=cast("IdentityMode", told.mode),
            name=person.name,
            phone=person.phone,
            wants_reward=person.reward,
        ),
        conversation=conversation,
        text=told.text,
        redacted=redact(told.text, heard.entities),
        claims=_claims(told, heard),
        received_at=received,
        institution=told.institution,
        organ=told.organ,
        place=told.place,
        period=Period(first, last, ongoing=told.ongoing),
        amount_yuan=Decimal(told.amount) if told.amount is not None else None,
        people=told.people,
        officers=told.officers,
        visits=told.visits,
        answers=told.answers,
        evidence=evidence,
    )


def _claims(told: Told, heard: Understanding) -> tuple[Claim, ...]:
    """What the ear heard; where it was not sure, what the teller chose from the ear's suggestions."""
    found = {one.code: one for one in heard.suggestions}
    chosen = heard.categories or [found.get(code, Category(code, 1.0)) for code in told.codes]
    return tuple(
        Claim(one.code, one.probability, tuple(told.text[span.start : span.end] for span in one.words))
        for one in chosen
    )
