"""One reward judged as a whole: may he have it, and how much; from facts and law alone, so that years later it is the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from routing.eligibility import Eligibility, eligibility
from routing.errors import BadSum, RateUnknown
from routing.rewards import CENT, ZERO, Amount, Matter, RewardLaw, amount

MOST = Decimal(10) ** 11


@dataclass(frozen=True, slots=True)
class Judged:
    """The opinion with its rules; the amount where one can be worked out, and else why not."""

    eligibility: Eligibility
    amount: Amount | None
    trouble: str = ""


def judge(
    facts: Mapping[str, bool | None],
    matter: Matter,
    *,
    law: RewardLaw,
    place: str | None,
    on: date,
    reporter: str = "person",
) -> Judged:
    """Opinion and amount under the schemes of a day and a place; raises SchemeUnknown where there were none yet."""
    schemes = law.at(place, on)
    opinion = eligibility(facts, schemes, reporter)
    try:
        return Judged(opinion, amount(matter, schemes))
    except RateUnknown as unknown:
        return Judged(opinion, None, unknown.sentence)


def sum_of(text: str) -> Decimal | None:
    """A sum in yuan as people type it; None for none. Raises BadSum."""
    plain = text.strip().replace(",", "").replace("，", "")
    if not plain:
        return None
    try:
        yuan = Decimal(plain)
    except ArithmeticError as wrong:
        raise BadSum(typed=text.strip()[:20]) from wrong
    if not yuan.is_finite() or not ZERO <= yuan <= MOST or yuan != yuan.quantize(CENT):
        raise BadSum(typed=text.strip()[:20])
    return yuan


def as_json(matter: Matter) -> dict[str, Any]:
    """The matter for the ledger; sums as text, so that no cent is lost."""
    value = None if matter.case_value is None else str(matter.case_value)
    return {"case_value": value, "grade": matter.grade, "accused": matter.accused, "kinds": sorted(matter.kinds)}


def from_json(row: Mapping[str, Any]) -> Matter:
    """The matter as it was kept."""
    value = row.get("case_value")
    return Matter(
        None if value is None else Decimal(value), row.get("grade"), row.get("accused"), frozenset(row.get("kinds", ()))
    )
