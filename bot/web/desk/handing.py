"""Handovers and assignments as the desk shows them: on the case page, and as cards of the inbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from bot.web.desk import facts
from bot.web.desk.labels import label
from intake import handovers
from intake.handovers import Offered
from intake.models import Case, Clock, Handover, Staff
from intake.viewing import ACTING
from intake.views import CaseView
from routing.authorities import by_code
from routing.desk import assigning
from routing.desk.handoversteps import grounds_of_refusal, open_steps
from routing.lives import life


@dataclass(frozen=True, slots=True)
class Short:
    """A handover in one line."""

    id: int
    state: str
    state_word: str
    giver: str
    taker: str
    holder: str
    superior: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Owed:
    """What a superior assigned and waits for."""

    assigner: str
    weight: str
    paper: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Handing:
    """What of a case is between authorities now."""

    handover: Short | None
    assignment: Owed | None


@dataclass(frozen=True, slots=True)
class Card:
    """One handover of the inbox, with what this viewer may do about it."""

    short: Short
    number: str
    group: str
    title: str
    place: str
    about: tuple[str, ...]
    said: tuple[tuple[str, str], ...]
    ground: str
    designated: str
    papers: str
    at: datetime
    steps: tuple[str, ...]
    mine: bool
    """Whether the viewer can open the case."""
    choices: tuple[tuple[str, str], ...]
    """Whom the superior is asked about: the two, first whoever has it."""


def open_verbs(session: Session, case: CaseView, staff: Staff) -> Iterator[str]:
    """The acts between authorities that the holder's page offers now."""
    row = handovers.latest(session, case.id)
    found = session.get_one(Case, case.id)
    asked = row is not None and row.state in handovers.OPEN
    free = case.state in life("handover").table["case"]["states"]
    if free and not asked:
        yield "offer"
    if row is not None:
        yield from (verb for verb in open_steps(row, found, staff) if verb in {"dispute", "take_back"})
    if handovers.owed(session, case.id):
        yield "report_back"
    elif free and not asked:
        yield "note_assignment"
        if staff.role == "leader" and by_code(case.authority).level != "county":
            yield "assign"


def of_case(session: Session, case_id: int, viewer: Staff) -> Handing:
    """The open handover and the open assignment of a case that the viewer sees."""
    row, owed = handovers.standing(session, case_id), handovers.owed(session, case_id)
    case = session.get_one(Case, case_id)
    weights = assigning.weights()
    return Handing(
        handover=_short(session, row, case.authority) if row and viewer.role in ACTING else None,
        assignment=Owed(by_code(owed.assigner).name, weights[owed.weight], owed.paper or "", owed.due_on)
        if owed
        else None,
    )


def cards(session: Session, viewer: Staff) -> list[Card]:
    """Everything that concerns the viewer's authority: what waits for it first."""
    return [_card(session, one, viewer) for one in handovers.listed(session, viewer=viewer)]


def _card(session: Session, one: Offered, viewer: Staff) -> Card:
    row = one.row
    case = session.get_one(Case, row.case_id)
    steps = open_steps(row, case, viewer)
    code = {"place": one.place, "institution": one.institution, "organ": one.organ}
    both = [one.authority, *(each for each in (row.giver, row.taker) if each != one.authority)]
    excluded = case.routing.get("excluded", ())
    return Card(
        short=_short(session, row, one.authority),
        number=one.number,
        group=_group(row, steps),
        title=code["institution"] or code["organ"] or one.number,
        place=facts.short_place(one.place),
        about=facts.about(one.codes),
        said=tuple((label("handing", kind), words) for kind, words in one.said),
        ground=grounds_of_refusal().get(row.ground or "", ""),
        designated=by_code(row.designated).name if row.designated else "",
        papers=_papers(one),
        at=row.offered_at,
        steps=steps,
        mine=viewer.authority in {one.authority, row.superior},
        choices=tuple((each, by_code(each).name) for each in both if each not in excluded),
    )


def _group(row: Handover, steps: tuple[str, ...]) -> str:
    if row.state not in handovers.OPEN:
        return "settled"
    if "designate" in steps and row.state == "disputed":
        return "decide"
    return "answer" if "send_back" in steps else "others"


def _papers(one: Offered) -> str:
    if one.papers is None:
        return ""
    told: Mapping[str, int] = {name: getattr(one.papers, name) for name in one.papers.__dataclass_fields__}
    return label("handing", "papers").format(**told)


def _short(session: Session, row: Handover, holder: str) -> Short:
    clock = session.get(Clock, row.clock_id) if row.clock_id else None
    return Short(
        id=row.id,
        state=row.state,
        state_word=life("handover").state_name(row.state),
        giver=by_code(row.giver).name,
        taker=by_code(row.taker).name,
        holder=by_code(holder).name,
        superior=by_code(row.superior).name,
        due_on=clock.due_on if clock and row.state in handovers.OPEN else None,
    )
