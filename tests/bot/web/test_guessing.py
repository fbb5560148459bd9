"""Guessing query codes: counted by where it comes from, however many conversations are begun for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select

from bot import enquiry
from bot.querycodes import exchange
from bot.web.door import neighbourhood
from intake import querycodes
from intake.models import Attempt, FiledReport
from intake.receipts import new_query_code
from tests.bench.load import ANSWERS, LONGEST, story
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


def told(person: Person) -> str:
    """The query code of a report that this person tells from the beginning to the receipt."""
    text = story(7)
    for _ in range(LONGEST):
        said = person.say(text)
        if said["receipts"]:
            return str(said["receipts"][0]["query_code"])
        last = said["replies"][-1]
        text = ANSWERS.get(last["asks"], last["choices"][0] if last["choices"] else "不知道")
    raise AssertionError(said)


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


def test_a_slip_costs_no_try_and_is_told_as_a_slip(here: Site):
    """One digit wrong in the copy: the check digit notices, and however often it happens the right code opens."""
    code = filed(here.app, "slips").query_code
    for place in range(16):
        slip = code[:place] + str((int(code[place]) + 1) % 10) + code[place + 1 :]
        answer = here.post("/receipts/status", json={"query_code": slip})
        assert (answer.status_code, answer.json()["code"]) == (422, "code_mistyped")
    assert here.post("/receipts/status", json={"query_code": code}).status_code == 200


def test_who_filed_from_here_may_ask_from_here_whatever_strangers_try(here: Site, person: Person):
    """The conversation that was given the code is at home with it at once; a stranger at the same address waits."""
    code = told(person)
    for _ in range(5):
        guess(here, new_query_code())
    assert here.post("/receipts/status", json={"query_code": code}).status_code == 200
    assert here.post("/receipts/status", json={"query_code": new_query_code()}).status_code == 429


def test_guessing_from_everywhere_brakes_new_places_and_says_why(here: Site):
    """The sentence does not blame the person, and tells from where it works all the same."""
    held = filed(here.app, "braked")
    now = datetime.now(UTC)
    app = replace(here.app, settings=here.app.settings.model_copy(update={"wrong_codes_an_hour": 3}))
    for number in range(3):
        with pytest.raises(enquiry.WrongCode):
            enquiry.look_up(app, new_query_code(), origin=f"machine {number}", now=now)
    with pytest.raises(enquiry.Braked) as braked:
        enquiry.look_up(app, held.query_code, origin="a new place", now=now)
    assert "试猜" in str(braked.value)
    later = now + braked.value.wait
    assert enquiry.look_up(app, held.query_code, origin="a new place", now=later).number == held.case_number


def test_a_right_try_makes_the_slow_hash_of_an_old_row(here: Site):
    """Rows of the first release hold the keyed hash alone; the next right try leaves them as new ones are."""
    held = filed(here.app, "old row")
    kept = select(FiledReport.query_hash).where(FiledReport.number == held.case_number)
    with here.app.database.reading() as session:
        assert querycodes.is_quick(session.scalars(kept).one())
    for _ in range(2):
        assert here.post("/receipts/status", json={"query_code": held.query_code}).status_code == 200
    with here.app.database.reading() as session:
        assert not querycodes.is_quick(session.scalars(kept).one())


def test_the_clock_makes_the_slow_hashes_of_fresh_reports(here: Site):
    """A filing has no time for it; the tick has, and what it leaves undone the next one does."""
    held = [filed(here.app, f"fresh {number}") for number in range(3)]
    while exchange(here.app):
        pass
    with here.app.database.reading() as session:
        assert querycodes.quick_ones(session, 1) == ()
    for one in held:
        assert here.post("/receipts/status", json={"query_code": one.query_code}).status_code == 200
