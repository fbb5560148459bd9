"""May a reporter be rewarded? Every rule is asked; a machine suggests, a person decides (PIPL Art. 24).

The rules stand in law/reward_rules.toml: a fact, the value it must have, the sentence where it has another one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from routing.rewards import Scheme
from routing.wording import say

Opinion = Literal["eligible", "not_eligible", "open"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule and what came of it; `holds` is None where the fact is not known yet."""

    rule: str
    name: str
    holds: bool | None
    sentence: str
    citation: str
    verified: bool
    told: str = ""
    """What the reporter reads instead, where the sentence would tell him of others."""


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The opinion and every rule behind it."""

    opinion: Opinion
    findings: tuple[Finding, ...]

    @property
    def against(self) -> tuple[Finding, ...]:
        """The rules that exclude a reward."""
        return tuple(one for one in self.findings if one.holds is False)

    @property
    def missing(self) -> tuple[Finding, ...]:
        """The rules that nobody has looked into."""
        return tuple(one for one in self.findings if one.holds is None)


@cache
def rules() -> Sequence[Mapping[str, Any]]:
    """The rules in their order."""
    text = resources.files("routing").joinpath("law", "reward_rules.toml").read_text("utf-8")
    found: Sequence[Mapping[str, Any]] = tomllib.loads(text)["rule"]
    return found


def eligibility(facts: Mapping[str, bool | None], schemes: Sequence[Scheme], reporter: str = "person") -> Eligibility:
    """Hold `facts` (by the names in reward_rules.toml; absent or None: not known) against every rule.

    `reporter` is person, legal_person or organisation; the nearest scheme that says who may be rewarded decides.
    """
    allowed = next((one.reporters for one in schemes if one.reporters), ())
    known = {**facts, "reporter_allowed": reporter in allowed if allowed else None}
    words = say("reward.and").join(say(f"reward.reporters.{one}") for one in allowed)
    findings = tuple(_ask(rule, known.get(rule["fact"]), words) for rule in rules())
    opinion: Opinion = "eligible"
    if any(one.holds is False for one in findings):
        opinion = "not_eligible"
    elif any(one.holds is None for one in findings):
        opinion = "open"
    return Eligibility(opinion, findings)


def _ask(rule: Mapping[str, Any], known: bool | None, reporters: str) -> Finding:
    holds = None if known is None else known is rule["must"]
    sentence = rule["name"] if holds is not False else str(rule["against"]).format(reporters=reporters)
    return Finding(
        rule=rule["id"],
        name=rule["name"],
        holds=holds,
        sentence=sentence,
        citation=rule["paper"],
        verified=bool(rule["verified"]),
        told=str(rule.get("told", "")) if holds is False else "",
    )
