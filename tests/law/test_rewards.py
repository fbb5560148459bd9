"""Rewards: amounts as the tables say, no amount that falls without the scheme saying so, and no guessed rate."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.eligibility import eligibility, rules
from routing.errors import RateUnknown, SchemeUnknown
from routing.rewards import Matter, Rate, RewardLaw, Scheme, amount, shares
from routing.schemefiles import faults_of

LAW = RewardLaw.load()
RATED = [one for one in LAW.schemes if one.rates]
ALL_GOOD = {rule["fact"]: rule["must"] for rule in rules()}
CASES = tomllib.loads((Path(__file__).parent / "rewards.toml").read_text("utf-8"))["case"]


def _schemes(case: Mapping[str, Any]) -> tuple[Scheme, ...]:
    if "scheme" in case:
        return (LAW.named(case["scheme"]),)
    return LAW.at(case["place"], case["on"])


def _matter(case: Mapping[str, Any]) -> Matter:
    value = Decimal(str(case["value"])) if "value" in case else None
    return Matter(value, case.get("grade"), case.get("accused"), frozenset(case.get("kinds", ())))


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{i}-{case['because']}") for i, case in enumerate(CASES, 1)])
def test_a_reward_is_what_the_table_says(case: Mapping[str, Any]) -> None:
    """Every row a lawyer wrote holds; where no rate is known, nothing is guessed."""
    matter, schemes = _matter(case["given"]), _schemes(case["given"])
    if case["then"].get("refused"):
        with pytest.raises(RateUnknown):
            amount(matter, schemes)
        return
    found = amount(matter, schemes)
    assert found.yuan == Decimal(str(case["then"]["yuan"]))
    assert found.citations
    assert f"{found.yuan:,.4f}".rstrip("0").rstrip(".") in found.steps[-1] + found.steps[-2]


values = st.decimals(min_value=0, max_value=50_000_000, places=2)


def _rewarded(scheme: Scheme, value: Decimal, row: int, kinds: frozenset[str]) -> Decimal:
    rate = scheme.rates[row % len(scheme.rates)]
    return amount(Matter(value, rate.grade, rate.accused, kinds), [scheme]).yuan


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(RATED), values, values, st.integers(0, 9), st.sampled_from([(), ("insider",), ("competitor",)]))
def test_more_loss_never_earns_less_unless_the_scheme_says_so(
    scheme: Scheme, one: Decimal, other: Decimal, row: int, kinds: tuple[str, ...]
) -> None:
    """Within one scheme the amount rises with the case value, and stays within floor and cap."""
    low, high = sorted((one, other))
    less, more = (_rewarded(scheme, value, row, frozenset(kinds)) for value in (low, high))
    assert scheme.may_fall or less <= more
    for yuan in (less, more):
        assert scheme.floor <= yuan
        assert scheme.cap is None or yuan <= scheme.cap
        assert yuan == yuan.quantize(Decimal("0.01"))


def test_a_scheme_that_says_its_amount_may_fall_does_fall_somewhere() -> None:
    """The mark is no excuse: each marked scheme shows a bound at which more loss earns less."""
    for scheme in RATED:
        bounds = [rate.up_to for rate in scheme.rates if rate.up_to is not None]
        falls = any(
            _rewarded(scheme, up_to, 0, frozenset()) > _rewarded(scheme, up_to + 1, 0, frozenset()) for up_to in bounds
        )
        assert falls == scheme.may_fall, scheme.key


SUMS = st.decimals(min_value=1, max_value=1_000_000, places=2)
PERCENTS = st.decimals(min_value=0, max_value=30, places=1)


@st.composite
def schemes_of_brackets(draw: st.DrawFn) -> Scheme:
    """Any scheme that a region could write: up to four brackets, with additions and floors of their own."""
    bounds = [*sorted(draw(st.sets(SUMS, max_size=3))), None]
    small = st.decimals(min_value=0, max_value=3000, places=2) | st.just(Decimal(0))
    rates = tuple(Rate(percent=draw(PERCENTS), up_to=bound, plus=draw(small), floor=draw(small)) for bound in bounds)
    how: Literal["whole", "progressive"] = draw(st.sampled_from(["whole", "progressive"]))
    return replace(LAW.named("example-graded"), key="drawn", how=how, rates=rates, uplifts=())


@settings(max_examples=1500, deadline=None)
@given(schemes_of_brackets(), st.lists(values, min_size=2, max_size=6))
def test_any_scheme_that_law_check_does_not_warn_of_only_rises(scheme: Scheme, found: list[Decimal]) -> None:
    """Not the packaged schemes alone: whatever a bureau writes, more loss earns no less unless the check says so."""
    if any(one.kind == "falls" for one in faults_of(scheme)):
        return
    edges = [bound + cents for rate in scheme.rates if (bound := rate.up_to) for cents in (Decimal(0), Decimal("0.01"))]
    amounts = [amount(Matter(value), [scheme]).yuan for value in sorted([*found, *edges])]
    assert amounts == sorted(amounts)


def test_law_check_warns_of_every_packaged_scheme_that_falls_if_it_did_not_say_so() -> None:
    """The warning and the mark agree: taken away, the mark is asked for; no other scheme is warned of."""
    for scheme in RATED:
        warned = any(one.kind == "falls" for one in faults_of(replace(scheme, may_fall=False)))
        assert warned == scheme.may_fall, scheme.key


@given(st.decimals(min_value=0, max_value=200_000, places=2), st.integers(1, 40))
def test_joint_reporters_share_every_cent(yuan: Decimal, people: int) -> None:
    """Nothing is lost or made by sharing, and nobody gets more than a cent above another."""
    parts = shares(yuan, people)
    assert sum(parts) == yuan
    assert max(parts) - min(parts) <= Decimal("0.01")


def test_before_any_scheme_there_is_silence() -> None:
    """Asked for a day before the first paper, the book says so."""
    with pytest.raises(SchemeUnknown):
        LAW.at("621021", date(2018, 1, 1))


def test_a_bureau_adds_its_own_scheme_and_old_cases_keep_the_old(tmp_path: Path) -> None:
    """The nearest layer wins from its day on; floor and cap of the nation still hold."""
    (tmp_path / "rewards.toml").write_text(
        '[[scheme]]\nkey = "own"\nplace = "621021"\nfrom = 2026-07-01\nname = "本局办法"\npaper = "本局文件"\n'
        "verified = true\nrate = [{ percent = 2.5 }]\n",
        encoding="utf-8",
    )
    law = RewardLaw.load(tmp_path)
    assert amount(Matter(Decimal(100_000)), law.at("621021", date(2026, 7, 1))).yuan == Decimal(2500)
    assert amount(Matter(Decimal(1000)), law.at("621021", date(2026, 7, 1))).yuan == Decimal(200)
    with pytest.raises(RateUnknown):
        amount(Matter(Decimal(100_000)), law.at("621021", date(2026, 6, 30)))


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["fact"])
def test_each_rule_alone_excludes_and_each_unknown_fact_keeps_it_open(rule: Mapping[str, Any]) -> None:
    """All facts as they must be: eligible; one the other way: not; one unknown: open."""
    nation = LAW.at("621021", date(2026, 11, 20))
    assert eligibility(ALL_GOOD, nation).opinion == "eligible"
    if rule["fact"] == "reporter_allowed":
        assert eligibility(ALL_GOOD, nation, "organisation").opinion == "not_eligible"
        return
    turned = eligibility({**ALL_GOOD, rule["fact"]: not rule["must"]}, nation)
    assert turned.opinion == "not_eligible"
    assert [one.rule for one in turned.against] == [rule["id"]]
    unknown = eligibility({**ALL_GOOD, rule["fact"]: None}, nation)
    assert unknown.opinion == "open"
    assert [one.name for one in unknown.missing] == [rule["name"]]


def test_where_the_region_rewards_organisations_they_are_rewarded() -> None:
    """Suining allows legal persons; the nation's paper does not."""
    suining = LAW.at("510903", date(2024, 5, 1))
    assert eligibility(ALL_GOOD, suining, "legal_person").opinion == "eligible"
    assert eligibility(ALL_GOOD, LAW.at("510100", date(2024, 5, 1)), "legal_person").opinion == "not_eligible"
