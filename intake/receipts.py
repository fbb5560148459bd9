"""What a teller holds in hand: a number that reads like a file number, and a secret code that opens it."""

from __future__ import annotations

import secrets
import unicodedata
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy import Executable, bindparam
from sqlalchemy.orm import Session

from intake.confidentiality import Vault
from intake.db import bare, insert_into
from intake.models import Sequence

CHINA = ZoneInfo("Asia/Shanghai")
CODE_DIGITS = 16
NOWHERE = "000000"


def numbered(key: str, last: int) -> str:
    """The number for a place and year such as 621021-2026: 621021-2026-000012-7; its last digit catches a slip."""
    body = f"{key}-{last:06d}"
    return f"{body}-{_check_digit(body.replace('-', ''))}"


def next_serial(session: Session, key: str) -> int:
    """The next number under a key, from 1; no number is given out twice, and a rolled-back one is given out again."""
    return int(session.execute(_next(session.get_bind().dialect.name), {"key": key}).scalar_one())


@lru_cache(maxsize=4)
def _next(dialect: str) -> Executable:
    """The statement that counts on; every filing runs it, so it is built once."""
    table = bare(Sequence)
    started = insert_into(dialect, table).values(key=bindparam("key"), last=1)
    counted = started.on_conflict_do_update(index_elements=["key"], set_={"last": table.c.last + 1})
    return counted.returning(table.c.last)


def number_ok(number: str) -> bool:
    """Whether the check digit fits; says nothing about whether the number was ever given out."""
    digits = normalise_code(number)
    return len(digits) >= 17 and _is_digits(digits) and _check_digit(digits[:-1]) == digits[-1]


def new_query_code() -> str:
    """16 random digits, the last of which is a check digit: about 50 bits that nobody can count up to."""
    body = str(secrets.randbelow(9 * 10 ** (CODE_DIGITS - 2)) + 10 ** (CODE_DIGITS - 2))
    return body + _check_digit(body)


def normalise_code(text: str) -> str:
    """The code as people type it, without spaces and dashes and with ordinary digits in place of full-width ones."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(sign for sign in plain if not sign.isspace() and unicodedata.category(sign) not in {"Pd", "Cf"})


def luhn_ok(code: str) -> bool:
    """Whether `code` is 16 digits that check: a slip of the finger is told at once, without a look into the ledger."""
    digits = normalise_code(code)
    return len(digits) == CODE_DIGITS and _is_digits(digits) and _check_digit(digits[:-1]) == digits[-1]


def query_hash(vault: Vault, code: str) -> str:
    """The keyed hash of a code, from which `intake.querycodes` makes what the ledger keeps; the code is kept nowhere."""
    return vault.fingerprint(normalise_code(code), "query code")


def _is_digits(text: str) -> bool:
    """Only 0 to 9: str.isdigit would let other scripts' digits pass."""
    return text.isascii() and text.isdigit()


def _check_digit(digits: str) -> str:
    """The digit that makes the whole pass ISO/IEC 7812-1 Annex B (Luhn)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)
