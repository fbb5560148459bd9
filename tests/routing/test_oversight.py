"""督办 and 约谈: who may, by when the office answers, what is kept where, and how it ends."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from intake.models import Case, Clock, Event, Notice, OutgoingHold, Oversight, Remark, Staff
from routing import desk
from routing.digest import gather
from routing.errors import (
    AccusedMayNotHandle,
    BadTalkDay,
    Conflicted,
    NotNow,
    NotOverseer,
    OnlyAboveSummons,
    OverseenAlready,
    OversightNotFound,
    ReasonNeeded,
    WrongRole,
)
from routing.sweep import sweep
from tests.routing.conftest import RULES, Office, complaint, moment, report


@pytest.fixture
def case(office: Office) -> Case:
    """Received 18 September, accepted by the county's officer."""
    opened = office.case(office.file(report()))
    office.do("accept", opened, "officer", "2026-09-21")
    return opened


def opened(office: Office, case: Case, by: str = "mayor", at: str = "2026-10-19") -> Oversight:
    """One that the city's leader opened."""
    office.do("open_oversight", case, by, at, reason="超期未办结，请说明原因和办结时间。")
    return office.session.scalars(select(Oversight).order_by(Oversight.id.desc())).first()  # type: ignore[return-value]


def told(office: Office, who: str, word: str) -> list[str]:
    """Notices to one person that begin with a word."""
    query = select(Notice.body).join(Staff, Staff.id == Notice.staff_id)
    return list(office.session.scalars(query.where(Staff.username == who, Notice.body.startswith(f"【{word}】"))))


def test_the_office_learns_that_it_is_overseen_and_until_when_it_answers(office: Office, case: Case) -> None:
    """Five working days by default, on a clock of its own; the words stand on the page, not in the message."""
    it = opened(office, case)
    clock = office.session.get_one(Clock, it.clock_id)
    assert (clock.kind, clock.state, clock.due_on.isoformat()) == ("oversight_answer", "running", "2026-10-26")
    assert it.state == "open"
    for who in ("officer", "leader"):
        (body,) = told(office, who, "督办")
        assert "2026年10月26日" in body
        assert "说明原因" not in body
        assert "桃源康复医院" not in body
    assert not told(office, "mayor", "督办")


def test_the_words_stand_beside_the_event_which_only_commits_to_them(office: Office, case: Case) -> None:
    """They may have to be erased; an event never is."""
    opened(office, case)
    event = office.session.scalars(select(Event).where(Event.kind == "oversight_opened")).one()
    assert "原因" not in str(event.data)
    assert office.session.get_one(Remark, event.id).text == "超期未办结，请说明原因和办结时间。"


def test_who_opened_it_reads_the_answer_and_closes(office: Office, case: Case) -> None:
    """Answered in time the clock is met; closed, it can be opened anew."""
    it = opened(office, case)
    office.do("answer_oversight", case, "officer", "2026-10-20", oversight_id=it.id, text="检验报告周五出来。")
    assert office.session.get_one(Clock, it.clock_id).state == "met"
    assert len(told(office, "mayor", "督办已答复")) == 1
    office.do("close_oversight", case, "mayor", "2026-10-21", oversight_id=it.id, text="同意。")
    assert (it.state, it.closed_at) == ("closed", moment("2026-10-21"))
    assert len(told(office, "officer", "督办了结")) == 1
    assert opened(office, case, at="2026-11-02").id != it.id


def test_from_the_answer_that_does_not_do_to_the_talk_and_what_was_agreed(office: Office, case: Case) -> None:
    """约谈: the head is called for a day, what was agreed is kept, and a new period runs from the talk."""
    it = opened(office, case)
    office.do("answer_oversight", case, "officer", "2026-10-20", oversight_id=it.id, text="人手不够。")
    office.do("summon_head", case, "mayor", "2026-10-21", oversight_id=it.id, reason="答复不具体。", on="2026-10-23")
    (body,) = told(office, "leader", "约谈")
    assert "2026年10月23日" in body
    assert not told(office, "officer", "约谈")
    agreed = "十一月六日以前办结，由负责人每周报告一次。"
    office.do("record_talk", case, "mayor", "2026-10-23", oversight_id=it.id, text=agreed)
    assert it.talked_at == moment("2026-10-23")
    assert agreed in office.session.scalars(select(Remark.text)).all()
    clock = office.session.get_one(Clock, it.clock_id)
    assert (clock.state, clock.due_on.isoformat()) == ("running", "2026-10-30")
    office.do("answer_oversight", case, "leader", "2026-10-28", oversight_id=it.id, text="已办结。")
    office.do("close_oversight", case, "mayor", "2026-10-29", oversight_id=it.id, text="已核实。")
    assert it.state == "closed"


def test_an_own_leader_oversees_inside_but_summons_nobody(office: Office, case: Case) -> None:
    """Inside an office the leader asks for an answer; whoever summons the head stands above him."""
    it = opened(office, case, by="leader")
    assert told(office, "officer", "督办")
    with pytest.raises(OnlyAboveSummons):
        office.do("summon_head", case, "leader", "2026-10-20", oversight_id=it.id, reason="无", on="2026-10-23")
    assert it.state == "open"


@pytest.mark.parametrize(
    ("who", "refusal"), [("officer", WrongRole), ("supervisor", WrongRole), ("neighbour", WrongRole)]
)
def test_only_leaders_oversee(office: Office, case: Case, who: str, refusal: type[Exception]) -> None:
    """An officer, a neighbour and a supervisor do not."""
    with pytest.raises(refusal):
        opened(office, case, by=who)


def test_nobody_oversees_a_case_beside_or_above_him(office: Office) -> None:
    """The county's leader does not oversee the city."""
    case = office.case(office.file(report(place="621000", institution="庆阳市某医院")))
    assert case.authority == "YB-621000"
    with pytest.raises(NotOverseer):
        opened(office, case, by="leader")


def test_the_accused_and_whoever_has_an_interest_oversee_nothing(office: Office, case: Case) -> None:
    """A leader of the office complained of would oversee those who look into it."""
    office.staff("mayor").interests = "庆城县桃源康复医院"
    with pytest.raises(Conflicted):
        opened(office, case)
    other = office.case(office.file(complaint(organ="庆阳市医疗保障局")))
    other.authority = "YB-621021"
    with pytest.raises(AccusedMayNotHandle):
        opened(office, other)


def test_each_office_oversees_a_case_once_at_a_time_and_leads_on_its_own_alone(office: Office, case: Case) -> None:
    """City and county may both; neither closes the other's."""
    it = opened(office, case)
    with pytest.raises(OverseenAlready):
        opened(office, case)
    own = opened(office, case, by="leader")
    with pytest.raises(NotOverseer):
        office.do("close_oversight", case, "leader", "2026-10-20", oversight_id=it.id, text="好。")
    with pytest.raises(NotOverseer):
        office.do("close_oversight", case, "mayor", "2026-10-20", oversight_id=own.id, text="好。")


def test_bad_input_is_refused_with_nothing_changed(office: Office, case: Case) -> None:
    """No reason, no such oversight, a day that is past or none, an act that is not its turn."""
    with pytest.raises(ReasonNeeded):
        office.do("open_oversight", case, "mayor", "2026-10-19", reason="  ")
    it = opened(office, case)
    with pytest.raises(OversightNotFound):
        office.do("answer_oversight", case, "officer", "2026-10-20", oversight_id=99, text="好。")
    for day in ("2026-10-19", "", "明天"):
        with pytest.raises(BadTalkDay):
            office.do("summon_head", case, "mayor", "2026-10-20", oversight_id=it.id, reason="无", on=day)
    with pytest.raises(NotNow):
        office.do("record_talk", case, "mayor", "2026-10-20", oversight_id=it.id, text="无。")
    assert it.state == "open"
    assert office.session.get_one(Clock, it.clock_id).state == "running"


def test_a_closed_case_is_not_overseen_and_an_open_oversight_is_reminded_of_no_more(office: Office, case: Case) -> None:
    """Closing stops its clock; the superior only settles the paper."""
    it = opened(office, case, at="2026-10-09")
    office.do("decide", case, "officer", "2026-10-10", outcome="established", finding="属实。")
    office.do("reply", case, "officer", "2026-10-10", text="属实。")
    office.do("close", case, "officer", "2026-10-10")
    for day in range(12, 31):
        sweep(office.session, rules=RULES, now=moment(f"2026-10-{day}"))
        assert not gather(office.session, rules=RULES, now=moment(f"2026-10-{day}")).messages
    with pytest.raises(NotNow):
        opened(office, case, by="leader", at="2026-10-20")
    office.do("close_oversight", case, "mayor", "2026-10-20", oversight_id=it.id, text="已办结。")
    assert it.state == "closed"


def test_an_overdue_answer_climbs_the_ladder_like_every_clock(office: Office, case: Case) -> None:
    """The day after, the office and the one above hear that the answer is late."""
    opened(office, case, at="2026-10-09")
    case.next_due = None
    sweep(office.session, rules=RULES, now=moment("2026-10-17"))
    gather(office.session, rules=RULES, now=moment("2026-10-19"))
    query = select(Notice.body).join(Staff, Staff.id == Notice.staff_id)
    query = query.where(Staff.username == "mayor", Notice.key.startswith("digest-"))
    (body,) = office.session.scalars(query)
    assert "答复督办" in body


def test_a_text_that_may_tell_who_reported_is_held(office: Office, case: Case) -> None:
    """Through the one way in for people: nothing is opened, the text waits for a second person."""
    done = desk.attempt(
        office.session,
        case.id,
        office.staff("mayor"),
        "open_oversight",
        {"reason": "举报人是三楼康复科的护士，电话13800000001，请尽快办。"},
        rules=RULES,
        vault=office.vault,
        now=moment("2026-10-19"),
    )
    assert isinstance(done, OutgoingHold)
    assert office.session.scalars(select(Oversight)).all() == []
