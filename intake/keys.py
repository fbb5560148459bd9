"""Blocking keys: a report is compared only with those that share one, never with all.

Most particular first, so that a bounded search sees the likeliest reports before the many.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date

from intake.confidentiality import Vault
from intake.identity import account_hash, phone_hash
from intake.names import normal_form, organ_form
from intake.report import Report

MOST_CODES = 4
TELLER_KEY = "teller:"
"""How the keys begin by which a person is known again: these go when he is erased."""
LONGEST = 120


def match_keys(report: Report, vault: Vault) -> tuple[str, ...]:
    """The keys under which `report` is found later, each once."""
    return _tidy((*teller_keys(report, vault), *_matter_keys(report), *_place_keys(report, named=_is_named(report))))


def search_keys(report: Report, vault: Vault) -> tuple[str, ...]:
    """The keys under which to look for reports like this one, most particular first.

    A report that names no institution is compared with all of its place and act, one that names
    it only with those that do not: the others would differ in the name anyway, and they are many.
    """
    places = tuple(_place_keys(report, named=False))
    if not _is_named(report):
        places = (*places, *_place_keys(report, named=True))
    return _tidy((*teller_keys(report, vault), *_matter_keys(report), *places))


def teller_keys(report: Report, vault: Vault) -> tuple[str, ...]:
    """By which the reports of the same person are found: account and telephone, as keyed hashes."""
    teller = report.teller
    hashes = (account_hash(vault, teller.channel, teller.account), phone_hash(vault, teller.phone))
    return tuple(f"{TELLER_KEY}{known[:40]}" for known in hashes if known)


def _matter_keys(report: Report) -> Iterator[str]:
    """By which reports of the same matter are found."""
    institution = normal_form(report.institution) if report.institution else ""
    organ = organ_form(report.organ) if report.organ else ""
    codes = [claim.code for claim in report.claims[:MOST_CODES]]
    county = report.place or ""
    if report.side == "enterprise":
        if organ and institution:
            yield f"organ+enterprise:{organ}:{institution}"
        if organ and report.period:
            for month in _months(report.period.first, report.period.last):
                yield f"organ+month:{organ}:{county[:4]}:{month}"
        if organ and county:
            yield f"organ+place:{organ}:{county}"
        if institution:
            yield f"enterprise:{institution}"
        return
    if institution:
        for code in codes:
            yield f"institution+code:{institution}:{code}"
        if county:
            yield f"institution+place:{institution}:{county}"
        yield f"institution:{institution}"


def _is_named(report: Report) -> bool:
    """Whether the report says against whom it is."""
    return bool(report.institution)


def _place_keys(report: Report, *, named: bool) -> Iterator[str]:
    """By which a citizen's report without a name and others of its place and act find each other."""
    if report.side == "citizen" and report.place:
        for claim in report.claims[:2]:
            yield f"place+code{'' if named else '+nobody'}:{report.place}:{claim.code}"


def _months(first: date, last: date) -> Iterator[str]:
    """The months of a period, at most the last three: an inspection lasts days, and keys must stay few."""
    months = []
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        months.append(f"{year:04d}-{month:02d}")
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    yield from months[-3:]


def _tidy(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Each key once, in order, and short enough for its column."""
    return tuple(dict.fromkeys(_short(key) for key in keys))


def _short(key: str) -> str:
    """The key itself, or, where it is too long for its column, its beginning and a hash of the whole."""
    if len(key) <= LONGEST:
        return key
    return f"{key[:80]}#{hashlib.blake2b(key.encode(), digest_size=16).hexdigest()}"
