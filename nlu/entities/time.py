"""Times → date ranges: points, ranges of points, beginnings that still go on, and durations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache

from nlu.entities import durations
from nlu.entities.heard import Found, Heard, lexicon
from nlu.entities.numbers import read
from nlu.entities.period import Period, Reader, one_day, year_of
from nlu.entities.timegrammar import Point, clock_pattern, point_pattern, read_point

_CONNECT = re.compile(r"\s*(?:[之以过]?后)?(?:-{1,2}|~|一?直?到|至|起?至|一直到|起到)\s*")
_NOW = frozenset({"现在", "今天", "今日", "目前", "如今"})
_FROM = re.compile(r"(?:从|自从|自|打从|打)(?:去|老)?$")
_NOT_DAY = re.compile(r"[第编单账卡型病案文牌门楼期届版证码\])\dA-Za-z]$")


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {key: re.compile(pattern) for key, pattern in lexicon("time")["patterns"].items()}


_EDGES = re.compile(r"[ ,。.!?吧]+")
_NUMBERED = re.compile(r"(?<!日)(?<!时间)[号码](?:是|为)?:?$")
_DECADE = re.compile(
    r"(?:(?P<century>上个?|本|这个|\d\d|[一二]?十[一二三四五六七八九]?)世纪)?(?P<decade>[1-9]0|[一二三四五六七八九]十)年代(?P<part>初|中期?|末期?)?"
    r"|(?P<century2>\d\d|[一二]?十[一二三四五六七八九]?)世纪"
)
_BARE_YEAR = re.compile(r"(?:-|到|至|~)((?:19|20)\d\d)(?![\d.])")


def _points(heard: Heard) -> list[Point]:
    """The points of a text that are meant as such."""
    points = []
    for match in point_pattern().finditer(heard.text):
        point = read_point(match)
        if _meant(heard, match, point):
            points.append(point)
    return points


def _bare(text: str) -> str:
    # Not with "$": on a text that repeats itself each run of these would be tried anew to the end.
    start = _EDGES.match(text)
    end = len(text)
    while end and _EDGES.match(text, end - 1):
        end -= 1
    return text[start.end() if start else 0 : end]


def _meant(heard: Heard, match: re.Match[str], point: Point) -> bool:
    """Whether a match is a date here and not a number, a length, a habit or an everyday word."""
    whole = point.text == _bare(heard.text)
    if not point.dated:
        return whole
    before = heard.text[max(0, point.start - 3) : point.start]
    if _patterns()["every"].search(before) or _is_number(match, point, before):
        return False
    if match["sm"] and not match["shao"] and not match["clock"]:
        return whole or heard.asked in ("time", "inspection_date")
    if point.festival and lexicon("time")["festivals"][point.festival].get("guarded"):
        placed = point.festival_days or point.years_off is not None or point.year is not None
        return whole or placed or _guard(heard.text, point.end)
    return True


def _is_number(match: re.Match[str], point: Point, before: str) -> bool:
    """10年 is a length, 病历号20260315 and 3号楼 are numbers of things."""
    if match["year"] and re.fullmatch(r"(?:0\d|1[0-4])年", point.text):
        return True
    if match["only"] and _NOT_DAY.search(before):
        return True
    return bool((match["ny8"] or match["only"]) and _NUMBERED.search(before))


def _guard(text: str, end: int) -> bool:
    rest = text[end:]
    return bool(
        _patterns()["before"].match(rest) or _patterns()["after"].match(rest) or rest.startswith(("那天", "当天"))
    )


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


def _whole_text(heard: Heard) -> list[Found]:
    """A text that is nothing but a year or a time of day."""
    text = _bare(heard.text)
    start = heard.text.find(text)
    if re.fullmatch(r"(?:19|20)\d\d", text):
        return [Found("time", start, start + len(text), _spoken(year_of(int(text))), 30)]
    if part := re.fullmatch(r"(?:这个?|本)?月(?:初|头|中旬?|底|末)", text):
        period = Reader(heard.today).read(Point(0, len(text), text, months_off=0, part=text[-1].replace("旬", "中")))
        if period and period.start > heard.today:
            period = Reader(heard.today).read(Point(0, len(text), text, months_off=-1, part=part.group()[-1]))
        return [Found("time", start, start + len(text), _spoken(period), 30)] if period else []
    if text and (clock_pattern().fullmatch(text) or text in ("全天", "整天")):
        return [Found("time", start, start + len(text), _spoken(one_day(heard.today)), 30)]
    return []


def _dated(heard: Heard) -> Iterator[Found]:
    points = _points(heard)
    reader = Reader(heard.today)
    index = 0
    while index < len(points):
        point, following = points[index], points[index + 1] if index + 1 < len(points) else None
        index += 1
        period = reader.read(point)
        if period is None:
            continue
        if following and _CONNECT.fullmatch(heard.text, point.end, following.start):
            joined = _joined(heard, point, following, period)
            if joined:
                index += 1
                yield joined
                continue
        yield _alone(heard, reader, point, period)


def _alone(heard: Heard, reader: Reader, point: Point, period: Period) -> Found:
    """One point with what follows it; 年底前 said without a year is the coming one."""
    if bare := _BARE_YEAR.match(heard.text, point.end):
        until = Period(period.start, year_of(int(bare[1])).end, "year")
        return Found("time", point.start, bare.end(), _spoken(until), 30)
    no_year = point.year is None and point.years_off is None
    if no_year and period.end < heard.today and _patterns()["before"].match(heard.text, point.end):
        period = reader.read(replace(point, years_off=0)) or period
    return _with_from(heard, _suffixed(heard, point.start, point.end, period))


def _decades(heard: Heard) -> Iterator[Found]:
    """上世纪八十年代, 90年代末, 十八世纪."""
    if "世纪" not in heard.text and "年代" not in heard.text:
        return
    for match in _DECADE.finditer(heard.text):
        century, decade = match["century"] or match["century2"] or "上", match["decade"]
        number = read(century) if century[0] not in "上本这" else None
        start = (int(number.low) - 1) * 100 if number else heard.today.year // 100 * 100 - 100
        if century in ("本", "这个"):
            start += 100
        length = 99
        if decade:
            tens = read(decade)
            start, length = start + (int(tens.low) if tens else 0), 9
        first, last = {"初": (0, 2), "中": (3, 6), "末": (length - 2, length)}.get(
            (match["part"] or "")[:1], (0, length)
        )
        if 1 < start + first < heard.today.year:
            span = Period(year_of(start + first).start, year_of(start + last).end, "years")
            yield Found("time", match.start(), match.end(), _spoken(span, about=True), 31)


def find(heard: Heard) -> list[Found]:
    """The times of a text."""
    found = [*_dated(heard), *_decades(heard)]
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
