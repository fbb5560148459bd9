"""The queue: the open cases of an authority by due date, with lights, filters and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from bot.web import door
from bot.web.desk import facts
from bot.web.desk.labels import label, section, told_of
from bot.web.desk.ledger import Line, Wanted, queue, tally
from bot.web.desk.lights import Lamp, of_clock
from bot.web.desk.seat import PATH, Seat, SeatHere
from bot.web.errors import Refused
from bot.web.templating import page
from intake.viewing import ACTING
from routing import states
from routing.authorities import by_code
from routing.rules import Rules, legal_day

PER_PAGE = 25
CLOSED = "closed"
ONLOOKERS = frozenset({"supervisor", "federation"})

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Row:
    """One case as a line of the queue."""

    number: str
    lamp: Lamp | None
    due_on: date | None
    hotline: Lamp | None
    """The light of a hotline's limit, kept apart from the law's."""
    hotline_on: date | None
    title: str
    place: str
    about: tuple[str, ...]
    side: str
    side_word: str
    state_word: str
    organ: str
    outcome: str
    reports: int | None
    handler: str
    authority: str


@dataclass(frozen=True, slots=True)
class Box:
    """One figure above the queue, with the filter that shows what it counts."""

    count: int
    words: str
    colour: str
    href: str
    current: bool


@router.get(PATH)
def show(
    request: Request,
    here: SeatHere,
    q: Annotated[str, Query(max_length=80)] = "",
    side: str = "",
    state: str = "",
    overdue: str = "",
    mine: str = "",
    due: str = "",
    done: str = "",
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> Response:
    """The queue of those who handle cases; the list of those who look on; everybody else goes where his work is."""
    if here.role not in ACTING | ONLOOKERS:
        return _elsewhere(here)
    app, today = door.app_of(request), legal_day(door.now())
    wanted = Wanted(q.strip(), side, state, bool(overdue), bool(mine), due)
    if here.role in ONLOOKERS:
        shut = state == CLOSED
        wanted = Wanted(state=CLOSED if shut else "", overdue=here.role == "supervisor" and not shut)
    soon = app.rules.calendar.add_working_days(today, 3).due_on
    with app.database.reading() as session:
        found = queue(session, wanted, viewer=here.staff, today=today, soon=soon, page=number, per_page=PER_PAGE)
        counts = tally(session, viewer=here.staff, today=today, soon=soon) if here.role in ACTING else {}
    rows = [row_of(line, today, app.rules) for line in found.lines]
    common: dict[str, Any] = {
        "seat": here,
        "rows": rows,
        "today": today,
        "told": told_of(done),
        "heading": _heading(here, wanted),
        "here": PATH,
        "page": number,
        "pages": -(-found.total // PER_PAGE),
        "total": found.total,
    }
    if here.role in ONLOOKERS:
        return page("desk/onlookers.html", **common, closed=wanted.state == CLOSED, words=section("onlooker"))
    return page(
        "desk/queue.html",
        **common,
        tally=_boxes(counts, wanted),
        filters=wanted,
        filtered=wanted != Wanted(),
        choices={"sides": section("side").items(), "states": states.table()["states"].items()},
        several=len({row.authority for row in rows}) > 1 or any(row.authority != here.office for row in rows),
        link=lambda to: _link(wanted, to),
    )


def row_of(line: Line, today: date, rules: Rules) -> Row:
    """A line of the ledger as a row of the page."""
    case, clock = line.case, line.clock
    return Row(
        number=case.number,
        lamp=of_clock(clock, today, rules.calendar) if clock else None,
        due_on=clock.due_on if clock else None,
        hotline=of_clock(line.hotline, today, rules.calendar) if line.hotline else None,
        hotline_on=line.hotline.due_on if line.hotline else None,
        title=facts.title(case),
        place=facts.short_place(case.place),
        about=facts.about(case.codes),
        side=case.side,
        side_word=label("side", case.side),
        state_word=states.state_name(case.state),
        organ=case.organ or "",
        outcome=states.outcome_name(case.outcome),
        reports=line.reports,
        handler=line.handler,
        authority=by_code(case.authority).name,
    )


def _elsewhere(here: Seat) -> Response:
    """Where somebody works who has no list of cases."""
    first = next(iter(here.tabs), None)
    if first is None:
        raise Refused(403, "forbidden", label("refused", "administrator"))
    return RedirectResponse(first, 303)


def _heading(here: Seat, wanted: Wanted) -> str:
    if here.role in ONLOOKERS:
        key = "supervised" if here.role == "supervisor" else "federated"
        return label("heading", f"{key}_closed" if wanted.state == CLOSED else key)
    if wanted.state == CLOSED:
        return label("heading", "closed")
    return label("heading", "subordinate" if here.role == "leader" and _has_subordinates(here) else "queue")


def _has_subordinates(here: Seat) -> bool:
    return by_code(here.staff.authority).level != "county"


def _boxes(counts: Mapping[str, int], wanted: Wanted) -> list[Box]:
    colours = {"open": "brand-box", "overdue": "red", "today": "orange"}
    return [
        Box(
            count=counts[name],
            words=label("tally", name),
            colour=colours.get(name, ""),
            href=_link(only, 1),
            current=only == wanted,
        )
        for name, only in _SHORTCUTS.items()
    ]


_SHORTCUTS: Mapping[str, Wanted] = {
    "open": Wanted(),
    "overdue": Wanted(overdue=True),
    "today": Wanted(due="today"),
    "soon": Wanted(due="soon"),
    "fresh": Wanted(state="received"),
}


def _link(wanted: Wanted, to: int) -> str:
    given = {name: "1" if value is True else value for name, value in asdict(wanted).items() if value}
    if to > 1:
        given["page"] = str(to)
    return f"{PATH}?{urlencode(given)}" if given else PATH
