"""Whether two reports tell the same matter: rules over values, after DOMAIN.md §5.6; no database here.

Every judgement is explained by short marks (`same_institution`, `wording:0.62`), which the pages put into words.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal, NamedTuple

from intake.names import SAME, agreement, organ_form, stands_everywhere

Decision = Literal["new", "attached", "suggested", "related"]

DOUBTFUL = 0.6
"""Below this, two names are two institutions; between this and SAME, a person has to look."""
SLACK = timedelta(days=3)
"""People are wrong by a day or two when they tell a date."""
SHORT = timedelta(days=7)
"""A period of at most a week tells the date of an inspection; a longer one only the season."""


_WEIGHTS = (0.35, 0.2, 0.2, 0.15, 0.05)


class Told(NamedTuple):
    """What of a report matters for comparing it. A tuple, since a search makes a hundred of them."""

    side: str
    institution: str | None
    organ: str | None
    place: str | None
    codes: frozenset[str]
    first: date | None
    last: date | None


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

    @property
    def same_subject(self) -> bool:
        """One institution (or enterprise)."""
        return self.subject is not None and self.subject >= SAME

    @property
    def other_subject(self) -> bool:
        """Two institutions (or enterprises)."""
        return self.subject is not None and self.subject < DOUBTFUL

    @property
    def score(self) -> float:
        """For the order among candidates, and for the eye; the rules decide, not this number."""
        total = 0.25 * self.wording
        weights = 0.25
        for weight, value in zip(_WEIGHTS, (self.subject, self.organ, self.acts, self.time, self.place), strict=True):
            if value is not None:
                total += weight * value
                weights += weight
        return round(min(1.0, total / weights + 0.1 * self.same_teller), 3)

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
        return (*found, f"wording:{self.wording:.2f}")


def compare(a: Told, b: Told, *, same_teller: bool) -> Likeness | None:
    """How they agree in everything but wording; None where they cannot be one matter."""
    if a.side != b.side:
        return None
    place = True if a.place == b.place and a.place else _same_place(a.place, b.place)
    if place is False:
        return None
    subject = agreement(a.institution, b.institution) if a.institution and b.institution else None
    short = _short(a) and _short(b)
    time = _overlap(a, b)
    return Likeness(
        same_teller=same_teller,
        subject=subject,
        organ=organ_form(a.organ) == organ_form(b.organ) if a.organ and b.organ else None,
        place=place,
        acts=bool(a.codes & b.codes) if a.codes and b.codes else None,
        time=time,
        same_date=bool(time) and short,
        anywhere=place is None and any(name and stands_everywhere(name) for name in (a.institution, b.institution)),
    )


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
        nearly = like.wording >= 0.55 or (bool(like.acts) and like.wording >= 0.35)
        return "attached" if nearly else "new"
    if like.wording >= 0.6:
        return "attached"
    if like.same_subject:
        if like.acts is not False and like.time is not False:
            return "attached"
        return "suggested" if like.acts else "related"
    return "suggested" if like.acts else "related"


def _others_matter(like: Likeness) -> Decision:
    """Different people: the same institution, act and time are one clue with several reporters."""
    if like.same_subject:
        decision = _same_institution(like)
        return decision if like.place or decision in {"new", "related"} else _somewhere(like)
    if like.subject is None:
        vague = like.place and like.acts and like.time is not False and like.wording >= 0.5
        return "suggested" if vague or like.wording >= 0.8 else "new"
    if like.other_subject:
        return "new"
    alike = like.acts and like.time is not False and like.wording >= 0.3
    return "suggested" if alike or like.wording >= 0.7 else "new"


def _same_institution(like: Likeness) -> Decision:
    """What two people tell of one institution."""
    if like.acts:
        if like.time:
            return "attached"
        if like.time is None:
            return "attached" if like.wording >= 0.35 else "suggested"
        return "attached" if like.wording >= 0.7 else "related"
    if like.acts is None and like.time is not False and like.wording >= 0.3:
        return "attached" if like.wording >= 0.6 else "suggested"
    return "suggested" if like.wording >= 0.75 else "related"


def _somewhere(like: Likeness) -> Decision:
    """One name and one act, but nobody knows whether in one place: the name may stand in the next county as well."""
    if like.wording < 0.35 and (not like.time or (like.subject or 0) < 0.95):
        return "related"
    if (like.subject or 0) < 0.95:
        return "suggested" if like.wording >= 0.55 else "related"
    sure = not like.anywhere and like.acts and (like.time or like.wording >= 0.55)
    return "attached" if sure else "suggested"


def _inspection(like: Likeness) -> Decision:
    """Complaints of enterprises: one inspection is one matter, a later one of the same organ is another."""
    if like.organ is False:
        return "related" if like.same_subject else "new"
    if like.same_subject:
        if like.time is False:
            return "attached" if like.same_teller and like.wording >= 0.7 else "related"
        sure = bool(like.organ and (like.time or like.acts)) or like.wording >= 0.5
        if like.same_teller:
            sure = sure or bool(like.time or like.acts)
        return "attached" if sure else "suggested"
    if like.organ and like.same_date and like.place:
        return "attached"
    if like.same_teller and not like.other_subject and like.time is not False:
        return "attached" if like.wording >= 0.5 or (like.organ and like.acts) else "suggested"
    if like.organ and like.time and not like.other_subject:
        return "suggested"
    return "suggested" if like.wording >= 0.8 else "new"


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
