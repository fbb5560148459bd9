"""Figures of one month: exact for those who handle the cases, with small counts withheld for those who look on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from bot.web import door
from bot.web.desk.facts import about
from bot.web.desk.labels import label
from bot.web.desk.seat import PATH, SeatHere
from bot.web.errors import Refused
from bot.web.templating import page
from intake import access, statistics
from intake.errors import NotAllowed
from intake.views import Counts
from routing import states
from routing.rules import SHANGHAI, legal_day

HERE = f"{PATH}/figures"
MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
ONE_DAY = timedelta(days=1)

router = APIRouter()


@router.get(HERE)
def show(request: Request, here: SeatHere, month: str = "") -> HTMLResponse:
    """The month that was asked for; the last whole one where none was, or none that can be read."""
    app, today = door.app_of(request), legal_day(door.now())
    written = MONTH.fullmatch(month)
    first = date(int(written[1]), int(written[2]), 1) if written else _before(today)
    try:
        with app.database.reading() as session:
            found = statistics.counts(
                session, viewer=here.staff, since=_begins(first), until=_begins(_after(first)), today=today,
                small=app.settings.small_cell,
            )  # fmt: skip
    except NotAllowed as refused:
        raise Refused(403, "forbidden", label("refused", "role")) from refused
    return page(
        "desk/figures.html",
        seat=here,
        here=HERE,
        month=f"{first:%Y-%m}",
        before=f"{_before(first):%Y-%m}",
        after=f"{_after(first):%Y-%m}" if _after(first) <= today else "",
        totals=[(label("figure", name), count) for name, count in _totals(found)],
        lines=list(_lines(found)),
        mean=found.mean_stars,
        exact=access.ever(here.role, "statistics", "exact"),
        small=app.settings.small_cell,
    )


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(0), SHANGHAI)


def _before(day: date) -> date:
    """The first day of the month before."""
    return (day.replace(day=1) - ONE_DAY).replace(day=1)


def _after(first: date) -> date:
    """The first day of the month after."""
    return (first + timedelta(days=31)).replace(day=1)


def _totals(found: Counts) -> Iterator[tuple[str, int | None]]:
    for name in ("opened", "reports", "closed", "open_now", "overdue", "ratings"):
        yield name, getattr(found, name)


def _lines(found: Counts) -> Iterator[tuple[str, list[tuple[str, int | None]]]]:
    """Each breakdown with its words."""
    told: Mapping[str, Mapping[str, int | None]] = {
        "by_side": found.by_side,
        "by_state": found.by_state,
        "by_outcome": found.by_outcome,
        "by_code": found.by_code,
    }
    for name, counts in told.items():
        if counts:
            yield label("figure", name), [(_word(name, key), count) for key, count in counts.items()]


def _word(line: str, key: str) -> str:
    if line == "by_side":
        return label("side", key)
    if line == "by_state":
        return states.state_name(key)
    return states.outcome_name(key) if line == "by_outcome" else "".join(about([key]))
