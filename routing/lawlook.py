"""What the law book says under one name, on one day, in one place: for whoever asks at the desk or the terminal.

A name is a key (clue_verify, PN-06, hefei, place_of_act, F01, 2026) or what people call it (线索核查); a part of a name
is enough where it is the only one of its kind. Else near names are told, and the provisions that speak of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from nlu import places, taxonomy
from routing import accused, lives
from routing.eligibility import rules as reward_rules
from routing.errors import LawSilent, NoSuchEntry
from routing.lawbook import NATION, LawValue
from routing.lawfiles import bounds, near
from routing.provisions import left_out, provisions
from routing.rewards import Rate, Scheme
from routing.rules import Rules
from routing.wording import say

SCHEMES_OF_PLACE = "reward_scheme"
MOST_NEAR = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """The answer: what was found, in sentences, and as data for machines."""

    key: str
    lines: tuple[str, ...]
    data: Mapping[str, Any]


def look(name: str, on: date, place: str | None, rules: Rules) -> Entry:
    """The entry of this name; NoSuchEntry with near names, LawSilent where it did not hold on that day."""
    kind, key = _resolve(name.strip(), rules)
    lines, data = _ANSWERS[kind](key, on, place, rules)
    return Entry(key, tuple(lines), {"key": key, "kind": kind, **data})


def clock_named(name: str, rules: Rules) -> str:
    """The key of the period of this name; NoSuchEntry with near ones for what is no period."""
    kind, key = _resolve(name.strip(), rules)
    if kind != "value":
        known = [*rules.law.kinds, *(clock.name for clock in rules.law.kinds.values())]
        raise NoSuchEntry(name=name, near=near(name, known, 5) or say("lawshow.none_near"))
    return key


def _names(rules: Rules) -> Mapping[str, tuple[str, str]]:
    """Every key and every name that people use, with the kind and the key it stands for; keys go before names."""
    named = [(clock.name, ("value", key)) for key, clock in rules.law.kinds.items() if key in rules.law.values]
    named += [(one.name, ("scheme", one.key)) for one in rules.rewards.schemes]
    named += [(rule["name"], ("reward", rule["id"])) for rule in reward_rules()]
    named += [(one.name, ("code", code)) for code, one in taxonomy.load().items()]
    named += [(one.everyday, ("code", code)) for code, one in taxonomy.load().items()]
    named += [
        (say("lawshow.schemes"), ("schemes", SCHEMES_OF_PLACE)),
        (SCHEMES_OF_PLACE, ("schemes", SCHEMES_OF_PLACE)),
    ]
    named += [(str(year), ("year", str(year))) for year in rules.calendar.papers]
    for kind, keys in (
        ("code", taxonomy.load()),
        ("route", [rule["id"] for rule in accused.table()["rule"]]),
        ("reward", [rule["id"] for rule in reward_rules()]),
        ("scheme", [one.key for one in rules.rewards.schemes]),
        ("left_out", left_out()),
        ("provision", provisions()),
        ("value", rules.law.values),
    ):
        named += [(key, (kind, key)) for key in keys]
    return dict(named)


def _resolve(name: str, rules: Rules) -> tuple[str, str]:
    known = _names(rules)
    by_case = {one.lower(): found for one, found in known.items()}
    if found := known.get(name) or by_case.get(name.lower()):
        return found
    like = {one: found for one, found in known.items() if name and name.lower() in one.lower()}
    if len(set(like.values())) == 1 and next(iter(like.values()))[0] != "scheme":
        return next(iter(like.values()))
    said = [key for key, one in provisions().items() if name and name in one.says]
    told = [*list(like)[:MOST_NEAR], *said[:MOST_NEAR]]
    raise NoSuchEntry(name=name, near="、".join(told) or near(name, known, MOST_NEAR) or say("lawshow.none_near"))


def _value(key: str, on: date, place: str | None, rules: Rules) -> tuple[list[str], Mapping[str, Any]]:
    law = rules.law
    found = law.value(key, on, place)
    former = [value for value in law.history(key, place) if value is not found and value.since <= on]
    base, _, extension = key.partition(".extend")
    clock = law.kinds.get(base)
    lines = [say("lawshow.value", **_told(found))]
    if clock is not None:
        lines.insert(0, say("lawshow.clock", name=clock.name, key=key, starts=clock.starts))
    lines.append(say("lawshow.citation", citation=found.citation))
    if not found.verified:
        lines.append(say("lawshow.unverified"))
    if not extension:
        for i in range(1, law.extensions(key, on, place) + 1):
            more = law.value(f"{key}.extend{i}", on, place)
            lines.append(say("lawshow.extends", n=i, **_told(more), citation=more.citation))
    if base in bounds():
        lines.append(say(f"lawshow.may_{bounds()[base]}"))
    lines += [say("lawshow.former", **_told(value)) for value in former]
    return lines, {**_data(found), "former": [_data(one) for one in former]}


def _provision(key: str, on: date, _place: str | None, rules: Rules) -> tuple[list[str], Mapping[str, Any]]:
    one = provisions()[key]
    if one.since > on:
        raise LawSilent(key=key, day=on)
    kept = "、".join(_kept(kept, rules) for kept in one.kept_by)
    lines = [
        say("lawshow.provision", key=key, says=one.says),
        say("lawshow.since", since=one.since.isoformat(), layer=layer_name(one.layer)),
        say("lawshow.citation", citation=one.citation),
        *([] if one.verified else [say("lawshow.unverified"), *([one.doubt] if one.doubt else [])]),
        say("lawshow.kept", kept=kept),
    ]
    told = {"says": one.says, "from": one.since.isoformat(), "layer": one.layer, "citation": one.citation}
    return lines, {**told, "mark": one.mark, "verified": one.verified, "doubt": one.doubt, "kept_by": list(one.kept_by)}


def _kept(kept: str, rules: Rules) -> str:
    """What keeps a provision, by the name that people use where it has one."""
    kind, _, key = kept.partition(" ")
    if kind in {"clock", "value"}:
        clock = rules.law.kinds.get(key.partition(".extend")[0])
        return f"{clock.name if clock else ''} {key}".strip()
    if kind == "verb":
        moves = [lives.life(life).moves for life in lives.names()]
        return next((move[key].name for move in moves if key in move), key)
    if kind == "code":
        return f"{key} {taxonomy.load()[key].name}"
    return key or kind


def _left_out(key: str, _on: date, _place: str | None, _rules: Rules) -> tuple[list[str], Mapping[str, Any]]:
    one = left_out()[key]
    lines = [
        say("lawshow.provision", key=key, says=one.says),
        say("lawshow.citation", citation=one.citation),
        say("lawshow.left_out", reason=one.reason),
    ]
    return lines, {"says": one.says, "citation": one.citation, "mark": one.mark, "left_out": one.reason}


def _route(key: str, _on: date, _place: str | None, _rules: Rules) -> tuple[list[str], Mapping[str, Any]]:
    rule = next(one for one in accused.table()["rule"] if one["id"] == key)
    reason = re.sub(r"\{\w+\}", say("lawshow.blank"), rule["reason"])
    lines = [reason, say("lawshow.citation", citation=rule["citation"])]
    lines += [] if rule["verified"] else [say("lawshow.unverified")]
    return lines, {"reason": rule["reason"], "citation": rule["citation"], "verified": rule["verified"]}


def _reward(key: str, _on: date, _place: str | None, _rules: Rules) -> tuple[list[str], Mapping[str, Any]]:
    found = [rule for rule in reward_rules() if rule["id"] == key]
    lines = [say("lawshow.provision", key=key, says="；".join(rule["name"] for rule in found))]
    lines.append(say("lawshow.citation", citation=found[0]["paper"]))
    lines += [] if all(rule["verified"] for rule in found) else [say("lawshow.unverified")]
    return lines, {"rules": [dict(rule) for rule in found]}


def _scheme(key: str, on: date, _place: str | None, rules: Rules) -> tuple[list[str], Mapping[str, Any]]:
    one = rules.rewards.named(key)
    if not one.in_force(on):
        raise LawSilent(key=key, day=on)
    return list(_scheme_lines(one)), {
        "name": one.name,
        "from": one.since.isoformat(),
        "until": one.until.isoformat() if one.until else None,
        "layer": one.layer,
        "own": one.own,
        "citation": one.citation,
        "verified": one.verified,
    }


def _schemes(_key: str, on: date, place: str | None, rules: Rules) -> tuple[list[str], Mapping[str, Any]]:
    """The schemes that hold in a place, the nearest first."""
    found = rules.rewards.at(place, on)
    return [line for one in found for line in _scheme_lines(one)], {"schemes": [one.key for one in found]}


def _scheme_lines(one: Scheme) -> Iterator[str]:
    yield say("lawshow.scheme", name=one.name, key=one.key)
    if one.faulty:
        yield one.faulty
    layer = say("lawshow.own") if one.own else layer_name(one.layer)
    yield say("lawshow.since", since=one.since.isoformat(), layer=layer)
    yield from (_rate(one, rate) for rate in one.rates)
    if not one.rates:
        yield say("lawshow.no_rates")
    floor, cap = (f"{one.floor:,}", f"{one.cap:,}" if one.cap is not None else "—")
    yield say("lawshow.limits", floor=floor, cap=cap)
    yield say("lawshow.citation", citation=one.citation)
    if not one.verified:
        yield say("lawshow.unverified")


def _rate(scheme: Scheme, rate: Rate) -> str:
    parts = [
        say("lawshow.grade", grade=rate.grade) if rate.grade else "",
        say(f"lawshow.accused.{rate.accused}") if rate.accused else "",
        say("lawshow.up_to", up_to=f"{rate.up_to:,}") if rate.up_to is not None else "",
    ]
    plus = say("lawshow.plus", plus=f"{rate.plus:,}") if rate.plus else ""
    floor = say("lawshow.grade_floor", floor=f"{rate.floor:,}") if rate.floor else ""
    return (
        say("lawshow.rate", when="".join(parts), how=say(f"lawshow.how.{scheme.how}"), percent=rate.percent)
        + plus
        + floor
    )


def _code(key: str, _on: date, _place: str | None, _rules: Rules) -> tuple[list[str], Mapping[str, Any]]:
    one = taxonomy.load()[key]
    lines = [say("lawshow.provision", key=key, says=one.name), say("lawshow.citation", citation=one.law)]
    if one.frame in provisions():
        lines.append(provisions()[one.frame].says)
    return lines, {"name": one.name, "law": one.law, "frame": one.frame, "side": one.side}


def _year(key: str, _on: date, _place: str | None, rules: Rules) -> tuple[list[str], Mapping[str, Any]]:
    calendar, year = rules.calendar, int(key)
    off = [day for day in calendar.off if day.year == year]
    worked = sorted(day for day in calendar.worked if day.year == year)
    papers = calendar.papers[year]
    days = "、".join(day.isoformat() for day in worked) or "—"
    lines = [say("lawshow.year", year=year, off=len(off), worked=len(worked), days=days)]
    return [*lines, say("lawshow.citation", citation="；".join(papers))], {"papers": list(papers), "worked": days}


_Answer = Callable[[str, date, str | None, Rules], tuple[list[str], Mapping[str, Any]]]
_ANSWERS: Mapping[str, _Answer] = {
    "value": _value,
    "provision": _provision,
    "left_out": _left_out,
    "route": _route,
    "reward": _reward,
    "scheme": _scheme,
    "schemes": _schemes,
    "code": _code,
    "year": _year,
}


def layer_name(layer: str) -> str:
    """A layer in words: the nation, or a division by its name, or by its code where no name is known."""
    if layer == NATION:
        return say("lawshow.nation")
    place = places.by_code(layer)
    return place.full_name if place is not None else layer


def _told(value: LawValue) -> dict[str, Any]:
    unit = say(f"lawshow.units.{value.unit}")
    layer = say("lawshow.own") if value.own else layer_name(value.layer)
    return {"value": value.value, "unit": unit, "since": value.since.isoformat(), "layer": layer}


def _data(value: LawValue) -> dict[str, Any]:
    return {
        "value": value.value,
        "unit": value.unit,
        "from": value.since.isoformat(),
        "layer": value.layer,
        "own": value.own,
        "citation": value.citation,
        "verified": value.verified,
    }
