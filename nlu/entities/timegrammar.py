"""The grammar of dates: one regular expression for a point in time, its parts named.

A point is read into `Point`, a bag of what was said, before anything is computed, so that the second half of
从九月二十号到二十五号 can borrow the month from the first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from nlu.entities.heard import alternatives, lexicon
from nlu.entities.numbers import read

_NUM = r"[零一二两三四五六七八九十廿卅]{1,4}"
_MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九]|(?<![\d十百千万几多余])元(?=月))"
_DAY = r"(?:3[01]|[12]\d|0?[1-9]|三十一?|二十[一二三四五六七八九]?|廿[一二三四五六七八九]?|十[一二三四五六七八九]?|[一二三四五六七八九])"
_CLOCK = (
    r"(?:(?:的|那天|当天)?(?:凌晨|清晨|大清早|一大早|早上|早晨|早间|黎明|上午|中午|晌午|午后|午间|下午|后晌|傍晚|晚上|晚间|夜里|夜间|"
    r"后半夜|半夜|深夜|夜晚|晚|早))?\s*"
    r"(?:(?:[01]?\d|2[0-4]|[零一二两三四五六七八九十]{1,3})(?:点钟?(?!名|滴|击|评|赞|头|心|火|开)|时(?!间|候|常|期|任|不|代|报|年|有|都)|:\d{1,2}(?::\d{1,2})?)"
    r"(?:整|半|来钟|多钟?|许|左右|过后?|[零一二三四五六七八九十]{1,3}分?|\d{1,2}分?|[一1三3]刻钟?)?)?"
    r"(?:时?(?:-{1,2}|到|至|~)(?:凌晨|早上|上午|中午|下午|晚上)?(?:[01]?\d|2[0-4]|[一二两三四五六七八九十]{1,3})(?:点钟?半?|时|:\d{1,2}))?时?"
)


_UNTIL = r"(?:-{1,2}|到|至|~)"


@dataclass(slots=True)
class Point:
    """What was said of one point in time; None where nothing was."""

    start: int
    end: int
    text: str
    year: int | None = None
    years_off: int | None = None
    months_off: int | None = None
    days_off: int | None = None
    weeks_off: int | None = None
    month: int | None = None
    first_month: int | None = None
    day: int | None = None
    first_day: int | None = None
    weekday: int | None = None
    nth: int | None = None
    part: str | None = None
    term: str | None = None
    school: int | None = None
    season: str | None = None
    quarter: tuple[int, int] | None = None
    festival: str | None = None
    festival_days: bool = False
    lunar: bool = False
    leap: bool = False
    same: str | None = None

    @property
    def dated(self) -> bool:
        """Whether anything but the time of day was said."""
        fields = (self.year, self.years_off, self.months_off, self.days_off, self.weeks_off, self.month, self.day)
        others = (self.weekday, self.term, self.school, self.season, self.quarter, self.festival)
        return any(field is not None for field in (*fields, *others))


@cache
def clock_pattern() -> re.Pattern[str]:
    """A time of day by itself."""
    return re.compile(_CLOCK)


def _year_part(years: str) -> str:
    """2025年, 二〇二五年, 25年, 今年; a number of years that is a length (10年前) is none."""
    full = r"(?:19|20)\d\d|[一二][零九][零一二三四五六七八九]{2}"
    short = r"(?<![\d近过了干满约有后来前])\d\d(?=年(?!前|后|来|了|多|以|间|期|代|半|的?时间|[有没]|工|级))"
    han = r"(?<![一二三四五六七八九十零])[零一二三四五六七八九]{2}(?=年)"
    unmarked = r"(?=[.\-/](?!\d{3})|全年|上半年|下半年|底|(?:-|到|至|~)(?:\d\d|\d{4})年)"
    said = rf"(?P<year>{full}|{short}|{han})(?:年度?(?!以[上下]|级)|{unmarked})"
    return rf"(?:{said}|(?P<relyear>{years}))(?:的|里|份)?\s*"


def _month_part() -> str:
    """九月, 正月, 闰四月, 1-9月份, with what may follow: 上旬, 底, 第二周, 初八, 二十号."""
    counted = r"个|多|来|[\d%万千百十天年月周元块名人次趟回盒份家例条瓶张倍成岁点.]|\s*(?:家|名|人|天)"
    day = (
        rf"(?:(?P<chu>初)?(?:(?P<day1>{_DAY})(?:日|号)?{_UNTIL})?(?P<chu2>初)?(?P<day>{_DAY})"
        rf"(?:(?P<hao>日|号)(?!楼|店|线)|(?!{counted})))"
    )
    part = r"(?P<part>上旬|中旬|下旬|月?初(?![一二三四五六七八九十\d])|月?中(?!午|医|药|西|心|国|级|年|秋|间)|月?底|月?末|月尾|月?头上?(?![一两几])|二?十几[号日])"
    week = r"第(?P<nth>[一二三四五\d])个?(?:周|星期|礼拜)(?P<nthday>[一二三四五六日天末](?!个))?"
    return (
        rf"(?P<leap>闰)?(?:(?P<month1>{_MONTH})(?:月份?)?(?:{_UNTIL}|、|和)|(?P<month2>[一二三四五六七八])(?=[二三四五六七八九]月))?"
        rf"(?:(?P<month>{_MONTH})(?:月(?!薪|饼|经|租|供|结|票|子|卡)份?)|(?P<moonmonth>正月|腊月|冬月))的?"
        rf"(?:{part}|{week}|{day})?"
    )


def _relative_month_part(months: str) -> str:
    """上个月, 上个月底, 本月第二周, 下月九号."""
    part = r"(?P<relpart>上旬|中旬|下旬|初(?!次|步|期)|底|末|月底|月初|头上?(?![一两几])|二?十几[号日])|的?(?P<relsame>今天|这一?天)"
    week = r"第(?P<relnth>[一二三四五\d])个?(?:周|星期|礼拜)"
    last = r"最后(?P<lastdays>[一二三四五六七\d]+)天"
    return rf"(?P<relmonth>{months})份?的?(?:{part}|{week}|{last}|(?P<relday>{_DAY})(?:日|号))?"


_WEEK_PART = (
    r"(?P<relweek>上上个?|上个?|这个?|本|下下个?|下个?|前个?)(?:周|星期|礼拜)"
    r"(?:(?:周|星期|礼拜)?(?P<weekday>[一二三四五六日天末])(?![个周天次部线])|(?![期末边围]))|"
    r"(?:周|星期|礼拜)(?P<bareday>[一二三四五六日天](?![个周天次点部线年月])|末)"
)
_QUARTER_PART = (
    r"(?P<quarter>第?[一二三四1-4首头]个?季度?(?!节)|前[二两三23]个?季度|[上这本下]个?季度)(?P<quarterpart>初|末|底)?|"
    r"(?(Y)|(?!))前(?P<firstmonths>[一二两三四五六七八九十\d]{1,3})个?月(?:份)?"
)
_NUMERIC = (
    r"(?P<ny>(?:19|20)\d\d)\s?[-./ ]\s?(?P<nm>1[0-2]|0?[1-9])(?:\s?[-./ ]\s?(?P<nd>3[01]|[12]\d|0?[1-9]))?"
    r"(?:(?=\d\d:\d\d)|(?![\d.%万]|\d*[元块]))(?:日|号)?(?:-(?=\d{1,2}:))?|"
    r"(?P<ny8>20\d\d)(?P<nm8>0[1-9]|1[0-2])(?P<nd8>0[1-9]|[12]\d|3[01])(?!\d)|"
    r"(?P<sm>1[0-2]|0?[1-9])[.\-/](?P<sd>3[01]|[12]\d|0?[1-9])(?![\d.%万千百月]|\d*[元块wW个])(?P<shao>日|号|那天|当天)?"
)
_DAY_PART = (
    rf"(?P<only1>{_DAY})?(?(only1)(?:日|号)?{_UNTIL})(?P<only>{_DAY})(?:日|号)"
    r"(?!店|楼|线|院|房|床|窗|门|机|文|令|柜|库|馆|厅|桌|台|[a-zA-Z\d]|卡|码|病|公告|通知)|"
    r"(?P<newyear>大年)?(?P<moonday>初[一二三四五六七八九十]|廿[一二三四五六七八九])"
)


@cache
def point_pattern() -> re.Pattern[str]:
    """The whole grammar of a point; group Y tells that a year was said, after which less is needed."""
    words = lexicon("time")
    years, months, days, festivals, school = (
        alternatives(list(words[key])) for key in ("years", "months", "days", "festivals", "school")
    )
    terms = alternatives([term for term in words["terms"] if len(term) > 1])
    lunar = r"(?P<{}>农历|阴历|旧历|老历|老黄历上?)?的?"
    fest = rf"(?P<festival>{festivals})(?P<during>{words['patterns']['during']})?"
    season = r"(?P<season>[春夏秋冬])(?:天|季|里|日)(?:里|的时候)?"
    said = r"(?P<yterm>初|中(?!医|药|西|心|国)|底|末|内|一年)|(?P<yearseason>[春夏秋冬])(?:天|季|里|日)?|(?P<same>的?(?:这个?时候|这会儿|这时|此时|同期|今天|这一?天))"
    body = (
        rf"(?:(?P<newyear1>大?年)(?P<moonday1>初[三四五六七八九十])|{_month_part()}|{_relative_month_part(months)}|{fest}|(?<![一二两三四五六七八九十几百\d半])(?P<term>{terms})(?!龄|级|幼|薪|会|货)|{_QUARTER_PART}|{season}|"
        rf"{_WEEK_PART}|{_DAY_PART}|(?(Y)(?:{said}|)|(?!)))"
    )
    tables = ("years", "months", "days", "terms", "festivals", "school")
    first = "".join(sorted({word[0] for key in tables for word in words[key]}))
    return re.compile(
        rf"(?=[\d零一二三四五六七八九十廿元农阴旧老闰正腊冬春夏秋第周星礼本上下前这首头{first}])(?<![\d.])(?:{_NUMERIC}|"
        rf"{lunar.format('lunar0')}(?P<Y>{_year_part(years)})?{lunar.format('lunar')}{body}|(?P<school>{school})|"
        rf"(?P<relday_word>{days})(?!然|后(?!半夜)))(?P<clock>{_CLOCK})"
    )


def _number(text: str | None) -> int | None:
    if not text:
        return None
    if text == "元":
        return 1
    if text.startswith("廿"):
        text = "二十" + text[1:]
    number = read(text)
    return int(number.low) if number else None


def _year(text: str) -> int | None:
    digits = "".join(
        str("零一二三四五六七八九".index(char)) if char in "零一二三四五六七八九" else char for char in text
    )
    value = int(digits)
    if len(digits) == 2:
        value += 2000 if value < 50 else 1900
    return value


_WEEKDAYS = {char: index for index, char in enumerate("一二三四五六日")} | {"天": 6, "末": 7}
_WEEKS = {"上上": -2, "前": -2, "上": -1, "这": 0, "本": 0, "下": 1, "下下": 2}


def _quarter(text: str) -> tuple[int, int] | None:
    """First and last quarter; None for 上季度 and the like, which `months_off` carries."""
    if text[0] == "前":
        return 1, 3 if text[1] in "三3" else 2
    digit = re.search(r"[一二三四1234首头]", text)
    if not digit or text[0] in "上这本下":
        return None
    number = {"首": 1, "头": 1}.get(digit[0]) or _number(digit[0]) or 1
    return number, number


def _first(got: dict[str, str], *keys: str) -> str | None:
    for key in keys:
        if key in got:
            return got[key]
    return None


def _is_lunar(got: dict[str, str], day: str | None) -> bool:
    """农历 said, or a way of counting only the lunar calendar has: 正月, 初五, 廿二, 八月十五."""
    if any(key in got for key in ("lunar", "lunar0", "leap", "moonmonth", "moonday", "moonday1", "chu", "chu2")):
        return True
    mid_autumn = got.get("month") in ("八", "8") and got.get("day") == "十五" and "hao" not in got
    return mid_autumn or bool(day and day.startswith("廿"))


def _year_and_month(got: dict[str, str]) -> tuple[int | None, int | None]:
    numeric = _first(got, "ny", "ny8")
    year = _year(got["year"]) if "year" in got else int(numeric) if numeric else None
    if "newyear" in got or "newyear1" in got:
        return year, 1
    if "moonmonth" in got:
        return year, {"正月": 1, "冬月": 11, "腊月": 12}[got["moonmonth"]]
    return year, _number(_first(got, "firstmonths", "month", "nm", "nm8", "sm"))


def read_point(match: re.Match[str]) -> Point:
    """The bag of parts of one match."""
    got = {key: value for key, value in match.groupdict().items() if value is not None}
    words = lexicon("time")
    text = match.group().rstrip()
    year, month = _year_and_month(got)
    day = _first(got, "day", "relday", "nd", "nd8", "sd", "only", "moonday", "moonday1")
    weekday = _first(got, "weekday", "bareday", "nthday")
    quarter, term = got.get("quarter"), _first(got, "yterm", "term")
    return Point(
        start=match.start(),
        end=match.start() + len(text),
        text=text,
        year=year,
        years_off=words["years"].get(got.get("relyear")),
        months_off=words["months"].get(got.get("relmonth")),
        days_off=words["days"].get(got.get("relday_word")),
        weeks_off=_WEEKS.get(got["relweek"].rstrip("个")) if "relweek" in got else None,
        month=month,
        first_month=1 if "firstmonths" in got else _number(_first(got, "month1", "month2")),
        day=_number(day.lstrip("初")) if day else None,
        first_day=_number(_first(got, "day1", "only1")),
        weekday=_WEEKDAYS[weekday] if weekday else None,
        nth=_number(_first(got, "nth", "relnth", "lastdays")),
        part="lastdays" if "lastdays" in got else _first(got, "part", "relpart", "quarterpart"),
        term="全年" if term == "一年" else term,
        school=words["school"].get(got.get("school")),
        season=_first(got, "season", "yearseason"),
        quarter=(_quarter(quarter) or ({"上": -1, "下": 1}.get(quarter[0], 0), 0)) if quarter else None,
        festival=got.get("festival"),
        festival_days="during" in got,
        lunar=_is_lunar(got, day),
        leap="leap" in got,
        same=_first(got, "same", "relsame"),
    )
