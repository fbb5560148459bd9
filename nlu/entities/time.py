"""Times → date ranges: points, ranges of points, beginnings that still go on, and durations."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from functools import cache

from nlu.entities import durations
from nlu.entities.heard import Found, Heard, lexicon
from nlu.entities.period import Period, Reader, one_day, year_of
from nlu.entities.timegrammar import Point, clock_pattern, point_pattern, read_point

_CONNECT = re.compile(r"\s*(?:-{1,2}|~|一?直?到|至|起?至|一直到|起到)\s*")
_NOW = frozenset({"现在", "今天", "今日", "目前", "如今"})
_FROM = re.compile(r"(?:从|自从|自|打从|打)(?:去|老)?$")
_NOT_DAY = re.compile(r"[第编单账卡型病案文牌门楼期届版证码\dA-Za-z]$")


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {key: re.compile(pattern) for key, pattern in lexicon("time")["patterns"].items()}


def _points(heard: Heard) -> list[Point]:
    """The points of a text that are meant as such."""
    points = []
    for match in point_pattern().finditer(heard.text):
        point = read_point(match)
        if _meant(heard, match, point):
            points.append(point)
    return points


def _meant(heard: Heard, match: re.Match[str], point: Point) -> bool:
    text = heard.text
    whole = point.text == text.strip(" ,。.!?吧")
    if not point.dated:
        return whole
    before = text[max(0, point.start - 3) : point.start]
    if _patterns()["every"].search(before):
        return False
    if match["year"] and point.text.rstrip("年").isdigit() and len(point.text) == 3 and int(point.text[:2]) < 15:
        return False
    if match["sm"] and not match["shao"] and not match["clock"]:
        return whole or heard.asked in ("time", "inspection_date")
    if (match["ny8"] or match["only"]) and re.search(r"[号码号::]$", before) and not _patterns()["date_cue"].search(before[:-1]):
        return False
    if match["only"] and _NOT_DAY.search(before):
        return False
    if point.festival and lexicon("time")["festivals"][point.festival].get("guarded"):
        return bool(whole or point.festival_days or point.years_off is not None or point.year or _guard(text, point.end))
    return True


def _guard(text: str, end: int) -> bool:
    rest = text[end:]
    return bool(_patterns()["before"].match(rest) or _patterns()["after"].match(rest) or rest.startswith(("那天", "当天")))


def _spoken(period: Period, *, ongoing: bool = False, about: bool = False) -> dict[str, object]:
    value: dict[str, object] = {
        "from": period.start.isoformat(),
        "to": period.end.isoformat(),
        "granularity": period.granularity,
        "ongoing": ongoing,
    }
    if about:
        value["approximate"] = True
    return value


def _suffixed(heard: Heard, start: int, end: int, period: Period) -> Found:
    """What follows the point: since then, before, after, about."""
    patterns, text, today = _patterns(), heard.text, heard.today
    if about := patterns["about"].match(text, end):
        end = end if about.group() == "吧" else about.end()
    if ongoing := patterns["ongoing"].match(text, end):
        since = Period(period.start, max(today, period.start), period.granularity)
        return Found("time", start, ongoing.end(), _spoken(since, ongoing=True), 30)
    if (before := patterns["before"].match(text, end)) and period.granularity != "week":
        earlier = Period(today, period.end, "vague") if period.end > today else _before(period)
        return Found("time", start, before.end(), _spoken(earlier, about=True), 30)
    if after := patterns["after"].match(text, end):
        if period.granularity == "day" and re.search(r"[点时:]", text[start:end]):
            return Found("time", start, after.end(), _spoken(period, about=True), 30)
        later = Period(period.end + timedelta(1), period.end + timedelta(15), "vague")
        return Found("time", start, after.end(), _spoken(later, about=True), 30)
    return Found("time", start, end, _spoken(period, about=bool(about)), 30)


def _before(period: Period) -> Period:
    return Period(period.start - timedelta(15), period.start - timedelta(1), "vague")


def _joined(heard: Heard, first: Point, second: Point, period: Period) -> Found | None:
    """从 A 到 B as one range; until now is a range that goes on."""
    if second.text in _NOW:
        since = Period(period.start, max(heard.today, period.start), period.granularity)
        return Found("time", first.start, second.end, _spoken(since, ongoing=True), 30)
    last = Reader(heard.today, after=period).read(second)
    if last is None or last.end < period.start:
        return None
    until = Period(period.start, last.end, last.granularity)
    return Found("time", first.start, second.end, _spoken(until), 30)


def _deadline(text: str, end: int) -> bool:
    return _patterns()["before"].match(text, end) is not None


def _whole_text(heard: Heard) -> list[Found]:
    """A text that is nothing but a year or a time of day."""
    text = heard.text.strip(" ,。.!?吧")
    start = heard.text.find(text)
    if re.fullmatch(r"(?:19|20)\d\d", text):
        return [Found("time", start, start + len(text), _spoken(year_of(int(text))), 30)]
    if text and clock_pattern().fullmatch(text):
        return [Found("time", start, start + len(text), _spoken(one_day(heard.today)), 30)]
    return []


def find(heard: Heard) -> list[Found]:
    """The times of a text."""
    found: list[Found] = []
    points = _points(heard)
    reader = Reader(heard.today)
    index = 0
    while index < len(points):
        point = points[index]
        period = reader.read(point)
        index += 1
        if period is None:
            continue
        if index < len(points) and _CONNECT.fullmatch(heard.text, point.end, points[index].start):
            joined = _joined(heard, point, points[index], period)
            if joined:
                found.append(joined)
                index += 1
                continue
        if point.year is None and point.years_off is None and period.end < heard.today and _deadline(heard.text, point.end):
            period = reader.read(replace(point, years_off=0)) or period
        if bare := re.compile(r"(?:-|到|至|~)((?:19|20)\d\d)(?![\d.])").match(heard.text, point.end):
            until = Period(period.start, year_of(int(bare[1])).end, "year")
            found.append(Found("time", point.start, bare.end(), _spoken(until), 30))
            continue
        found.append(_with_from(heard, _suffixed(heard, point.start, point.end, period)))
    found += [
        Found("time", one.start, one.end, _spoken(one.period, ongoing=one.ongoing, about=one.approximate), 25)
        for one in durations.find(heard)
    ]
    return found or _whole_text(heard)


def _with_from(heard: Heard, one: Found) -> Found:
    """从三月份 without an end goes on."""
    if one.value["ongoing"] or not _FROM.search(heard.text[max(0, one.start - 3) : one.start]):
        return one
    rest = heard.text[one.end : one.end + 12]
    if not re.search(r"一直|开始|就|起|每", rest):
        return one
    today = heard.today.isoformat()
    value = {**one.value, "ongoing": True, "to": max(today, str(one.value["from"]))}
    return Found("time", one.start, one.end, value, one.weight)
