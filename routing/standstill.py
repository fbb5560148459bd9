"""Time that the law does not count: spans in which a clock stands still, for a ground that its own law names.

A span holds the day on which the clock was suspended and every day up to the one before it was resumed; the day of
resumption counts again. So a clock that is suspended on its last day still has that one day when it is resumed, and
a period in days ends later by exactly as many days as were excluded; in working days, by as many working days.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """One standstill: why, from which day on, and the day of resumption; None while it lasts."""

    reason: str
    since: date
    until: date | None = None

    def days(self) -> Iterator[date]:
        """The days that do not count; none while nobody knows when it ends."""
        for i in range((self.until - self.since).days if self.until else 0):
            yield self.since + ONE_DAY * i

    def as_data(self) -> dict[str, str | None]:
        """The span as JSON, for the ledger."""
        return {
            "reason": self.reason,
            "since": self.since.isoformat(),
            "until": self.until.isoformat() if self.until else None,
        }


def read(rows: Iterable[Mapping[str, Any]]) -> tuple[Span, ...]:
    """The spans of a clock as the ledger keeps them."""
    return tuple(
        Span(
            row["reason"],
            date.fromisoformat(row["since"]),
            date.fromisoformat(row["until"]) if row["until"] else None,
        )
        for row in rows
    )


def days(spans: Iterable[Span]) -> frozenset[date]:
    """Every day that does not count."""
    return frozenset(day for span in spans for day in span.days())


def begun(spans: Sequence[Span], reason: str, on: date) -> tuple[Span, ...]:
    """With a standstill that begins on the day `on`."""
    return (*spans, Span(reason, on))


def ended(spans: Sequence[Span], on: date) -> tuple[Span, ...]:
    """With the standstill that lasts ended by a resumption on the day `on`."""
    return tuple(span if span.until else replace(span, until=on) for span in spans)


def after(spans: Iterable[Span], start: date) -> tuple[Span, ...]:
    """What of these spans lies in a period that runs from `start`: for a teller who told later than the first."""
    return tuple(
        replace(span, since=max(span.since, start)) for span in spans if span.until is None or span.until > start
    )
