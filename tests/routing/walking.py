"""A case, its reward and its ticket in memory, moved by the same tables and the same pure functions as the ledger's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from routing import course, standstill, states
from routing.authorities import by_code
from routing.course import RUNNING, SUSPENDED, effect
from routing.deadlines import count, lengths_of, values_of
from routing.desk import people
from routing.errors import DeskError, SameAuthority
from routing.lives import Move, life
from routing.standstill import Span
from tests.routing.conftest import RULES

AUTHORITIES = ("YB-621021", "YB-621002", "YB-621000", "YB-620000")
ROLES = ("officer", "leader", "supervisor", "administrator")
HOTLINE, CLOSED = "hotline_reply", "closed"
ACCUSED = "YB-621022"


@dataclass(slots=True)
class Ticks:
    """One clock; it has the fields of `course.Ticking`."""

    kind: str
    starts_on: date
    due_on: date
    state: str = RUNNING
    extended: int = 0
    granted: tuple[int, ...] = ()
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff, as far as the question goes whether he may handle a case."""

    role: str
    authority: str
    active: bool = True
    interests: str = ""
    id: int = 1
    name: str = "某某"


@dataclass(slots=True)
class Life:
    """A case with the rewards and the ticket that hang on it."""

    side: str
    named: bool
    wants: bool
    ticket: str
    """The state of its ticket; empty where no hotline handed it over."""
    authority: str = AUTHORITIES[0]
    id: None = None
    """As of a case that is not yet written."""
    institution: str = ""
    state: str = "received"
    reward: str = "none"
    outcome: str | None = None
    handler: bool = False
    clocks: list[Ticks] = field(default_factory=list)
    routing: Mapping[str, Any] = field(default_factory=lambda: {"excluded": (ACCUSED,)})

    def shot(self) -> tuple[object, ...]:
        """All that an act may change."""
        clocks = tuple((one.kind, one.state, one.due_on, one.extended, one.granted, one.spans) for one in self.clocks)
        return self.authority, self.state, self.reward, self.ticket, self.outcome, self.handler, clocks


PEOPLE = {(role, where): Person(role, where) for role in ROLES for where in (*AUTHORITIES, ACCUSED)}


@lru_cache(maxsize=200_000)
def last_day(
    kind: str, start: date, place: str, extended: int, granted: tuple[int, ...], spans: tuple[Span, ...]
) -> date:
    """The due date as `deadlines.due` finds it, without its derivation."""
    values = values_of(kind, start, law=RULES.law, place=place, extended=extended)
    total = values[0].value + sum(lengths_of(values[1:], granted))
    return count(RULES.calendar.at(place), start, total, values[0].unit, spans).due_on


def reckon(case: Life, clock: Ticks) -> None:
    """Work a clock out again, as `clocks.reckon` does."""
    place = by_code(case.authority).place
    clock.due_on = last_day(clock.kind, clock.starts_on, place, clock.extended, clock.granted, clock.spans)


def begin(case: Life, kind: str, today: date) -> None:
    """Start a clock."""
    clock = Ticks(kind, today, today)
    reckon(case, clock)
    case.clocks.append(clock)


def received(dice: Random, today: date) -> Life:
    """A new case of either side, with its clocks from receipt."""
    side = dice.choice(("citizen", "citizen", "enterprise"))
    case = Life(side, dice.random() < 0.3, dice.random() < 0.4, "open" if dice.random() < 0.4 else "")
    for kind in (*states.filing_clocks(side), *([HOTLINE] if case.ticket else [])):
        begin(case, kind, today)
    return case


def apply(case: Life, move: Move, state: str, today: date) -> str:
    """Carry a move out on the clocks of the case; gives the state to which it leads."""
    found = effect(
        move,
        state,
        [clock.kind for clock in case.clocks],
        case.side,
        named=case.named,
        rewarded=case.wants and case.side == "citizen" and states.may_reward(case.outcome, move.leads(state)),
    )
    if HOTLINE in found.stops:
        case.ticket = CLOSED
    case.clocks = [clock for clock in case.clocks if clock.kind not in found.stops]
    for kind in found.starts:
        begin(case, kind, today)
    return found.state


def act(case: Life, verb: str, who: Person, dice: Random, today: date) -> None:
    """An act of staff on the case."""
    people.may_handle(who, case)  # type: ignore[arg-type]
    move = states.check(verb, case.state, _role(states.moves()[verb], who), case.side)
    before = BEFORE.get(verb)
    if before is not None:
        before(case, who, dice, today)
    case.state = apply(case, move, case.state, today)


def _accept(case: Life, who: Person, dice: Random, today: date) -> None:
    case.handler = True


def _outcome(case: Life, who: Person, dice: Random, today: date) -> None:
    case.outcome = dice.choice(tuple(states.outcomes()))


def _not_opened(case: Life, who: Person, dice: Random, today: date) -> None:
    case.outcome = "not_opened"


def _transfer(case: Life, who: Person, dice: Random, today: date) -> None:
    taker = dice.choice(AUTHORITIES)
    if taker == case.authority:
        raise SameAuthority(authority=taker)
    case.authority, case.handler = taker, False


def _suspend(case: Life, who: Person, dice: Random, today: date) -> None:
    ground = dice.choice(tuple(course.grounds()))
    for clock in course.suspending(case.clocks, ground, law=RULES.law, today=today):
        clock.spans, clock.state = standstill.begun(clock.spans, ground, today), SUSPENDED


def _resume(case: Life, who: Person, dice: Random, today: date) -> None:
    for clock in course.resuming(case.clocks):
        clock.spans, clock.state = standstill.ended(clock.spans, today), RUNNING
        reckon(case, clock)
        assert clock.due_on >= today, "what goes on has a day left"


def _ask_extension(case: Life, who: Person, dice: Random, today: date) -> None:
    course.extending(case.clocks, law=RULES.law, place=by_code(case.authority).place, today=today)


def _extend(case: Life, who: Person, dice: Random, today: date) -> None:
    place = by_code(case.authority).place
    days = dice.choice((0, 0, 0, 10, 30, 60, 61))
    found = course.extending(case.clocks, law=RULES.law, place=place, today=today, days=days)
    course.approved(found, who.role, law=RULES.law, record=dice.choice(("", "record")))
    clock, before = found.clock, found.clock.due_on
    clock.extended, clock.granted = found.times, (*clock.granted, found.days)
    reckon(case, clock)
    assert clock.due_on > before


def _merge(case: Life, who: Person, dice: Random, today: date) -> None:
    """What runs for single tellers goes into the other case with their reports."""
    case.clocks = [clock for clock in case.clocks if clock.kind not in states.of_tellers()]
    case.ticket = ""
    case.outcome = "merged"


def _reopen(case: Life, who: Person, dice: Random, today: date) -> None:
    case.outcome, case.handler = None, True


BEFORE: Mapping[str, Callable[[Life, Person, Random, date], None]] = {
    "accept": _accept,
    "decide": _outcome,
    "conclude": _outcome,
    "not_open": _not_opened,
    "transfer": _transfer,
    "suspend": _suspend,
    "resume": _resume,
    "ask_extension": _ask_extension,
    "extend": _extend,
    "merge": _merge,
    "reopen": _reopen,
}
"""What an act does beside its row of the table; an act without an entry does what the row says."""


def of_reward(case: Life, verb: str, who: Person, today: date) -> None:
    """An act on the reward: of staff, of the teller, or of time."""
    move = states.reward_moves()[verb]
    if not states.may_reward(case.outcome, case.state) and case.reward == "none":
        raise DeskError
    case.reward = apply(case, states.check_reward(verb, case.reward, _role(move, who) or None), case.reward, today)


def of_ticket(case: Life, verb: str, who: Person, today: date) -> None:
    """An act on the ticket; whoever was not content brings an answered case back."""
    table = life("ticket")
    if not case.ticket:
        raise DeskError
    people.may_handle(who, case)  # type: ignore[arg-type]
    move = table.check(verb, case.ticket, who.role)
    again = states.moves()["reopen"]
    if verb == "close_ticket":
        if case.state not in table.table["case"]["procedure"]:
            raise DeskError
    elif case.state in again.source:
        states.check("reopen", case.state, who.role, case.side)
        case.outcome, case.handler = None, True
        case.state = apply(case, again, case.state, today)
    case.ticket = apply(case, move, case.ticket, today)


def answer(case: Life) -> None:
    """The teller answers a question."""
    states.check_teller("add", case.state)
    if case.state == "supplementing":
        case.state = course.after_answer([clock.kind for clock in case.clocks], taken_up=case.handler)


def _role(move: Move, who: Person) -> str:
    """Tellers have no role, and what the system does (an authority takes a case over) it does itself."""
    return "" if not move.roles else "system" if move.roles == ("system",) else who.role


def step(case: Life, dice: Random, today: date) -> str:
    """One act by somebody, three in four by whoever may do it; gives its name."""
    who = PEOPLE[dice.choice(("officer", "leader", "leader")), case.authority]
    rewards = [verb for verb, move in states.reward_moves().items() if case.reward in move.source]
    allowed = (*states.allowed(case.state, who.role, case.side), *(rewards if case.wants else ()))
    if case.ticket:
        allowed = (*allowed, *life("ticket").allowed(case.ticket, who.role))
    if dice.random() < 0.25 or not allowed:
        who = PEOPLE[dice.choice(ROLES), dice.choice((*AUTHORITIES, ACCUSED))]
        verb = dice.choice(EVERYTHING)
    else:
        verb = dice.choice(allowed)
    if verb in states.moves():
        act(case, verb, who, dice, today)
    elif verb in states.reward_moves():
        of_reward(case, verb, who, today)
    elif verb in life("ticket").moves:
        of_ticket(case, verb, who, today)
    else:
        answer(case)
    return verb


EVERYTHING = (*states.moves(), *states.reward_moves(), *life("ticket").moves, "answer", "answer", "answer")
DAY = timedelta(days=1)
