"""Numbers as people write them: 3.5, 1,234, 三万五, 一百五六十, 两千来, 俩, 壹万二千.

A number is read with its doubt: `low` and `high` differ where a range is said (五六百), `fuzzy` where 多, 来, 几 stand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

DIGITS = {
    char: value
    for value, chars in enumerate(
        ("零", "一壹幺弌", "二贰两俩", "三叁仨", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    )
    for char in chars
}
UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "k": 1000, "K": 1000}
BIG = {"万": 10_000, "w": 10_000, "W": 10_000, "亿": 100_000_000}
_TENS = {"廿": 20, "卅": 30}

HAN = "零一壹幺二贰两三叁四肆五伍六陆七柒八捌九玖十拾百佰千仟万亿半几数廿卅"
_ARABIC = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
NUMBER = rf"(?:(?:{_ARABIC})[十百千万亿kKwW]*(?:[零\d一二三四五六七八九](?!\d))?|[{HAN}]+)"
_TOKEN = re.compile(r"\d+(?:\.\d+)?|.")


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its lower and upper bound."""

    low: Decimal
    high: Decimal
    fuzzy: bool = False

    @property
    def is_range(self) -> bool:
        """Whether two bounds were said."""
        return self.low != self.high


@dataclass
class _Sum:
    """A running total in the Chinese way: section below 万, digit waiting for its unit."""

    total: Decimal = Decimal(0)
    section: Decimal = Decimal(0)
    digit: Decimal | None = None
    last_unit: Decimal = Decimal(1)
    seen_zero: bool = False

    def take_digit(self, value: Decimal) -> bool:
        """Accept one digit; two in a row are a digit string (二零二五) and not this grammar's business."""
        if self.digit is not None:
            return False
        self.digit = value
        return True

    def take_unit(self, unit: int) -> None:
        """Close the waiting digit with 十, 百, 千."""
        self.section += (self.digit if self.digit is not None else Decimal(1)) * unit
        self.digit, self.last_unit, self.seen_zero = None, Decimal(unit), False

    def take_big(self, unit: int) -> None:
        """Close the section with 万 or 亿."""
        value = self.section + (self.digit or 0)
        if not value and self.digit is None and not self.total:
            value = Decimal(1)  # 上万, 万把块
        if unit == BIG["亿"]:
            self.total = (self.total + value) * unit
        else:
            self.total += value * unit
        self.section, self.digit, self.last_unit, self.seen_zero = Decimal(0), None, Decimal(unit), False

    def value(self) -> Decimal:
        """The number; a last digit without unit counts in tenths of the unit before it: 三万五 is 35 000."""
        rest = self.digit or Decimal(0)
        if self.digit is not None and self.last_unit >= 100 and not self.seen_zero:
            rest = self.digit * self.last_unit / 10
        return self.total + self.section + rest


def _plain(text: str) -> Decimal | None:
    """A number without doubt."""
    text = text.replace(",", "").replace("个", "")
    if not text:
        return None
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return Decimal(text)
    if len(text) > 1 and all(char in DIGITS for char in text):
        return Decimal("".join(str(DIGITS[char]) for char in text))
    running = _Sum()
    tokens = _TOKEN.findall(text)
    for index, piece in enumerate(tokens):
        if piece[0].isdigit():
            if not running.take_digit(Decimal(piece)):
                return None
        elif piece == "零":
            running.seen_zero = True
        elif piece == "半":
            if index == 0:
                running.digit = Decimal("0.5")
            else:
                running.section += running.last_unit / 2
        elif piece in DIGITS:
            if not running.take_digit(Decimal(DIGITS[piece])):
                return None
        elif piece in _TENS:
            running.section += _TENS[piece]
        elif piece in UNITS:
            running.take_unit(UNITS[piece])
        elif piece in BIG:
            running.take_big(BIG[piece])
        else:
            return None
    return running.value()


_POINT = re.compile(r"([零一二两三四五六七八九十百]+)点([零一二三四五六七八九]+)([十百千万亿]*)")


def _spoken_decimal(text: str) -> Decimal | None:
    """三十四点五万."""
    match = _POINT.fullmatch(text)
    whole, scale = (_plain(match[1]), _plain("一" + match[3])) if match else (None, None)
    if match is None or whole is None or scale is None:
        return None
    return (whole + Decimal("0." + "".join(str(DIGITS[char]) for char in match[2]))) * scale


_PAIR = re.compile(r"([一二两三四五六七八九])([一二三四五六七八九])(?=[十百千万亿个位名人次趟回元块天月年]|$)")


@lru_cache(maxsize=4096)
def read(text: str) -> Number | None:
    """The number a text of digits and numerals says; None where it says none."""
    text = text.strip()
    try:
        if "点" in text:
            decimal = _spoken_decimal(text)
            return None if decimal is None else Number(decimal, decimal)
        pair = _PAIR.search(text)
        if pair and DIGITS[pair[2]] > DIGITS[pair[1]] and not re.fullmatch(r"[零一二三四五六七八九]{3,}", text):
            return _read_pair(text, pair)
        if "几" in text or "数" in text:
            return _read_several(text)
        value = _plain(text)
    except InvalidOperation:
        return None
    return None if value is None else Number(value, value)


def _read_pair(text: str, pair: re.Match[str]) -> Number | None:
    """五六百 from 500 to 600; 一百五六十万 from 1 500 000 to 1 600 000."""
    low = _plain(text[: pair.start(2)] + text[pair.end(2) :])
    high = _plain(text[: pair.start(1)] + text[pair.start(2) :])
    return None if low is None or high is None else Number(low, high, fuzzy=True)


def _read_several(text: str) -> Number | None:
    """几十万 and 数十亿 have one step between the bounds; 二十几 from 21, 十几万 from 110 000 say at least the tens."""
    match = re.fullmatch(rf"([{HAN}\d.]*?)[几数]([十百千万亿]*)", text)
    if not match:
        return None
    head, tail = match.groups()
    if not head:
        unit = _plain("一" + tail) if tail else Decimal(1)
        if unit is None:
            return None
        return Number(unit, unit * 10, fuzzy=True) if tail else Number(Decimal(2), Decimal(9), fuzzy=True)
    low, high = _plain(head + tail), _plain(head + tail)
    return None if low is None or high is None else Number(low, high, fuzzy=True)
