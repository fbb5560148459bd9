"""How well the identity-leak check does on the invented texts: `python -m tests.leaks.measure`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from routing import leaks
from routing.rules import SHANGHAI

FILE = Path(__file__).parent / "outgoing.yml"


@dataclass(frozen=True)
class Judged:
    """One outgoing text, what is true of it, and what the check said."""

    row: dict[str, Any]
    verdict: leaks.Verdict

    @property
    def leaks(self) -> bool:
        """Whether it was written to give somebody away."""
        return "leaks" in self.row


def judged() -> Iterator[Judged]:
    """Every text of the file with the check's verdict."""
    told = yaml.safe_load(FILE.read_text("utf-8"))
    for row in told["texts"]:
        case = told["cases"][row["case"]]
        reports = {
            name: leaks.Told(n, one["text"], datetime.fromisoformat(f"{one['at']}T10:00:00").replace(tzinfo=SHANGHAI))
            for n, (name, one) in enumerate(case["reports"].items(), 1)
        }
        to, _, name = row["to"].partition(":")
        own = reports.pop(name) if name else None
        now = datetime(2026, 11, 20, 10, tzinfo=SHANGHAI)
        yield Judged(
            row,
            leaks.check(
                row["text"],
                list(reports.values()),
                to=to,
                now=now,
                institution=case["institution"],
                own=own,
            ),
        )


@dataclass(frozen=True)
class Score:
    """Leaks that were held, harmless texts that were held."""

    leaking: int
    found: int
    harmless: int
    false: int

    @property
    def recall(self) -> float:
        """Of the leaking texts, how many were held."""
        return self.found / self.leaking

    @property
    def false_holds(self) -> float:
        """Of the harmless texts, how many were held."""
        return self.false / self.harmless


def score(half: str | None = None) -> Score:
    """The figures of one half, or of all."""
    counts: Counter[tuple[bool, bool]] = Counter(
        (one.leaks, one.verdict.held) for one in judged() if half in {None, one.row["half"]}
    )
    return Score(
        leaking=counts[True, True] + counts[True, False],
        found=counts[True, True],
        harmless=counts[False, True] + counts[False, False],
        false=counts[False, True],
    )


def main() -> None:
    """The figures, and every text of the tuned part that was judged wrongly."""
    for half in ("tuned", "held", None):
        found = score(half)
        print(f"{half or 'all'}: {found}  recall {found.recall:.3f}  false holds {found.false_holds:.3f}")  # noqa: T201
    for one in judged():
        if one.leaks != one.verdict.held and one.row["half"] == "tuned":
            text = one.row["text"]
            what = [(f.kind, text[f.start : f.end], round(f.weight, 2)) for f in one.verdict.findings]
            print(one.row.get("leaks", "harmless"), round(one.verdict.weight, 2), text, what, sep="\n  ")  # noqa: T201


if __name__ == "__main__":
    main()
