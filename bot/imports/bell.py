"""What officers hear of an import: one notice to each of them, which counts, and not one for every row.

It is written with the first rows that concern an officer and counts on with the further ones, in their transactions;
it goes out when the import has let ten minutes pass without changing it, because it ended or was broken off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.imports.words import say
from intake import outbox
from routing.desk import Filed

QUIET = timedelta(minutes=10)
Counts = Counter[tuple[int, bool]]


class Bell:
    """The notices of one reading of a file; `mark` tells it from every other reading."""

    def __init__(self, source: str = "", mark: str = "dry") -> None:
        self._source, self._mark = source, mark
        self._counts: Counts = Counter()

    def counts(self) -> Counts:
        """How many cases were opened for each officer, and how many reports joined one of his."""
        return self._counts.copy()

    def again(self, counts: Counts) -> None:
        """Back to what it was: the rows were undone."""
        self._counts = counts

    def ring(self, session: Session, filed: Iterable[Filed], now: datetime) -> None:
        """Count what was filed, and write what each officer concerned is to hear."""
        concerned: dict[int, None] = {}
        for done in filed:
            for officer in done.officers:
                self._counts[officer, done.opened] += 1
                concerned[officer] = None
        rows = [
            outbox.row(
                key=f"import-{self._mark}-staff-{officer}",
                body=say(
                    "notice", "staff", source=self._source,
                    opened=self._counts[officer, True], joined=self._counts[officer, False],
                ),
                now=now,
                staff_id=officer,
                not_before=now + QUIET,
            )
            for officer in concerned
        ]  # fmt: skip
        if rows:
            outbox.revise(session, rows)
