"""Numbers and codes in the teller's hand, and the slowing down of whoever guesses."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, strategies
from sqlalchemy.orm import Session

from intake import attempts, numbers
from intake.errors import TooManyTries
from intake.receipts import luhn_ok, new_query_code, normalise_code, number_ok, query_hash
from tests.intake.conftest import NOW, REPORT, Ledger


def test_numbers_count_up_by_place_and_year(session: Session) -> None:
    """Each place and each year has a sequence of its own."""
    keys = ["621021-2026", "621021-2027", "621021-2026", numbers.key_of(replace(REPORT, place=None))]
    given = [one.number for one in (*numbers.give(session, keys), *numbers.give(session, keys[:1]))]
    assert [number[:-2] for number in given] == [
        "621021-2026-000001",
        "621021-2027-000001",
        "621021-2026-000002",
        "000000-2026-000001",
        "621021-2026-000003",
    ]
    assert all(map(number_ok, given))


def test_a_mistyped_number_is_noticed(session: Session) -> None:
    """Any single wrong digit breaks the check."""
    number = numbers.give(session, ["621021-2026"])[0].number
    for place, digit in enumerate(number):
        if digit.isdigit():
            wrong = number[:place] + str((int(digit) + 1) % 10) + number[place + 1 :]
            assert not number_ok(wrong)


@given(strategies.integers(0, 15), strategies.integers(1, 9))
def test_a_mistyped_code_is_noticed(place: int, shift: int) -> None:
    """Luhn finds every single wrong digit."""
    code = new_query_code()
    wrong = code[:place] + str((int(code[place]) + shift) % 10) + code[place + 1 :]
    assert luhn_ok(code)
    assert not luhn_ok(wrong)


@given(strategies.integers(0, 14))
def test_two_digits_exchanged_are_noticed_but_for_nought_and_nine(place: int) -> None:
    """What Luhn can: every exchange of neighbours except 09 and 90, which it cannot tell apart."""
    code = new_query_code()
    first, second = code[place], code[place + 1]
    exchanged = code[:place] + second + first + code[place + 2 :]
    assert luhn_ok(exchanged) is (first == second or {first, second} == {"0", "9"})


@given(strategies.data())
def test_a_slip_in_a_case_number_is_noticed(data: strategies.DataObject) -> None:
    """Region, year, count and check digit: any single slip, any exchange of neighbours but 09 and 90."""
    place = data.draw(strategies.from_regex(r"[1-8][0-9]{5}", fullmatch=True))
    body = f"{place}{data.draw(strategies.integers(2020, 2099))}{data.draw(strategies.integers(1, 999_999)):06d}"
    last = next(digit for digit in "0123456789" if number_ok(body + digit))
    number = body + last
    assert [digit for digit in "0123456789" if number_ok(body + digit)] == [last]
    at = data.draw(strategies.integers(0, len(number) - 1))
    slip = number[:at] + str((int(number[at]) + data.draw(strategies.integers(1, 9))) % 10) + number[at + 1 :]
    assert not number_ok(slip)
    if at + 1 < len(number):
        first, second = number[at], number[at + 1]
        exchanged = number[:at] + second + first + number[at + 2 :]
        assert number_ok(exchanged) is (first == second or {first, second} == {"0", "9"})


def test_codes_are_16_digits_and_differ() -> None:
    """Nobody gets another's code."""
    codes = {new_query_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(len(code) == 16 and code.isdigit() and code[0] != "0" for code in codes)


@pytest.mark.parametrize(
    "typed",
    ["4539 1488 0343 6467", "4539-1488-0343-6467", " 4539148803436467\n", "4539148803436467", "4539—1488—0343 6467"],
)
def test_a_code_is_read_as_people_type_it(ledger: Ledger, typed: str) -> None:
    """Spaces, dashes and full-width digits make no difference."""
    assert normalise_code(typed) == "4539148803436467"
    assert luhn_ok(typed)
    assert query_hash(ledger.vault, typed) == query_hash(ledger.vault, "4539148803436467")


@pytest.mark.parametrize("nonsense", ["", "1", "abcdefghijklmnop", "４５", "²" * 16, "1" * 5000])
def test_nonsense_is_no_code(nonsense: str) -> None:
    """Whatever is typed, the check answers."""
    assert not luhn_ok(nonsense)


def test_five_wrong_tries_are_free_and_then_each_costs_twice(session: Session) -> None:
    """A slip costs nothing; guessing costs half a minute, then a minute, then two."""
    waits = [attempts.count_wrong(session, "origin", NOW) - NOW for _ in range(8)]
    assert waits == [timedelta()] * 4 + [timedelta(seconds=seconds) for seconds in (30, 60, 120, 240)]


def test_nobody_waits_longer_than_an_hour(session: Session) -> None:
    """The wait grows to an hour and no further, however often somebody tries."""
    assert max(attempts.count_wrong(session, "origin", NOW) - NOW for _ in range(40)) == timedelta(hours=1)


def test_too_many_tries_tell_when_to_come_back(session: Session) -> None:
    """The refusal names the moment, and at that moment it is over."""
    for _ in range(5):
        attempts.check(session, "origin", NOW)
        attempts.count_wrong(session, "origin", NOW)
    with pytest.raises(TooManyTries) as refused:
        attempts.check(session, "origin", NOW)
    assert refused.value.until == NOW + timedelta(seconds=30)
    attempts.check(session, "origin", refused.value.until)
    attempts.check(session, "somebody else", NOW)


def test_wrong_tries_are_forgiven_and_forgotten(session: Session) -> None:
    """A right try clears the slate; so does a day of rest."""
    for _ in range(6):
        attempts.count_wrong(session, "forgiven", NOW)
        attempts.count_wrong(session, "rested", NOW)
    attempts.forgive(session, "forgiven")
    attempts.check(session, "forgiven", NOW)
    later = NOW + timedelta(days=2)
    assert attempts.count_wrong(session, "rested", later) == later
    attempts.forget_old(session, later + timedelta(days=2))
    assert session.connection().exec_driver_sql("SELECT count(*) FROM attempt").scalar() == 0
