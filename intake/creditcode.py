"""The unified social credit code (统一社会信用代码, GB 32100-2015): eighteen signs, the last of which checks."""

from __future__ import annotations

SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18


def check_sign(body: str) -> str:
    """The sign that follows seventeen others: weights are powers of 3, modulo 31 (GB 32100 §4)."""
    total = sum(SIGNS.index(sign) * pow(3, at, 31) for at, sign in enumerate(body))
    return SIGNS[-total % 31]


def is_sound(code: str) -> bool:
    """Whether the code has the form and its last sign fits; says nothing about whether it was given out."""
    if len(code) != LENGTH or not set(code) <= set(SIGNS):
        return False
    return check_sign(code[:-1]) == code[-1]
