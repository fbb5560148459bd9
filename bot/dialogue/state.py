"""What the conversation remembers: small frozen values that survive a restart as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from intake.report import Claim, Report, Side


@dataclass(frozen=True, slots=True)
class Slot:
    """One answer: as it was said, masked for staff, and in normal form where the ear found one."""

    text: str
    value: Mapping[str, Any] | None = None
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """One thing the person said about a matter, in own words and with personal data masked."""

    text: str
    redacted: str


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing to be reported: its telling, the acts alleged, the answers by slot, the files."""

    words: tuple[Words, ...] = ()
    claims: tuple[Claim, ...] = ()
    slots: Mapping[str, Slot] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    claims_settled: bool = False

    def has(self, slot: str) -> bool:
        """Whether the slot was answered or skipped."""
        return slot in self.slots

    def with_slots(self, found: Mapping[str, Slot]) -> Matter:
        """The matter with these answers put over its own."""
        return replace(self, slots={**self.slots, **found})


@dataclass(frozen=True, slots=True)
class Option:
    """One candidate to choose from: what the person reads, and what it stands for."""

    label: str
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Talk:
    """Where one conversation stands.

    `asks` is the slot that the last reply wanted; `choosing` says what a choice is about.
    `filed` holds the numbers of the reports that this person filed or opened here.
    """

    side: Side | None = None
    asks: str | None = None
    choosing: str | None = None
    options: tuple[Option, ...] = ()
    tries: int = 0
    matters: tuple[Matter, ...] = ()
    current: int = 0
    teller: Mapping[str, Slot] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    file_names: Mapping[str, str] = field(default_factory=dict)
    filed: tuple[str, ...] = ()
    spoken_at: datetime | None = None

    @property
    def matter(self) -> Matter:
        """The matter that is being told; an empty one before anything was said."""
        return self.matters[self.current] if self.matters else Matter()

    @property
    def telling(self) -> bool:
        """Whether there is something told and not yet filed."""
        return bool(self.matters or self.files)

    def with_matter(self, matter: Matter) -> Talk:
        """The talk with its current matter replaced."""
        if not self.matters:
            return replace(self, matters=(matter,), current=0)
        matters = (*self.matters[: self.current], matter, *self.matters[self.current + 1 :])
        return replace(self, matters=matters)

    def fresh(self) -> Talk:
        """The talk with everything unfiled dropped."""
        return Talk(filed=self.filed, spoken_at=self.spoken_at)


@dataclass(frozen=True, slots=True)
class File:
    """Command: file these confirmed reports."""

    reports: tuple[Report, ...]
    file_names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LookUp:
    """Command: show the status behind a query code."""

    code: str


@dataclass(frozen=True, slots=True)
class Add:
    """Command: add words and files to a report already filed; `kind` tells the handler how to read it."""

    number: str
    text: str
    files: tuple[str, ...] = ()
    kind: str = "supplement"


@dataclass(frozen=True, slots=True)
class Rate:
    """Command: rate a closed report with one to five stars."""

    number: str
    stars: int
    comment: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Command: note that the teller takes the report back; `pressed` where somebody makes him."""

    number: str
    text: str
    pressed: bool


@dataclass(frozen=True, slots=True)
class Urge:
    """Command: remind the handler of a report."""

    number: str


Command = File | LookUp | Add | Rate | Withdraw | Urge


def dump(talk: Talk) -> bytes:
    """The talk as JSON."""
    return json.dumps(
        {
            "side": talk.side,
            "asks": talk.asks,
            "choosing": talk.choosing,
            "options": [[option.label, option.value] for option in talk.options],
            "tries": talk.tries,
            "matters": [_dump_matter(matter) for matter in talk.matters],
            "current": talk.current,
            "teller": _dump_slots(talk.teller),
            "files": talk.files,
            "file_names": talk.file_names,
            "filed": talk.filed,
            "spoken_at": talk.spoken_at.isoformat() if talk.spoken_at else None,
        },
        ensure_ascii=False,
    ).encode()


def load(data: bytes) -> Talk:
    """The talk that `dump` wrote."""
    raw = json.loads(data)
    return Talk(
        side=raw["side"],
        asks=raw["asks"],
        choosing=raw["choosing"],
        options=tuple(Option(label, value) for label, value in raw["options"]),
        tries=raw["tries"],
        matters=tuple(_load_matter(matter) for matter in raw["matters"]),
        current=raw["current"],
        teller=_load_slots(raw["teller"]),
        files=tuple(raw["files"]),
        file_names=raw["file_names"],
        filed=tuple(raw["filed"]),
        spoken_at=datetime.fromisoformat(raw["spoken_at"]) if raw["spoken_at"] else None,
    )


def _dump_slots(slots: Mapping[str, Slot]) -> dict[str, Any]:
    return {name: [slot.text, slot.value, slot.skipped] for name, slot in slots.items()}


def _load_slots(raw: Mapping[str, Any]) -> dict[str, Slot]:
    return {name: Slot(text, value, skipped) for name, (text, value, skipped) in raw.items()}


def _dump_matter(matter: Matter) -> dict[str, Any]:
    return {
        "words": [[words.text, words.redacted] for words in matter.words],
        "claims": [[claim.code, claim.probability, claim.words] for claim in matter.claims],
        "slots": _dump_slots(matter.slots),
        "files": matter.files,
        "claims_settled": matter.claims_settled,
    }


def _load_matter(raw: Mapping[str, Any]) -> Matter:
    return Matter(
        words=tuple(Words(text, redacted) for text, redacted in raw["words"]),
        claims=tuple(Claim(code, probability, tuple(words)) for code, probability, words in raw["claims"]),
        slots=_load_slots(raw["slots"]),
        files=tuple(raw["files"]),
        claims_settled=raw["claims_settled"],
    )
