"""The lawful next steps of a case for one member of staff, as forms; what is not lawful now is not offered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial

from bot.web.desk.labels import label, section
from intake import names
from intake.models import STANDING, Staff
from intake.views import CaseView, ClockView
from nlu import places
from routing import course, states
from routing.authorities import by_code, line_above
from routing.desk import assigning, referring
from routing.errors import DeskError
from routing.rules import Rules

TO = frozenset({"offer", "assign", "note_assignment"})
"""The acts that name another authority."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in: `kind` is text, line, number, date, choice or authority."""

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
    today: date,
    *,
    handing: Iterable[str] = (),
    blocked: Iterable[str] = (),
) -> tuple[Step, ...]:
    """What may be done now, in the order of the desk's words; an act that would be refused today is not offered.

    `handing` are the acts between authorities that are open now, `blocked` those that wait for another authority.
    """
    if not may_act(staff, case):
        return ()
    now = _Now(staff, case, clocks, reports, rules, today)
    may = (verb for verb in states.allowed(case.state, staff.role, case.side) if now.sensible(verb))
    open_now = {*may, *handing} - {*blocked}
    return tuple(_step(verb, words, now) for verb, words in section("acts").items() if verb in open_now)


@dataclass(frozen=True, slots=True)
class _Now:
    """The case as it stands for one member of staff today."""

    staff: Staff
    case: CaseView
    clocks: Sequence[ClockView]
    reports: Sequence[Asked]
    rules: Rules
    today: date

    def sensible(self, verb: str) -> bool:
        """Whether the clocks let this act be done."""
        standing = [clock for clock in self.clocks if clock.state in STANDING]
        kinds = {clock.kind for clock in standing}
        if verb in {"extend", "ask_extension"}:
            return self.extension() is not None and (verb == "ask_extension") != self.approves()
        if verb == "suspend":
            return bool(self.grounds())
        if verb == "resume":
            return any(clock.state == course.SUSPENDED for clock in standing)
        return "tell_real_name" in kinds if verb == "tell_opened" else True

    def extension(self) -> course.Extension[ClockView] | None:
        """The extension that can be granted today."""
        place = by_code(self.case.authority).place
        try:
            return course.extending(self.clocks, law=self.rules.law, place=place, today=self.today)
        except DeskError:
            return None

    def approves(self) -> bool:
        """Whether this member of staff may grant it himself."""
        found = self.extension()
        return found is not None and self.staff.role in course.approvals()[found.approval]["roles"]

    def grounds(self) -> Mapping[str, str]:
        """For what a clock can be suspended today."""
        found = {}
        for ground, name in course.grounds().items():
            with suppress(DeskError):
                course.suspending(self.clocks, ground, law=self.rules.law, today=self.today)
                found[ground] = name
        return found


def _step(verb: str, words: Mapping[str, str], now: _Now) -> Step:
    nearby = tuple(_nearby(now.case, verb)) if verb in TO else ()
    fields = tuple(_fields(verb, now))
    return Step(verb, states.act_name(verb), words["hint"], words["button"], fields, nearby)


def _fields(verb: str, now: _Now) -> Iterator[Field]:
    reports, named = now.reports, partial(label, "field")
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
    elif verb in _OF_CLOCKS or verb in _OF_OPENING:
        yield from _of_life(verb, now)
    elif verb in {"decide", "conclude"}:
        yield Field("outcome", "choice", named("outcome"), choices=tuple(states.outcomes().items()))
        yield Field("finding", "text", named("finding"), rows=6)
    elif verb == "reply":
        yield Field("text", "text", named("text"), rows=6, help=named("text_help"))


_OF_CLOCKS = frozenset({"ask_extension", "extend", "suspend", "resume"})
_OF_OPENING = frozenset({"open_case", "not_open", "reopen"})


def _of_life(verb: str, now: _Now) -> Iterator[Field]:
    """What the clocks' acts and the opening of a penalty case ask for."""
    named = partial(label, "field")
    if verb == "suspend":
        yield Field("ground", "choice", named("ground"), choices=tuple(now.grounds().items()))
        yield Field("note", "text", named("note_suspend"), rows=3, help=named("suspend_help"))
    elif verb == "resume":
        yield Field("note", "text", named("note_resume"), rows=3)
    elif verb == "not_open":
        yield Field("ground", "choice", named("reason_choice"), choices=tuple(states.grounds_not_open().items()))
        yield Field("reason", "text", named("reason_text"))
    else:
        yield Field("reason", "text", named(f"reason_{verb}"), rows=3)
    found = now.extension() if verb == "extend" else None
    if found is None:
        return
    law = now.rules.law
    if found.times in law.kind(found.clock.kind).extend_up_to:
        place = by_code(now.case.authority).place
        most = law.value(f"{found.clock.kind}.extend{found.times}", found.clock.starts_on, place).value
        yield Field("days", "number", named("days"), help=named("days_help").format(most=most), required=False)
    if "record" in course.approvals()[found.approval].get("requires", ()):
        yield Field("record", "line", named("record"))


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
