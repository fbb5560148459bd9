"""Who is competent, decided by an ordered table (law/jurisdiction.toml) and explained with reason and citation.

Pure: facts in, routing out. Whatever rule applies, an office complained of never handles the case (promise 3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from nlu import places
from routing import accused as offices
from routing.accused import OTHER, Accused
from routing.authorities import (
    AGENCY,
    BUREAU,
    DISCIPLINE,
    JUSTICE,
    NATION,
    Authority,
    by_code,
    common_superior,
    default_authority,
    is_place,
    line_above,
    superior_of,
)
from routing.wording import say


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides jurisdiction; `codes` are the categories alleged, places are division codes.

    `places` are further places of the act, `level` the administrative level of the institution, `opened_by` the
    authority that opened a case first; `danger`, `channel` and `departments` are what the words tell (`signals`).
    """

    side: str
    codes: tuple[str, ...] = ()
    place: str | None = None
    institution: str | None = None
    organ: str | None = None
    insured_place: str | None = None
    places: tuple[str, ...] = ()
    level: str | None = None
    opened_by: str | None = None
    amount: Decimal | None = None
    danger: bool = False
    channel: str | None = None
    departments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Routing:
    """The competent authority and why; `unit` within it, `excluded` codes, `copies` to whom it is also sent."""

    authority: Authority
    rule: str
    reasons: tuple[str, ...]
    citation: str
    excluded: tuple[str, ...] = ()
    copies: tuple[Authority, ...] = ()
    unit: str | None = None
    verified: bool = True
    also: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    """What the teller is told at once, with a place for his number."""

    def as_data(self) -> dict[str, Any]:
        """The same as JSON for the ledger."""
        return {
            "authority": self.authority.code,
            "name": self.authority.name,
            "rule": self.rule,
            "reasons": list(self.reasons),
            "citation": self.citation,
            "excluded": list(self.excluded),
            "copies": [{"code": copy.code, "name": copy.name} for copy in self.copies],
            "unit": self.unit,
            "verified": self.verified,
            "also": list(self.also),
            "notices": list(self.notices),
        }


@dataclass(frozen=True, slots=True)
class Matter:
    """The facts as the conditions see them: `base` is the place of the act, else home."""

    facts: Facts
    base: str
    place_known: bool
    organ_kind: str | None
    accused: Accused | None

    def any_of(self, group: str) -> bool:
        """Whether a code of this group is alleged."""
        return not _group(group).isdisjoint(self.facts.codes)

    def only(self, group: str) -> bool:
        """Whether codes are alleged, all of this group."""
        return bool(self.facts.codes) and _group(group).issuperset(self.facts.codes)


def route(facts: Facts, *, home: str) -> Routing:
    """The first rule of the table whose condition holds."""
    matter = _matter(facts, home)
    for rule in offices.table()["rule"]:
        if CONDITIONS[rule["when"]](matter):
            return _apply(rule, matter)
    raise AssertionError("the last rule of the table must always hold")


def _matter(facts: Facts, home: str) -> Matter:
    known = bool(facts.place) and is_place(str(facts.place)[:6])
    base = str(facts.place)[:6] if known else home
    kind = offices.kind_of(facts.organ)
    accused = None
    if kind in {BUREAU, AGENCY} and _accuses(facts):
        accused = offices.accused_by_name(str(facts.organ), base)
    elif _speaks_of_agency(facts):
        accused = offices.accused_of(base, AGENCY, named=False)
    elif facts.side == "enterprise" and kind != OTHER:
        accused = offices.accused_of(base, BUREAU, named=False)
    return Matter(facts=facts, base=base, place_known=known, organ_kind=kind, accused=accused)


def _accuses(facts: Facts) -> bool:
    """Whether naming an office means complaining of it.

    Many who tell of a hospital only ask the 医保局 to look into it; that must not take the case from its county.
    """
    codes = set(facts.codes)
    if facts.side == "enterprise" or not codes.isdisjoint(_group("officials")):
        return True
    return not facts.institution and codes <= _group("unspecific")


def _speaks_of_agency(facts: Facts) -> bool:
    """F38 is the agency's own offence, and so is F40 where no institution is named."""
    codes = set(facts.codes)
    embezzled = not codes.isdisjoint(_group("embezzlement")) and not facts.institution
    return not codes.isdisjoint(_group("agency")) or embezzled


def _apply(rule: Mapping[str, Any], matter: Matter) -> Routing:
    excluded = _excluded(rule["to"], matter)
    authority, climbed = _climb(TARGETS[rule["to"]](matter), excluded)
    wanted = [*rule.get("copies", ()), *(rule.get("serious_copies", ()) if matter.any_of("serious") else ())]
    copied = [default_authority(authority.place, COPIES[name]) for name in wanted]
    copies = tuple(copy for copy in copied if copy.code != authority.code)
    said = _said(matter, authority)
    also = [row for row in offices.table()["also"] if CONDITIONS[row["when"]](matter)]
    reasons = [str(rule["reason"]).format(**said)]
    if matter.accused and not matter.accused.named and excluded:
        reasons.append(say("routing.accused_by_place", accused=said["accused"]))
    if climbed:
        reasons.append(say("routing.climbed", authority=authority.name))
    reasons += [say("routing.copied", authority=copy.name) for copy in copies]
    reasons += [str(row["reason"]).format(**said) for row in also]
    if not rule["verified"]:
        reasons.append(say("routing.unverified"))
    return Routing(
        authority=authority,
        rule=rule["id"],
        reasons=tuple(reasons),
        citation=rule["citation"],
        excluded=excluded,
        copies=copies,
        unit=say(f"units.{rule['unit']}") if "unit" in rule else None,
        verified=rule["verified"],
        also=tuple(str(row["id"]) for row in also),
        notices=tuple(str(row["notice"]).format(number="{number}", **said) for row in also if "notice" in row),
    )


def _said(matter: Matter, authority: Authority) -> dict[str, str]:
    """What the sentences of the table may name."""
    table, facts = offices.table(), matter.facts
    place = places.by_code(matter.base)
    return {
        "authority": authority.name,
        "accused": matter.accused.authority.name if matter.accused else "",
        "organ": facts.organ or "",
        "place": place.full_name if place else authority.name,
        "places": "、".join(one.name for one in map(places.by_code, _places(matter)) if one),
        "level": table["levels"][facts.level]["name"] if facts.level in table["levels"] else "",
        "channel": table["channels"][facts.channel]["name"] if facts.channel else "",
        "departments": "、".join(f"{row['name']}（{row['hotline']}）" for row in _departments(facts)),
    }


def _departments(facts: Facts) -> list[Mapping[str, Any]]:
    return [offices.table()["departments"][name] for name in facts.departments]


def _places(matter: Matter) -> tuple[str, ...]:
    """Every known place of the act."""
    return tuple(dict.fromkeys(one[:6] for one in (matter.base, *matter.facts.places) if is_place(one[:6])))


def _excluded(target: str, matter: Matter) -> tuple[str, ...]:
    """Who may not handle it; an agency's own procedure is not a complaint against it, nor its bureau's mediation."""
    if matter.accused is None or target == "agency":
        return ()
    if target == "bureau_over_agency":
        return (matter.accused.authority.code,)
    return matter.accused.excluded


def _climb(start: Authority | None, excluded: tuple[str, ...]) -> tuple[Authority, bool]:
    """The first authority from `start` upwards that is not complained of; above the nation, discipline inspection."""
    current, climbed = start, False
    while current is not None and current.code in excluded:
        current, climbed = superior_of(current), True
    return current or default_authority(NATION, DISCIPLINE), climbed


def _group(name: str) -> frozenset[str]:
    return frozenset(offices.table()["codes"][name])


def _agreement_named(matter: Matter) -> bool:
    return matter.only("agreement") and matter.organ_kind == AGENCY


def _agreement_only(matter: Matter) -> bool:
    return matter.only("agreement") and matter.organ_kind is None


def _officials(matter: Matter) -> bool:
    return matter.accused is not None and (matter.any_of("benefits_by_officials") or matter.any_of("benefits"))


def _another_procedure(matter: Matter) -> bool:
    return (
        matter.facts.channel is not None and matter.accused is None and set(matter.facts.codes) <= _group("unspecific")
    )


def _several_places(matter: Matter) -> bool:
    return matter.place_known and len({default_authority(one).code for one in _places(matter)}) > 1


def _of_higher_level(matter: Matter) -> bool:
    above = _at_level(matter)
    return matter.place_known and above is not None and above.code != default_authority(matter.base).code


def _at_level(matter: Matter) -> Authority | None:
    """The authority of the institution's own level in the line above the place of the act."""
    own = default_authority(matter.base)
    return next((one for one in (own, *line_above(own)) if one.level == matter.facts.level), None)


def _insured_far(matter: Matter) -> bool:
    """Whether an institution is named and the insured person belongs to another place."""
    facts = matter.facts
    known = facts.insured_place and places.by_code(facts.insured_place)
    return bool(facts.institution and known) and str(facts.insured_place)[:4] != matter.base[:4]


def _both_sides(matter: Matter) -> bool:
    """Whether one telling holds a report of fraud and a complaint (categories F and X)."""
    return len({code[:1] for code in matter.facts.codes}) > 1


def _major(matter: Matter) -> bool:
    return (matter.facts.amount or 0) >= int(offices.table()["signals"]["major_amount"])


def _insured_elsewhere(matter: Matter) -> bool:
    facts = matter.facts
    insured = facts.insured_place and places.by_code(facts.insured_place)
    return bool(insured) and matter.only("insured_person_only") and not facts.institution


CONDITIONS: Mapping[str, Callable[[Matter], bool]] = {
    "officials_took_benefits": _officials,
    "disputes_penalty_only": lambda matter: matter.only("penalty") and matter.accused is not None,
    "agreement_dispute_with_named_agency": _agreement_named,
    "agreement_dispute_only": _agreement_only,
    "complaint_names_other_department": lambda m: m.facts.side == "enterprise" and m.organ_kind == OTHER,
    "agency_is_accused": lambda m: m.accused is not None and m.accused.authority.kind == AGENCY,
    "complaint_about_inspection": lambda m: m.facts.side == "enterprise" and m.accused is not None,
    "office_is_accused": lambda matter: matter.accused is not None,
    "outside_the_field": lambda matter: matter.only("outside"),
    "only_insured_person_elsewhere": _insured_elsewhere,
    "another_procedure": _another_procedure,
    "opened_elsewhere": lambda matter: matter.facts.opened_by is not None,
    "several_places": _several_places,
    "subject_of_higher_level": _of_higher_level,
    "danger_to_life": lambda matter: matter.facts.danger,
    "of_another_department": lambda matter: matter.only("unspecific") and bool(matter.facts.departments),
    "institution_and_insured_elsewhere": _insured_far,
    "both_sides": _both_sides,
    "major_amount": _major,
    "place_known": lambda matter: matter.place_known,
    "always": lambda _matter: True,
}

TARGETS: Mapping[str, Callable[[Matter], Authority | None]] = {
    "above_accused": lambda m: superior_of(m.accused.authority) if m.accused else default_authority(m.base),
    "above_bureau": lambda m: superior_of(default_authority(m.accused.authority.place if m.accused else m.base)),
    "bureau_over_agency": lambda m: default_authority(m.accused.authority.place if m.accused else m.base),
    "agency": lambda m: default_authority(m.base, AGENCY),
    "insured_place": lambda m: default_authority(m.facts.insured_place or m.base),
    "place": lambda m: default_authority(m.base),
    "opened": lambda m: by_code(str(m.facts.opened_by)),
    "common_superior": lambda m: common_superior(*map(default_authority, _places(m))),
    "level": _at_level,
}

COPIES: Mapping[str, str] = {"discipline": DISCIPLINE, "justice": JUSTICE}
