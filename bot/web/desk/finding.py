"""From what an officer types to an authority: a code, a division code, or the name of a place or an office."""

from __future__ import annotations

import re

from bot.web.desk.labels import label, section
from nlu import places
from routing.authorities import Authority, by_code, default_authority
from routing.errors import DeskError

CODE = re.compile(r"\b([A-Z]{2})-(\d{6})\b")
MOST = 12


class AuthorityUnclear(Exception):
    """What was typed means no authority, or more than one; the message is the sentence to show."""


def authority_of(typed: str) -> Authority:
    """The one authority that is meant."""
    found = candidates(typed)
    typed = typed.strip()
    if not found:
        raise AuthorityUnclear(label("refused", "authority").format(typed=typed))
    if len(found) > 1 and not any(typed in {one.name, one.code} for one in found[:1]):
        names = "、".join(shown(one) for one in found[:5])
        raise AuthorityUnclear(label("refused", "authorities").format(typed=typed, names=names))
    return found[0]


def candidates(typed: str) -> tuple[Authority, ...]:
    """Everything that the words can mean, best first."""
    typed = typed.strip()
    try:
        if written := CODE.search(typed):
            return (by_code(written[0]),)
        if typed.isdigit() and len(typed) == 6:
            return (default_authority(typed),)
    except DeskError:
        return ()
    for ending in section("find")["endings"]:
        typed = typed.removesuffix(ending)
    if not typed:
        return ()
    offices = (default_authority(place.code) for place in places.lookup(typed)[: MOST * 2])
    return tuple(dict.fromkeys(offices))[:MOST]


def shown(authority: Authority) -> str:
    """An authority as a choice: its name and, because names repeat, its code."""
    return label("form", "statutory_name").format(name=authority.name, code=authority.code)
