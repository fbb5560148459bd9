"""Nobody learns who told: not staff from what is kept in clear, not another person who tells the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import select

from intake.models import Letter, Notice, Rating
from intake.report import Claim, Report, Teller
from tests.routing.conftest import Office, report


def by(account: str, phone: str, at: str = "2026-09-18") -> Report:
    """A report with a telephone number."""
    return replace(report(account=account, at=at), teller=Teller("web", account, "confidential", "赵铁柱", phone))


def test_answers_and_words_are_masked_like_the_telling(office: Office) -> None:
    """A name said as an answer, and a word of proof that holds a number, do not reach staff."""
    told = replace(
        report(),
        answers={"evidence": "我是那里的护士，叫赵铁柱", "how_known": "我妈王秀兰在那里住院"},
        claims=(Claim("F01", 0.9, ("床是空的", "13893412345")),),
    )
    filed = office.report(office.file(told))
    assert "铁柱" not in str(filed.facts)
    assert "秀兰" not in str(filed.facts)
    assert filed.claims[0]["words"] == ["床是空的"]


def test_comments_and_letters_are_masked(office: Office) -> None:
    """What a teller writes later is read by the same staff."""
    filed = office.report(office.file(report()))
    office.told("add_to_report", filed, "2026-09-19", "我微信号tiezhu8899，我妈王秀兰也知道。")
    letter = office.session.scalars(select(Letter)).one()
    assert "tiezhu" not in letter.redacted
    assert "秀兰" not in letter.redacted


def test_whoever_knows_a_telephone_number_cannot_ask_whether_its_owner_told(office: Office) -> None:
    """The accused tells the same matter with a suspect's number: his receipt is that of somebody new."""
    office.file(by("teller-1", "13893412345"))
    probe = office.file(by("accused", "138 9341 2345", at="2026-09-25"))
    stranger = office.file(by("stranger", "13700000000", at="2026-09-25"))
    assert not probe.already_told
    assert (probe.due_on, probe.derivation) == (stranger.due_on, stranger.derivation)


def test_a_suspects_number_does_not_answer_his_officers_question(office: Office) -> None:
    """A question waits for its own teller, not for whoever gives his number."""
    first = office.file(by("teller-1", "13893412345"))
    case = office.case(first)
    office.do("accept", case, "officer", "2026-09-21")
    office.do("ask", case, "officer", "2026-09-22", report_id=office.report(first).id, question="哪一层？")
    office.file(by("accused", "13893412345", at="2026-09-25"))
    assert office.case(first).state == "supplementing"


def test_a_rating_is_kept_masked(office: Office) -> None:
    """The comment is shown on the desk."""
    case = office.case(first := office.file(report()))
    office.do("accept", case, "officer", "2026-09-21")
    office.do("decide", case, "officer", "2026-09-28", outcome="not_established", finding="未发现空床。")
    office.do("reply", case, "officer", "2026-09-28", text="未发现空床。")
    office.told("rate", office.report(first), "2026-09-29", 2, "请打13893412345，我叫赵铁柱。")
    comment = office.session.scalars(select(Rating.comment)).one()
    assert "3412" not in comment
    assert "铁柱" not in comment
    assert first.due_on > date(2026, 9, 29)


def test_a_leader_with_an_interest_hears_nothing_of_the_case(office: Office) -> None:
    """Neither of an extension nor of pressure on a teller: a notice names the institution."""
    case = office.case(receipt := office.file(report()))
    leader = office.staff("leader")
    leader.interests = "庆城县桃源康复医院"
    office.session.flush()
    office.do("accept", case, "officer", "2026-09-21")
    office.do("ask_extension", case, "officer", "2026-09-22", reason="涉及人数多")
    office.told("withdraw", office.report(receipt), "2026-09-23", "有人找我", pressed=True)
    told = select(Notice.body).where(Notice.staff_id == leader.id)
    assert office.session.scalars(told).all() == []
    heard = select(Notice.body).where(Notice.staff_id == office.staff("officer").id)
    assert office.session.scalars(heard).all()
