"""The decision: what each detail weighs, what they weigh together, and whether a person must look first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from math import prod

import rjieba

from intake.masks import personal
from routing.leaks.details import Detail, Reading, read, significant, ten_days
from routing.leaks.near import near_quotes
from routing.leaks.quotes import quotes
from routing.leaks.table import falling, graded, pattern, spread, table, weight
from routing.leaks.values import Finding, Told, Verdict

TELLER = "teller"
_HALF = re.compile("[\ud800-\udfff]")


def check(
    text: str,
    reports: Sequence[Told],
    *,
    to: str,
    now: datetime,
    institution: str = "",
    common: Iterable[str] = (),
    own: Told | None = None,
) -> Verdict:
    """Whether `text` may leave towards `to` (teller, authority, staff, federation).

    `reports` are those of its case whose tellers must not become known; `own` is the addressee's, who may be told
    what he told himself. `common` are names that every paper of the case bears.
    """
    if to == TELLER and not reports:
        return Verdict((), 0.0, held=False)
    out = read(text, now)
    mine = read(own.text, own.received_at) if own else None
    names = tuple(name for name in (institution, *common) if name)
    found = [*_by_form(out, to), *(one for told in reports for one in _against(out, told, names))]
    found = _settled(one for one in found if not _is_own(one, out, mine))
    small = any(word in institution for word in table()["small_words"])
    power = float(table()["small"]) if small else 1.0
    heavy = tuple(_heavier(one, power) for one in found)
    total = 1 - prod(1 - one.weight for one in heavy)
    return Verdict(heavy, total, held=bool(heavy) and total >= float(table()["hold"]), small=small and bool(heavy))


def _heavier(one: Finding, power: float) -> Finding:
    return Finding(one.kind, one.start, one.end, 1 - (1 - one.weight) ** power, one.report_id)


def telling(text: str, received_at: datetime) -> tuple[Finding, ...]:
    """The stretches of a report's own redacted text that point to its teller: what an erasure also masks."""
    known = read(text, received_at)
    found = [Finding(one.kind, one.start, one.end, 1.0) for one in known.details if one.kind in {"date", "bed"}]
    for kind in ("role", "kin", "trait", "home"):
        found += [Finding(kind, one.start(), one.end(), 1.0) for one in pattern(kind).finditer(text)]
    found += [Finding("number", one.start, one.end, 1.0) for one in known.details if one.kind == "number"]
    return tuple(_settled([*found, *_by_form(known, "authority")]))


def hidden(text: str, heard: datetime) -> str:
    """The text with everything starred that points to its teller; heard again it gives the same."""
    at, pieces = 0, []
    for one in telling(text, heard):
        pieces += [text[at : one.start], "**"]
        at = one.end
    return "".join([*pieces, text[at:]])


def _by_form(out: Reading, to: str) -> Iterator[Finding]:
    """What tells by itself, whatever the reports say: telephones, numbers, names, and talk of other tellers."""
    text = out.text
    for start, end in personal(text):
        yield Finding("personal", start, end, weight("personal"))
    for one in out.entities:
        if one.kind in {"phone", "identity_number", "bank_card"}:
            # An office gives its own land line; a source is never given one.
            if not one.text.startswith("0") or _sourced(text, one.start):
                yield Finding("personal", one.start, one.end, weight("personal"))
        elif one.kind == "person_name":
            yield Finding("name", one.start, one.end, weight("name_of_source" if _sourced(text, one.start) else "name"))
    for found in pattern("name_of_source").finditer(text):
        name = "a" if found["a"] else "b"
        yield Finding("name", found.start(name), found.end(name), weight("name_of_source"))
    for found in pattern("masked").finditer(text):
        yield Finding("masked", found.start(), found.end(), weight("masked"))
    for detail in out.details:
        if detail.kind == "bed":
            yield Finding("bed", detail.start, detail.end, weight("bed"))
    for kind in ("role", "kin", "trait"):
        for found in pattern(kind).finditer(text):
            if _sourced(text, found.start()):
                yield Finding(kind, found.start(), found.end(), weight(f"{kind}_of_source"))
            elif kind != "role" and text.find(found[0]) == found.start():  # said again it tells no more
                yield Finding(kind, found.start(), found.end(), weight(f"{kind}_alone"))
    for found in pattern("described").finditer(text):
        if not pattern("described_not").match(found[0]):
            yield Finding("described", found.start(), found.end(), weight("described"))
    for found in pattern("home").finditer(text):
        yield Finding("home", found.start(), found.end(), weight("home"))
    if to == TELLER:
        for found in pattern("other").finditer(text):
            yield Finding("other", found.start(), found.end(), weight("other"))


def _sourced(text: str, at: int) -> bool:
    """Whether the sentence around a place speaks of who told."""
    sentence = next((one for one in pattern("sentence").finditer(text) if one.start() <= at < one.end()), None)
    return bool(sentence and pattern("source").search(sentence[0]))


def _against(out: Reading, told: Told, names: Sequence[str]) -> Iterator[Finding]:
    """What the text shares with one report."""
    known, report = read(told.text, told.received_at), told.report_id
    for one in out.details:
        heavy = _shared(one, known)
        if heavy:
            yield Finding(one.kind, one.start, one.end, heavy, report)
    for kind in ("role", "kin", "trait", "department"):
        for found in pattern(kind).finditer(out.text):
            if found[0] in told.text and not any(found[0] in name for name in names):
                sourced = kind == "department" and _sourced(out.text, found.start())
                heavy = weight("department_of_source" if sourced else kind)
                yield Finding(kind, found.start(), found.end(), heavy, report)
    for found in pattern("group").finditer(out.text):
        if found[0] in told.text:
            yield Finding("group", found.start(), found.end(), weight("group"), report)
    yield from _kin_by_another_name(out, told)
    for start, end, heavy in near_quotes(out.text, told.text, names):
        yield Finding("near", start, end, heavy, report)
    for quote in quotes(out.text, told.text, names):
        if heavy := graded("quote", quote.shared):
            yield Finding("quote", quote.start, quote.end, heavy, report)
    for start, end, heavy in _rare(out.text, told.text, names):
        yield Finding("rare", start, end, heavy, report)


def _kin_by_another_name(out: Reading, told: Told) -> Iterator[Finding]:
    """The same kinship as the report's, whatever it is called on either side."""
    for words in table()["kin_groups"].values():
        if any(word in told.text for word in words):
            for found in re.finditer("|".join(words), out.text):
                yield Finding("kin", found.start(), found.end(), weight("kin"), told.report_id)


def _shared(one: Detail, known: Reading) -> float:
    """What a detail weighs that the report holds as well; nothing where it does not."""
    if one.kind == "bed":
        here = one.value in known.values("bed") or known.values("bed_told")
        return weight("bed_told") if here else 0.0
    if one.kind == "part":
        days = {ten_days(date.fromisoformat(f"2000-{day}")) for day in known.values("date")}
        return weight("part") if one.value in days | known.values("part") else 0.0
    if one.kind in {"about", "amount"} and (same := _heads(one.value, known)):
        return graded("about", same)
    if one.value not in known.values(one.kind):
        return 0.0
    if one.kind in {"date", "recurring"}:
        return weight(one.kind)
    if one.kind == "number":
        letters = any(char.isalpha() for char in one.value)
        return graded("number", 4 if letters else len(one.value))
    if one.kind in {"amount", "count"}:
        return graded(one.kind, significant(one.value))
    return 0.0


def _heads(value: str, known: Reading) -> int:
    """How many digits of a rounded sum are those of a sum that the report tells; none where it is the sum itself."""
    rounded, most = Decimal(value), 0
    for told in map(Decimal, known.values("amount") | known.values("about")):
        digits = significant(value)
        if (told != rounded and digits and 0 <= told - rounded < Decimal(10) ** (rounded.adjusted() - digits + 1)) or (
            told == rounded and value in known.values("about")
        ):
            most = max(most, digits)
    return most


def _rare(out: str, told: str, names: Sequence[str]) -> Iterator[tuple[int, int, float]]:
    """Words that both texts hold and that hardly anybody else uses, each once."""
    settings, plain = table()["rare"], table()["words"]["plain"]
    seen = spread()
    at = 0
    done: set[str] = set()
    # Half an emoji cannot be cut; any single sign in its place keeps the count.
    for word in rjieba.cut(_HALF.sub("?", out)):
        start, at = at, at + len(word)
        if len(word) < int(settings["shortest"]) or word in done or not _is_han(word) or word in plain:
            continue
        heavy = falling("rare", seen.get(word, 0))
        if word in told and heavy and not any(word in name for name in names):
            done.add(word)
            yield start, at, heavy


def _is_han(word: str) -> bool:
    return re.fullmatch(r"[\u4e00-\u9fff]+", word) is not None


def _is_own(one: Finding, out: Reading, mine: Reading | None) -> bool:
    """Whether the addressee told this himself."""
    if mine is None or one.report_id is None:
        return False
    text = out.text[one.start : one.end]
    if text in mine.text:
        return True
    kinds = {detail.kind: detail.value for detail in out.details if (detail.start, detail.end) == (one.start, one.end)}
    return one.kind in kinds and kinds[one.kind] in mine.values(one.kind)


def _settled(found: Iterable[Finding]) -> list[Finding]:
    """Of findings that overlap only the weightiest stays, so that one detail is not counted twice."""
    kept: list[Finding] = []
    for one in sorted(found, key=lambda one: (-one.weight, one.start)):
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)
