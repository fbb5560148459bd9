"""What the demo tells, read from `data/`: staff, tellers, reports and what came of each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from functools import cache
from importlib import resources
from typing import Any

from routing.wording import snake


@cache
def _words() -> Mapping[str, str]:
    return tomllib.loads(_data("words.toml"))


def _data(name: str) -> str:
    return resources.files("bot.demo").joinpath("data", name).read_text("utf-8")


def word(key: str) -> str:
    """A sentence or word of the demo."""
    return _words()[key]


class DemoRefused(Exception):
    """The demo cannot be filled in; nothing was changed."""

    def __init__(self) -> None:
        super().__init__(word(snake(type(self).__name__)))


@dataclass(frozen=True, slots=True)
class Member:
    """One invented member of staff."""

    username: str
    name: str
    role: str
    authority: str
    interests: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """One invented teller; without name and phone where he gave none."""

    name: str | None = None
    phone: str | None = None
    reward: bool | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """What came `wd` working days after the report: a verb, by whom (a teller where empty), with which words."""

    wd: int
    do: str
    by: str = ""
    text: str = ""
    reason: str = ""
    outcome: str = ""
    stars: int = 0


@dataclass(frozen=True, slots=True)
class Attachment:
    """One invented piece of evidence: a text, or a drawn plan of beds where `beds` says which are taken."""

    name: str
    text: str = ""
    beds: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One invented report: `ago` days before today at `at`, about `happened` (days before the report)."""

    ago: int
    at: time
    who: str
    place: str
    text: str
    happened: tuple[int, int]
    institution: str | None = None
    organ: str | None = None
    side: str = "citizen"
    mode: str = "confidential"
    ongoing: bool = False
    amount: int | None = None
    people: int | None = None
    officers: int | None = None
    visits: int | None = None
    codes: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Attachment, ...] = ()
    then: tuple[Act, ...] = ()


def staff() -> tuple[Member, ...]:
    """Everybody who may sign in."""
    return tuple(Member(**row) for row in tomllib.loads(_data("staff.toml"))["staff"])


def people() -> Mapping[str, Person]:
    """The tellers who gave a name or a phone."""
    return {key: Person(**row) for key, row in tomllib.loads(_data("tellers.toml")).items()}


def reports() -> tuple[Told, ...]:
    """All reports, oldest first."""
    files = sorted(
        entry.name for entry in resources.files("bot.demo").joinpath("data").iterdir() if "reports_" in entry.name
    )
    told = [_told(row) for name in files for row in tomllib.loads(_data(name))["report"]]
    return tuple(sorted(told, key=lambda one: (-one.ago, one.at)))


def _told(row: Mapping[str, Any]) -> Told:
    # The lines of the file are broken for its reader only: Chinese is written without spaces.
    shaped = {
        **row,
        "text": row["text"].replace("\n", ""),
        "at": time.fromisoformat(row["at"]),
        "happened": tuple(row["happened"]),
        "codes": tuple(row.get("codes", ())),
        "files": tuple(Attachment(**one) for one in row.get("files", ())),
        "then": tuple(Act(**one) for one in row.get("then", ())),
    }
    return Told(**shaped)
