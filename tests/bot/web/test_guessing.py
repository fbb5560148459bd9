"""Guessing query codes: counted by where it comes from, however many conversations are begun for it."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from bot.web.door import neighbourhood
from intake.models import Attempt
from intake.receipts import new_query_code
from tests.bot.web.conftest import filed
from tests.bot.web.site import Person, Site


@pytest.fixture(autouse=True)
def _forgiven(here: Site) -> None:
    """Every test begins without wrong tries."""
    with here.app.database.transaction() as session:
        session.execute(delete(Attempt))


def guess(here: Site, code: str) -> str:
    """The last words of a conversation begun for one code."""
    somebody = Person(here)
    somebody.begin()
    somebody.say("查询办理进度")
    return str(somebody.say(code)["replies"][-1]["text"])


def test_a_new_conversation_does_not_forget_the_wrong_tries_of_the_last(here: Site):
    """Five conversations, a wrong code in each: the sixth has to wait, with a right code too, and so does the page."""
    held = filed(here.app, "guessed")
    for _ in range(5):
        guess(here, new_query_code())
    assert held.case_number not in guess(here, held.query_code)
    page = here.post("/receipts/status", json={"query_code": held.query_code})
    assert page.status_code == 429


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("unknown", "unknown"),
    ],
)
def test_addresses_that_one_person_has_by_the_billion_count_as_one(host: str, counted: str):
    """An IPv6 line is a network of 64 bits: its single addresses cost nothing."""
    assert neighbourhood(host) == counted
