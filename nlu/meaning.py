"""What the ear hands on: frozen values, every judgement with the words that caused it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Side = Literal["citizen", "enterprise"]


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch of the original text, in code points."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Intent:
    """What the person wants with this message; probability between 0 and 1, calibrated."""

    name: str
    probability: float


@dataclass(frozen=True, slots=True)
class Category:
    """An allegation by its code (F… or X…, DOMAIN.md §3.2 and §4), with the words that spoke for it."""

    code: str
    probability: float
    words: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Entity:
    """A named thing in the text.

    `value` is the normal form, its keys by kind (DESIGN.md §8):
    institution, organ: name; an institution's `sure` is False where the name was only guessed ·
    place: code (6 digits or None), name, candidates [{code, name}] ·
    time: from, to (ISO dates), granularity, ongoing ·
    money: yuan, approximate; and role where the words beside it tell (claimed, unit_price, rate, own_money, fine,
    quota, kickback, income, owed) ·
    people, officers, visits: count · paper: which (certificate, notice, record), shown ·
    role: role · phone, identity_number, bank_card, person_name, bed: masked.
    """

    kind: str
    start: int
    end: int
    text: str
    value: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Flag:
    """Something a handler should know before reading on, with the words that say so; the names: `nlu.flags`."""

    name: str
    words: Span


@dataclass(frozen=True, slots=True)
class Understanding:
    """One message, understood: intents and categories best first, spans into `text` as it was given."""

    text: str
    side: Side | None
    side_probability: float
    intents: tuple[Intent, ...]
    categories: tuple[Category, ...]
    entities: tuple[Entity, ...]
    abstained: bool
    engine: str
    suggestions: tuple[Category, ...] = ()
    """The three likeliest codes, also where none reached the threshold: what the dialogue offers to choose from."""
    flags: tuple[Flag, ...] = ()

    @property
    def intent(self) -> str:
        """The likeliest intent's name; "unclear" where there is none."""
        return self.intents[0].name if self.intents else "unclear"

    def of_kind(self, kind: str) -> tuple[Entity, ...]:
        """The entities of one kind, in the order of the text."""
        return tuple(entity for entity in self.entities if entity.kind == kind)
