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
_MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_DAY = r"(?:3[01]|[12]\d|0?[1-9]|三十一?|二十[一二三四五六七八九]?|廿[一二三四五六七八九]?|十[一二三四五六七八九]?|[一二三四五六七八九])"
_CLOCK = (
    r"(?:(?:的|那天|当天)?(?:凌晨|清晨|大清早|一大早|早上|早晨|早间|黎明|上午|中午|晌午|午后|午间|下午|后晌|傍晚|晚上|晚间|夜里|夜间|"
    r"后半夜|半夜|深夜|夜晚|晚|早))?\s*"
    r"(?:(?:[01]?\d|2[0-4]|[零一二两三四五六七八九十]{1,3})(?:点钟?(?!名|滴|击|评|赞|头|心|火|开)|时(?!间|候|常|期|任|不|代|报|年|有|都)|:\d{1,2}(?::\d{1,2})?)"
    r"(?:整|半|来钟|多钟?|许|左右|过后?|[零一二三四五六七八九十]{1,3}分?|\d{1,2}分?|[一1三3]刻钟?)?)?"
    r"(?:时?(?:-{1,2}|到|至|~)(?:凌晨|早上|上午|中午|下午|晚上)?(?:[01]?\d|2[0-4]|[一二两三四五六七八九十]{1,3})(?:点钟?半?|时|:\d{1,2}))?时?"
)


@dataclass(frozen=True, slots=True)
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


@cache
def point_pattern() -> re.Pattern[str]:
    """The whole grammar of a point."""
    words = lexicon("time")
    years, months, days = (alternatives(list(words[key])) for key in ("years", "months", "days"))
    terms = alternatives([term for term in words["terms"] if len(term) > 1])
    festivals = alternatives(list(words["festivals"]))
    during = words["patterns"]["during"]
    year = (
        rf"(?:(?P<year>(?:19|20)\d\d|[一二][零九][零一二三四五六七八九]{{2}}|(?<![\d近过了干满约有后来前])\d\d(?=年(?!前|后|来|了|多|以|间|期|代|半|的?时间|[有没]|工|级))|"
        rf"(?<![一二三四五六七八九十零])[零一二三四五六七八九]{{2}}(?=年))(?:年度?(?!以[上下]|级)|(?=[.\-/]|全年|上半年|下半年|底|(?:-|到|至|~)(?:\d\d|\d{{4}})年))|(?P<relyear>{years}))(?:的|里|份)?\s*"
    )
    lunar = r"(?P<lunar>农历|阴历|旧历|老历|老黄历|老黄历上)?的?"
    day = rf"(?:(?P<chu>初)?(?:(?P<day1>{_DAY})(?:日|号)?(?:-{{1,2}}|到|至|~))?(?P<chu2>初)?(?P<day>{_DAY})(?:(?P<hao>日|号)(?!楼|店|线)|(?!个|多|来|[\d%万千百十天年月周元块名人次趟回盒份家例条瓶张倍成岁点.]|\s*(?:家|名|人|天))))"
    month = (
        rf"(?P<leap>闰)?(?:(?P<month1>{_MONTH})(?:月份?)?(?:-{{1,2}}|到|至|~|、|和))?(?:(?P<month>{_MONTH})(?:月(?!薪|饼|经|租|供|结|票|子|卡)份?)|(?P<moonmonth>正月|腊月|冬月))的?"
        rf"(?:(?P<part>上旬|中旬|下旬|月?初(?![一二三四五六七八九十\d])|月?中(?!午|医|药|西|心|国|级|年|秋|间)|月?底|月?末|月尾)|第(?P<nth>[一二三四五\d])个?(?P<nthweek>周|星期|礼拜)(?P<nthday>[一二三四五六日天末](?!个))?|{day})?"
    )
    relmonth = rf"(?P<relmonth>{months})份?的?(?:(?P<relpart>上旬|中旬|下旬|初(?!次|步|期)|底|末|中旬|月底|月初)|第(?P<relnth>[一二三四五\d])个?(?:周|星期|礼拜)|最后(?P<lastdays>[一二三四五六七\d]+)天|(?P<relday>{_DAY})(?:日|号))?"
    week = rf"(?P<relweek>上上个?|上个?|这个?|本|下下个?|下个?|前个?)(?:周|星期|礼拜)(?:(?:周|星期|礼拜)?(?P<weekday>[一二三四五六日天末])(?![个周天次部线])|(?![期末边围]))|(?:周|星期|礼拜)(?P<bareday>[一二三四五六日天](?![个周天次点部线年月])|末)"
    quarter = r"(?P<quarter>第?[一二三四1-4首头](?:个)?季度?(?![节])|前[二两三23]个?季度|[上这本下]个?季度)(?P<quarterpart>初|末|底)?"
    firstmonths = r"前(?P<firstmonths>[一二两三四五六七八九十\d]{1,3})个?月(?:份)?"
    season = r"(?P<season>[春夏秋冬])(?:天|季|里|日)(?:里|的时候)?"
    yearseason = r"(?P<yearseason>[春夏秋冬])(?:天|季|里|日)?"
    fest = rf"(?P<festival>{festivals})(?P<during>{during})?"
    numeric = (
        r"(?P<ny>(?:19|20)\d\d)\s?[-./ ]\s?(?P<nm>1[0-2]|0?[1-9])(?:\s?[-./ ]\s?(?P<nd>3[01]|[12]\d|0?[1-9]))?(?:(?=\d\d:\d\d)|(?![\d.%万]|\d*[元块]))(?:日|号)?(?:-(?=\d{1,2}:))?|"
        r"(?P<ny8>20\d\d)(?P<nm8>0[1-9]|1[0-2])(?P<nd8>0[1-9]|[12]\d|3[01])(?!\d)|"
        r"(?P<sm>1[0-2]|0?[1-9])[.\-/](?P<sd>3[01]|[12]\d|0?[1-9])(?![\d.%万千百]|\d*[元块wW个])(?P<shao>日|号|那天|当天)?"
    )
    alone_day = rf"(?P<only1>{_DAY})?(?(only1)(?:日|号)?(?:-{{1,2}}|到|至|~))(?P<only>{_DAY})(?P<onlyhao>日|号)(?!店|楼|线|院|房|床|窗|门|机|文|令|柜|库|馆|厅|桌|台|[a-zA-Z\d]|卡|码|病|公告|通知)|(?P<moonday>初[一二三四五六七八九十]|廿[一二三四五六七八九])"
    said = rf"(?(Y)(?:(?P<yterm>初|中(?!医|药|西|心|国)|底|末|内|一年)|{yearseason}|)|(?!))"
    body = rf"(?:{month}|{relmonth}|{fest}|(?P<term>{terms})|{quarter}|{firstmonths}|{season}|{week}|{alone_day}|{said})"
    school = rf"(?P<school>{alternatives(list(words['school']))})"
    first = "".join(sorted({word[0] for key in ("years", "months", "days", "terms", "festivals", "school") for word in words[key]}))
    return re.compile(
        rf"(?=[\d零一二三四五六七八九十廿农阴旧老闰正腊冬春夏秋第周星礼本上下前这首头{first}])(?<![\d.])"
        rf"(?:(?:{numeric})|{lunar.replace('<lunar>', '<lunar0>')}(?P<Y>{year})?{lunar}{body}|{school}|(?P<relday_word>{days})(?!然|后(?!半夜)))"
        rf"(?P<clock>{_CLOCK})"
    )


def _number(text: str | None) -> int | None:
    if not text:
        return None
    if text.startswith("廿"):
        text = "二十" + text[1:]
    number = read(text)
    return int(number.low) if number else None


def _year(text: str) -> int | None:
    digits = "".join(str("零一二三四五六七八九".index(char)) if char in "零一二三四五六七八九" else char for char in text)
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


def read_point(match: re.Match[str]) -> Point:
    """The bag of parts of one match."""
    got = {key: value for key, value in match.groupdict().items() if value is not None}

    words = lexicon("time")
    end = match.end()
    while match.string[end - 1].isspace():
        end -= 1
    year = _year(got["year"]) if "year" in got else int(got.get("ny") or got.get("ny8") or 0) or None
    day_text = got.get("day") or got.get("relday") or got.get("nd") or got.get("nd8") or got.get("sd") or got.get("only")
    moon_day_text = got.get("moonday")
    month_text = got.get("month") or got.get("nm") or got.get("nm8") or got.get("sm")
    moon_month = got.get("moonmonth")
    chu = bool(got.get("chu") or got.get("chu2")) or bool(day_text and day_text.startswith("廿"))
    month = {"正月": 1, "冬月": 11, "腊月": 12}[moon_month] if moon_month else _number(month_text)
    day = _number(moon_day_text.lstrip("初")) if moon_day_text else _number(day_text)
    festival_moon = month == 8 and day == 15 and got.get("day") == "十五" and not got.get("hao")
    weekday = got.get("weekday") or got.get("bareday") or got.get("nthday")
    quarter = got.get("quarter")
    first = got.get("firstmonths")
    return Point(
        start=match.start(),
        end=end,
        text=match.string[match.start() : end],
        year=year,
        years_off=words["years"].get(got.get("relyear", "")),
        months_off=words["months"].get(got.get("relmonth", "")),
        days_off=words["days"].get(got.get("relday_word", "")),
        weeks_off=_WEEKS.get(got["relweek"].rstrip("个")) if "relweek" in got else None,
        month=_number(first) if first else month,
        first_month=1 if first else _number(got.get("month1")),
        day=day,
        first_day=_number(got.get("day1") or got.get("only1")),
        weekday=_WEEKDAYS[weekday] if weekday else None,
        nth=_number(got.get("nth") or got.get("relnth") or got.get("lastdays")),
        part="lastdays" if "lastdays" in got else (got.get("part") or got.get("relpart") or got.get("quarterpart")),
        term=got.get("term") or got.get("yterm"),
        school=words["school"].get(got.get("school", "")),
        season=got.get("season") or got.get("yearseason"),
        quarter=(_quarter(quarter) or ({"上": -1, "下": 1}.get(quarter[0], 0), 0)) if quarter else None,
        festival=got.get("festival"),
        festival_days=bool(got.get("during")),
        lunar=bool(got.get("leap") or got.get("lunar") or got.get("lunar0") or got.get("lunar") or moon_month or moon_day_text or chu or festival_moon),
        leap=bool(got.get("leap")),
    )
