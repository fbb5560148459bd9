"""Guessing codes is slow from one place, for one code and from everywhere; the owner of a code is not locked out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from intake import guessing
from intake.errors import Braked, TooManyTries
from tests.intake.conftest import NOW, Ledger

LIMIT = 20
Try = Callable[..., None]


@pytest.fixture
def wrong(ledger: Ledger, session: Session) -> Try:
    """One wrong try of a code from a place at a moment; refused where it has to wait."""

    def tried(code: str = "code", place: str = "place", after: timedelta = timedelta()) -> None:
        one = guessing.guess(ledger.vault, code, place, NOW + after)
        guessing.check(session, one, NOW + after, wrong_an_hour=LIMIT)
        guessing.count_wrong(session, one, NOW + after, wrong_an_hour=LIMIT)

    return tried


@pytest.fixture
def right(ledger: Ledger, session: Session) -> Try:
    """A right try: refused, or the place is known for this code from now on."""

    def tried(code: str = "own", place: str = "home", after: timedelta = timedelta()) -> None:
        one = guessing.guess(ledger.vault, code, place, NOW + after)
        guessing.check(session, one, NOW + after, wrong_an_hour=LIMIT)
        guessing.know_owner(session, one, NOW + after)

    return tried


def test_one_place_waits_after_five_codes(wrong: Try) -> None:
    """Whatever codes they were; another place is not concerned."""
    for number in range(5):
        wrong(code=f"code {number}")
    with pytest.raises(TooManyTries) as refused:
        wrong(code="another")
    assert refused.value.until == NOW + timedelta(seconds=30)
    wrong(code="another", place="elsewhere")


def test_one_code_waits_after_five_places(wrong: Try) -> None:
    """Many machines that try the same code are one guesser."""
    for number in range(5):
        wrong(place=f"place {number}")
    with pytest.raises(TooManyTries):
        wrong(place="a sixth place")
    wrong(code="another", place="a sixth place")


def test_guessing_from_many_places_brakes_every_new_place(wrong: Try) -> None:
    """Each place tried one code only once: no count of its own would see it."""
    for number in range(LIMIT):
        wrong(code=f"code {number}", place=f"place {number}")
    with pytest.raises(Braked) as refused:
        wrong(code="next", place="a fresh place")
    assert refused.value.until == NOW + timedelta(seconds=15)


def test_a_brake_is_short_and_ends_with_the_hour(wrong: Try, right: Try) -> None:
    """Honest people at new places share it: nobody waits longer than two minutes, and the next hour begins anew."""
    for number in range(LIMIT):
        wrong(code=f"code {number}", place=f"place {number}")
    after = timedelta(seconds=15)
    for number in range(8):
        wrong(code=f"late {number}", place=f"late place {number}", after=after)
        with pytest.raises(Braked) as refused:
            right(after=after)
        wait = refused.value.until - NOW - after
        assert wait <= timedelta(minutes=2)
        after += wait
    right(after=after)
    right(code="other", place="other home", after=timedelta(hours=1))


def test_the_owner_is_not_locked_out_by_strangers(wrong: Try, right: Try) -> None:
    """Not by such as share his address, not by such as try everywhere, as long as he asks from where he was right."""
    right()
    for number in range(LIMIT):
        wrong(code=f"code {number}", place=f"place {number}")
    for number in range(5):
        wrong(code=f"guess {number}", place="home", after=timedelta(hours=1, minutes=number))
    later = timedelta(hours=1, minutes=4, seconds=1)
    right(after=later)
    with pytest.raises(TooManyTries):
        right(code="somebody else's", after=later)


def test_a_known_place_is_known_for_its_own_code_only(wrong: Try, right: Try) -> None:
    """Whoever has a code of his own cannot guess others with it."""
    right()
    for number in range(5):
        wrong(code=f"code {number}", place="home")
    with pytest.raises(TooManyTries):
        wrong(code="code 6", place="home")
    right()


def test_a_place_is_forgotten_after_two_months_and_renewed_before(ledger: Ledger, session: Session, right: Try) -> None:
    """A look each month keeps it; a look each hour writes nothing."""
    right()
    for days, note in ((0, False), (29, False), (31, True), (61, True)):
        moment = NOW + timedelta(days=days)
        one = guessing.guess(ledger.vault, "own", "home", moment)
        assert guessing.needs_note(session, one, moment) is note, days


def test_every_lockout_ends(wrong: Try) -> None:
    """At the moment that the refusal named, the next try is looked at, however many there were."""
    after = timedelta()
    for number in range(14):
        try:
            wrong(code=f"code {number}", after=after)
        except TooManyTries as refused:
            after = refused.until - NOW
            wrong(code=f"code {number}", after=after)
    assert after < timedelta(hours=6)


def test_nothing_that_was_tried_stands_in_the_table(wrong: Try, session: Session) -> None:
    """Codes and addresses are kept as keyed hashes only."""
    wrong(code="4539148803436467", place="203.0.113.7")
    rows = str(session.connection().exec_driver_sql("SELECT * FROM attempt").all())
    assert "4539" not in rows
    assert "203.0" not in rows
