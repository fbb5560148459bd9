"""What an act does to a case and its clocks: decided purely, so that the ledger and a walk in memory share one answer.

The clocks may be rows of the ledger or plain values: whatever has the fields of `Ticking`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, Protocol, TypeVar

from routing.errors import (
    ApprovalNeeded,
    BadExtension,
    NothingSuspended,
    NothingToExtend,
    NothingToSuspend,
    RecordNeeded,
    SuspendedAlready,
    TooLateToExtend,
    TooLateToSuspend,
    UnknownSuspension,
)
from routing.lawbook import LawBook
from routing.lives import Move, life
from routing.wording import long_day

RUNNING, SUSPENDED = "running", "suspended"
INVESTIGATED = "case_decide"
"""The clock that runs from 立案 to the decision: where it stands, the case is a penalty case."""


class Ticking(Protocol):
    """A clock that has not ended, as far as the table of moves is concerned.

    Its types are open because a row of the ledger declares columns where a value declares texts and days.
    """

    @property
    def kind(self) -> Any:
        """Its key in the law book."""

    @property
    def state(self) -> Any:
        """RUNNING or SUSPENDED."""

    @property
    def starts_on(self) -> Any:
        """The day from which it runs."""

    @property
    def due_on(self) -> Any:
        """Its last day."""

    @property
    def extended(self) -> Any:
        """How often it was extended."""


C = TypeVar("C", bound=Ticking)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a move does: the state it leads to, the kinds of clocks that end, and those that begin."""

    state: str
    stops: tuple[str, ...]
    starts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Extension(Generic[C]):
    """Which clock is extended, for which time, by how many days (0: all that the law allows), and who approves."""

    clock: C
    times: int
    days: int
    approval: str


def effect(move: Move, state: str, standing: Iterable[str], side: str, *, named: bool, rewarded: bool) -> Effect:
    """What the move does to a case in `state` whose clocks of the kinds `standing` have not ended.

    `named`: somebody told under his own name; `rewarded`: somebody wants a reward that may be due. A kind that goes
    on is not started a second time.
    """
    kinds = list(dict.fromkeys(standing))
    stops = tuple(kind for kind in kinds if move.stops_clock(kind))
    begin = [*move.clocks(side, named=named), *(move.starts.get("reward", ()) if rewarded else ())]
    return Effect(move.leads(state), stops, tuple(kind for kind in begin if kind in stops or kind not in kinds))


def after_answer(standing: Iterable[str], *, taken_up: bool) -> str:
    """Where a case goes whose teller answered a question: back to where it stood."""
    if INVESTIGATED in standing:
        return "investigating"
    return "accepted" if taken_up else "received"


def suspending(clocks: Sequence[C], ground: str, *, law: LawBook, today: date) -> list[C]:
    """The clocks whose law excludes the time of this ground; refused where there is none, or one ran out already."""
    known = grounds()
    if ground not in known:
        raise UnknownSuspension(ground=ground, known="、".join(known.values()))
    fitting = [clock for clock in clocks if ground in law.kind(clock.kind).exclude]
    if any(clock.state == SUSPENDED for clock in fitting):
        raise SuspendedAlready
    found = [clock for clock in fitting if clock.state == RUNNING]
    if not found:
        raise NothingToSuspend(ground=known[ground])
    if late := [clock for clock in found if clock.due_on < today]:
        raise TooLateToSuspend(due=long_day(late[0].due_on))
    return found


def resuming(clocks: Sequence[C]) -> list[C]:
    """The clocks that stand still; refused where none does."""
    found = [clock for clock in clocks if clock.state == SUSPENDED]
    if not found:
        raise NothingSuspended
    return found


def extending(clocks: Sequence[C], *, law: LawBook, place: str, today: date, days: int = 0) -> Extension[C]:
    """The earliest running clock that may be extended once more, in time, by no more than the law gives."""
    open_to = [
        one
        for one in sorted(clocks, key=lambda clock: (clock.due_on, clock.kind))
        if one.state == RUNNING and one.extended < law.extensions(one.kind, one.starts_on, place)
    ]
    if not open_to:
        raise NothingToExtend
    clock = open_to[0]
    if today > clock.due_on:
        raise TooLateToExtend(due=long_day(clock.due_on))
    times = clock.extended + 1
    most = law.value(f"{clock.kind}.extend{times}", clock.starts_on, place).value
    least = 1 if times in law.kind(clock.kind).extend_up_to else most
    if days and not least <= days <= most:
        raise BadExtension(least=least, most=most)
    return Extension(clock, times, 0 if days == most else days, approval_of(law, clock.kind, times))


def approved(extension: Extension[Any], role: str, *, law: LawBook, record: str = "") -> None:
    """Refuse whoever may not approve this extension himself, and a collective decision without its record."""
    row = approvals()[extension.approval]
    if role not in row["roles"]:
        raise ApprovalNeeded(clock=law.kind(extension.clock.kind).name, approval=row["name"])
    if "record" in row.get("requires", ()) and not record.strip():
        raise RecordNeeded


def approval_of(law: LawBook, kind: str, times: int) -> str:
    """Who approves the extension number `times` of a kind; where the law book names nobody, the head does."""
    named = law.kind(kind).extend_by
    return named[times - 1] if times <= len(named) else "leader"


def grounds() -> Mapping[str, str]:
    """The grounds for which a clock may stand still, with their names."""
    return dict(life("case").table["suspensions"])


def approvals() -> Mapping[str, Mapping[str, Any]]:
    """Who may approve extensions, by name."""
    rows: Mapping[str, Mapping[str, Any]] = life("case").table["approvals"]
    return rows
