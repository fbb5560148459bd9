"""What time does: who is reminded when, once each, however long nobody swept."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from intake.models import Case, Clock, Notice, Reminder, Staff
from routing.sweep import Swept, sweep
from tests.databases import how_found
from tests.routing.conftest import RULES, Office, complaint, moment, report


@pytest.fixture
def case(office: Office) -> Case:
    """Received 18 September, accepted by the officer; verification ends 15 October."""
    opened = office.case(office.file(report()))
    office.do("accept", opened, "officer", "2026-09-21")
    return opened


def swept(office: Office, day: str) -> Swept:
    return sweep(office.session, rules=RULES, now=moment(day))


def reminders(office: Office) -> list[tuple[str, str]]:
    """Clock, stage and day, and the recipient's name."""
    query = select(Reminder, Staff.username).join(Staff, Staff.id == Reminder.staff_id).order_by(Reminder.id)
    return [(f"{one.clock_id}-{one.stage}-{one.on_day}", name) for one, name in office.session.execute(query)]


def test_handler_and_leader_hear_three_and_one_working_days_before(office: Office, case: Case) -> None:
    """12 and 14 October; nobody outside hears yet, and nothing is said in between."""
    for day in ("2026-10-11", "2026-10-12", "2026-10-13", "2026-10-14"):
        swept(office, day)
    assert reminders(office) == [
        ("1-before3-2026-10-12", "officer"),
        ("1-before3-2026-10-12", "leader"),
        ("1-before1-2026-10-14", "officer"),
        ("1-before1-2026-10-14", "leader"),
    ]


def test_on_the_day_also_the_leader_then_the_superior_and_the_supervisors(office: Office, case: Case) -> None:
    """Due day: handler and leader; the next day also the city's leader and the supervisors of the region."""
    swept(office, "2026-10-15")
    assert reminders(office) == [("1-due-2026-10-15", "officer"), ("1-due-2026-10-15", "leader")]
    swept(office, "2026-10-16")
    overdue = [name for key, name in reminders(office) if key == "1-overdue-2026-10-16"]
    assert overdue == ["officer", "leader", "mayor", "supervisor", "city_supervisor"]


def test_more_than_five_working_days_overdue_the_whole_authority_hears(office: Office, case: Case) -> None:
    """通报 from the sixth working day on, 23 October: who declared an interest is left out all the same."""
    office.session.add(
        Staff(username="second", password_hash="-", name="second", role="officer", authority="YB-621021", interests="")
    )
    swept(office, "2026-10-22")
    assert {key for key, _ in reminders(office)} == {"1-overdue-2026-10-16"}
    swept(office, "2026-10-23")
    reported = [name for key, name in reminders(office) if key == "1-reported-2026-10-23"]
    assert reported == ["officer", "leader", "second", "mayor", "supervisor", "city_supervisor"]


def test_overdue_is_said_again_every_five_working_days(office: Office, case: Case) -> None:
    """16 October, then 23, then 30; not on the days between."""
    days = [f"2026-10-{day}" for day in range(16, 31)]
    said = {day for day in days if swept(office, day).notices}
    assert said == {"2026-10-16", "2026-10-23", "2026-10-30"}


def test_sweeping_twice_says_nothing_twice(office: Office, case: Case) -> None:
    """Also not when the clock's memory of it is lost: the row of the reminder alone prevents it."""
    assert swept(office, "2026-10-12").notices == 2
    assert swept(office, "2026-10-12") == Swept(clocks=0, notices=0, unheard=0, more=False)
    office.session.get_one(Clock, 1).wake_on = moment("2026-10-12").date()
    assert swept(office, "2026-10-12").notices == 0
    assert len(reminders(office)) == 2


def test_after_days_of_standstill_only_the_stage_reached_now_is_said(office: Office, case: Case) -> None:
    """Dead from the 11th to the 15th: one reminder that it is due today, not the two missed ones as well."""
    swept(office, "2026-10-11")
    swept(office, "2026-10-15")
    assert {key for key, _ in reminders(office)} == {"1-due-2026-10-15"}


def test_without_a_handler_all_free_officers_hear_and_without_officers_the_leaders(office: Office) -> None:
    """Nobody with an interest in the institution is among them."""
    office.file(report())
    swept(office, "2026-10-12")
    assert [name for _, name in reminders(office)] == ["officer", "leader"]
    for name in ("officer", "colleague"):
        office.staff(name).active = False
    office.session.flush()
    swept(office, "2026-10-14")
    assert reminders(office)[-1] == ("1-before1-2026-10-14", "leader")


def test_where_an_authority_has_no_staff_the_one_above_hears(office: Office) -> None:
    """No case is let lie because nobody has an account."""
    office.file(report(place="621026", institution="宁县某医院"))
    result = swept(office, "2026-10-12")
    assert (result.notices, result.unheard) == (1, 0)
    assert reminders(office)[-1][1] == "mayor"


def test_reminders_pass_by_the_office_complained_of(office: Office) -> None:
    """A complaint about the city's bureau lies with the province; the city's leader hears nothing of it."""
    case = office.case(office.file(complaint(organ="庆阳市医疗保障局")))
    assert case.authority == "YB-620000"
    for day in ("2026-09-21", "2026-09-23", "2026-09-24", "2026-09-25", "2026-10-09"):
        swept(office, day)
    assert {name for _, name in reminders(office)} == {"province"}


def test_what_is_closed_or_stopped_is_reminded_no_more(office: Office, case: Case) -> None:
    """Decision, answer and closing each stop what ran."""
    office.do("decide", case, "officer", "2026-10-09", outcome="established", finding="属实。")
    office.do("reply", case, "officer", "2026-10-10", text="属实。")
    office.do("close", case, "officer", "2026-10-10")
    for day in ("2026-10-12", "2026-10-15", "2026-10-16", "2026-11-30"):
        swept(office, day)
    assert reminders(office) == []


def test_an_extension_moves_the_reminders(office: Office, case: Case) -> None:
    """What was due on the 15th is now due on 5 November."""
    office.do("extend", case, "leader", "2026-10-12", reason="需走访")
    swept(office, "2026-10-15")
    assert reminders(office) == []
    swept(office, "2026-11-02")
    assert reminders(office) == [("1-before3-2026-11-02", "officer"), ("1-before3-2026-11-02", "leader")]


def test_batches_go_on_until_all_is_said(office: Office) -> None:
    """Each batch is a transaction of its caller; `more` says whether to call again."""
    for i in range(5):
        office.file(report(institution=f"庆城县第{'一二三四五'[i]}医院", account=f"t{i}", text=f"第{i}家医院挂床"))
    first = sweep(office.session, rules=RULES, now=moment("2026-10-12"), limit=3)
    second = sweep(office.session, rules=RULES, now=moment("2026-10-12"), limit=3)
    assert [(first.clocks, first.more), (second.clocks, second.more)] == [(3, True), (2, False)]
    assert len(reminders(office)) == 5 * 3  # two free officers each, and the leader


def test_who_stands_in_from_above_is_asked_to_urge(office: Office, case: Case) -> None:
    """Where a county has nobody left, the city's leader hears of it: he may urge, not handle."""
    for name in ("officer", "colleague", "leader"):
        office.staff(name).active = False
    swept(office, "2026-10-16")
    query = select(Reminder.rung).join(Staff, Staff.id == Reminder.staff_id).where(Staff.username == "mayor")
    assert office.session.scalars(query).all() == ["superior"]


def test_what_runs_by_the_hour_is_told_at_once_to_each(office: Office, case: Case) -> None:
    """The 24 hours of a transfer for crime do not wait for an opening, and are no line of a digest."""
    clock = office.session.get_one(Clock, 1)
    clock.kind, clock.due_on, clock.wake_on = "crime_transfer", moment("2026-10-10").date(), moment("2026-10-10").date()
    swept(office, "2026-10-10T03:00")
    assert reminders(office) == []
    query = select(Notice).where(Notice.key.startswith("urgent-clock-1-due-2026-10-10-staff-"))
    said = office.session.scalars(query).all()
    assert len(said) == 2
    assert all(one.next_try_at == moment("2026-10-10T03:00") for one in said)
    assert not any("桃源康复医院" in one.body for one in said)


def test_only_a_clock_that_runs_says_anything(office: Office, case: Case) -> None:
    """Met, cancelled, or whatever else a clock may be: it is not reminded of, even where a day to wake is left over."""
    clock = office.session.get_one(Clock, 1)
    clock.state = "met"
    for day in ("2026-10-12", "2026-10-15", "2026-10-16"):
        swept(office, day)
    assert reminders(office) == []


def test_the_sweep_finds_its_clocks_by_index(office: Office, case: Case) -> None:
    """Its work grows with what is due, not with what is open."""
    query = select(Clock.id).where(Clock.state == "running", Clock.wake_on <= moment("2026-10-12").date())
    sql = str(query.compile(office.session.get_bind(), compile_kwargs={"literal_binds": True}))
    assert "ix_clock_wake" in how_found(office.session, sql)
