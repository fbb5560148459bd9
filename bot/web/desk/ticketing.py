"""The tickets of hotlines on the case page: how each stands, and what may be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.web.desk.labels import label, section
from bot.web.desk.lights import Lamp, of_clock
from bot.web.desk.steps import Asked, Field, Step, may_act
from intake.models import STANDING, Staff
from intake.views import CasePage, TicketView
from routing.lives import life
from routing.rules import Rules


@dataclass(frozen=True, slots=True)
class TicketShown:
    """One ticket; the lamp is that of the hotline's limit, while it runs."""

    label: str
    number: str
    state_word: str
    result: str
    reopened: int
    lamp: Lamp | None
    due_on: date | None


def tickets_shown(found: CasePage, reports: Sequence[Asked], today: date, rules: Rules) -> list[TicketShown]:
    """Every ticket of the case."""
    table, names = life("ticket"), {one.report_id: one.label for one in reports}
    clocks = {clock.id: clock for clock in found.clocks if clock.state in STANDING}
    shown = []
    for one in found.tickets:
        clock = clocks.get(one.clock_id or 0)
        shown.append(
            TicketShown(
                label=names.get(one.report_id, ""),
                number=one.number,
                state_word=table.state_name(one.state),
                result=str(table.table["results"][one.result]) if one.result else "",
                reopened=one.reopened,
                lamp=of_clock(clock, today, rules.calendar) if clock else None,
                due_on=clock.due_on if clock else None,
            )
        )
    return shown


def ticket_steps(staff: Staff, found: CasePage, reports: Sequence[Asked]) -> tuple[Step, ...]:
    """What may be done with the tickets now, a form for each act."""
    if not may_act(staff, found.case):
        return ()
    table, names = life("ticket"), {one.report_id: one.label for one in reports}
    steps = []
    for verb, move in table.moves.items():
        fitting = [one for one in found.tickets if _fits(verb, one, found.case.state, staff.role)]
        if not fitting:
            continue
        words = section("acts")[verb]
        choices = tuple((str(one.report_id), f"{names.get(one.report_id, '')} {one.number}") for one in fitting)
        fields = [Field("report_id", "choice", label("field", "ticket"), choices=choices)]
        if "text" in move.requires:
            fields.append(Field("text", "text", label("field", "ticket_text"), rows=3))
        steps.append(Step(verb, move.name, words["hint"], words["button"], tuple(fields)))
    return tuple(steps)


def _fits(verb: str, ticket: TicketView, state: str, role: str) -> bool:
    """Whether the act is lawful for this ticket today."""
    table = life("ticket")
    if verb not in table.allowed(ticket.state, role):
        return False
    if verb == "close_ticket":
        return state in table.table["case"]["procedure"]
    enough: bool = ticket.reopened >= table.table["reopening"]["most"]
    return enough == (verb == "supervise_ticket")
