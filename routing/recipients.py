"""Whom a reminder of a case reaches, rung by rung: never the office complained of, never who declared an interest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from intake.models import Case, Staff
from routing.authorities import by_code, superior_of
from routing.desk import people

ABOVE = "superior"


@dataclass(slots=True)
class Recipients:
    """Who hears what, each authority asked for once in a batch."""

    session: Session
    known: dict[tuple[str, str], list[Staff]] = field(default_factory=dict)
    handlers: dict[int, Staff | None] = field(default_factory=dict)

    def of(self, case: Case, rungs: Iterable[str]) -> dict[int, tuple[Staff, str]]:
        """Everybody on these rungs, each once, with the rung by which he hears of it."""
        found: dict[int, tuple[Staff, str]] = {}
        for rung in rungs:
            for one in getattr(self, rung)(case):
                # Who stands in from above cannot handle the case: he is asked to urge, not to act.
                stands_in = rung == "handler" and one.authority != case.authority
                found.setdefault(one.id, (one, ABOVE if stands_in else rung))
        return found

    def handler(self, case: Case) -> list[Staff]:
        """The handler; without one the officers, without those the leaders, without those the superior's."""
        if case.handler_id is not None:
            if case.handler_id not in self.handlers:
                self.handlers[case.handler_id] = self.session.get(Staff, case.handler_id)
            handler = self.handlers[case.handler_id]
            if handler is not None and handler.active and _free([handler], case):
                return [handler]
        for role in ("officer", "leader"):
            if found := _free(self._at(case.authority, role), case):
                return found
        return self.superior(case)

    def leader(self, case: Case) -> list[Staff]:
        """The heads of the unit: the leaders of the authority."""
        return _free(self._at(case.authority, "leader"), case)

    def authority(self, case: Case) -> list[Staff]:
        """Everybody in the authority who may act."""
        return [one for role in ("leader", "officer") for one in _free(self._at(case.authority, role), case)]

    def superior(self, case: Case) -> list[Staff]:
        """The leaders of the nearest authority above that has any and is not complained of."""
        current = superior_of(by_code(case.authority))
        while current is not None:
            if current.code not in people.excluded(case) and (found := _free(self._at(current.code, "leader"), case)):
                return found
            current = superior_of(current)
        return []

    def supervisors(self, case: Case) -> list[Staff]:
        """The social supervisors of the region: appointed by the authority or by the one above it."""
        authority = by_code(case.authority)
        regions = [code for code in (authority.code, authority.superior) if code]
        return [one for code in regions for one in _free(self._at(code, "supervisor"), case)]

    def _at(self, authority: str, role: str) -> list[Staff]:
        """The active staff of one role in one authority."""
        if (authority, role) not in self.known:
            self.known[authority, role] = people.staff_of(self.session, [authority], role)
        return self.known[authority, role]


def _free(staff: list[Staff], case: Case) -> list[Staff]:
    return [one for one in staff if not people.barred(one, case)]
