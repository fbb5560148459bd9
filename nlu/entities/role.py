"""Who the teller is: patient, relative, employee, former employee, doctor, owner, competitor, neighbour."""

from __future__ import annotations

import re
from functools import cache

from nlu.entities.heard import Found, Heard, lexicon


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (entry["role"], re.compile(rf"(?=[{entry['first']}])(?:{'|'.join(entry['patterns'])})"))
        for entry in lexicon("role")["roles"]
    )


def find(heard: Heard) -> list[Found]:
    """The roles a text claims for its teller; of one role the first place where it shows."""
    found: list[Found] = []
    for role, pattern in _patterns():
        match = pattern.search(heard.text)
        if match and match.group() and not any(match.start() < one.end and one.start < match.end() for one in found):
            found.append(Found("role", match.start(), match.end(), {"role": role}, 5))
    return found
