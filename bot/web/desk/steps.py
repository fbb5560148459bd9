"""The lawful next steps of a case for one member of staff, as forms; what is not lawful now is not offered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.web.desk.labels import label, section
from intake import names
from intake.models import Staff
from intake.views import CaseView, ClockView
from nlu import places
from routing import states
from routing.authorities import by_code, line_above
from routing.desk import assigning, referring
from routing.rules import Rules

TO = frozenset({"offer", "assign", "note_assignment"})
"""The acts that name another authority."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in: `kind` is text, line, date, choice or authority."""

    name: str
    kind: str
    label: str
    help: str = ""
    rows: int = 4
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """One act as a form."""

    name: str
    label: str
    hint: str
    button: str
    fields: tuple[Field, ...]
    nearby: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """One report that can be asked: its number in the ledger and what the page calls it."""

    report_id: int
    label: str


def may_act(staff: Staff, case: CaseView) -> bool:
    """Whether the member of staff may do anything to this case at all."""
    mine = staff.authority == case.authority and staff.authority not in case.routing.get("excluded", ())
    return mine and not names.conflict(staff.interests, case.institution)


def why_nothing(staff: Staff, case: CaseView) -> str:
    """Why no step is offered, in a sentence."""
    if names.conflict(staff.interests, case.institution):
        return label("refused", "nothing_conflict")
    if staff.authority != case.authority:
        return label("refused", "nothing_elsewhere")
    if case.closed_at is not None:
        return label("refused", "nothing_closed")
    return label("refused", "nothing_else" if staff.role in {"officer", "leader"} else "nothing_role")


def steps(
    staff: Staff,
    case: CaseView,
    clocks: Sequence[ClockView],
    reports: Sequence[Asked],
    rules: Rules,
    *,
    late: bool,
    handing: Iterable[str] = (),
) -> tuple[Step, ...]:
    """What may be done now, in the order of the desk's words; `late` where the first clock has run out.

    `handing` are the acts between authorities that are open now.
    """
    if not may_act(staff, case):
        return ()
    open_now = {*states.allowed(case.state, staff.role), *handing}
    if late or not _extendable(case, clocks, rules):
        open_now.discard("extend")
    return tuple(_step(verb, words, case, reports) for verb, words in section("acts").items() if verb in open_now)


def _extendable(case: CaseView, clocks: Sequence[ClockView], rules: Rules) -> bool:
    place = by_code(case.authority).place
    return any(
        clock.state == "running" and clock.extended < rules.law.extensions(clock.kind, clock.starts_on, place)
        for clock in clocks
    )


def _step(verb: str, words: Mapping[str, str], case: CaseView, reports: Sequence[Asked]) -> Step:
    nearby = tuple(_nearby(case, verb)) if verb in TO else ()
    fields = tuple(_fields(verb, reports))
    return Step(verb, states.act_name(verb), words["hint"], words["button"], fields, nearby)


def _fields(verb: str, reports: Sequence[Asked]) -> Iterator[Field]:
    def named(name: str) -> str:
        return label("field", name)

    if verb == "decline":
        yield Field("reason", "choice", named("reason_choice"), choices=tuple(states.decline_reasons().items()))
        yield Field("text", "text", named("reason_text"))
    elif verb == "ask":
        asked = tuple((str(one.report_id), one.label) for one in reports)
        yield Field("report_id", "choice", named("report"), choices=asked)
        yield Field("question", "text", named("question"), help=named("ask_help"))
    elif verb in TO:
        yield Field("authority", "authority", named(f"authority_{verb}"), help=named("authority_help"))
        if verb != "note_assignment":
            yield Field("reason", "text", named("reason"), rows=3)
        if verb != "offer":
            yield Field("weight", "choice", named("weight"), choices=tuple(assigning.weights().items()))
            yield Field("due", "date", named("due"), help=named("due_help"), required=False)
            yield Field("paper", "line", named("paper"), required=False)
    elif verb in {"dispute", "take_back"}:
        yield Field("reason", "text", named("reason"), rows=3)
    elif verb == "report_back":
        yield Field("text", "text", named("report_back"), rows=6)
    elif verb == "refer":
        yield Field("department", "choice", named("department"), choices=tuple(referring.departments().items()))
        yield Field("text", "text", named("refer_text"), help=named("text_help"))
        yield Field("paper", "line", named("paper"), required=False)
    elif verb == "extend":
        yield Field("reason", "text", named("reason_extend"), rows=3)
    elif verb == "decide":
        yield Field("outcome", "choice", named("outcome"), choices=tuple(states.outcomes().items()))
        yield Field("finding", "text", named("finding"), rows=6)
    elif verb == "reply":
        yield Field("text", "text", named("text"), rows=6, help=named("text_help"))


def _nearby(case: CaseView, verb: str) -> Iterator[str]:
    """The authorities that are meant most often: the one above and the neighbours, or those below, or those above."""
    own = by_code(case.authority)
    above = list(line_above(own))
    if verb == "assign":
        around = [f"YB-{place.code}" for place in places.children(own.place)]
    elif verb == "note_assignment":
        around = [one.code for one in above]
    else:
        around = [above[0].code, *(f"YB-{one.code}" for one in places.children(above[0].place))] if above else []
    for code in around:
        if code != own.code and code not in case.routing.get("excluded", ()):
            found = by_code(code)
            yield label("form", "statutory_name").format(name=found.name, code=found.code)
