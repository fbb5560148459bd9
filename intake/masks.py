"""The second lock behind the ear's redaction: what staff read is masked here once more, whoever wrote it down.

The ear masks what it understands; this masks what looks personal by its form (DOMAIN.md §7.3). Nothing that the ledger
keeps in clear of a teller's words goes past it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from intake.names import normal_form
from nlu.entities import find
from nlu.entities.finding import LONGEST
from nlu.text import redact


@dataclass(frozen=True, slots=True)
class _Lock:
    pattern: re.Pattern[str]
    first: int
    last: int

    def shut(self, text: str) -> str:
        return self.pattern.sub(self._mask, text)

    def _mask(self, found: re.Match[str]) -> str:
        word = found["mask"]
        end = word[len(word) - self.last :] if self.last else ""
        # Never as long as the word itself where it could be counted: a name is a surname and two stars.
        hidden = max(2, len(word) - self.first - self.last)
        return f"{found['keep']}{word[: self.first]}{'*' * hidden}{end}"


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(resources.files("intake").joinpath("masks.toml").read_text("utf-8"))


@cache
def _locks() -> tuple[_Lock, ...]:
    table = _table()
    parts = {name: str(table[name]) for name in ("surnames", "given", "ends", "kin")}
    locks = []
    for entry in table["pattern"]:
        regex = str(entry["regex"])
        for name, part in parts.items():
            regex = regex.replace(f"{{{name}}}", part)
        first, last = entry["show"]
        locks.append(_Lock(re.compile(regex, re.ASCII), first, last))
    return tuple(locks)


def lock(text: str) -> str:
    """The text with everything masked that looks personal by its form alone."""
    for one in _locks():
        text = one.shut(text)
    return text


def personal(text: str) -> Iterator[tuple[int, int]]:
    """Where the text holds what looks personal by its form alone."""
    for one in _locks():
        for found in one.pattern.finditer(text):
            yield found.start("mask"), found.end("mask")


def masked(text: str, *, now: datetime) -> str:
    """The text as staff may read it: what the ear recognises is masked, and what looks personal besides.

    In stretches, since the ear listens to the beginning of a long text only.
    """
    stretches = (text[start : start + LONGEST] for start in range(0, len(text), LONGEST))
    return lock("".join(redact(part, find(part, now=now)) for part in stretches))


def veiled(text: str, names: Sequence[str], *, now: datetime) -> str:
    """The text for those who look on: every institution hidden, those called by `names` and those that the ear finds.

    What tells an institution without naming it (its street, its only rival) is no name, and stays.
    """
    word = str(_table()["veil"])
    for form in sorted({form for name in names for form in _forms(name)}, key=len, reverse=True):
        text = text.replace(form, word)
    stretches = (text[start : start + LONGEST] for start in range(0, len(text), LONGEST))
    return "".join(_without_institutions(part, word, now) for part in stretches)


def _forms(name: str) -> Iterator[str]:
    """A name as people write it: whole, and without its place and legal form."""
    for form in (name.strip(), normal_form(name)):
        if len(form) > 1:
            yield form


def _without_institutions(text: str, word: str, now: datetime) -> str:
    for found in sorted(find(text, now=now), key=lambda one: one.start, reverse=True):
        if found.kind == "institution" and word not in text[found.start : found.end]:
            text = text[: found.start] + word + text[found.end :]
    return text
