"""Personal data, so that it can be masked: phone, identity number, bank card, name, bed.

Numbers are believed by their check digits (GB 11643 for identity numbers, Luhn for cards); the masks are
those of DOMAIN.md §7.3.
"""

from __future__ import annotations

import re
from functools import cache

from nlu.entities.heard import Found, Heard, alternatives, lexicon

_RUN = re.compile(r"(?<![\dA-Za-z])\d(?:[ \-]?\d){9,20}[ \-]?[xX]?(?![\dA-Za-z])")
_CARD_CUE = re.compile(r"(?:卡号|银行卡|账号|储蓄卡|工资卡)[^,。\d]{0,4}$")
_SPOKEN_PHONE = re.compile(
    r"(?<![零一幺二三四五六七八九十百千])[一幺][三四五六七八九][零一幺二三四五六七八九]{9}(?![零一幺二三四五六七八九十百千])"
)
_HAN_DIGITS = re.compile("[零一幺二三四五六七八九]{11}")
_DIGITS = re.compile(r"\d[\d \-]{6}")
_LANDLINE = re.compile(r"(?<!\d)(?:0\d{2,3}[- ]?)\d{7,8}(?!\d)")
_BED = re.compile(
    r"(?:[A-Za-z]?\d{1,4}|[一二三四五六七八九十加]{1,3})(?:号病?)?床(?!的?[位单头上垫边旁前罩榻被褥]|的?数)|床号[::]?\s*(?P<number>\d{1,4})"
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"


def valid_identity(number: str) -> bool:
    """Whether the 18th character fits the others and the birthday exists (GB 11643-1999)."""
    if not re.fullmatch(r"[1-8]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]", number):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return _CHECK[total % 11] == number[17]


def luhn(number: str) -> bool:
    """The check of bank card numbers (ISO/IEC 7812-1)."""
    total = 0
    for place, char in enumerate(reversed(number)):
        digit = int(char) * (1 + place % 2)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def _number(run: str) -> tuple[str, str] | None:
    """Kind and mask of a run of digits, None for an order number or anything else."""
    bare = re.sub(r"[ \-]", "", run).upper()
    if re.fullmatch(r"(?:86)?1[3-9]\d{9}", bare):
        return "phone", f"{bare[-11:-8]}****{bare[-4:]}"
    if len(bare) == 18 and valid_identity(bare):
        return "identity_number", f"{bare[:3]}{'*' * 13}{bare[-2:]}"
    if bare.isdigit() and 16 <= len(bare) <= 19 and bare[0] in "3456" and luhn(bare):
        return "bank_card", f"{'*' * (len(bare) - 4)}{bare[-4:]}"
    return None


def _numbers(text: str) -> list[Found]:
    found: list[Found] = []
    for match in _RUN.finditer(text):
        run = match.group().rstrip(" -")
        judged = _number(run) or _told_card(text, match.start(), run)
        if judged:
            found.append(Found(judged[0], match.start(), match.start() + len(run), {"masked": judged[1]}, 90))
        else:
            found += _pieces(run, match.start())
    for match in _LANDLINE.finditer(text):
        digits = match.group()
        found.append(Found("phone", match.start(), match.end(), {"masked": f"{digits[:4]}****{digits[-2:]}"}, 80))
    return found


def _told_card(text: str, start: int, run: str) -> tuple[str, str] | None:
    """A number that is called a card's, although a digit of it may be wrong: it is still somebody's."""
    bare = re.sub(r"\D", "", run)
    if not 16 <= len(bare) <= 19 or not _CARD_CUE.search(text[max(0, start - 8) : start]):
        return None
    return "bank_card", f"{'*' * (len(bare) - 4)}{bare[-4:]}"


def _spoken_phones(text: str) -> list[Found]:
    """A phone number as a machine writes down what was spoken: 一三八…."""
    return [
        Found("phone", match.start(), match.end(), {"masked": f"{match.group()[:3]}****{match.group()[-4:]}"}, 90)
        for match in _SPOKEN_PHONE.finditer(text)
    ]


def _pieces(run: str, start: int) -> list[Found]:
    """The numbers of a run that is several of them, told one after the other."""
    found = []
    for match in re.finditer(r"\d+[xX]?", run):
        judged = _number(match.group())
        if judged:
            found.append(Found(judged[0], start + match.start(), start + match.end(), {"masked": judged[1]}, 90))
    return found


@cache
def _name_patterns() -> tuple[re.Pattern[str], re.Pattern[str], frozenset[str]]:
    words = lexicon("person")
    surname = f"(?:{alternatives(words['compound_surnames'])}|[{words['surnames']}])"
    after = re.compile(
        rf"(?=[{words['first']}])(?:{'|'.join(words['introductions'])})\s*(?P<name>{surname}[\u4e00-\u9fff]{{1,3}}?|[\u4e00-\u9fff]{{2,8}}·[\u4e00-\u9fff]{{2,8}})(?={words['name_ends']})"
    )
    only = re.compile(
        rf"(?:{'|'.join(words['surname_introductions'])})\s*(?P<name>{surname})(?={words['surname_ends']})"
    )
    return after, only, frozenset(words["not_names"])


def _names(heard: Heard) -> list[Found]:
    after, only, refused = _name_patterns()
    found = []
    for pattern in (after, only):
        for match in pattern.finditer(heard.text):
            name = match["name"]
            if name in refused or any(name.startswith(word) for word in refused if len(word) > 1):
                continue
            found.append(Found("person_name", match.start("name"), match.end("name"), {"masked": name[0] + "**"}, 60))
    return found


def find(heard: Heard) -> list[Found]:
    """The personal data of a text."""
    text = heard.text
    found = _numbers(text) if _DIGITS.search(text) else []
    if _HAN_DIGITS.search(text):
        found += _spoken_phones(text)
    if "床" in text:
        for match in _BED.finditer(text):
            found.append(Found("bed", match.start(), match.end(), {"masked": "**床"}, 50))
    return found + _names(heard)
