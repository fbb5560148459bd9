"""Offices: the one a complaint is about, in the words of the text, with the place before its name."""

from __future__ import annotations

import re
from functools import cache

from nlu.entities.heard import Found, Heard, lexicon


@cache
def _pattern() -> re.Pattern[str]:
    words = lexicon("organ")
    bodies = "|".join(words["bodies"])
    return re.compile(rf"(?=[{words['first']}])(?:(?:{words['prefix']})?(?:{bodies})|{words['yours']}|{words['bare']})")


def find(heard: Heard, places: list[Found]) -> list[Found]:
    """The offices of a text; a place right before one belongs to its name."""
    starts = {place.end: place.start for place in places}
    inside = {at: place.start for place in reversed(places) for at in range(place.start + 1, place.end)}
    found = []
    for match in _pattern().finditer(heard.text):
        start = min(starts.get(match.start(), match.start()), inside.get(match.start(), match.start()))
        end = match.end()
        found.append(Found("organ", start, end, {"name": heard.text[start:end]}, 44))
    return found
