"""The law as the desk needs it, in one bundle: law book, calendar, and what they make of a date."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from routing import yearfile
from routing.deadlines import DueDate, due
from routing.hours import ZONE, Hours
from routing.ladder import Ladder
from routing.lawbook import LawBook
from routing.lawfiles import Fault
from routing.rewards import RewardLaw
from routing.standstill import Span
from routing.workdays import Calendar

SHANGHAI = ZONE


def legal_day(moment: datetime) -> date:
    """The day that the law counts for a moment: the date in Asia/Shanghai."""
    return moment.astimezone(SHANGHAI).date()


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """Law book, calendar, schemes of rewards, and who is reminded when.

    A bureau's own values and years lie in `law/` of its data folder, its ladder and hours in `reminders/`.
    """

    law: LawBook
    calendar: Calendar
    rewards: RewardLaw = field(default_factory=RewardLaw.load)
    ladder: Ladder = field(default_factory=Ladder.load)
    hours: Hours = field(default_factory=Hours.load)

    @classmethod
    def load(cls, data_folder: Path | None = None) -> Rules:
        """The packaged law, with what `data_folder`/law and `data_folder`/law/calendar add to it."""
        own = data_folder / "law" if data_folder else None
        years = own / "calendar" if own and (own / "calendar").is_dir() else None
        reminders = data_folder / "reminders" if data_folder else None
        return cls(
            law=LawBook.load(own),
            calendar=yearfile.calendar(years),
            rewards=RewardLaw.load(own),
            ladder=Ladder.load(reminders),
            hours=Hours.load(reminders),
        )

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong with the bureau's own files and therefore does not act."""
        found = (*self.law.faults, *self.rewards.faults, *self.calendar.faults)
        return tuple(dict.fromkeys(one for one in found if one.grave))

    def due(
        self,
        kind: str,
        start: date,
        *,
        place: str | None = None,
        extended: int = 0,
        granted: tuple[int, ...] = (),
        spans: tuple[Span, ...] = (),
        at: datetime | None = None,
    ) -> DueDate:
        """The due date of a period, with its derivation; of hours to the minute where the moment `at` is known."""
        return _due(self, kind, start, place, extended, granted, spans, at.astimezone(SHANGHAI) if at else None)


@lru_cache(maxsize=4096)
def _due(
    rules: Rules,
    kind: str,
    start: date,
    place: str | None,
    extended: int,
    granted: tuple[int, ...],
    spans: tuple[Span, ...],
    at: datetime | None,
) -> DueDate:
    """Reports of one day and place share their dates: each is worked out once."""
    law, calendar = rules.law, rules.calendar
    return due(
        kind, start, law=law, calendar=calendar, place=place, extended=extended, granted=granted, spans=spans, at=at
    )
