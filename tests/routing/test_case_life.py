"""Suspending and resuming, extending by whom the law names, and opening a penalty case."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from intake.models import Case, Clock, Event, Notice
from routing import errors
from routing.desk.reckoning import reckon_year
from routing.sweep import sweep
from tests.routing.conftest import RULES, Office, complaint, moment, replace, report

PAPER = "委托市药品检验研究院检测，委托书2026-18号。"


@pytest.fixture
def case(office: Office) -> Case:
    """A clue received on 18 September, due on 15 October, and taken up."""
    case = office.case(office.file(report()))
    return office.do("accept", case, "officer", "2026-09-21")


def clock(office: Office, case: Case, kind: str = "clue_verify") -> Clock:
    """The newest clock of a kind."""
    query = select(Clock).where(Clock.case_id == case.id, Clock.kind == kind).order_by(Clock.id.desc())
    return office.session.scalars(query).first()  # type: ignore[return-value]


def kinds(office: Office, case: Case) -> dict[str, tuple[str, date]]:
    """What has not ended."""
    rows = office.session.scalars(select(Clock).where(Clock.case_id == case.id, Clock.stopped_at.is_(None)))
    return {one.kind: (one.state, one.due_on) for one in rows}


def notices(office: Office, words: str) -> list[str]:
    """What was written that holds these words."""
    return list(office.session.scalars(select(Notice.body).where(Notice.body.contains(words))))


def named(at: str = "2026-09-18") -> object:
    """A report under its teller's own name."""
    told = report(at=at)
    return replace(told, teller=replace(told.teller, mode="named"))


def test_while_a_clock_stands_still_its_date_passes_unheard(office: Office, case: Case) -> None:
    """Nothing is reminded, nothing is overdue, the queue waits for nothing; afterwards the ladder begins anew."""
    office.do("suspend", case, "officer", "2026-09-28", ground="test", note=PAPER)
    assert case.next_due is None
    for day in ("2026-10-12", "2026-10-15", "2026-10-16", "2026-11-02"):
        assert sweep(office.session, rules=RULES, now=moment(day)).notices == 0
    office.do("resume", case, "officer", "2026-11-02", note="检测报告已收到。")
    away = range(date(2026, 9, 28).toordinal(), date(2026, 11, 2).toordinal())
    excluded = sum(RULES.calendar.is_working(date.fromordinal(day)) for day in away)
    assert case.next_due == RULES.calendar.add_working_days(date(2026, 10, 15), excluded).due_on
    assert sweep(office.session, rules=RULES, now=moment(f"{case.next_due:%Y-%m-%d}")).notices > 0


def test_the_derivation_of_a_resumed_clock_says_what_was_not_counted(office: Office, case: Case) -> None:
    """Ground, both days and the number, as the case page and the papers print it; the spans stay with the clock."""
    office.do("suspend", case, "officer", "2026-09-21", ground="test", note=PAPER)
    assert "尚未恢复" in "".join(clock(office, case).derivation["steps"])
    office.do("resume", case, "officer", "2026-09-28", note="已收到报告。")
    found = clock(office, case)
    assert (found.state, found.due_on, found.starts_on) == ("running", date(2026, 10, 21), date(2026, 9, 18))
    (told,) = [step for step in found.derivation["steps"] if "中止当日" in step]
    assert "检测、检验" in told
    assert "4个工作日" in told
    assert found.derivation["days_excluded"] == 7
    assert found.spans == [{"reason": "test", "since": "2026-09-21", "until": "2026-09-28"}]


def test_several_suspensions_add_up_and_an_extension_counts_them(office: Office, case: Case) -> None:
    """Each moves the date; the extension is reckoned from the old start with all that did not count."""
    office.do("suspend", case, "officer", "2026-09-21", ground="test", note=PAPER)
    office.do("resume", case, "officer", "2026-09-28", note="已收到报告。")
    office.do("suspend", case, "officer", "2026-10-08", ground="expert", note="专家组评审。")
    office.do("resume", case, "officer", "2026-10-12", note="评审意见已出。")
    # 8, 9 and 10 October (a Saturday worked) do not count.
    assert clock(office, case).due_on == RULES.calendar.add_working_days(date(2026, 10, 21), 3).due_on
    office.do("extend", case, "leader", "2026-10-13", reason="涉及人数多。")
    assert clock(office, case).due_on == RULES.calendar.add_working_days(date(2026, 9, 18), 30 + 4 + 3).due_on


def test_only_a_ground_that_the_law_excludes_suspends(office: Office, case: Case) -> None:
    """A hearing does not stop the verification of a clue; an unknown ground, and what ran out, stop nothing."""
    for ground, why in (("hearing", errors.NothingToSuspend), ("holiday", errors.UnknownSuspension)):
        with pytest.raises(why):
            office.do("suspend", case, "officer", "2026-09-22", ground=ground, note=PAPER)
    with pytest.raises(errors.ReasonNeeded):
        office.do("suspend", case, "officer", "2026-09-22", ground="test", note=" ")
    with pytest.raises(errors.TooLateToSuspend, match="10月15日"):
        office.do("suspend", case, "officer", "2026-10-16", ground="test", note=PAPER)
    with pytest.raises(errors.NothingSuspended):
        office.do("resume", case, "officer", "2026-09-22", note=PAPER)
    office.do("suspend", case, "officer", "2026-10-15", ground="test", note=PAPER)
    with pytest.raises(errors.SuspendedAlready):
        office.do("suspend", case, "officer", "2026-10-15", ground="appraisal", note=PAPER)
    with pytest.raises(errors.NothingToExtend):
        office.do("extend", case, "leader", "2026-10-15", reason="复杂")


def test_a_complaint_about_inspectors_is_not_suspended(office: Office) -> None:
    """No law excludes any time there."""
    case = office.case(office.file(complaint(at="2026-09-18")))
    with pytest.raises(errors.NothingToSuspend):
        office.do("suspend", case, "city", "2026-09-21", ground="test", note=PAPER)


def test_each_teller_hears_that_time_stands_still_and_his_own_new_date(office: Office, case: Case) -> None:
    """The leader hears as well; nobody learns of another teller."""
    second = office.report(office.file(report(account="teller-2", at="2026-09-24")))
    office.do("suspend", case, "officer", "2026-09-28", ground="test", note=PAPER)
    assert len([body for body in notices(office, "中止计算期限") if "检测、检验" in body]) == 2
    assert notices(office, "【中止时限】")
    office.do("resume", case, "officer", "2026-09-30", note="已出。")
    (own,) = [body for body in notices(office, "恢复计算期限") if second.number in body]
    assert f"{RULES.calendar.add_working_days(date(2026, 9, 24), 15 + 2).due_on.day}日" in own
    assert PAPER not in "".join(notices(office, second.number))


def test_what_is_decided_ends_also_what_stands_still(office: Office, case: Case) -> None:
    """The standstill ends with its clock, and nothing is left over."""
    office.do("suspend", case, "officer", "2026-09-28", ground="test", note=PAPER)
    office.do("decide", case, "officer", "2026-10-20", outcome="agreement", finding="按协议处理。")
    found = clock(office, case)
    assert (found.state, found.spans[-1]["until"]) == ("met", "2026-10-20")
    assert set(kinds(office, case)) == {"tell_outcome"}


def test_a_split_off_case_stands_still_as_well_and_counts_from_its_own_receipt(office: Office, case: Case) -> None:
    """Otherwise it would have no clock at all."""
    later = office.report(office.file(report(account="teller-2", at="2026-09-24")))
    office.do("suspend", case, "officer", "2026-09-28", ground="test", note=PAPER)
    opened = office.do("split", case, "officer", "2026-09-29", report_id=later.id)
    assert kinds(office, opened)["clue_verify"][0] == "suspended"
    office.do("resume", opened, "officer", "2026-09-30", note="已出。")
    assert opened.next_due == RULES.calendar.add_working_days(date(2026, 9, 24), 15 + 2).due_on


def test_merging_keeps_a_standstill_and_undoing_gives_it_back(office: Office, case: Case) -> None:
    """The clock of what was merged stands still again when it comes back."""
    other = office.case(office.file(report("另外一家。", institution="庆城县别家医院", account="b", at="2026-09-21")))
    office.do("suspend", other, "officer", "2026-09-22", ground="test", note=PAPER)
    office.do("merge", other, "officer", "2026-09-23", into=case.id)
    assert kinds(office, case) == {"clue_verify": ("running", date(2026, 10, 15))}
    office.do("unmerge", other, "officer", "2026-09-24")
    assert kinds(office, other)["clue_verify"][0] == "suspended"
    assert other.next_due is None


def test_a_calendar_that_becomes_known_reckons_with_the_standstill(office: Office) -> None:
    """Working the year out again forgets nothing of it."""
    case = office.case(office.file(report(at="2026-12-15")))
    office.do("accept", case, "officer", "2026-12-16")
    office.do("suspend", case, "officer", "2026-12-17", ground="test", note=PAPER)
    office.do("resume", case, "officer", "2026-12-24", note="已出。")
    before = case.next_due
    assert reckon_year(office.session, 2027, rules=RULES, now=moment("2026-12-25")).clocks == 1
    assert case.next_due == before
    assert clock(office, case).derivation["days_excluded"] == 7


def test_the_handler_asks_and_the_head_extends(office: Office, case: Case) -> None:
    """The handler alone may not; he asks in time, the leader reads the reason, and the law is cited."""
    with pytest.raises(errors.ApprovalNeeded, match="机构负责人批准"):
        office.do("extend", case, "officer", "2026-10-12", reason="人数多")
    office.do("ask_extension", case, "officer", "2026-10-12", reason="人数多")
    assert "人数多" in notices(office, "【延期待批】")[0]
    office.do("extend", case, "leader", "2026-10-13", reason="同意")
    assert any("第十四条" in step and "延长" in step for step in clock(office, case).derivation["steps"])
    with pytest.raises(errors.NothingToExtend):
        office.do("ask_extension", case, "officer", "2026-10-14", reason="还不够")


def test_after_its_last_day_nobody_asks_for_more_time(office: Office, case: Case) -> None:
    """Asked too late is refused with the day."""
    with pytest.raises(errors.TooLateToExtend, match="10月15日"):
        office.do("ask_extension", case, "officer", "2026-10-16", reason="忘了")


def test_a_penalty_case_begins_when_the_head_opens_it(office: Office) -> None:
    """Verification ends, ninety days begin, the named teller must be told within five working days."""
    case = office.case(office.file(named()))  # type: ignore[arg-type]
    office.do("accept", case, "officer", "2026-09-21")
    with pytest.raises(errors.WrongRole):
        office.do("open_case", case, "officer", "2026-09-30", reason="符合条件")
    office.do("open_case", case, "leader", "2026-09-30", reason="有违法事实，属本机关管辖，未超过追责时效。")
    assert case.state == "investigating"
    assert kinds(office, case) == {
        "case_decide": ("running", date(2026, 12, 29)),
        "tell_real_name": ("running", date(2026, 10, 13)),
    }
    office.do("tell_opened", case, "officer", "2026-10-08")
    assert notices(office, "已经决定立案")
    assert set(kinds(office, case)) == {"case_decide"}
    office.do("suspend", case, "officer", "2026-10-12", ground="hearing", note="当事人申请听证。")
    office.do("resume", case, "officer", "2026-10-22", note="听证结束。")
    assert case.next_due == date(2027, 1, 8)
    office.do("conclude", case, "officer", "2026-12-01", outcome="established", finding="处罚决定书2026-7号。")
    assert (case.state, case.outcome, set(kinds(office, case))) == ("decided", "established", {"tell_outcome"})
    office.do("reply", case, "officer", "2026-12-02", text="属实，已处罚。")
    office.do("close", case, "officer", "2026-12-02")
    assert kinds(office, case) == {}


def test_the_decision_is_extended_by_the_head_and_then_by_the_collective(office: Office, case: Case) -> None:
    """Thirty days, then up to sixty with the record of the discussion; a third time there is nothing."""
    office.do("open_case", case, "leader", "2026-09-30", reason="符合条件。")
    with pytest.raises(errors.BadExtension):
        office.do("extend", case, "leader", "2026-12-01", reason="复杂", days=20)
    office.do("extend", case, "leader", "2026-12-01", reason="案情复杂。")
    assert clock(office, case, "case_decide").due_on == date(2027, 1, 28)
    with pytest.raises(errors.RecordNeeded):
        office.do("extend", case, "leader", "2027-01-20", reason="仍然复杂。", days=20)
    with pytest.raises(errors.BadExtension, match="1至60"):
        office.do("extend", case, "leader", "2027-01-20", reason="仍然复杂。", days=61, record="会议记录2027-2号")
    office.do("extend", case, "leader", "2027-01-20", reason="仍然复杂。", days=20, record="会议记录2027-2号")
    found = clock(office, case, "case_decide")
    assert (found.due_on, found.granted) == (date(2027, 2, 17), [0, 20])
    assert any("集体讨论" in step for step in found.derivation["steps"])
    with pytest.raises(errors.NothingToExtend):
        office.do("extend", case, "leader", "2027-02-01", reason="再延")


def test_not_opening_is_answered_within_five_working_days(office: Office) -> None:
    """For a ground on the list; the named teller's clock runs from the decision, and the answer ends it."""
    case = office.case(office.file(named()))  # type: ignore[arg-type]
    office.do("accept", case, "officer", "2026-09-21")
    with pytest.raises(errors.UnknownReason):
        office.do("not_open", case, "leader", "2026-09-30", ground="lazy", reason="没空")
    office.do("not_open", case, "leader", "2026-09-30", ground="no_fact", reason="现有证据不能证明。")
    assert (case.state, case.outcome) == ("decided", "not_opened")
    assert kinds(office, case) == {"tell_real_name": ("running", date(2026, 10, 13))}
    office.do("reply", case, "officer", "2026-10-09", text="经核查，没有证据证明存在违法行为。")
    assert set(kinds(office, case)) == {"close_case"}


def test_a_complaint_about_inspectors_is_no_penalty_case(office: Office) -> None:
    """Said with the side it is for."""
    case = office.case(office.file(complaint(at="2026-09-18")))
    office.do("accept", case, "city", "2026-09-21")
    with pytest.raises(errors.WrongSide, match="群众举报"):
        office.do("open_case", case, "mayor", "2026-09-22", reason="符合条件")


def test_a_question_in_a_penalty_case_changes_nothing_of_it(office: Office, case: Case) -> None:
    """Asked and answered, it is a penalty case still; and a later teller of the matter joins it."""
    told = office.report(office.file(report(account="asked", at="2026-09-22")))
    office.do("open_case", case, "leader", "2026-09-30", reason="符合条件。")
    office.do("ask", case, "officer", "2026-10-08", report_id=told.id, question="请问是几楼？")
    assert case.state == "investigating"
    office.told("add_to_report", told, "2026-10-09", "三楼。")
    assert case.state == "investigating"
    assert office.case(office.file(report(account="late", at="2026-10-10"))).id == case.id


def test_what_was_opened_takes_in_the_other_and_not_the_reverse(office: Office, case: Case) -> None:
    """A penalty case is further along than one that is still verified."""
    other = office.case(office.file(report("另外一家。", institution="庆城县别家医院", account="b", at="2026-09-21")))
    office.do("accept", other, "officer", "2026-09-22")
    office.do("open_case", case, "leader", "2026-09-30", reason="符合条件。")
    with pytest.raises(errors.FurtherAlong):
        office.do("merge", case, "officer", "2026-10-08", into=other.id)
    office.do("merge", other, "officer", "2026-10-08", into=case.id)
    assert set(kinds(office, case)) == {"case_decide"}


def test_a_refused_act_changes_nothing(office: Office, case: Case) -> None:
    """No event, no clock, no state."""
    before = (case.state, kinds(office, case), len(office.session.scalars(select(Event)).all()))
    for verb, by, words in (
        ("open_case", "officer", {"reason": "符合"}),
        ("not_open", "leader", {"ground": "no_fact", "reason": ""}),
        ("conclude", "officer", {"outcome": "established", "finding": "属实"}),
        ("suspend", "officer", {"ground": "announcement", "note": "公告"}),
        ("extend", "officer", {"reason": "复杂"}),
    ):
        with pytest.raises(errors.DeskError):
            office.do(verb, case, by, "2026-09-23", **words)
    office.session.flush()
    assert (case.state, kinds(office, case), len(office.session.scalars(select(Event)).all())) == before
