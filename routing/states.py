"""The life of a case as one table of allowed moves (states.toml), and the questions asked of it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from routing.errors import NotNow, UnknownOutcome, UnknownReason, WrongRole

ALL = "*"


@dataclass(frozen=True, slots=True)
class Move:
    """One act: who may do it, from which states, where it leads, what it needs, which clocks it stops and starts."""

    verb: str
    name: str
    source: frozenset[str]
    target: str | None = None
    roles: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    starts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def stops_clock(self, kind: str) -> bool:
        """Whether this act ends a clock of this kind; what belongs to a reward ends with the reward."""
        return kind in self.stops or (ALL in self.stops and kind not in of_rewards())

    def clocks(self, side: str, *, named: bool) -> tuple[str, ...]:
        """The clocks that start, for a case of this side, with a real-name teller or without."""
        return starting(self.starts, side, named=named)


@cache
def table() -> Mapping[str, Any]:
    """The table as written."""
    return tomllib.loads(resources.files("routing").joinpath("states.toml").read_text(encoding="utf-8"))


@cache
def moves() -> Mapping[str, Move]:
    """The acts of officers by verb."""
    return {verb: _move(verb, row) for verb, row in table()["verbs"].items()}


@cache
def teller_moves() -> Mapping[str, Move]:
    """The acts of tellers by verb."""
    return {verb: _move(verb, row) for verb, row in table()["teller"].items()}


@cache
def reward_moves() -> Mapping[str, Move]:
    """The acts on a reward by verb: of officers, of tellers and of time."""
    return {verb: _move(verb, row) for verb, row in table()["reward"]["verbs"].items()}


@cache
def of_rewards() -> frozenset[str]:
    """The clocks of rewards: they run on when the case is closed, and no other teller is told of them."""
    return frozenset(table()["reward"]["outlives"])


def may_reward(outcome: str | None, state: str) -> bool:
    """Whether a case with this outcome, in this state, can lead to a reward."""
    return outcome in table()["reward"]["outcomes"] and state in table()["reward"]["cases"]


def reward_state_name(state: str) -> str:
    """What people read for the state of a reward."""
    return str(table()["reward"]["states"][state])


def check_reward(verb: str, state: str, role: str | None = None) -> Move:
    """The move of a reward in this state, or a refusal; `role` is None for tellers."""
    move = reward_moves()[verb]
    if role is not None and role not in move.roles:
        raise _wrong_role(move, role)
    if state not in move.source:
        mine = [one for one in reward_moves().values() if (role in one.roles if role else not one.roles)]
        open_now = [one.name for one in mine if state in one.source]
        raise NotNow(state=reward_state_name(state), verb=move.name, allowed="、".join(open_now) or "—")
    return move


def act_name(verb: str) -> str:
    """What people read for an act of staff, on a case or on a reward."""
    return (moves().get(verb) or reward_moves()[verb]).name


def starting(starts: Mapping[str, tuple[str, ...]], side: str, *, named: bool) -> tuple[str, ...]:
    """The clocks of a side; a real-name teller has clocks of his own where the table names them."""
    if named and f"{side}_named" in starts:
        return starts[f"{side}_named"]
    return starts.get(side, ())


def filing_clocks(side: str) -> tuple[str, ...]:
    """The clocks that run from receipt."""
    return tuple(table()["filing"]["starts"][side])


def joinable(state: str) -> bool:
    """Whether a later report of the same matter may be attached to a case in this state."""
    return state in table()["filing"]["joins"]


def state_name(state: str) -> str:
    """What people read for a state."""
    return str(table()["states"][state])


def outcome_name(outcome: str | None) -> str:
    """What people read for an outcome; empty while there is none."""
    return str({**table()["outcomes"], **table()["outcomes_without_decision"]}[outcome]) if outcome else ""


def outcomes() -> Mapping[str, str]:
    """The outcomes an officer may decide on, with their names."""
    return dict(table()["outcomes"])


def decline_reasons() -> Mapping[str, str]:
    """The grounds for declining, with their names."""
    return {code: str(row["name"]) for code, row in table()["decline"].items()}


def remedy(reason: str) -> str:
    """What a declined teller can still do."""
    return str(table()["decline"][reason]["remedy"])


def allowed(state: str, role: str) -> tuple[str, ...]:
    """The verbs open to a role in a state, in the order of the table: what the desk shows as buttons."""
    return tuple(verb for verb, move in moves().items() if state in move.source and role in move.roles)


def check(verb: str, state: str, role: str) -> Move:
    """The move, or a refusal that says what is possible instead."""
    move = moves()[verb]
    if role not in move.roles:
        raise _wrong_role(move, role)
    if state not in move.source:
        raise _not_now(move, state, [moves()[each].name for each in allowed(state, role)])
    return move


def check_teller(verb: str, state: str) -> Move:
    """The teller's move, or a refusal."""
    move = teller_moves()[verb]
    if state not in move.source:
        raise _not_now(move, state, [each.name for each in teller_moves().values() if state in each.source])
    return move


def check_outcome(outcome: str) -> str:
    """The outcome, if it is on the list."""
    if outcome not in table()["outcomes"]:
        raise UnknownOutcome(outcome=outcome, known="、".join(table()["outcomes"].values()))
    return outcome


def check_reason(reason: str) -> str:
    """The ground for declining, if it is on the list."""
    if reason not in table()["decline"]:
        raise UnknownReason(reason=reason, known="、".join(decline_reasons().values()))
    return reason


def _wrong_role(move: Move, role: str) -> WrongRole:
    names = table()["roles"]
    return WrongRole(verb=move.name, roles="、".join(names[each] for each in move.roles), role=names.get(role, role))


def _not_now(move: Move, state: str, open_now: list[str]) -> NotNow:
    return NotNow(state=state_name(state), verb=move.name, allowed="、".join(open_now) or "—")


def _move(verb: str, row: Mapping[str, Any]) -> Move:
    return Move(
        verb=verb,
        name=row["name"],
        source=frozenset(row["from"]),
        target=row.get("to"),
        roles=tuple(row.get("roles", ())),
        requires=tuple(row.get("requires", ())),
        stops=tuple(row.get("stops", ())),
        starts={side: tuple(kinds) for side, kinds in row.get("starts", {}).items()},
    )
