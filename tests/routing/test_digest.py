"""One message a day: at the opening, by urgency, numbers only, once whoever gathers, and only what is still true."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from intake.confidentiality import Vault
from intake.db import Database
from intake.models import Case, Clock, Notice, Reminder, Staff
from routing import desk
from routing.digest import Gathered, gather
from routing.hours import Hours
from routing.rules import Rules
from routing.sweep import sweep
from routing.workdays import Regional
from tests.databases import on_postgresql
from tests.routing.conftest import HOME, RULES, Office, moment, report

NAMES = ("桃源康复医院", "第一医院", "康复科", "挂床")


@pytest.fixture
def case(office: Office) -> Case:
    """Received 18 September, accepted by the officer; verification ends 15 October."""
    opened = office.case(office.file(report()))
    office.do("accept", opened, "officer", "2026-09-21")
    return opened


def tick(office: Office, at: str, *, rules: Rules = RULES, address: str = "") -> Gathered:
    """What the clock does: sweep, then gather."""
    sweep(office.session, rules=rules, now=moment(at))
    return gather(office.session, rules=rules, now=moment(at), address=address)


def digests(office: Office, who: str) -> list[str]:
    """The messages of the day to one person, in order."""
    query = select(Notice.body).join(Staff, Staff.id == Notice.staff_id)
    query = query.where(Staff.username == who, Notice.key.startswith("digest-"))
    return list(office.session.scalars(query.order_by(Notice.id)))


def test_what_is_found_at_midnight_is_said_at_the_opening(office: Office, case: Case) -> None:
    """Found just after midnight, kept until half past eight, and then said once."""
    for at in ("2026-10-12T00:01", "2026-10-12T08:29"):
        assert tick(office, at).messages == 0
    assert tick(office, "2026-10-12T08:30").messages == 2
    assert tick(office, "2026-10-12T08:31").messages == 0
    (body,) = digests(office, "officer")
    assert case.number in body
    assert "还有3个工作日" in body


def test_a_day_off_is_left_in_peace_and_its_reminders_come_as_they_stand_then(office: Office, case: Case) -> None:
    """Overdue since Friday 16 October, found on Saturday: said on Monday, with the days of Monday."""
    assert tick(office, "2026-10-17T10:00").messages == 0
    assert tick(office, "2026-10-18T10:00").messages == 0
    tick(office, "2026-10-19T08:30")
    (body,) = digests(office, "leader")
    assert "超期4天" in body


def test_many_matters_make_one_message_the_most_urgent_first(office: Office) -> None:
    """Three cases of different age: overdue with its days, due today, soon; no name and no fact in it."""
    for day, name in (("2026-09-14", "甲"), ("2026-09-16", "乙"), ("2026-09-17", "丙")):
        case = office.case(office.file(report(institution=f"庆城县{name}医院", account=name, at=day)))
        office.do("accept", case, "officer", day)
    dues = sorted(office.session.scalars(select(Clock.due_on)))
    tick(office, f"{dues[1]}T09:00")
    (body,) = digests(office, "officer")
    late, today, soon = body.index("已经超期"), body.index("今天到期"), body.index("快要到期")
    assert late < today < soon
    assert f"超期{(dues[1] - dues[0]).days}天" in body
    assert not any(name in body for name in (*NAMES, "甲医院", "乙医院", "丙医院"))
    assert len(digests(office, "leader")) == 1


def test_links_lead_to_the_desk_where_its_address_is_known(office: Office, case: Case) -> None:
    """The number in words, and below it the address."""
    tick(office, "2026-10-12", address="https://desk.example")
    assert f"https://desk.example/desk/cases/{case.number}" in digests(office, "officer")[0]


def test_supervisors_read_numbers_and_offices_and_are_asked_to_urge(office: Office, case: Case) -> None:
    """He is told which office is late, by how many days, and nothing of the matter."""
    tick(office, "2026-10-16")
    (body,) = digests(office, "supervisor")
    assert "庆城县医疗保障局" in body
    assert "催办" in body
    assert not any(name in body for name in NAMES)
    assert "超期1天" in body


def test_supervisors_are_citizens_and_hear_nothing_at_night(office: Office, case: Case) -> None:
    """Their day begins at nine, half an hour after the office's."""
    tick(office, "2026-10-16T08:30")
    assert digests(office, "officer")
    assert not digests(office, "supervisor")
    tick(office, "2026-10-16T09:00")
    assert digests(office, "supervisor")


def test_after_closing_nothing_is_said_of_what_waited(office: Office, case: Case) -> None:
    """Found at midnight, closed before the opening: no message, and nothing is left waiting."""
    tick(office, "2026-10-15T00:01")
    office.do("decide", case, "officer", "2026-10-15T07:00", outcome="established", finding="属实。")
    office.do("reply", case, "officer", "2026-10-15T07:10", text="属实。")
    office.do("close", case, "officer", "2026-10-15T07:20")
    assert tick(office, "2026-10-15T08:30").messages == 0
    assert office.session.scalars(select(Reminder).where(Reminder.settled_at.is_(None))).all() == []


def test_what_was_extended_or_stopped_before_the_opening_is_not_said(office: Office, case: Case) -> None:
    """Due on the 15th at midnight, on 5 November by half past eight."""
    tick(office, "2026-10-15T00:01")
    office.do("extend", case, "leader", "2026-10-15T07:00", reason="需走访")
    assert tick(office, "2026-10-15T08:30").messages == 0
    other = office.case(office.file(report(institution="庆城县乙医院", account="b", at="2026-09-21")))
    clock = office.session.scalars(select(Clock).where(Clock.case_id == other.id)).one()
    tick(office, f"{clock.due_on}T00:01")
    clock.state = "met"
    office.session.flush()
    tick(office, f"{clock.due_on}T08:30")
    assert not any(other.number in body for body in digests(office, "leader"))


def test_after_days_of_standstill_one_message_says_what_is_so_now(office: Office, case: Case) -> None:
    """Dead from the 11th to the 16th: overdue is said, not that it was due soon and due."""
    tick(office, "2026-10-11")
    tick(office, "2026-10-16")
    (body,) = digests(office, "officer")
    assert "超期1天" in body
    assert "今天到期" not in body
    assert "快要到期" not in body


def test_a_service_that_was_down_at_the_opening_says_it_later_the_same_day_but_not_at_night(
    office: Office, case: Case
) -> None:
    """Up again at seven in the evening: the next opening is soon enough."""
    tick(office, "2026-10-15T00:01")
    assert tick(office, "2026-10-15T19:00").messages == 0
    for at in ("2026-10-16T08:30", "2026-10-16T14:00", "2026-10-16T23:00"):
        tick(office, at)
    assert len(digests(office, "officer")) == 1


def test_what_comes_after_the_days_message_waits_for_the_next(office: Office, case: Case) -> None:
    """One message a day and person, whatever is found later."""
    tick(office, "2026-10-12T08:30")
    second = office.case(office.file(report(institution="庆城县乙医院", account="b", at="2026-09-18")))
    office.session.scalars(select(Clock).where(Clock.case_id == second.id)).one().wake_on = moment("2026-10-12").date()
    office.session.flush()
    tick(office, "2026-10-12T11:00")
    assert len(digests(office, "leader")) == 1
    tick(office, "2026-10-13T08:30")
    assert second.number in digests(office, "leader")[1]


def test_a_holiday_of_the_region_is_kept_there_and_nowhere_else(office: Office, case: Case) -> None:
    """庆阳 rests on a Monday: its officers hear on Tuesday, the province on Monday."""
    day = moment("2026-10-19").date()
    resting = replace(RULES.calendar, regional={day: (Regional("621000", "节", "通知"),)})
    rules = replace(RULES, calendar=resting)
    tick(office, "2026-10-17T10:00", rules=rules)
    assert tick(office, "2026-10-19T10:00", rules=rules).messages == 0
    tick(office, "2026-10-20T10:00", rules=rules)
    assert digests(office, "officer")


def test_whoever_must_not_know_any_more_is_not_told(office: Office, case: Case) -> None:
    """An interest declared between the sweep and the opening counts."""
    tick(office, "2026-10-15T00:01")
    office.staff("leader").interests = "庆城县桃源康复医院"
    office.session.flush()
    tick(office, "2026-10-15T08:30")
    assert not digests(office, "leader")
    assert digests(office, "officer")


def test_a_long_list_is_cut_and_says_so(office: Office) -> None:
    """A message that no channel takes helps nobody; the rest is counted."""
    for i in range(33):
        office.file(report(institution=f"庆城县第{i}号医院", account=f"t{i}", text=f"第{i}号医院的床是空的"))
    tick(office, "2026-10-12")
    (body,) = digests(office, "leader")
    assert "共33件" in body
    assert "还有3件没有列出" in body


@on_postgresql
def test_several_services_that_gather_at_once_put_one_message_each(database: Database, vault: Vault) -> None:
    """Four processes without any lease between them: one message for each person, and every reminder in it."""
    told = [report(institution=f"庆城县第{i}号医院", account=f"t{i}", text=f"第{i}号医院的床是空的") for i in range(12)]
    for one in told:
        database.write(
            lambda session, one=one: desk.file_report(  # type: ignore[misc]
                session, one, rules=RULES, vault=vault, home=HOME, now=one.received_at
            )
        )
    now = moment("2026-10-12")
    start = threading.Barrier(4, timeout=20)

    def service(_: int) -> int:
        start.wait()
        with database.transaction() as session:
            sweep(session, rules=RULES, now=now, limit=4)
        with database.transaction() as session:
            return gather(session, rules=RULES, now=now).messages

    with ThreadPoolExecutor(4) as pool:
        [*pool.map(service, range(4))]
    later = datetime.fromisoformat("2026-10-13T09:00+08:00")
    with database.transaction() as session:
        gather(session, rules=RULES, now=later)
    with database.reading() as session:
        keys = session.scalars(select(Notice.key).where(Notice.key.startswith("digest-"))).all()
        assert len(keys) == len(set(keys))
        first = [key for key in keys if "2026-10-12" in key]
        assert len(first) == len({key.rsplit("-", 1)[1] for key in first})
        rows = session.scalars(select(Reminder)).all()
        assert len({(one.clock_id, one.staff_id) for one in rows}) == len(rows) == 12 * 3
        assert all(one.settled_at for one in rows)


def test_a_bureau_sets_its_own_ladder_and_hours_in_its_data_folder(office: Office, case: Case, tmp_path: Path) -> None:
    """Five days before, to the leader alone, and at seven in the morning."""
    folder = tmp_path / "reminders"
    folder.mkdir()
    (folder / "ladder.toml").write_text('[[rung]]\nstage = "before3"\ndays = -5\nto = ["leader"]\nplace = "621000"\n')
    (folder / "hours.toml").write_text(
        '[[window]]\nwho = "staff"\nchannel = "*"\ndays = "all"\nfrom = 07:00:00\nto = 08:00:00\n'
    )
    rules = replace(Rules.load(tmp_path), rewards=RULES.rewards)
    clock = office.session.get_one(Clock, 1)
    clock.wake_on = moment("2026-09-30").date()
    office.session.flush()
    assert tick(office, "2026-09-30T06:59", rules=rules).messages == 0
    assert tick(office, "2026-10-09T07:30", rules=rules).messages == 1
    assert digests(office, "leader")
    assert not digests(office, "officer")
    assert isinstance(rules.hours, Hours)
