"""Whether two reports tell the same matter: rules over values, after DOMAIN.md §5.6; no database here.

Every judgement is explained by short marks (`same_institution`, `wording:0.62`), which the pages put into words, and
scored by the points of likeness.toml; what a rule forbids (another place, another institution) no score allows.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from importlib import resources
from typing import Any, Literal, NamedTuple

from intake.names import SAME, agreement, as_told, mentions, organ_form, stands_everywhere

Decision = Literal["new", "attached", "suggested", "related"]

DOUBTFUL = 0.6
"""Below this, two names are two institutions; between this and SAME, a person has to look."""
MENTIONED = 0.84
"""How far names agree at most where one of them only stands in the text, and nobody gave it as the name."""
SLACK = timedelta(days=3)
"""People are wrong by a day or two when they tell a date."""
SHORT = timedelta(days=7)
"""A period of at most a week tells the date of an inspection; a longer one only the season."""
SURE = 0.5
"""From here on a category is taken to be what was told; below, it may be another one of the same telling."""


class Told(NamedTuple):
    """What of a report matters for comparing it. A tuple, since a search makes a hundred of them."""

    side: str
    institution: str | None
    organ: str | None
    place: str | None
    codes: frozenset[str]
    first: date | None
    last: date | None
    sure: frozenset[str] = frozenset()
    """The codes that are not mere guesses."""
    text: str = ""
    named: bool = True
    """Whether the institution was given as one; false where it was only found in the text."""


class Likeness(NamedTuple):
    """How two reports agree; None wherever one of them does not say."""

    same_teller: bool
    subject: float | None
    organ: bool | None
    place: bool | None
    acts: bool | None
    time: bool | None
    same_date: bool
    anywhere: bool
    """The institution's name could be one in any county, and the place is not known."""
    wording: float = 0.0
    """How close the texts are in what is left besides names and places."""
    number: bool = False
    """Both texts hold one figure that is no date: a sum, a count, a ticket."""

    @property
    def same_subject(self) -> bool:
        """One institution (or enterprise)."""
        return self.subject is not None and self.subject >= SAME

    @property
    def other_subject(self) -> bool:
        """Two institutions (or enterprises)."""
        return self.subject is not None and self.subject < DOUBTFUL

    @property
    def points(self) -> float:
        """The sum of what speaks for one matter and against it."""
        worth = _points()
        total = float(worth["wording"]["each"]) * (self.wording - float(worth["wording"]["usual"]))
        total += float(worth["subject"][_degree(self.subject)])
        for name in ("organ", "place", "acts", "time"):
            total += float(worth[name][_answer(getattr(self, name))])
        total += float(worth["same_number"]) if self.number else 0.0
        return total + (float(worth["same_teller"]) if self.same_teller else 0.0)

    @property
    def score(self) -> float:
        """The points between 0 and 1, for the order among candidates, for curves and for the eye."""
        return round(1 / (1 + math.exp(-(self.points - float(_points()["even"])))), 3)

    def marks(self) -> tuple[str, ...]:
        """Why, in short."""
        found = []
        if self.same_teller:
            found.append("same_teller")
        if self.subject is not None:
            found.append("same_institution" if self.same_subject else f"institution:{self.subject:.2f}")
        for name in ("organ", "place", "acts", "time"):
            value = getattr(self, name)
            if value is not None:
                found.append(f"same_{name}" if value else f"other_{name}")
        if self.number:
            found.append("same_number")
        return (*found, f"wording:{self.wording:.2f}")


@lru_cache(maxsize=1)
def _points() -> Mapping[str, Any]:
    """What each agreement is worth."""
    return tomllib.loads(resources.files("intake").joinpath("likeness.toml").read_text("utf-8"))


def _answer(value: bool | None) -> str:
    return "unknown" if value is None else "same" if value else "other"


def _degree(subject: float | None) -> str:
    if subject is None:
        return "unknown"
    return "same" if subject >= SAME else "doubtful" if subject >= DOUBTFUL else "other"


def compare(a: Told, b: Told, *, same_teller: bool) -> Likeness | None:
    """How they agree in everything but wording; None where they cannot be one matter."""
    if a.side != b.side:
        return None
    place = True if a.place == b.place and a.place else _same_place(a.place, b.place)
    if place is False:
        return None
    short = _short(a) and _short(b)
    time = _overlap(a, b)
    return Likeness(
        same_teller=same_teller,
        subject=_subject(a, b),
        organ=organ_form(a.organ) == organ_form(b.organ) if a.organ and b.organ else None,
        place=place,
        acts=_acts(a, b),
        time=time,
        same_date=bool(time) and short,
        anywhere=place is None and any(name and stands_everywhere(name) for name in (a.institution, b.institution)),
    )


def _subject(a: Told, b: Told) -> float | None:
    """How far the institutions agree; a branch that stands behind the name counts, and a name that nobody heard."""
    if a.institution and b.institution:
        agreed = agreement(as_told(a.institution, a.text), as_told(b.institution, b.text))
        return agreed if a.named and b.named else min(agreed, MENTIONED)
    for one, other in ((a, b), (b, a)):
        if one.institution and mentions(other.text, one.institution):
            return MENTIONED
    return None


def _acts(a: Told, b: Told) -> bool | None:
    """Whether they allege the same; two guesses that differ say nothing, nor do two codes that are easily mixed up."""
    if not a.codes or not b.codes:
        return None
    if a.codes & b.codes:
        return True
    if not a.sure or not b.sure:
        return None
    near = _points()["mixed_up"]
    return None if any(a.codes & set(family) and b.codes & set(family) for family in near) else False


def decide(side: str, like: Likeness, *, case_open: bool) -> Decision:
    """The rule of DOMAIN.md §5.6 that fits; what would be attached to a closed case is only related to it."""
    if side == "enterprise":
        decision = _inspection(like)
    elif like.same_teller:
        decision = _own_matter(like)
    else:
        decision = _others_matter(like)
    if decision == "attached" and not case_open:
        return "related"
    return decision


def _own_matter(like: Likeness) -> Decision:
    """The same person again: an addition, as long as nothing speaks for another matter."""
    if like.other_subject:
        return "new"
    if like.subject is None:
        nearly = like.wording >= 0.55 or (bool(like.acts) and like.wording >= 0.3)
        return "attached" if nearly else "new"
    if like.wording >= 0.6:
        return "attached"
    if like.same_subject and like.time is not False and (like.acts or (like.acts is None and like.wording >= 0.12)):
        return "attached"
    return "suggested" if like.acts or like.wording >= 0.3 else "related"


def _others_matter(like: Likeness) -> Decision:
    """Different people: the same institution, act and time are one clue with several reporters."""
    if like.other_subject:
        return "new"
    least = _points()["least"]
    if not like.same_subject:
        if like.place is None or like.time is False:
            return "suggested" if like.wording >= 0.75 else "new"
        enough = least["doubtful"] if like.subject is not None else least["unnamed"]
        return "suggested" if like.points >= float(enough) else "new"
    # Somewhere a house of that name and another kind always stands.
    elsewhere = like.place is None and (like.subject or 0) < 0.95 and like.wording < 0.5
    if elsewhere or like.points < float(least["suggested"]):
        return "related"
    sure = like.time is not False and (like.acts or like.wording >= 0.5) and not like.anywhere
    if like.place is None:
        sure = sure and bool(like.acts) and (bool(like.time) or like.wording >= 0.5) and (like.subject or 0) >= 0.95
    if like.time is False:
        sure = like.wording >= 0.7 and bool(like.acts)
    return "attached" if sure and like.points >= float(least["attached"]) else "suggested"


def _inspection(like: Likeness) -> Decision:
    """Complaints of enterprises: one inspection is one matter, a later one of the same organ is another.

    Another shop that was visited on the same day has an answer of its own to wait for: a person looks at that.
    """
    if like.organ is False:
        return "related" if like.same_subject else "new"
    if like.same_subject:
        if like.time is False:
            return "attached" if like.same_teller and like.wording >= 0.7 else "related"
        if like.place is None and (like.subject or 0) < 0.95 and like.wording < 0.5 and not like.same_teller:
            return "related"
        sure = bool(like.organ and (like.time or like.acts)) or like.wording >= 0.5
        if like.same_teller:
            sure = sure or bool(like.time or like.acts)
        return "attached" if sure else "suggested"
    if like.organ and like.same_date and like.place:
        return "suggested" if like.other_subject else "attached" if like.wording >= 0.4 else "suggested"
    if like.same_teller and not like.other_subject and like.time is not False:
        return "attached" if like.wording >= 0.5 or (like.organ and like.acts) else "suggested"
    if like.organ and like.time and not like.other_subject and (like.place or like.wording >= 0.5):
        return "suggested"
    return "suggested" if like.wording >= 0.8 and not like.other_subject else "new"


def _same_place(one: str | None, other: str | None) -> bool | None:
    """Whether one division lies in the other (GB/T 2260: two digits a level, 00 where a level is not told)."""
    if not one or not other:
        return None
    a, b = (_trimmed(code) for code in (one, other))
    return a.startswith(b) or b.startswith(a)


def _trimmed(code: str) -> str:
    """The digits that tell something: 6210 of 621000."""
    while code.endswith("00"):
        code = code[:-2]
    return code


def _overlap(a: Told, b: Told) -> bool | None:
    """Whether the periods touch, give or take a few days."""
    if a.first is None or a.last is None or b.first is None or b.last is None:
        return None
    return a.first <= b.last + SLACK and b.first <= a.last + SLACK


def _short(told: Told) -> bool:
    """Whether the period is as short as an inspection."""
    return told.first is not None and told.last is not None and told.last - told.first <= SHORT
