"""Hours and ladder as data: the nearest place and the bureau's own word win, and a bad file is refused with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from routing.errors import BadHours, BadLadder
from routing.hours import EVERY, STAFF, SUPERVISOR, TELLER, Hours, audience
from routing.ladder import Ladder
from routing.workdays import Calendar
from tests.routing.conftest import moment

CALENDAR = Calendar.load()
COUNTY = "621021"


def opening(who: str, at: str, channel: str = EVERY, hours: Hours | None = None) -> str:
    """When somebody in 庆城 may be spoken to, as Shanghai reads the clock."""
    found = (hours or Hours.load()).opening(who, channel, COUNTY, moment(at), CALENDAR)
    return found.astimezone(moment(at).tzinfo).strftime("%m-%dT%H:%M")


def own(folder: Path, name: str, text: str) -> Path:
    """A bureau's own file."""
    (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("who", "at", "then"),
    [
        (STAFF, "2026-10-12T08:29", "10-12T08:30"),
        (STAFF, "2026-10-12T17:29", "10-12T17:29"),
        (STAFF, "2026-10-12T17:30", "10-13T08:30"),
        (STAFF, "2026-10-09T20:00", "10-10T08:30"),  # a Saturday on which offices work
        (STAFF, "2026-09-30T18:00", "10-08T08:30"),  # across the holiday of the first week of October
        (SUPERVISOR, "2026-10-10T23:00", "10-12T09:00"),
        (TELLER, "2026-10-03T12:00", "10-03T12:00"),
        (TELLER, "2026-10-03T21:00", "10-04T08:00"),
        (TELLER, "2026-10-03T02:00", "10-03T08:00"),
    ],
)
def test_everybody_is_spoken_to_at_his_own_hours(who: str, at: str, then: str) -> None:
    """Staff on working days with their exchanged weekends, supervisors by day, tellers at decent hours of every day."""
    assert opening(who, at) == then


def test_what_makes_no_sound_is_told_at_any_hour() -> None:
    """A conversation on the web; and whoever is no official is spared like a citizen."""
    assert opening(TELLER, "2026-10-03T02:00", "web") == "10-03T02:00"
    assert (audience("officer"), audience("federation"), audience("supervisor")) == (STAFF, SUPERVISOR, SUPERVISOR)


def test_the_bureaus_own_hours_win_and_leave_the_others_alone(tmp_path: Path) -> None:
    """Its staff on Telegram from ten; a clock of its own is urgent; tellers as before."""
    hours = Hours.load(
        own(
            tmp_path,
            "hours.toml",
            'urgent = ["seal"]\n[[window]]\nwho = "staff"\nchannel = "telegram"\ndays = "working"\n'
            "from = 10:00:00\nto = 12:00:00\n",
        )
    )
    assert opening(STAFF, "2026-10-12T09:00", "telegram", hours) == "10-12T10:00"
    assert opening(STAFF, "2026-10-12T09:00", EVERY, hours) == "10-12T09:00"
    assert opening(TELLER, "2026-10-03T21:00", "telegram", hours) == "10-04T08:00"
    assert {"seal", "crime_transfer"} <= hours.urgent


def test_the_nearest_place_has_its_own_ladder(tmp_path: Path) -> None:
    """A county's rungs hold there and nowhere else."""
    rung = '[[rung]]\nstage = "due"\ndays = 0\nto = ["superior"]\nplace = "621021"\n'
    ladder = Ladder.load(own(tmp_path, "ladder.toml", rung))
    assert [one.to for one in ladder.rungs(COUNTY)] == [("superior",)]
    assert len(ladder.rungs("621022")) == len(ladder.rungs()) == 5
    whole = Ladder.load(own(tmp_path, "ladder.toml", rung.replace('place = "621021"\n', "")))
    assert len(whole.rungs("110000")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "[[window]",
        '[[window]]\nwho = "staff"\nchannel = "*"\ndays = "sundays"\n',
        '[[window]]\nwho = "staff"\nchannel = "*"\ndays = "all"\nfrom = 18:00:00\nto = 08:00:00\n',
        '[[window]]\nwho = "staff"\nchannel = "*"\ndays = "all"\nfrom = "8"\nto = "18"\n',
        '[[window]]\nwho = "staff"\n',
    ],
)
def test_hours_that_cannot_be_read_are_refused_with_a_sentence(tmp_path: Path, text: str) -> None:
    """Not passed over in silence: somebody would be woken, or never told."""
    with pytest.raises(BadHours, match=r"reminders/hours\.toml"):
        Hours.load(own(tmp_path, "hours.toml", text))


@pytest.mark.parametrize(
    "text",
    [
        "rung = 1",
        '[[rung]]\nstage = "whenever"\nto = ["handler"]\n',
        '[[rung]]\nstage = "due"\nto = ["everybody"]\n',
        '[[rung]]\nstage = "due"\nto = []\n',
        '[[rung]]\nstage = "due"\nto = ["handler"]\nevery = 5\n[[rung]]\nstage = "overdue"\nnext_day = true\nto = ["leader"]\n',
        '[[rung]]\nstage = "due"\nto = ["handler"]\n[[rung]]\nstage = "due"\ndays = 3\nto = ["leader"]\n',
        '[[rung]]\nstage = "due"\nto = ["handler"]\nhow = "loud"\n',
    ],
)
def test_a_ladder_that_cannot_be_read_is_refused_with_a_sentence(tmp_path: Path, text: str) -> None:
    """Also one in which something repeats before the last rung: nothing behind it would ever be reached."""
    with pytest.raises(BadLadder, match=r"reminders/ladder\.toml"):
        Ladder.load(own(tmp_path, "ladder.toml", text))
