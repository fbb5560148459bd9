"""The categories of reports and complaints, as data: `taxonomy.toml`, after DOMAIN.md §3.2 and §4.

A code never changes its meaning; a new law appends codes. What people read (names, everyday wordings)
lives in the file, so that a bureau can better it without touching a program.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

from nlu.meaning import Side

Subject = str
"""H hospital or clinic, P pharmacy, I insured person, A agency, E enterprise, O other."""


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of allegation."""

    code: str
    name: str
    everyday: str
    """What a citizen understands, short enough for a button."""
    side: Side
    law: str
    subjects: tuple[Subject, ...]
    frame: str
    """The frame of penalty (DOMAIN.md §3.1); empty where there is none."""

    @property
    def subject(self) -> Subject:
        """Who usually does it; empty where nobody in particular."""
        return self.subjects[0] if self.subjects else ""


@lru_cache(maxsize=1)
def load() -> Mapping[str, Category]:
    """Every category by its code, in the order of the file."""
    table = tomllib.loads(resources.files("nlu").joinpath("taxonomy.toml").read_text("utf-8"))
    return MappingProxyType(
        {
            code: Category(
                code=code,
                name=row["name"],
                everyday=row["everyday"],
                side=row["side"],
                law=row["law"],
                subjects=tuple(row["subjects"]),
                frame=row["frame"],
            )
            for code, row in table.items()
        }
    )


def reference() -> str:
    """The page `docs/reference/categories.md`, generated so that it cannot lie."""
    lines = [
        "# Categories",
        "",
        "Generated from `nlu/taxonomy.toml` by `python -m nlu.taxonomy`; edit that file, never this page.",
    ]
    for side, title in (("citizen", "Reports of fraud"), ("enterprise", "Complaints about inspections")):
        lines += [
            "",
            f"## {title}",
            "",
            "| Code | Name | Everyday | Basis | Subjects | Frame |",
            "|---|---|---|---|---|---|",
        ]
        lines += [
            f"| {row.code} | {row.name} | {row.everyday} | {row.law} | {', '.join(row.subjects)} | {row.frame} |"
            for row in load().values()
            if row.side == side
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(reference(), end="")  # noqa: T201 — the page is the program's output
