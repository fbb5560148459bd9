"""Importing registries: institutions, authorities' names, staff, supervisors, inspections.

Each row has a key of its own in the ledger, so the same file twice changes nothing and a later one brings the ledger
up to date; nothing is ever removed by an import.
"""

from __future__ import annotations

import re
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from bot.app import App
from bot.imports import heading, mapping, reading, values
from bot.imports.companion import Companion, free_path
from bot.imports.heading import Heading
from bot.imports.mapping import TableMapping
from bot.imports.reading import Row
from bot.imports.values import Picked, Problem
from bot.imports.words import say, table
from bot.people import PASSWORD_BYTES
from bot.workorder import OrderRefused, place_code
from intake import creditcode, registry
from intake.registry import Outcome
from nlu import places
from routing import authorities, subjects
from routing.errors import DeskError

CHUNK = 200
LIMITS = {
    "name": 200, "institution": 200, "organ": 200, "kind": 60, "level": 40, "notice": 80, "reason": 200,
    "proposed_by": 200, "telegram": 40, "interests": 400, "former_names": 2000, "contact": 200, "officers": 1000,
    "word": 20,
}  # fmt: skip
"""Characters that the ledger's columns hold; a name of a person or an office has fewer, see PEOPLE."""
PEOPLE, OFFICES = 60, 120
_OWN_CODE = re.compile(r"[1-9]\d{5}")
_USERNAME = re.compile(r"[a-z0-9._-]{2,60}")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be imported, and how; without a mapping one is made from the headings."""

    kind: str
    path: Path
    mapping: TableMapping | None = None
    sheet: str | None = None
    errors: Path | None = None
    passwords: Path | None = None
    dry: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """What was done: read, added, changed, unchanged, skipped, refused."""

    counts: Counter[str]
    seconds: float
    errors: Path | None
    passwords: Path | None


def run(app: App, wish: Wish) -> Summary:
    """Import the registry; raises TableRefused for a file that is no such table."""
    started = time.perf_counter()
    plan = wish.mapping or guessed(wish)
    rows = reading.rows(wish.path, wish.sheet or plan.table.sheet)
    found = heading.find(rows, plan)
    work = _Registry(app, wish, plan, found)
    while chunk := list(islice(rows, CHUNK)):
        work.settle(chunk)
    if wish.kind in {"authorities", "institutions"} and not wish.dry:
        with app.database.reading() as session:
            authorities.know(registry.offices(session))
            subjects.know(registry.levels(session))
    return work.summary(time.perf_counter() - started)


def guessed(wish: Wish) -> TableMapping:
    """The mapping that the headings suggest."""
    known = [name for about in table("fields.toml")[wish.kind].values() for name in about["names"]]
    names = heading.names_of(reading.rows(wish.path, wish.sheet), known)
    return mapping.parse(mapping.written(wish.kind, wish.kind, mapping.propose(names, wish.kind), names), wish.kind)


class _Registry:
    """One import under way."""

    def __init__(self, app: App, wish: Wish, plan: TableMapping, found: Heading) -> None:
        self._app, self._wish, self._plan, self._heading = app, wish, plan, found
        self._counts: Counter[str] = Counter()
        words = table("sentences.toml")
        errors = wish.errors or free_path(wish.path.with_name(f"{wish.path.stem}.errors.csv"))
        passwords = wish.passwords or free_path(wish.path.with_name(f"{wish.path.stem}.passwords.csv"))
        self._errors = Companion(errors, (*words["errors_file"].values(), *found.names))
        self._passwords = Companion(passwords, tuple(words["passwords_file"].values()))

    def settle(self, chunk: list[Row]) -> None:
        """Write the rows of a chunk in one transaction."""
        now = datetime.now(UTC)
        with self._app.database.transaction() as session:
            for row in chunk:
                self._one(session, row, now)
            self._errors.flush()
            if self._wish.dry:
                session.rollback()
                return
            # Before the commit: a password that was lost could be replaced, but nobody would know that it is.
            self._passwords.flush()

    def _one(self, session: Session, row: Row, now: datetime) -> None:
        self._counts["read"] += 1
        if row.broken:
            self._refuse(row, [Problem("", row.broken)])
            return
        if not any(row.cells) or values.skipped(row, self._heading, self._plan):
            self._counts["skipped"] += 1
            return
        picked = values.pick(row, self._heading, self._plan)
        entry = READERS[self._wish.kind](picked, self._app.settings.home)
        if picked.problems:
            self._refuse(row, picked.problems)
            return
        self._counts[self._kept(session, entry, now)] += 1

    def _kept(self, session: Session, entry: dict[str, Any], now: datetime) -> Outcome:
        if self._wish.kind not in {"staff", "supervisors"}:
            return KEEPERS[self._wish.kind](session, entry, now)
        term = entry.pop("term", None)
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        outcome = registry.keep_staff(session, entry, password, now)
        if outcome == "added":
            self._passwords.add((entry["username"], entry["name"], password))
        if term is not None:
            of_term = registry.keep_term(session, entry["username"], term, now)
            outcome = "changed" if outcome == "unchanged" and of_term != "unchanged" else outcome
        return outcome

    def _refuse(self, row: Row, problems: list[Problem]) -> None:
        self._counts["refused"] += 1
        columns = " / ".join(dict.fromkeys(one.column for one in problems if one.column))
        self._errors.add((str(row.number), columns, " ".join(one.sentence for one in problems), *row.cells))

    def summary(self, seconds: float) -> Summary:
        """What was done."""
        files = (one.path if one.exists else None for one in (self._errors, self._passwords))
        return Summary(self._counts, seconds, *files)


KEEPERS: Mapping[str, Callable[[Session, Mapping[str, Any], datetime], Outcome]] = {
    "institutions": registry.keep_institution,
    "authorities": registry.keep_office,
    "inspections": registry.keep_inspection,
}


def _institution(found: Picked, home: str) -> dict[str, Any]:
    """One institution."""
    _need(found, "name")
    return {
        "name": _words(found, "name"),
        "code": _code(found),
        "former_names": "\n".join(values.several(found.texts.get("former_names", ""))),
        "kind": _words(found, "kind"),
        "level": _words(found, "level"),
        "place": _place(found, home),
        "people": found.take("people", values.whole, "count"),
        "beds": found.take("beds", values.whole, "count"),
    }


def _authority(found: Picked, home: str) -> dict[str, Any]:
    """One authority by its place and kind, or by a code of its own: what differs from the default."""
    _need(found, "name", "place")
    place, kind = _place(found, home), found.texts.get("kind") or authorities.BUREAU
    own, code, inherited = found.texts.get("own_code", ""), "", None
    if own and (not _OWN_CODE.fullmatch(own) or places.by_code(own) is not None):
        found.wrong("own_code", say("row", "own_code"))
    elif place is not None and own:
        code, inherited = f"{kind}-{own}", authorities.by_code(f"{authorities.BUREAU}-{place}").code
    elif place is not None:
        try:
            code = authorities.by_code(f"{kind}-{authorities.office_place(place)}").code
        except DeskError:
            found.wrong("kind", say("row", "no_authority"))
    return {
        "code": code,
        "name": _words(found, "name", OFFICES),
        "superior": _office(found, "superior", code, home) or inherited,
        "handled_by": _office(found, "handled_by", code, home),
        "contact": _words(found, "contact"),
        "word": _words(found, "word"),
    }


def _office(found: Picked, name: str, of: str, home: str) -> str | None:
    """Another authority that a row names, by code or as the bureau of a place; never one that comes back to itself."""
    given = found.texts.get(name)
    if not given:
        return None
    try:
        written = authorities.by_code(given) if "-" in given else authorities.default_authority(place_code(given, home))
    except (DeskError, OrderRefused):
        found.wrong(name, say("row", "no_office"))
        return None
    if of in {written.code, *(one.code for one in authorities.line_above(written))}:
        found.wrong(name, say("row", "circle"))
        return None
    return written.code


def _staff(found: Picked, home: str, role: str | None = None) -> dict[str, Any]:
    """One member of staff."""
    _need(found, "username", "name", "place", *(() if role else ("role",)))
    username = found.texts.get("username", "")
    if username and not _USERNAME.fullmatch(username):
        found.wrong("username", say("row", "username"))
    place = _place(found, home)
    return {
        "username": username,
        "name": _words(found, "name", PEOPLE),
        "role": role or found.texts.get("role", ""),
        "authority": authorities.default_authority(place).code if place else "",
        "interests": "\n".join(values.several(_words(found, "interests") or "")),
        "telegram": _words(found, "telegram"),
    }


def _supervisor(found: Picked, home: str) -> dict[str, Any]:
    """One social supervisor with the term of appointment."""
    since, until = (found.take(name, values.moment, "date") for name in ("since", "until"))
    term = {
        "since": since.date() if since else None,
        "until": until.date() if until else None,
        "proposed_by": _words(found, "proposed_by"),
    }
    return {**_staff(found, home, "supervisor"), "term": term}


def _inspection(found: Picked, home: str) -> dict[str, Any]:
    """One inspection."""
    _need(found, "organ", "institution", "day")
    day = found.take("day", values.moment, "date")
    return {
        "organ": _words(found, "organ"),
        "institution": _words(found, "institution"),
        "code": _code(found),
        "place": _place(found, home),
        "day": day.date() if day else None,
        "officers": "\n".join(values.several(found.texts.get("officers", ""))),
        "notice": _words(found, "notice"),
        "reason": _words(found, "reason"),
    }


READERS: Mapping[str, Callable[[Picked, str], dict[str, Any]]] = {
    "institutions": _institution,
    "authorities": _authority,
    "staff": _staff,
    "supervisors": _supervisor,
    "inspections": _inspection,
}


def _need(found: Picked, *names: str) -> None:
    for name in names:
        if not found.texts.get(name) and not any(found.columns.get(name) == one.column for one in found.problems):
            found.wrong(name, say("row", "missing"))


def _words(found: Picked, name: str, limit: int | None = None) -> str | None:
    """A text that the ledger's column holds."""
    given, most = found.texts.get(name) or None, limit or LIMITS[name]
    if given and len(given) > most:
        found.wrong(name, say("row", "too_long", limit=most))
    return given


def _code(found: Picked) -> str | None:
    """A social credit code whose check sign fits."""
    given = found.texts.get("code", "").upper() or None
    if given and not creditcode.is_sound(given):
        found.wrong("code", say("row", "credit_code"))
    return given


def _place(found: Picked, home: str) -> str | None:
    given = found.texts.get("place")
    if not given:
        return None
    try:
        return place_code(given, home)
    except OrderRefused as refused:
        found.wrong("place", refused.fields["place"])
        return None


def listed(app: App, kind: str, about: str | None) -> Iterator[tuple[str, ...]]:
    """What is in a registry, a tuple a row; of `about` alone where a name is given."""
    with app.database.reading() as session:
        yield from registry.listed(session, kind, about)
