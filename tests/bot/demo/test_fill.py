"""The demo ledger."""

from __future__ import annotations

import io
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import select

from bot import demo
from bot.demo import content
from intake import staffing
from intake.models import Case, Clock, FiledReport, Letter, Notice, Rating
from nlu import places, taxonomy
from tests.bot.desk.conftest import open_app

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def test_the_demo_shows_every_side_of_the_desk(tmp_path: Path) -> None:
    """At least 40 cases at several authorities: open and closed, overdue, waiting, joined, answered, rated, reminded."""
    app = open_app(tmp_path)
    made = demo.fill(app, NOW)
    assert made.cases >= 40
    with app.database.reading() as session:
        cases = session.scalars(select(Case)).all()
        states = Counter(case.state for case in cases)
        assert {"received", "accepted", "supplementing", "closed"} <= set(states)
        assert {"YB-621021", "YB-621002", "YB-621000", "YB-130321"} <= {case.authority for case in cases}
        assert {case.side for case in cases} == {"citizen", "enterprise"}
        assert any(case.next_due and case.next_due < NOW.date() for case in cases)
        assert made.reports > len(cases)
        for table in (Rating, Letter, Notice):
            assert session.scalars(select(table).limit(1)).first() is not None
        assert all(clock.derivation["steps"] for clock in session.scalars(select(Clock)))
        assert max(session.scalars(select(FiledReport.received_at))) <= NOW
        login = made.logins[0]
        staff = staffing.authenticate(session, login.username, login.password, origin="here", vault=app.vault, now=NOW)
        assert staff is not None
    screen = Console(file=io.StringIO())
    with pytest.raises(SystemExit):
        demo.report_of(app, NOW, screen)
    assert "空账本" in screen.file.getvalue()  # type: ignore[attr-defined]
    app.close()


def test_the_demo_can_be_filled_after_a_long_holiday_and_says_how_to_sign_in(tmp_path: Path) -> None:
    """A week without working days breaks nothing; every user name is printed with its password."""
    app = open_app(tmp_path)
    screen = Console(file=io.StringIO(), width=200)
    demo.report_of(app, datetime(2026, 10, 8, 1, 0, tzinfo=UTC), screen)
    printed = screen.file.getvalue()  # type: ignore[attr-defined]
    assert all(one.username in printed for one in content.staff())
    app.close()


def test_what_the_demo_tells_is_sound() -> None:
    """Real places, known categories, known people, and acts by staff of the demo."""
    members = {one.username for one in content.staff()}
    told = content.reports()
    assert all(places.by_code(one.place) for one in told)
    assert all(code in taxonomy.load() for one in told for code in one.codes)
    assert content.people().keys() <= {one.who for one in told}
    assert all(not act.by or act.by in members for one in told for act in one.then)
    assert len({one.text for one in told}) == len(told)
