"""Stretches told by their length: 三个月前, 近半年, 一年多以来, 前几天, 最近."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from nlu.entities.heard import Heard, alternatives, lexicon
from nlu.entities.numbers import HAN, read
from nlu.entities.period import Period, month_of, one_day, shift_months, week_of, year_of

_TOTAL = re.compile(r"\s*(?:至少|起码|累计|一共|总共|合计|共)")
"""What follows a length of time that reaches until today: 三个月至少一万五."""
_UNITS = {"年": 12, "载": 12, "季度": 3, "学期": 6, "月": 1}
_DAYS = {"周": 7, "星期": 7, "礼拜": 7, "天": 1, "日": 1}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A duration in the text, read as days."""

    start: int
    end: int
    period: Period
    ongoing: bool
    approximate: bool


@cache
def _pattern() -> re.Pattern[str]:
    words = lexicon("duration")
    first = "".join(sorted({word[0] for key in ("vague", "back", "ago", "ahead") for word in words[key]}))
    return re.compile(
        rf"(?=[\d{HAN}的{first}])(?:(?P<vague>{alternatives(list(words['vague']))})(?!\d|[{HAN}]{{1,3}}个?(?:年|月|天|周|星期|季度))|"
        rf"(?P<lead>{alternatives([*words['back'], *words['ago'], *words['ahead']])})?的?"
        rf"(?P<num>\d{{1,4}}(?:\.\d)?|[{HAN}]{{1,6}}?)(?P<more1>多|来|几)?(?P<ge>个)?(?P<more>多|来)?(?P<half>半)?"
        rf"(?P<unit>小时|钟头|分钟|刻钟|秒钟|秒|年|载|季度|学期|月|星期|礼拜|周(?!岁|年)|天|日)(?P<half2>半(?!价|数|年|天))?(?P<more2>多(?!了|少|次|家|名|收|刷|开|付))?的?"
        rf"(?P<tail>{alternatives([*words['tail_ago'], *words['tail_since'], *words['tail_after']])})?)"
    )


def _length(match: re.Match[str]) -> tuple[int, int] | None:
    """Months and days of the duration."""
    number = read(match["num"])
    if number is None or number.low > 5000:
        return None
    unit = match["unit"]
    half = bool(match["half"] or match["half2"])
    if unit in _UNITS:
        if unit == "月" and not match["ge"] and not match["lead"] and match["num"][0] not in "两俩数几半":
            return None
        months = number.low * _UNITS[unit]
        if half and _UNITS[unit] > 1:
            months += _UNITS[unit] // 2
        return int(months), 15 if (half and unit == "月") else int((months % 1) * 30)
    if unit not in _DAYS:
        return 0, int(number.low) // 24 if unit in ("小时", "钟头") else 0
    days = number.low * _DAYS[unit]
    return 0, int(days) + (1 if half and unit == "天" else 0)


def _back(today: date, months: int, days: int) -> date:
    return shift_months(today, -months) - timedelta(days)


def _ago(today: date, months: int, days: int, unit: str) -> Period:
    """The unit so far back: 两年前 is that year, 三个月前 that month, 三天前 that day."""
    there = _back(today, months, days)
    if unit not in _UNITS and unit not in ("周", "星期", "礼拜"):
        return one_day(there)
    if unit in _DAYS:
        return Period(week_of(there).start, week_of(there).end, "week")
    return year_of(there.year) if unit in ("年", "载") and months % 12 == 0 else month_of(there.year, there.month)


def _since(today: date, months: int, days: int, unit: str) -> Period:
    """From the beginning of the unit so far back until today."""
    there = _back(today, months, days)
    if not days and months:
        there = there.replace(day=1)
        if months % 12 == 0 and unit in ("年", "载"):
            there = there.replace(month=1)
    return Period(there, today, "month" if months else "day")


@cache
def _since_words() -> frozenset[str]:
    return frozenset(word.split("(")[0] for word in lexicon("duration")["tail_since"])


def _read(heard: Heard, match: re.Match[str]) -> Stretch | None:
    words = lexicon("duration")
    today = heard.today
    if match["vague"]:
        first, last = words["vague"][match["vague"]]
        period = Period(today - timedelta(first), today - timedelta(last), "vague")
        return Stretch(match.start(), match.end(), period, last == 0, approximate=True)
    length = _length(match)
    if length is None:
        return None
    months, days = length
    lead, tail, unit = match["lead"] or "", match["tail"] or "", match["unit"]
    fuzzy = bool(match["more"] or match["more1"] or match["more2"] or "几" in match["num"])
    if lead in words["ahead"]:
        return Stretch(match.start(), match.end(), Period(today, _back(today, -months, -days), "day"), False, True)
    if tail in words["tail_after"]:
        return Stretch(match.start(), match.end(), _ago(today, -months, -days, unit), False, fuzzy)
    if tail and tail in _since_words():
        return Stretch(match.start(), match.end(), _since(today, months, days, unit), True, fuzzy)
    if lead in words["back"]:
        return Stretch(match.start(), match.end(), Period(_back(today, months, days), today, "day"), True, fuzzy)
    if lead in words["ago"] and unit in ("天", "日"):
        return Stretch(
            match.start(), match.end(), Period(today - timedelta(7), today - timedelta(2), "vague"), False, True
        )
    if lead in words["ago"]:
        return Stretch(match.start(), match.end(), Period(_back(today, months, days), today, "day"), False, fuzzy)
    if tail in words["tail_ago"]:
        if ("几" in match["num"] or match["more1"] == "几") and unit == "年" and months >= 120:
            far = Period(_ago(today, months + 120, 0, unit).start, _ago(today, months, 0, unit).end, "year")
            return Stretch(match.start(), match.end(), far, False, True)
        return Stretch(match.start(), match.end(), _ago(today, months, days, unit), False, fuzzy)
    if months and _TOTAL.match(heard.text, match.end()):
        return Stretch(match.start(), match.end(), _since(today, months, days, unit), True, fuzzy)
    if heard.asked == "time" and len(heard.text) < len(match.group()) + 8:
        return Stretch(match.start(), match.end(), _since(today, months, days, unit), True, fuzzy)
    return None


def find(heard: Heard) -> list[Stretch]:
    """The durations of a text that place something in time; a bare 住了五天 places nothing and is left out."""
    stretches = []
    for match in _pattern().finditer(heard.text):
        before = heard.text[max(0, match.start() - 2) : match.start()]
        if before.endswith(("每", "第", "满", ".", "不到")) or (before[-1:].isdigit()):
            continue
        try:
            stretch = _read(heard, match)
        except (ValueError, OverflowError):
            continue
        if stretch:
            stretches.append(stretch)
    return stretches
