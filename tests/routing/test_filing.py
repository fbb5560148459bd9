"""Receiving a report: what becomes of it, and what its receipt may and may not tell."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from intake.models import Case, Clock, Event, FiledReport, Notice, Staff
from intake.receipts import luhn_ok
from tests.routing.conftest import Office, complaint, report


def test_a_report_goes_to_the_county_with_a_date_that_explains_itself(office: Office) -> None:
    """The receipt names authority, code and the last day of verification with its derivation."""
    receipt = office.file(report())
    case = office.case(receipt)
    assert (case.authority, case.state, receipt.authority) == ("YB-621021", "received", "庆城县医疗保障局")
    assert receipt.due_on == case.next_due == date(2026, 10, 15)
    assert "15个工作日" in receipt.derivation
    assert luhn_ok(receipt.query_code)
    clock = office.session.scalars(select(Clock)).one()
    assert (clock.kind, clock.state, clock.wake_on) == ("clue_verify", "running", date(2026, 10, 12))
    assert clock.derivation["steps"]
    assert case.routing["rule"] == "place_of_act"


def test_the_officers_of_the_county_hear_of_it_but_not_who_has_an_interest(office: Office) -> None:
    """The colleague declared an interest in that hospital."""
    office.file(report())
    heard = office.session.scalars(select(Staff.username).join(Notice, Notice.staff_id == Staff.id))
    assert list(heard) == ["officer"]


def test_a_complaint_goes_above_the_office_complained_of(office: Office) -> None:
    """A pharmacy complains of the county bureau: the city's bureau handles it, within five working days."""
    receipt = office.file(complaint())
    case = office.case(receipt)
    assert case.authority == "YB-621000"
    assert "YB-621021" in case.routing["excluded"]
    assert receipt.due_on == date(2026, 9, 24)


def test_a_later_teller_cannot_see_that_others_told_before(office: Office) -> None:
    """The same matter by another person: one case, his own number, and a date from his own receipt."""
    first = office.file(report())
    later = office.file(report("桃源康复医院好多空床，人都在家，医保天天扣。", account="teller-2", at="2026-09-22"))
    assert office.case(first).id == office.case(later).id
    assert later.case_number != first.case_number
    assert later.due_on == date(2026, 10, 20)  # from 22 September, three working days after the first
    assert not later.already_told
    assert "2026年9月22日" in later.derivation
    assert "9月18日" not in later.derivation
    assert office.case(first).next_due == date(2026, 10, 15)  # the case keeps the stricter date
    assert office.session.query(Clock).count() == 1


def test_who_tells_the_same_twice_is_told_so_and_keeps_his_date(office: Office) -> None:
    """The second telling is attached; the date is the one he holds already."""
    first = office.file(report())
    again = office.file(report(at="2026-09-25"))
    assert again.already_told
    assert again.due_on == first.due_on
    assert office.session.query(Case).count() == 1
    assert office.session.query(FiledReport).count() == 2


def test_a_case_that_is_decided_takes_no_further_report(office: Office) -> None:
    """What is told after the decision is a matter of its own, with its own clock."""
    case = office.case(office.file(report()))
    office.do("accept", case, "officer", "2026-09-21")
    office.do("decide", case, "officer", "2026-09-28", outcome="not_established", finding="未发现空床。")
    later = office.case(office.file(report(account="teller-2", at="2026-09-29")))
    assert later.id != case.id
    assert later.next_due is not None


def test_a_later_teller_of_an_accepted_case_hears_so_the_next_morning(office: Office) -> None:
    """Not at once, which would tell him that others told before him."""
    case = office.case(office.file(report()))
    office.do("accept", case, "officer", "2026-09-18T16:00")
    later = office.file(report(account="teller-2", at="2026-09-22T15:00"))
    notice = office.session.scalars(select(Notice).where(Notice.report_id == office.report(later).id)).one()
    assert notice.next_try_at.isoformat().startswith("2026-09-23T01:00")  # nine in Shanghai
    assert later.case_number in notice.body
    assert case.number not in notice.body


def test_a_report_that_accuses_the_handling_office_does_not_join_its_case(office: Office) -> None:
    """The county bureau handles the first; the second says that the bureau itself took bribes."""
    office.file(report(codes=("F39",)))
    second = office.case(office.file(report(codes=("F39",), organ="庆城县医保局", account="teller-2")))
    assert second.authority == "YB-621000"
    assert "YB-621021" in second.routing["excluded"]


def test_an_unknown_place_is_filed_at_home_and_said_to_be_unknown(office: Office) -> None:
    """Nothing is guessed, nothing is lost."""
    receipt = office.file(report(place=None, institution="某医院"))
    case = office.case(receipt)
    assert (case.authority, case.routing["rule"]) == ("YB-621000", "home")
    assert "不知道" in case.routing["reasons"][0]


def test_the_history_does_not_say_who_told(office: Office) -> None:
    """No event holds name, account or text of the teller."""
    office.file(report(account="secret-account"))
    for event in office.session.scalars(select(Event)):
        assert "secret-account" not in str(event.data)
        assert event.actor in {"teller", "system"}
