"""The Chinese calendar and the solar terms, as far as people date their stories by them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources

from nlu.entities.heard import lexicon


@dataclass(frozen=True, slots=True)
class MoonYear:
    """One lunar year: first day, the month that is doubled (0 none), and the lengths of its months."""

    first: date
    leap: int
    lengths: tuple[int, ...]

    def month(self, number: int, *, leap: bool = False) -> tuple[date, date]:
        """First and last day of a lunar month; raises LookupError where the year has no such month."""
        index = number - 1 + (1 if self.leap and (number > self.leap or (leap and number == self.leap)) else 0)
        if not 1 <= number <= 12 or (leap and number != self.leap):
            raise LookupError(number)
        start = self.first + timedelta(sum(self.lengths[:index]))
        return start, start + timedelta(self.lengths[index] - 1)


@cache
def _years() -> dict[int, MoonYear]:
    text = resources.files("nlu").joinpath("data/lexicon/lunar.tsv").read_text("utf-8")
    years = {}
    for line in text.splitlines():
        if line[0].isdigit():
            year, first, leap, months = line.split("\t")
            lengths = tuple(30 if month == "L" else 29 for month in months)
            years[int(year)] = MoonYear(date.fromisoformat(first), int(leap), lengths)
    return years


def moon_year(year: int) -> MoonYear:
    """The lunar year that begins in the given year; raises LookupError outside the table."""
    try:
        return _years()[year]
    except KeyError as error:
        raise LookupError(year) from error


def moon_year_of(day: date) -> int:
    """The lunar year a day belongs to."""
    return day.year if day >= moon_year(day.year).first else day.year - 1


def moon_day(year: int, month: int, number: int, *, leap: bool = False) -> date:
    """The day of a lunar date; 腊月三十 is the last day also in a year where that month has 29."""
    start, end = moon_year(year).month(month, leap=leap)
    day = start + timedelta(number - 1)
    if day > end:
        if number == 30:
            return end
        raise LookupError(number)
    return day


def solar_term(name: str, year: int) -> date:
    """The day of a solar term between 1950 and 2060, by the usual formula and its known exceptions."""
    table = lexicon("time")["solar_terms"]
    month, twentieth, twenty_first = table[name]
    short = year % 100
    constant = twentieth if year < 2000 else twenty_first
    leap_days = (short - 1) // 4 if month <= 2 else short // 4
    day = int(short * 0.2422 + constant) - leap_days
    return date(year, month, day + lexicon("time")["solar_exceptions"].get(f"{year} {name}", 0))
