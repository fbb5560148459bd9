"""Lives as tables of allowed moves (life/*.toml): one table for each thing that passes through states."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from routing.errors import NotNow, WrongRole, WrongSide

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
    stays: frozenset[str] = frozenset()
    """States out of which this act does not move the thing, although it moves it out of others."""
    sides: tuple[str, ...] = ()
    """The sides whose cases know this act; empty for all."""

    def leads(self, state: str) -> str:
        """The state after this act."""
        return state if self.target is None or state in self.stays else self.target

    def stops_clock(self, kind: str) -> bool:
        """Whether this act ends a clock of this kind; what outlives the case ends with its own life."""
        return kind in self.stops or (ALL in self.stops and kind not in outliving())

    def clocks(self, side: str, *, named: bool) -> tuple[str, ...]:
        """The clocks that start, for a case of this side, with a real-name teller or without."""
        return starting(self.starts, side, named=named)


@dataclass(frozen=True)
class Life:
    """The life of one kind of thing, as its table says."""

    table: Mapping[str, Any]
    moves: Mapping[str, Move]

    def state_name(self, state: str) -> str:
        """What people read for a state."""
        return str(self.table["states"][state])

    def allowed(self, state: str, role: str, side: str = "") -> tuple[str, ...]:
        """The verbs open to a role in a state, in the order of the table: what the desk shows as buttons."""
        return tuple(
            verb
            for verb, move in self.moves.items()
            if state in move.source and role in move.roles and _of_side(move, side)
        )

    def check(self, verb: str, state: str, role: str | None = None, side: str = "") -> Move:
        """The move, or a refusal that says what is possible instead; `role` is None for tellers.

        Raises WrongSide for an act that cases of this side do not know, WrongRole for who may not do this at all,
        NotNow where the state does not allow it.
        """
        move = self.moves[verb]
        if not _of_side(move, side):
            known = life("case").table["sides"]
            raise WrongSide(verb=move.name, sides="、".join(known[one] for one in move.sides))
        if role is not None and role not in move.roles:
            raise wrong_role(move, role)
        if state not in move.source:
            mine = [
                one
                for one in self.moves.values()
                if (role in one.roles if role else not one.roles) and _of_side(one, side)
            ]
            raise self.not_now(move, state, mine)
        return move

    def not_now(self, move: Move, state: str, mine: Iterable[Move]) -> NotNow:
        """The refusal that names those of `mine` that this state allows."""
        open_now = [one.name for one in mine if state in one.source]
        return NotNow(state=self.state_name(state), verb=move.name, allowed="、".join(open_now) or "—")


@cache
def life(name: str) -> Life:
    """The life told by life/<name>.toml."""
    written = resources.files("routing").joinpath("life").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    table = tomllib.loads(written)
    return Life(table, read(table["verbs"]))


@cache
def names() -> tuple[str, ...]:
    """The things that have a life, the case first."""
    found = sorted(one.name.removesuffix(".toml") for one in resources.files("routing").joinpath("life").iterdir())
    return ("case", *(name for name in found if name != "case"))


@cache
def outliving() -> frozenset[str]:
    """The clocks that no "*" stops, each with a life of its own: of rewards, and of the tickets of hotlines."""
    return frozenset(kind for name in names() for kind in life(name).table.get("case", {}).get("outlives", ()))


def _of_side(move: Move, side: str) -> bool:
    return not side or not move.sides or side in move.sides


def read(rows: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Move]:
    """The moves of a table by verb."""
    return {verb: _move(verb, row) for verb, row in rows.items()}


def starting(starts: Mapping[str, tuple[str, ...]], side: str, *, named: bool) -> tuple[str, ...]:
    """The clocks of a side; a real-name teller has clocks of his own where the table names them."""
    if named and f"{side}_named" in starts:
        return starts[f"{side}_named"]
    return starts.get(side, ())


def wrong_role(move: Move, role: str) -> WrongRole:
    """The refusal that names who may."""
    names = life("case").table["roles"]
    return WrongRole(verb=move.name, roles="、".join(names[each] for each in move.roles), role=names.get(role, role))


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
        stays=frozenset(row.get("stays", ())),
        sides=tuple(row.get("sides", ())),
    )
