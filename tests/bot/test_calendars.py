"""A year's calendar comes in, and every provisional date is worked out again."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import calendars
from bot.app import App
from intake.models import Case, Clock, Event, Notice, Staff
from routing import desk
from routing.rules import SHANGHAI
from tests.law.test_calendar_layers import YEAR
from tests.routing.conftest import report

NOW = datetime(2026, 12, 21, 9, 0, tzinfo=SHANGHAI)


def _file(app: App) -> None:
    told = report(at="2026-12-21")
    with app.database.transaction() as session:
        desk.file_report(session, told, vault=app.vault, rules=app.rules, home="621000", now=NOW)


def _handled(app: App, *, taken: bool = True) -> None:
    """There is an officer, and he has taken the case or not."""
    with app.database.transaction() as session:
        officer = Staff(username="li", password_hash="-", name="李四", role="officer", authority="YB-621021")
        session.add(officer)
        session.flush()
        session.scalars(select(Case)).one().handler_id = officer.id if taken else None


def _clock(app: App) -> Clock:
    with app.database.reading() as session:
        return session.scalars(select(Clock).where(Clock.kind == "clue_verify")).one()


def test_a_provisional_date_is_corrected_once_with_an_event(app: App, tmp_path: Path) -> None:
    """Fifteen working days over the new year: provisional before the notice, certain after it, told once."""
    _file(app)
    _handled(app)
    before = _clock(app)
    assert before.derivation["provisional"]
    year = tmp_path / "2027.toml"
    year.write_text(YEAR.replace("last = 2027-01-03", "last = 2027-01-05"), encoding="utf-8")
    assert "2027" in calendars.take_in(app, str(year), NOW)
    after = _clock(app)
    assert not after.derivation["provisional"]
    assert after.due_on > before.due_on
    assert any("〔2026〕" in paper for paper in after.derivation["papers"])
    assert "0个" in calendars.take_in(app, "2027", NOW)
    with app.database.reading() as session:
        case = session.scalars(select(Case)).one()
        events = session.scalars(select(Event).where(Event.kind == "clock_reckoned")).all()
        told = session.scalars(select(Notice.body).where(Notice.body.contains("更正"))).all()
    assert len(told) == 1
    assert case.next_due is not None
    assert case.next_due <= after.due_on
    assert [event.data["to"] for event in events] == [after.due_on.isoformat()]


def test_of_a_case_that_nobody_has_taken_the_office_is_told(app: App, tmp_path: Path) -> None:
    """A date that moves is not a secret between the ledger and nobody."""
    _file(app)
    _handled(app, taken=False)
    year = tmp_path / "2027.toml"
    year.write_text(YEAR.replace("last = 2027-01-03", "last = 2027-01-05"), encoding="utf-8")
    calendars.take_in(app, str(year), NOW)
    with app.database.reading() as session:
        told = session.scalars(select(Notice).where(Notice.body.contains("更正"))).all()
        officer = session.scalars(select(Staff)).one()
    assert [one.staff_id for one in told] == [officer.id]


def test_a_file_that_is_not_there_is_said_to_be_missing(app: App, tmp_path: Path) -> None:
    """A sentence that names the file, and no words of the machine."""
    with pytest.raises(ValueError, match="读不到文件"):
        calendars.take_in(app, str(tmp_path / "nowhere.toml"), NOW)


def test_a_faulty_year_changes_nothing(app: App, tmp_path: Path) -> None:
    """It is refused with its sentences, and lies nowhere in the data folder."""
    _file(app)
    year = tmp_path / "2027.toml"
    year.write_text(YEAR.replace("work = [2027-05-08]", "work = [2027-05-06]"), encoding="utf-8")
    with pytest.raises(ValueError, match="调休"):
        calendars.take_in(app, str(year), NOW)
    assert not (app.settings.data_folder / "law").exists()
    assert _clock(app).derivation["provisional"]


def test_a_year_that_nobody_knows_is_said_to_be_unknown(app: App) -> None:
    """No guess, no change."""
    with pytest.raises(ValueError, match="2031"):
        calendars.take_in(app, "2031", NOW)


def test_the_service_catches_up_by_itself(app: App, tmp_path: Path) -> None:
    """A release that brings the year: the daily tick works out what waited for it, and once is enough."""
    _file(app)
    folder = app.settings.data_folder / "law" / "calendar"
    folder.mkdir(parents=True)
    (folder / "2027.toml").write_text(YEAR.replace("last = 2027-01-03", "last = 2027-01-05"), encoding="utf-8")
    later = App.open(app.settings, ear=app.ear)
    try:
        assert calendars.catch_up(later, NOW + timedelta(days=1)) == 1
        assert calendars.catch_up(later, NOW + timedelta(days=2)) == 0
    finally:
        later.close()
    with app.database.reading() as session:
        assert session.scalars(select(Notice.body).where(Notice.body.contains("更正"))).all() == []
    assert _clock(app).due_on > date(2027, 1, 1)
