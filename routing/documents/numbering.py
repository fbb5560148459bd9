"""What the number of a paper begins with: the office's own word from the registry, else its place and kind."""

from __future__ import annotations

from nlu import places
from routing.authorities import NATION, Authority
from routing.documents.compose import form


def word_of(authority: Authority, own: str | None) -> str:
    """Such as 临医保; `own` is what the registry says. Without it a county's or city's name in short and its kind."""
    if own:
        return own
    return form(f"authority.{authority.kind}", place=_short(authority.place))


def _short(place: str) -> str:
    """A place without what it is: 庆城县 is 庆城; a name of one sign stays whole."""
    if place == NATION:
        return form("authority.nation")
    found = places.by_code(place)
    return min(places.stems(found.name), key=len, default=found.name) if found else place
