"""The flow of the conversation as a table: what is asked, of whom, in which order, and when at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from intake.report import Side

Kind = Literal["story", "name", "place", "time", "count", "money", "paper", "free", "identity", "phone", "yes_no"]


@dataclass(frozen=True, slots=True)
class Step:
    """One question.

    `asks` is its public name (DESIGN.md §8), `hears` the kinds of entity that answer it, `only_for` the codes that
    make it worth asking (none: always), `of_teller` whether it is about the person and asked once for all matters.
    """

    asks: str
    kind: Kind
    hears: tuple[str, ...] = ()
    only_for: frozenset[str] = frozenset()
    of_teller: bool = False


# DOMAIN.md §3.3: who, what, when, where, how known, how much, evidence, named or not, reward.
CITIZEN = (
    Step("act", "story"),
    Step("institution", "name", hears=("institution",)),
    Step("place", "place", hears=("place",)),
    Step("time", "time", hears=("time",)),
    Step("amount", "money", hears=("money", "people")),
    Step("how_known", "free", hears=("role",)),
    Step("evidence", "free"),
    Step("identity", "identity", of_teller=True),
    Step("name", "free", hears=("person_name",), of_teller=True),
    Step("phone", "phone", hears=("phone",), of_teller=True),
    Step("reward", "yes_no", of_teller=True),
)

# DOMAIN.md §4, column "facts to ask": the papers and counts that belong to each complaint.
ENTERPRISE = (
    Step("act", "story"),
    Step("organ", "name", hears=("organ",)),
    Step("inspection_date", "time", hears=("time",)),
    Step("enterprise", "name", hears=("institution",)),
    Step("place", "place", hears=("place",)),
    Step("officers", "count", hears=("officers",), only_for=frozenset({"X03", "X04", "X14"})),
    Step("certificate", "paper", hears=("certificate",), only_for=frozenset({"X01", "X03", "X04", "X13"})),
    Step("notice", "paper", hears=("notice",), only_for=frozenset({"X01", "X05", "X11", "X12", "X28"})),
    Step("visits", "count", hears=("visits",), only_for=frozenset({"X06", "X07", "X08", "X09", "X39", "X40"})),
    Step("documents", "free", only_for=frozenset({"X15", "X16", "X26", "X29", "X30", "X35"})),
    Step("loss", "free", only_for=frozenset({"X25", "X26", "X29", "X30", "X36", "X40"})),
    Step("demand", "free"),
    Step("evidence", "free"),
    Step("identity", "identity", of_teller=True),
    Step("name", "free", hears=("person_name",), of_teller=True),
    Step("phone", "phone", hears=("phone",), of_teller=True),
)

STEPS: dict[Side, tuple[Step, ...]] = {"citizen": CITIZEN, "enterprise": ENTERPRISE}


def find_step(side: Side, asks: str) -> Step | None:
    """The step that asks for this slot, None where the side has none."""
    return next((step for step in STEPS[side] if step.asks == asks), None)
