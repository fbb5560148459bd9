"""A suspected crime outside the house: what the police sign, answer, refuse and hand back (Decree 310 Art. 6-12)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from intake.models import Case, Event, FiledReport
from routing import desk
from routing.crime import ENCLOSED
from routing.errors import (
    BadMoment,
    BadName,
    BadReference,
    CrimeOpen,
    NotDecidedYet,
    NotNow,
    NoTransferYet,
    PaperMissing,
    UnknownAnswer,
    WrongRole,
)
from routing.sweep import sweep
from tests.routing.conftest import RULES, Office, moment, report
from tests.routing.criming import (
    DAY,
    POLICE,
    WHOLE,
    approved,
    clock_of,
    notices_to,
    sent,
    team,
    told,
    transfer_of,
    with_police,
    words,
)
from tests.routing.rewarding import OWN, hired, running, wanting


@pytest.mark.parametrize(("signed", "late"), [("2026-09-22T14:30", False), ("2026-09-22T14:31", True)])
def test_a_minute_too_late_is_said(office: Office, signed: str, late: bool) -> None:
    """Late is counted to the minute, not to the day; it is recorded, and the transfer stands."""
    case = approved(office)
    office.do("pack_crime", case, "officer", "2026-09-22", papers=WHOLE, organ="庆城县公安局")
    office.do("send_crime", case, "officer", "2026-09-23", organ="庆城县公安局", receipt="17号", signed=signed)
    event = office.session.scalars(select(Event).where(Event.case_id == case.id, Event.kind == "send_crime")).one()
    assert event.data.get("late") == (["crime_transfer"] if late else None)


def test_police_is_decided_only_when_they_have_it(office: Office) -> None:
    """Today's hole: the outcome could be chosen and nothing followed. Now the police must have signed."""
    hired(office)
    bare = office.case(office.file(report()))
    office.do("accept", bare, "officer", "2026-09-18")
    with pytest.raises(NoTransferYet, match="没有移送"):
        office.do("decide", bare, "officer", DAY, **POLICE)
    team(office, bare)
    office.do("report_crime", bare, "officer", DAY, text="涉嫌诈骗。")
    office.do("approve_crime", bare, "leader", DAY)
    with pytest.raises(NoTransferYet, match="已批准"):
        office.do("decide", bare, "officer", DAY, **POLICE)
    office.do("pack_crime", bare, "officer", DAY, papers=WHOLE, organ="庆城县公安局")
    office.do(
        "send_crime", bare, "officer", "2026-09-21T12:00", organ="公安局", receipt="1号", signed="2026-09-21T11:00"
    )
    office.do("decide", bare, "officer", "2026-09-21T12:00", **POLICE)
    assert bare.outcome == "police"
    assert "police_answer_watch" in running(office, bare), "the decision does not stop what is owed by the police"


def test_a_case_is_not_closed_while_an_answer_is_owed(office: Office) -> None:
    """Nothing would be reminded after closing: the case stays open until the police have it wholly, or it came back."""
    case = sent(office)
    office.do("decide", case, "officer", "2026-09-22T15:00", **POLICE)
    office.do("reply", case, "officer", "2026-09-22T15:00", text="已依法移送。")
    with pytest.raises(CrimeOpen):
        office.do("close", case, "officer", "2026-09-23")
    office.do("police_files", case, "officer", "2026-09-23")
    office.do("hand_goods", case, "officer", "2026-09-24", receipt="3号")
    office.do("close", case, "officer", "2026-09-24")
    assert case.closed_at is not None


def test_the_set_is_whole_or_says_why_not(office: Office) -> None:
    """CR-03: letter and report always, the others or a reason from the list."""
    case = approved(office)

    def pack(papers: dict[str, str], organ: str = "庆城县公安局") -> None:
        office.do("pack_crime", case, "officer", "2026-09-22", papers=papers, organ=organ)

    with pytest.raises(NotNow):
        office.do("send_crime", case, "officer", DAY, organ="公安局", receipt="1号", signed="2026-09-21T15:00")
    with pytest.raises(PaperMissing, match="涉案物品清单、有关检验报告"):
        pack({"letter": ENCLOSED, "report": ENCLOSED, "other": "none"})
    with pytest.raises(PaperMissing, match="移送书"):
        pack({**WHOLE, "letter": "none"})
    with pytest.raises(UnknownAnswer):
        pack({**WHOLE, "goods": "lost"})
    with pytest.raises(BadName):
        pack(WHOLE, organ=" ")
    pack({**WHOLE, "goods": "none", "unheard": "x"})
    assert transfer_of(office, case).papers == {**WHOLE, "goods": "none"}
    pack({**WHOLE, "goods": "pending"})
    assert transfer_of(office, case).state == "packed"


@pytest.mark.parametrize(
    ("field", "value", "refused"),
    [
        ("organ", "", BadName),
        ("organ", "张建国13893412345", BadName),
        ("receipt", "", BadReference),
        ("receipt", "x" * 61, BadReference),
        ("receipt", "622826199001011234", BadReference),
        ("signed", "昨天", BadMoment),
        ("signed", "2026-09-21T14:29", BadMoment),
        ("signed", "2026-09-22T10:01", BadMoment),
    ],
)
def test_a_receipt_says_who_what_and_when(office: Office, field: str, value: str, refused: type[Exception]) -> None:
    """A name of an organ, a number that is no person's, a moment after the approval and not to come."""
    case = approved(office)
    office.do("pack_crime", case, "officer", "2026-09-22", papers=WHOLE, organ="庆城县公安局")
    good = {"organ": "庆城县公安局", "receipt": "17号", "signed": "2026-09-22T09:30"}
    with pytest.raises(refused):
        office.do("send_crime", case, "officer", "2026-09-22T10:00", **{**good, field: value})
    office.do("send_crime", case, "officer", "2026-09-22T10:00", **good)
    assert "庆城县公安局于2026年9月22日（星期二）9时30分接受，回执：17号" in words(office, case)


def test_the_tellers_hear_of_the_transfer_and_no_more(office: Office) -> None:
    """One sentence when it is with the police; not a word of team, report, refusal or prosecutors, on no page."""
    case = sent(office)
    office.do("police_declines", case, "officer", "2026-09-24", text="认为不构成犯罪。")
    office.do("ask_reconsider", case, "officer", "2026-09-24", text="事实清楚，请复议。")
    office.do("police_upholds", case, "officer", "2026-09-26T10:00", text="维持。")
    office.do("ask_supervision", case, "officer", "2026-09-28", text="建议立案监督。")
    office.do("supervision_ends", case, "officer", "2026-10-12", text="不予支持。")
    bodies = told(office, case)
    assert len([body for body in bodies if "已依法移送有权机关办理" in body]) == 1
    assert not any(word in "".join(bodies) for word in ("专案组", "公安", "检察", "复议", "涉嫌", "犯罪"))
    one = office.session.scalars(select(FiledReport).where(FiledReport.case_id == case.id)).one()
    until, derivation = desk.promised(office.session, one, case, RULES, moment("2026-09-24"))
    assert "公安" not in derivation
    assert "移送" not in derivation
    assert until


def test_the_date_of_a_teller_is_never_that_of_the_police(office: Office) -> None:
    """The clock of the transfer ends first, and still his own period is what he is told."""
    case = approved(office)
    one = office.session.scalars(select(FiledReport).where(FiledReport.case_id == case.id)).one()
    until, _ = desk.promised(office.session, one, case, RULES, moment("2026-09-22"))
    assert until == clock_of(office, case, "clue_verify").due_on
    assert case.next_due == clock_of(office, case, "crime_transfer").due_on


def test_the_police_pass_it_on(office: Office) -> None:
    """CR-04: another organ, three days of its own from the day we hear; the former period is over, not met."""
    case = sent(office)
    office.do("police_passes", case, "officer", "2026-09-24", organ="庆阳市公安局", on="2026-09-23")
    assert transfer_of(office, case).organ == "庆阳市公安局"
    states = [(clock.state, clock.starts_on.day) for clock in _clocks(office, case, "police_answer_watch")]
    assert states == [("cancelled", 22), ("running", 23)]


def _clocks(office: Office, case: Case, kind: str) -> list[Any]:
    from intake.models import Clock

    query = select(Clock).where(Clock.case_id == case.id, Clock.kind == kind).order_by(Clock.id)
    return list(office.session.scalars(query))


def test_a_refusal_of_the_police_can_be_fought_to_the_end(office: Office) -> None:
    """CR-05: reconsideration, its answer, supervision; each with its own clock, and the police may still file."""
    case = sent(office)
    office.do("police_declines", case, "officer", "2026-09-24", text="认为不构成犯罪。", on="2026-09-24")
    assert running(office, case) == {"clue_verify", "police_reconsider"}
    office.do("ask_reconsider", case, "officer", "2026-09-24", text="事实清楚，请复议。")
    assert running(office, case) == {"clue_verify", "reconsider_answer"}
    office.do("police_upholds", case, "officer", "2026-09-28", text="维持。")
    assert running(office, case) == {"clue_verify", "supervision_suggest"}
    office.do("ask_supervision", case, "officer", "2026-09-29", text="建议立案监督。")
    assert running(office, case) == {"clue_verify", "supervision_watch"}
    office.do("police_files", case, "officer", "2026-10-09")
    assert transfer_of(office, case).state == "filed"
    assert running(office, case) == {"clue_verify", "crime_goods"}


def test_prosecutors_may_be_asked_at_once(office: Office) -> None:
    """Art. 9: instead of asking the police again."""
    case = sent(office)
    office.do("police_declines", case, "officer", "2026-09-24", text="不构成犯罪。")
    office.do("ask_supervision", case, "officer", "2026-09-24", text="建议立案监督。")
    assert transfer_of(office, case).state == "supervising"


def test_a_period_that_ran_out_is_recorded_and_bars_nothing(office: Office) -> None:
    """The three days are counted strictly; by working days they may still run, so that nothing is refused."""
    case = sent(office)
    office.do("police_declines", case, "officer", "2026-09-23", text="不构成犯罪。", on="2026-09-23")
    office.do("ask_reconsider", case, "officer", "2026-10-09", text="请复议。")
    event = office.session.scalars(select(Event).where(Event.kind == "ask_reconsider")).one()
    assert event.data["late"] == ["police_reconsider"]


def test_only_the_head_leaves_it_at_a_refusal(office: Office) -> None:
    """Not to go on is a decision: with a reason, by the head; then the case is decided like any other."""
    case = sent(office)
    office.do("police_declines", case, "officer", "2026-09-24", text="不构成犯罪。")
    with pytest.raises(WrongRole):
        office.do("accept_answer", case, "officer", "2026-09-24", text="同意。")
    office.do("accept_answer", case, "leader", "2026-09-24", text="同意公安机关意见，改作行政处理。")
    assert transfer_of(office, case).state == "returned"
    office.do("decide", case, "officer", "2026-09-25T10:00", outcome="established", finding="属实，行政处罚。")


def test_what_comes_back_is_taken_up_again(office: Office) -> None:
    """CR-11: even from a closed case; tellers hear that it goes on and until when, not why; a penalty is possible."""
    case = with_police(office)
    office.do("decide", case, "officer", "2026-09-28", **POLICE)
    office.do("reply", case, "officer", "2026-09-28", text="已依法移送。")
    office.do("close", case, "officer", "2026-09-29")
    office.do("receive_back", case, "officer", "2026-11-02", text="检察院不起诉，移送行政处罚。")
    assert (case.state, case.outcome, case.closed_at) == ("accepted", None, None)
    assert running(office, case) == {"clue_verify"}
    clock = clock_of(office, case, "clue_verify")
    assert clock.starts_on == date(2026, 11, 2)
    assert case.next_due == clock.due_on
    assert "继续依法办理" in told(office, case)[-1]
    assert "检察" not in told(office, case)[-1]
    office.do("decide", case, "officer", "2026-11-09", outcome="established", finding="属实，行政处罚。")


def test_reminders_reach_those_who_handle_it_and_nobody_else(office: Office) -> None:
    """Overdue: handler, leader and the superior hear of it; the social supervisors of the region do not."""
    case = approved(office)
    sweep(office.session, rules=RULES, now=moment("2026-09-23"))
    said = {who: "".join(notices_to(office, who)) for who in ("officer", "leader", "mayor", "supervisor")}
    assert [who for who, bodies in said.items() if "移送公安机关" in bodies] == ["officer", "leader", "mayor"]
    assert said["supervisor"] == ""
    assert case.next_due == date(2026, 9, 22)


def test_nothing_is_rewarded_for_what_came_back(office: Office) -> None:
    """A reward was proposed on the transfer; then the case is taken up again, and there is no result to reward."""
    case = with_police(office, told=wanting(report()))
    one = office.session.scalars(select(FiledReport).where(FiledReport.case_id == case.id)).one()
    office.do("decide", case, "officer", "2026-09-28", **POLICE)
    office.do("propose_reward", case, "officer", "2026-09-28", report_id=one.id, **OWN)
    office.do("take_back", case, "officer", "2026-11-02", text="检察院不起诉，移送行政处罚。")
    assert "reward_decide" not in running(office, case)
    with pytest.raises(NotDecidedYet):
        office.do("approve_reward", case, "leader", "2026-11-03", report_id=one.id)
