"""The oversight of a case as its page shows it: who asked for what, what was answered, and what may be done now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.web.desk import ledger
from bot.web.desk.labels import label, section
from bot.web.desk.seat import Seat
from intake import remarks
from intake.models import Case, Clock, Event, Oversight, Staff
from intake.viewing import may_see
from routing.authorities import by_code
from routing.desk import oversight as desk
from routing.desk import people
from routing.errors import DeskError
from routing.lives import life

LIFE = "oversight"


@dataclass(frozen=True, slots=True)
class Said:
    """One step with what was written."""

    at: datetime
    words: str
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Act:
    """One act as a form; `day` where it also asks for a day."""

    name: str
    label: str
    field: str
    ask: str
    help: str
    button: str
    day: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One oversight for one viewer."""

    id: int
    number: str
    authority: str
    office: str
    state: str
    state_word: str
    due_on: date | None
    said: tuple[Said, ...]
    acts: tuple[Act, ...]


def shown(session: Session, case: Case, here: Seat) -> Mapping[str, object]:
    """Every oversight of the case, and whether this viewer may open one."""
    rows = desk.of_case(session, case)
    return {"rows": [_shown(session, case, one, here.staff) for one in rows], "open": _opening(case, rows, here.staff)}


def listed(session: Session, viewer: Staff) -> list[Shown]:
    """The oversights that his office opened or has to answer for and that are not closed, the oldest first."""
    query = select(Oversight, Case).join(Case, Case.id == Oversight.case_id).where(Oversight.state != "closed")
    mine = query.where((Oversight.authority == viewer.authority) | (Case.authority == viewer.authority))
    rows = session.execute(mine.order_by(Oversight.id)).all()
    return [_line(session, case, one, viewer) for one, case in rows if may_see(session, case, viewer=viewer)]


def acts() -> Mapping[str, Mapping[str, str]]:
    """The words of the acts, by the name of the act in the address."""
    found: Mapping[str, Mapping[str, str]] = section("oversight_acts")
    return found


def _line(session: Session, case: Case, one: Oversight, viewer: Staff, said: tuple[Said, ...] = ()) -> Shown:
    clock = session.get(Clock, one.clock_id)
    return Shown(
        id=one.id,
        number=case.number,
        authority=by_code(one.authority).name,
        office=by_code(case.authority).name,
        state=one.state,
        state_word=life(LIFE).state_name(one.state),
        due_on=clock.due_on if clock is not None and clock.state == "running" else None,
        said=said,
        acts=_acts(case, one, viewer),
    )


def _shown(session: Session, case: Case, one: Oversight, viewer: Staff) -> Shown:
    events = [
        event
        for event in session.scalars(select(Event).where(Event.case_id == case.id).order_by(Event.id))
        if event.data.get("oversight") == one.id
    ]
    words = remarks.of_events(session, case.id)
    ids = {event.id: int(event.actor.removeprefix("staff:")) for event in events}
    names = ledger.staff_names(session, ids.values())
    said = tuple(
        Said(event.at, label("event", event.kind), names.get(ids[event.id], ""), words.get(event.id, ""))
        for event in events
    )
    return _line(session, case, one, viewer, said)


def _opening(case: Case, rows: list[Oversight], viewer: Staff) -> Act | None:
    """The form that opens one, for whoever may."""
    if case.closed_at is not None or viewer.role not in life(LIFE).moves["open_oversight"].roles:
        return None
    if any(one.authority == viewer.authority and one.state != "closed" for one in rows):
        return None
    return _act("open") if _may(case, viewer) else None


def _acts(case: Case, one: Oversight, viewer: Staff) -> tuple[Act, ...]:
    """What this person may do now; the desk itself asks everything again."""
    open_now = life(LIFE).allowed(one.state, viewer.role)
    return tuple(
        _act(name)
        for name, words in acts().items()
        if words["verb"] in open_now and name != "open" and _fits(name, case, one, viewer)
    )


def _fits(name: str, case: Case, one: Oversight, viewer: Staff) -> bool:
    if name == "answer":
        return viewer.authority == case.authority and not people.conflicted(viewer, case)
    if viewer.authority != one.authority or not _may(case, viewer):
        return False
    return name != "summon" or viewer.authority != case.authority


def _may(case: Case, viewer: Staff) -> bool:
    try:
        desk.may_oversee(viewer, case)
    except DeskError:
        return False
    return True


def _act(name: str) -> Act:
    words = acts()[name]
    verb = life(LIFE).moves[words["verb"]]
    return Act(name, verb.name, words["field"], words["ask"], words["help"], words["button"], "on" in verb.requires)
