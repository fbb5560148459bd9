"""The values that travel from the door to the ledger and back: Report and Receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Side = Literal["citizen", "enterprise"]
IdentityMode = Literal["anonymous", "confidential", "named"]


@dataclass(frozen=True, slots=True)
class Claim:
    """One alleged breach by its taxonomy code, and the words of the text that spoke for it."""

    code: str
    probability: float
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """When it happened: both days included; `ongoing` where it still goes on."""

    first: date
    last: date
    granularity: str = "day"
    ongoing: bool = False


@dataclass(frozen=True, slots=True)
class Teller:
    """Who tells: sealed on filing, never stored in clear.

    `account` is the channel's own address of the person (a Telegram chat number, a web conversation).
    """

    channel: str
    account: str
    mode: IdentityMode = "confidential"
    name: str | None = None
    phone: str | None = None
    wants_reward: bool | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What one person told us about one matter, confirmed by that person.

    `text` is in the person's own words; `redacted` the same with personal data masked, the only form that staff see.
    `answers` holds the remaining slots by their name in `asks` (how_known, evidence, demand, loss, certificate, …).
    `place` is a six-digit division code, `evidence` the hashes of files already stored.
    """

    side: Side
    teller: Teller
    conversation: str
    text: str
    redacted: str
    claims: tuple[Claim, ...]
    received_at: datetime
    institution: str | None = None
    organ: str | None = None
    place: str | None = None
    place_text: str | None = None
    period: Period | None = None
    amount_yuan: Decimal | None = None
    amount_approximate: bool = False
    people: int | None = None
    officers: int | None = None
    visits: int | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    group: str | None = None
    """Shared by reports that came out of one telling, so that they are filed as linked."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the teller holds in hand: shown only after the commit.

    `query_code` has 16 digits and exists in clear nowhere but here. `derivation` is prose, one step a line.
    `already_told` is true where the same person had told the same matter before.
    """

    case_number: str
    query_code: str
    authority: str
    due_on: date
    derivation: str
    already_told: bool = False
    proof: str = ""
    """The verification string: commitment, nonce and signature; see docs/reference/proof.md."""
