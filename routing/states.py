"""The questions asked of the life of a case (life/case.toml) and of a reward (life/reward.toml)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from routing.errors import UnknownOutcome, UnknownReason
from routing.lives import Move, life, names, outliving, read


def table() -> Mapping[str, Any]:
    """The table of the case as written."""
    return life("case").table


def moves() -> Mapping[str, Move]:
    """The acts of officers by verb."""
    return life("case").moves


@cache
def teller_moves() -> Mapping[str, Move]:
    """The acts of tellers by verb."""
    return read(table()["teller"])


def reward_moves() -> Mapping[str, Move]:
    """The acts on a reward by verb: of officers, of tellers and of time."""
    return life("reward").moves


def of_rewards() -> frozenset[str]:
    """The clocks of rewards: they run on when the case is closed."""
    return frozenset(life("reward").table["case"]["outlives"])


def of_tellers() -> frozenset[str]:
    """The clocks of single tellers, of which no other teller is told: of rewards, and of the tickets of hotlines."""
    return outliving()


def may_reward(outcome: str | None, state: str) -> bool:
    """Whether a case with this outcome, in this state, can lead to a reward."""
    case = life("reward").table["case"]
    return outcome in case["outcomes"] and state in case["states"]


def reward_state_name(state: str) -> str:
    """What people read for the state of a reward."""
    return life("reward").state_name(state)


def check_reward(verb: str, state: str, role: str | None = None) -> Move:
    """The move of a reward in this state, or a refusal; `role` is None for tellers."""
    return life("reward").check(verb, state, role)


def act_name(verb: str) -> str:
    """What people read for an act of staff, on a case or on anything else that has a life."""
    return next(found.name for name in names() if (found := life(name).moves.get(verb)))


def filing_clocks(side: str) -> tuple[str, ...]:
    """The clocks that run from receipt."""
    return tuple(table()["filing"]["starts"][side])


def joinable(state: str) -> bool:
    """Whether a later report of the same matter may be attached to a case in this state."""
    return state in table()["filing"]["joins"]


def state_name(state: str) -> str:
    """What people read for a state."""
    return life("case").state_name(state)


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


def allowed(state: str, role: str, side: str = "") -> tuple[str, ...]:
    """The verbs open to a role in a state, in the order of the table: what the desk shows as buttons."""
    return life("case").allowed(state, role, side)


def check(verb: str, state: str, role: str, side: str = "") -> Move:
    """The move, or a refusal that says what is possible instead."""
    return life("case").check(verb, state, role, side)


def check_teller(verb: str, state: str) -> Move:
    """The teller's move, or a refusal."""
    move = teller_moves()[verb]
    if state not in move.source:
        raise life("case").not_now(move, state, teller_moves().values())
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


def grounds_not_open() -> Mapping[str, str]:
    """The grounds for opening no penalty case, with their names."""
    return dict(table()["not_open"])


def check_ground(ground: str) -> str:
    """The ground for opening no penalty case, if it is on the list."""
    if ground not in table()["not_open"]:
        raise UnknownReason(reason=ground, known="、".join(grounds_not_open().values()))
    return ground
