"""Tickets of hotlines: their limit runs beside the statute's, they are closed apart, taken up again, supervised."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from intake import erasure, tickets
from intake.models import Case, Clock, Event, FiledReport, Notice, Ticket
from intake.report import Report
from routing import errors, leaks
from routing.sweep import sweep
from tests.routing.conftest import RULES, Office, complaint, moment, replace, report

NUMBER = "12345-2026-0918-000123"


def by_hotline(told: Report | None = None, *, number: str = NUMBER, channel: str = "hotline") -> Report:
    """The same, handed over by a hotline."""
    told = told or report()
    return replace(told, answers={"source_number": number}, teller=replace(told.teller, channel=channel))


def standing(office: Office, case: Case) -> dict[str, date]:
    """What has not ended on a case."""
    rows = office.session.scalars(select(Clock).where(Clock.case_id == case.id, Clock.stopped_at.is_(None)))
    return {one.kind: one.due_on for one in rows}


def ticket(office: Office, case: Case) -> Ticket:
    """The first ticket of a case."""
    return tickets.of_case(office.session, case.id)[0]


@pytest.fixture
def case(office: Office) -> Case:
    """A clue that 12345 handed over on 18 September, taken up on the 21st."""
    case = office.case(office.file(by_hotline()))
    return office.do("accept", case, "officer", "2026-09-21")


def test_the_hotlines_limit_runs_beside_the_statutes(office: Office) -> None:
    """Thirteen working days and fifteen, each with its own derivation; the receipt promises the statute's."""
    receipt = office.file(by_hotline())
    case = office.case(receipt)
    assert standing(office, case) == {"hotline_reply": date(2026, 10, 13), "clue_verify": date(2026, 10, 15)}
    assert (case.next_due, receipt.due_on) == (date(2026, 10, 13), date(2026, 10, 15))
    assert (ticket(office, case).number, ticket(office, case).state) == (NUMBER, "open")


@pytest.mark.parametrize("told", [report(), by_hotline(channel="superior"), by_hotline(number="")])
def test_what_no_hotline_handed_over_has_no_ticket(office: Office, told: Report) -> None:
    """Neither what was told here, nor what a superior assigned, nor what has no number."""
    case = office.case(office.file(told))
    assert tickets.of_case(office.session, case.id) == []
    assert "hotline_reply" not in standing(office, case)


def test_a_ticket_is_closed_while_the_case_goes_on(office: Office, case: Case) -> None:
    """As handed to the procedure; its caller hears the statute's date, nothing of the hotline is reminded any more."""
    own = office.session.get_one(Ticket, ticket(office, case).id)
    office.do("close_ticket", case, "officer", "2026-09-22", report_id=own.report_id)
    assert (own.state, own.result, case.state) == ("closed", "procedure", "accepted")
    assert standing(office, case) == {"clue_verify": date(2026, 10, 15)}
    assert case.next_due == date(2026, 10, 15)
    (body,) = office.session.scalars(select(Notice.body).where(Notice.body.contains("热线工单先行办结")))
    assert "10月15日" in body
    sweep(office.session, rules=RULES, now=moment("2026-10-13"))
    said = office.session.scalars(select(Notice.body).where(Notice.staff_id.is_not(None))).all()
    assert not any("答复建议、投诉、举报" in one for one in said)
    with pytest.raises(errors.NotNow):
        office.do("close_ticket", case, "officer", "2026-09-23", report_id=own.report_id)
    event = office.session.scalars(select(Event).where(Event.kind == "close_ticket")).one()
    assert NUMBER not in str(event.data)


def test_a_ticket_is_handed_to_no_procedure_that_has_not_begun(office: Office) -> None:
    """Not before the case was taken up; and only a report of a hotline has one."""
    case = office.case(office.file(by_hotline()))
    with pytest.raises(errors.NotInProcedure):
        office.do("close_ticket", case, "officer", "2026-09-21", report_id=ticket(office, case).report_id)
    plain = office.report(office.file(report(account="b")))
    with pytest.raises(errors.NoTicket):
        office.do("close_ticket", case, "officer", "2026-09-21", report_id=plain.id)


@pytest.mark.parametrize(
    ("acts", "result"),
    [
        ((("decline", {"reason": "no_clue", "text": "线索不足"}),), "declined"),
        (
            (
                ("accept", {}),
                ("decide", {"outcome": "not_established", "finding": "未查实"}),
                ("reply", {"text": "未查实"}),
            ),
            "answered",
        ),
    ],
)
def test_an_answer_under_the_law_closes_the_ticket_too(
    office: Office, acts: tuple[tuple[str, dict[str, object]], ...], result: str
) -> None:
    """Whoever was answered or refused with reasons was answered by the hotline's standard as well."""
    case = office.case(office.file(by_hotline()))
    for verb, words in acts:
        office.do(verb, case, "officer", "2026-09-22", **words)
    assert (ticket(office, case).state, ticket(office, case).result) == ("closed", result)
    assert set(standing(office, case)) == {"close_case"}


def test_a_transfer_restarts_the_law_and_not_the_hotline(office: Office, case: Case) -> None:
    """The caller waits for the hotline since his call."""
    office.do("offer", case, "officer", "2026-09-24", authority="YB-621002", reason="属西峰区管辖")
    office.do("take", case, "neighbour", "2026-09-25")
    assert standing(office, case)["hotline_reply"] == date(2026, 10, 13)
    assert standing(office, case)["clue_verify"] > date(2026, 10, 15)


def test_an_unhappy_caller_is_heard_twice_and_then_by_the_head(office: Office, case: Case) -> None:
    """Each time the answered case is handled anew with both limits; the third time only under the head's eyes."""
    report_id = ticket(office, case).report_id
    words = {"report_id": report_id, "text": "来电人说没有人去看过。"}
    for day in (date(2026, 9, 24), date(2026, 10, 12)):
        office.do("decide", case, "officer", day.isoformat(), outcome="not_established", finding="未查实")
        office.do("reply", case, "officer", day.isoformat(), text="未查实")
        office.do("close", case, "officer", day.isoformat())
        with pytest.raises(errors.SuperviseLater):
            office.do("supervise_ticket", case, "leader", day.isoformat(), **words)
        office.do("reopen_ticket", case, "officer", day.isoformat(), **words)
        assert (case.state, case.outcome, case.closed_at, ticket(office, case).state) == (
            "accepted",
            None,
            None,
            "open",
        )
        assert set(standing(office, case)) == {"clue_verify", "hotline_reply"}
    office.do("decide", case, "officer", "2026-10-14", outcome="not_established", finding="未查实")
    office.do("reply", case, "officer", "2026-10-14", text="未查实")
    with pytest.raises(errors.ReopenedEnough, match="督办"):
        office.do("reopen_ticket", case, "officer", "2026-10-15", **words)
    with pytest.raises(errors.WrongRole):
        office.do("supervise_ticket", case, "officer", "2026-10-15", **words)
    office.do("supervise_ticket", case, "leader", "2026-10-15", **words)
    assert ticket(office, case).state == "supervised"
    heard = select(Notice.body).where(Notice.staff_id == office.staff("mayor").id, Notice.body.contains("工单督办"))
    assert office.session.scalars(heard).all()


def test_a_ticket_goes_where_its_report_goes(office: Office, case: Case) -> None:
    """Merged and parted again, each report keeps its own ticket, clock and all."""
    other = office.case(
        office.file(by_hotline(report("别家。", institution="庆城县别家医院", account="b"), number="B-1"))
    )
    office.do("merge", other, "officer", "2026-09-22", into=case.id)
    assert len(tickets.of_case(office.session, case.id)) == 2
    clocks = select(Clock).where(Clock.case_id == case.id, Clock.kind == "hotline_reply", Clock.state == "running")
    assert len(office.session.scalars(clocks).all()) == 2
    assert standing(office, other) == {}
    office.do("unmerge", other, "officer", "2026-09-23")
    assert len(office.session.scalars(clocks).all()) == 1
    assert "hotline_reply" in standing(office, other)


def test_a_second_caller_of_the_same_matter_has_a_ticket_of_his_own(office: Office, case: Case) -> None:
    """From his own call, on the one case, closed for himself."""
    second = office.report(office.file(by_hotline(report(account="b", at="2026-09-24"), number="B-2")))
    assert second.case_id == case.id
    assert len(tickets.of_case(office.session, case.id)) == 2
    office.do("close_ticket", case, "officer", "2026-09-25", report_id=second.id)
    assert [one.state for one in tickets.of_case(office.session, case.id)] == ["open", "closed"]
    assert "hotline_reply" in standing(office, case)


def test_a_complaint_of_an_enterprise_by_hotline_has_both_limits(office: Office) -> None:
    """And the one who takes it back freely ends all of them."""
    case = office.case(receipt := office.file(by_hotline(complaint(at="2026-09-18"))))
    assert set(standing(office, case)) == {"complaint_accept", "hotline_reply"}
    office.told("withdraw", office.report(receipt), "2026-09-21")
    assert (case.state, standing(office, case), ticket(office, case).result) == ("closed", {}, "withdrawn")


def test_who_is_erased_is_not_found_by_the_hotlines_number(office: Office, case: Case) -> None:
    """The ticket stays for the count, its number goes."""
    told = office.session.scalars(select(Ticket)).one()
    report_id = told.report_id
    office.do("decide", case, "officer", "2026-09-24", outcome="not_established", finding="未查实")
    office.do("reply", case, "officer", "2026-09-24", text="未查实")
    office.do("close", case, "officer", "2026-09-24")
    row = office.session.get_one(FiledReport, report_id)
    erasure.erase(
        office.session,
        row,
        ground="asked",
        actor="staff:1",
        vault=office.vault,
        now=moment("2027-01-05"),
        hide=leaks.hidden,
    )
    office.session.expire_all()
    assert office.session.scalars(select(Ticket.number)).all() == [""]
