"""How days and moments are written on the desk: always in Beijing time, with the weekday where it matters."""

from __future__ import annotations

from datetime import date, datetime

from bot.web.desk.labels import label, section
from bot.web.templating import templates
from routing.rules import SHANGHAI
from routing.wording import long_day


def day(value: date) -> str:
    """10月15日 周四, with the year where it is not the obvious one."""
    weekday = section("form")["weekdays"][value.weekday()]
    return label("form", "day").format(y=value.year, m=value.month, d=value.day, weekday=weekday)


def moment(value: datetime | None, *, seconds: bool = False) -> str:
    """A moment to the minute, or to the second where somebody has to wait for it; empty where it is not known."""
    if value is None:
        return ""
    return value.astimezone(SHANGHAI).strftime(label("form", "second" if seconds else "moment"))


templates.filters.update(day=day, long_day=long_day, moment=moment)
