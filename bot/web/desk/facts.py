"""Who, what, where, when, how much: the facts of a case and of each report in a few lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.web.desk.clockface import moment
from bot.web.desk.labels import label, section
from intake.views import CaseView, ReportView
from nlu import places, taxonomy


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and what is known under it."""

    name: str
    value: str


def place_name(code: str | None) -> str:
    """The full name of a division; empty where the code says nothing."""
    found = places.by_code(code[:6]) if code else None
    return found.full_name if found else ""


def short_place(code: str | None) -> str:
    """The division's own name."""
    found = places.by_code(code[:6]) if code else None
    return found.name if found else ""


def title(case: CaseView) -> str:
    """What a case is called in lists: the institution, or the enterprise and whom it complains of."""
    institution = case.institution or label("form", "unknown_institution")
    if case.side == "enterprise":
        organ = case.organ or label("form", "unknown_organ")
        return label("form", "title_enterprise").format(institution=institution, organ=organ)
    return institution


def about(codes: Sequence[str]) -> tuple[str, ...]:
    """The categories in everyday words; an unknown code is shown as it is."""
    known = taxonomy.load()
    return tuple(known[code].everyday if code in known else code for code in codes)


def yuan(amount: Decimal, *, approximate: bool = False) -> str:
    """An amount of money, with thousands set apart and cents only where there are any."""
    written = f"{amount:,.2f}".removesuffix(".00")
    return label("form", "about_yuan" if approximate else "yuan").format(amount=written)


def period(first: date | None, last: date | None, *, ongoing: bool) -> str:
    """When it happened; one day is written once."""
    if first is None:
        return ""
    if ongoing or last is None:
        return label("form", "ongoing").format(first=first)
    return label("form", "period").format(first=first, last=last) if first != last else str(first)


def of_case(case: CaseView, reports: Sequence[ReportView], evidence: int, handler: str, authority: str) -> list[Fact]:
    """The facts of the whole matter, drawn together from its reports."""
    return [
        Fact(label("fact", name), value)
        for name, value in _of_case(case, reports, evidence, handler, authority)
        if value
    ]


def _of_case(
    case: CaseView, reports: Sequence[ReportView], evidence: int, handler: str, authority: str
) -> Iterator[tuple[str, str]]:
    yield ("complaining" if case.side == "enterprise" else "institution"), case.institution or ""
    yield "organ", case.organ or ""
    yield "place", place_name(case.place) or label("form", "unknown_place")
    yield "about", "、".join(about(case.codes))
    firsts = [one.period_first for one in reports if one.period_first]
    lasts = [one.period_last for one in reports if one.period_last]
    if firsts:
        ongoing = any(one.ongoing for one in reports)
        yield "when", period(min(firsts), max(lasts) if lasts else None, ongoing=ongoing)
    amounts = [one for one in reports if one.amount_yuan is not None]
    if amounts:
        most = max(amounts, key=lambda one: one.amount_yuan or 0)
        yield "amount", yuan(most.amount_yuan or Decimal(0), approximate=bool(most.facts.get("amount_approximate")))
    for name in ("people", "officers", "visits"):
        counts = [int(one.facts[name]) for one in reports if str(one.facts.get(name, "")).isdigit()]
        if counts:
            yield name, label("form", "times" if name == "visits" else "people").format(n=max(counts))
    some = label("form", "evidence_some").format(n=evidence) if evidence else label("form", "evidence_none")
    yield "evidence", some
    yield "reports", label("form", "reports_some").format(n=len(reports))
    yield "opened", moment(case.opened_at)
    yield "handler", handler
    yield "authority", authority


def of_onlooker(case: CaseView) -> list[Fact]:
    """The few facts that those who look on may see; what the ledger kept back is empty, and left out."""
    told = (
        ("organ", case.organ or ""),
        ("place", place_name(case.place)),
        ("about", "、".join(about(case.codes))),
        ("opened", moment(case.opened_at)),
    )
    return [Fact(label("fact", name), value) for name, value in told if value]


def of_subject(report: ReportView) -> list[Fact]:
    """Who, where and what one report is about: for holding two of them against each other."""
    about_it = "、".join(about([str(claim["code"]) for claim in report.claims]))
    names = {"institution": report.institution, "organ": report.organ, "about": about_it}
    where = {"place": place_name(report.place) or label("form", "unknown_place")}
    return [Fact(label("fact", name), value) for name, value in (names | where).items() if value]


def of_report(report: ReportView) -> list[Fact]:
    """What one teller added to his telling by his answers."""
    return [Fact(label("fact", name), value) for name, value in _of_report(report) if value]


def _of_report(report: ReportView) -> Iterator[tuple[str, str]]:
    yield "when", period(report.period_first, report.period_last, ongoing=report.ongoing)
    if report.amount_yuan is not None:
        yield "amount", yuan(report.amount_yuan, approximate=bool(report.facts.get("amount_approximate")))
    if report.place_text and report.place_text not in place_name(report.place):
        yield "place_text", report.place_text
    shown = section("fact")
    for name, value in report.facts.items():
        key = "evidence_told" if name == "evidence" else name
        if key in shown:
            count = {"people": "people", "officers": "people", "visits": "times"}.get(name)
            yield key, label("form", count).format(n=value) if count else str(value)
