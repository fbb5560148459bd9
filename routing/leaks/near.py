"""Near-quotes: a clause that says in other words what a report says, by the ear's own measure of closeness."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from nlu.similarity import near, profile
from routing.leaks.table import graded, pattern, table


@lru_cache(maxsize=64)
def _told(report: str, known: str) -> tuple[object, ...]:
    """The profiles of a report's clauses, each by itself and with the next: people part their sentences differently."""
    clauses = [found[0] for found in pattern("clause").finditer(report)]
    both = ["，".join(pair) for pair in pairwise(clauses)]
    return tuple(profile(one, known) for one in (*clauses, *both))


def near_quotes(outgoing: str, report: str, names: Sequence[str]) -> Iterator[tuple[int, int, float]]:
    """Start, end and weight of each clause of `outgoing` that is close to one of the report's; names do not count."""
    known = " ".join((*names, *table()["words"]["stock"]))
    told = _told(report, known)
    for found in pattern("clause").finditer(outgoing):
        letters = re.sub(r"\W", "", found[0])
        if len(letters) < int(table()["near"]["shortest"]) or not told:
            continue
        mine = profile(found[0], known)
        closest = max(near(mine, one) for one in told)  # type: ignore[arg-type]
        if heavy := graded("near", round(100 * closest)):
            yield found.start(), found.end(), heavy
