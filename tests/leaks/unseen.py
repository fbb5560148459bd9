"""How well the check does on texts that were written after its table: `python -m tests.leaks.unseen [FILE]`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from routing import leaks
from routing.leaks import Told
from routing.rules import SHANGHAI
from tests.leaks.measure import Score

NOW = datetime(2026, 11, 20, 10, tzinfo=SHANGHAI)
FIRST, SECOND = (Path(__file__).with_name(name) for name in ("unseen.yml", "unseen_second.yml"))


def verdicts(path: Path) -> Iterator[tuple[str, bool, leaks.Verdict]]:
    """Each text, whether it was written to give somebody away, and what the check says."""
    for case in yaml.safe_load(path.read_text("utf-8")):
        reports = [
            Told(number, one["text"], datetime.fromisoformat(f"{one['at']}T10:00:00").replace(tzinfo=SHANGHAI))
            for number, one in enumerate(case["reports"], 1)
        ]
        law: dict[str, Any] = {"to": "authority", "now": NOW, "institution": case["institution"]}
        for kind in ("leaks", "harmless"):
            for text in case[kind]:
                yield text, kind == "leaks", leaks.check(text, reports, **law)


def score(path: Path) -> Score:
    """The figures of one file."""
    found = [(leaking, verdict.held) for _, leaking, verdict in verdicts(path)]
    leaking = [held for leaks_, held in found if leaks_]
    harmless = [held for leaks_, held in found if not leaks_]
    return Score(len(leaking), sum(leaking), len(harmless), sum(harmless))


def main() -> None:
    """The figures, and of the first file every text that was judged wrongly."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else FIRST
    found = score(path)
    print(f"{path.name}: {found}  recall {found.recall:.3f}  false holds {found.false_holds:.3f}")  # noqa: T201
    if path.name == SECOND.name:
        return
    for text, leaking, verdict in verdicts(path):
        if leaking != verdict.held:
            what = [(one.kind, text[one.start : one.end], round(one.weight, 2)) for one in verdict.findings]
            print("missed" if leaking else "HELD", round(verdict.weight, 2), text, what)  # noqa: T201


if __name__ == "__main__":
    main()
