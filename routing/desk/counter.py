"""The counter, where reports are taken in: those that come at one moment are filed together, each for itself.

A filing asks the ledger a dozen questions; eight filings at once ask them once. A job says by `yield` what is to be
filed and gets what became of it, so that whatever else it writes is committed with its report or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from sqlalchemy.orm import Session

from intake.confidentiality import Vault
from intake.db import Database
from intake.errors import LedgerAway, LedgerBusy, LedgerFull, LedgerUncertain
from intake.together import Together
from routing.desk.file import Draft, Filed, file_drafts
from routing.rules import Rules

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wish:
    """Reports that a job wants filed, and when it does."""

    drafts: Sequence[Draft]
    now: datetime


Steps: TypeAlias = Generator[Wish, list[Filed], T]
"""A job under way: it yields what it wants filed, is sent what became of it, and returns its result."""
Job: TypeAlias = Callable[[Session], Steps[T]]


class Counter:
    """Takes in what the doors bring; a job is a function of its session, since it may run again."""

    def __init__(self, database: Database, rules: Rules, vault: Vault) -> None:
        self._database, self._rules, self._vault = database, rules, vault
        # What concerns the ledger concerns everybody: nobody tries it again for each.
        self._crowd = Together(self._write, shared=(LedgerAway, LedgerBusy, LedgerFull, LedgerUncertain))

    def file(self, job: Job[T]) -> T:
        """Run a job that files, together with those who wait to file; its result, once it is committed.

        Raises what the job raised, which undoes it alone, and the errors of `Database.write`.
        """
        # Where the ledger itself gathers commits, its writers wait for each other already: asking once for all of them
        # spares less than the wait for the slowest costs; see docs/benchmarks.md.
        if self._database.gathers:
            return self.write(job)
        result: T = self._crowd.run(job)
        return result

    def write(self, job: Job[T]) -> T:
        """Run a job that need not wait for anybody, since it files nothing or comes alone."""
        (result,) = self._write([job])
        return result  # type: ignore[no-any-return]

    def _write(self, jobs: Sequence[Job[Any]]) -> list[Any]:
        return self._database.write(lambda session: run(session, jobs, rules=self._rules, vault=self._vault))


def run(session: Session, jobs: Sequence[Job[Any]], *, rules: Rules, vault: Vault) -> list[Any]:
    """The results of these jobs, in their order; what several wish at one step is filed at once."""
    results: list[Any] = [None] * len(jobs)
    under_way: dict[int, Steps[Any]] = {place: job(session) for place, job in enumerate(jobs)}
    answers: dict[int, list[Filed] | None] = dict.fromkeys(under_way)
    while under_way:
        wishes: dict[int, Wish] = {}
        for place, steps in under_way.items():
            try:
                # The first step is not an answer to anything.
                answer = answers[place]
                wishes[place] = next(steps) if answer is None else steps.send(answer)
            except StopIteration as ended:
                results[place] = ended.value
        under_way = {place: under_way[place] for place in wishes}
        if wishes:
            answers = {**_filed(session, wishes, rules, vault)}
    return results


def _filed(session: Session, wishes: dict[int, Wish], rules: Rules, vault: Vault) -> dict[int, list[Filed]]:
    """What became of the wishes: filed in one order, each gets its own back."""
    drafts = [draft for wish in wishes.values() for draft in wish.drafts]
    now = max(wish.now for wish in wishes.values())
    filed = iter(file_drafts(session, drafts, rules=rules, vault=vault, now=now))
    return {place: [next(filed) for _ in wish.drafts] for place, wish in wishes.items()}
