"""Sums of money in any writing → yuan with a flag for doubt; several sums are several entities.

A sum needs a unit (元, 块, 万, w) or a word of money beside it; a bare 五个 or 三千步 is none.
The lower bound stands for the sum, as a person who says 三千多 can prove three thousand.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

from nlu.entities.heard import Found, Heard, alternatives, lexicon
from nlu.entities.numbers import HAN, Number, read

_ARABIC = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_NUM = rf"(?:(?:{_ARABIC})(?:个?[十百千万亿kKwW])*(?:\d(?!\d)|[一二三四五六七八九](?![一二三四五六七八九十百千万亿]))?|[{HAN}](?:[{HAN}]|个(?=[亿万])|点(?=[零一二三四五六七八九]+[百千万亿元块])){{0,24}}(?:(?<=[万千百])[1-9](?![\d个天年月日号次]))?)"
_PARTS = {"角": Decimal("0.1"), "毛": Decimal("0.1"), "分": Decimal("0.01")}
_MORE = r"(?:多|来|余|几|出头|好几|大几|把)"
_DIGIT = r"零一二三四五六七八九壹贰叁肆伍陆柒捌玖\d"
_BESIDE = 20
"""Characters before a sum in which the words are looked for that tell what it is."""
_TO = r"(?:-{1,2}|~|到|至|或者?)"


@cache
def _pattern() -> re.Pattern[str]:
    words = lexicon("money")
    unit = alternatives([*words["yuan"], *words["foreign"]])
    first = "".join(sorted({word[0] for word in words["about"]}))
    return re.compile(
        rf"(?=[\d\s人R¥￥${HAN}{first}])(?P<before>(?:{alternatives(words['about'])})\s*)?(?:人民币|RMB|¥|￥|\$)?\s*"
        rf"(?:(?P<low>{_NUM})\s*(?P<lowunit>{unit})?\s*{_TO}\s*)?"
        rf"(?P<num>{_NUM})(?P<more>{_MORE})?(?P<scale>个?[十百千万亿kKwW]+(?P<more2>{_MORE})?)?"
        rf"\s*(?P<unit>{unit})?(?P<tail>(?:[{_DIGIT}]+[角毛](?:[{_DIGIT}]+分|[{_DIGIT}](?![\d{HAN}]))?|[{_DIGIT}]+分(?!钟|店|院|之))钱?|"
        rf"(?<=[角毛])[{_DIGIT}](?![\d{HAN}个次位年月日号])|"
        rf"(?<=[块元圆])(?:\d{{1,2}}|[零一二三四五六七八九半]{{1,2}})(?![\d万千百十个位次年月日号])钱?)?"
        rf"(?P<after>\s*(?:\(含\))?(?:{alternatives(words['after'])}))?"
    )


@cache
def _context() -> dict[str, re.Pattern[str]]:
    return {key: re.compile(pattern) for key, pattern in lexicon("money")["patterns"].items()}


def _cents(tail: str, unit_before: str) -> Decimal:
    """块六 is sixty cents, 三角五分 and 三毛五 thirty-five, 元1角1分 eleven."""
    if not tail:
        return Decimal(0)
    cents = Decimal(0)
    for digits, unit in re.findall(rf"([{_DIGIT}半]+)([角毛分]?)", tail):
        number = Decimal(5) if digits == "半" else (read(digits) or Number(Decimal(0), Decimal(0))).low
        if unit == "分" or (not unit and (len(digits) == 2 or unit_before in ("角", "毛") or cents)):
            cents += number / 100
        else:
            cents += number / 10
    return cents


def _whole(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(round(value, 2))


def _bounds(match: re.Match[str]) -> tuple[Decimal, Decimal, bool] | None:
    scale = re.sub(r"[个多来余几]|出头|把", "", match["scale"] or "")
    high = read(match["num"].replace("个", "") + scale)
    if high is None:
        return None
    if match["num"] == "十" and match["more"] in ("多", "几") and not scale:
        return Decimal(10), Decimal(20), True
    low, fuzzy = high.low, high.fuzzy or bool(match["more"] or match["more2"])
    if match["low"]:
        below = _lower(match["low"], match["num"] + scale, high.low, own_unit=bool(match["lowunit"]))
        if below is None:
            return None
        return below, high.high, True
    part = _PARTS.get((match["unit"] or "元")[0], Decimal(1))
    cents = _cents((match["tail"] or "").rstrip("钱"), match["unit"] or "")
    return low * part + cents, high.high * part + cents, fuzzy


def _lower(low: str, high: str, top: Decimal, *, own_unit: bool) -> Decimal | None:
    """两~3百: the lower bound borrows the unit of the upper where that keeps it below."""
    number = read(low)
    if number is None:
        return None
    tail = re.search(r"[十百千万亿kKwW]+$", high)
    if tail and not own_unit and (low[-1] not in "万亿wW" or tail.group()[-1] == "亿"):
        scaled = read(low + tail.group()) if not re.search(r"[十百千]$", low) or tail.group() not in "十百千" else None
        last = read(low + tail.group()[-1])
        for candidate in (scaled, last):
            if candidate and candidate.low < top:
                return candidate.low
    return number.low


def find(heard: Heard) -> list[Found]:
    """The sums of money of a text."""
    found = []
    for match in _pattern().finditer(heard.text):
        if not _is_money(heard, match):
            continue
        bounds = _bounds(match)
        if bounds is None or bounds[0] < 0:
            continue
        start, end = _edges(heard.text, match)
        weight = 40 if match["unit"] else 20
        value = _value(match, *bounds)
        if role := _role(heard.text, start, end, bounds[0]):
            value["role"] = role
        found.append(Found("money", start, end, value, weight))
    return found


@cache
def _roles() -> tuple[tuple[str, re.Pattern[str], re.Pattern[str], re.Pattern[str] | None, int | None], ...]:
    return tuple(
        (
            role["role"],
            re.compile(role["before"]),
            re.compile(role["after"]),
            re.compile(role["not_before"]) if "not_before" in role else None,
            role.get("below"),
        )
        for role in lexicon("money")["roles"]
    )


def _role(text: str, start: int, end: int, yuan: Decimal) -> str | None:
    """What the sum is, where the words beside it tell: claimed from the fund, a price, a fine, one's own money."""
    before = text[max(0, start - _BESIDE) : start]
    for role, ahead, behind, refused, below in _roles():
        if below is not None and yuan >= below:
            continue
        if refused and refused.search(before):
            continue
        if ahead.search(before) or behind.match(text, end):
            return role
    return None


def _edges(text: str, match: re.Match[str]) -> tuple[int, int]:
    start = match.start() if match["before"] else match.start("low") if match["low"] else match.start("num")
    while start > match.start() and text[start - 1] in "¥￥":
        start -= 1
    end = match.end()
    while text[end - 1].isspace():
        end -= 1
    return start, end


def _value(match: re.Match[str], low: Decimal, high: Decimal, fuzzy: bool) -> dict[str, object]:
    doubt = fuzzy or bool(match["before"] or match["after"])
    unit = match["unit"] or ""
    if unit in lexicon("money")["foreign"]:
        value: dict[str, object] = {"yuan": None, "amount": _whole(low), "currency": unit, "approximate": doubt}
    else:
        value = {"yuan": _whole(low), "approximate": doubt}
    if high != low:
        value["to"] = _whole(high)
    return value


def _is_money(heard: Heard, match: re.Match[str]) -> bool:
    """A unit proves it; 万 proves it unless a measure word follows; a plain number needs a word of money beside it."""
    text, context = heard.text, _context()
    if match.group().lstrip().startswith(("¥", "￥", "RMB", "人民币")):
        return True
    if (
        match.start("num")
        and text[match.start("num") - 1].isalnum()
        and text[match.start("num") - 1].isascii()
        and not match["low"]
    ):
        return False
    if match["unit"] is None and (match["num"][-1] == "百" and text.startswith("分之", match.end())):
        return False
    if match["unit"] is None and context["not_before"].search(text[max(0, match.start() - 8) : match.start()]):
        return False
    if match["unit"]:
        return not (
            match["unit"] in ("分", "毛", "角", "块")
            and context["not_unit"].search(text[max(0, match.start() - 3) : match.end() + 2])
        )
    number = match["num"] + (match["scale"] or "")
    if context["measure"].match(text, match.end()):
        return False
    if text[match.start() : match.end()].isdigit() and match.end() < len(text) and text[match.end()] in ".:/-":
        return False
    if (
        re.search(r"[万亿wW]", number)
        and re.search(r"[一-九\d几数两半十百千零壹-玖]", number)
        and (number[0] not in "万亿" or match["before"])
    ):
        return bool(re.search(r"[\d一二两三四五六七八九十几数百千壹贰叁肆伍陆柒捌玖]", number))
    if heard.asked in ("amount", "loss") and context["bare"].fullmatch(text[: match.start()].strip() or "-"):
        return True
    if match["before"] and (match["after"] or match["more"]):
        return True
    if match.group().strip() == text.strip() and heard.asked is None and re.search("[百千kK]", number):
        return True
    big = re.search(r"[百千佰仟k]", number) or re.fullmatch(
        r"\d{3,7}(?:\.\d+)?|\d{1,3}(?:,\d{3})+|\d{1,3}\.\d{1,2}", number
    )
    return bool(big and context["near"].search(text[max(0, match.start() - 10) : match.start()]))
