"""Random lives of cases: whatever people do in whatever order, some things always hold."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from intake import handovers
from intake.confidentiality import Vault
from intake.db import Database
from intake.models import STANDING, Case, Clock, Event, FiledReport, Notice
from intake.tickets import of_case
from nlu import taxonomy
from routing import states
from routing.authorities import by_code
from routing.desk.tickets import HOTLINE
from routing.errors import DeskError
from routing.jurisdiction import Facts, route
from routing.lives import life
from routing.sweep import sweep
from tests.routing.conftest import RULES, Office, complaint, moment, report
from tests.routing.test_tickets import by_hotline

AUTHORITIES = ("YB-621021", "YB-621002", "YB-621000", "YB-620000", "JB-621021")
STAFF = ("officer", "colleague", "leader", "supervisor", "neighbour", "city", "mayor", "province")
WORDS = {
    "decline": {"reason": "no_clue", "text": "线索不足"},
    "ask": {"question": "请补充时间"},
    "ask_extension": {"reason": "复杂"},
    "extend": {"reason": "复杂", "record": "9月8日会议记录"},
    "suspend": {"ground": "test", "note": "送检"},
    "resume": {"note": "已出结果"},
    "open_case": {"reason": "符合立案条件"},
    "not_open": {"ground": "no_fact", "reason": "没有证据"},
    "offer": {"reason": "管辖"},
    "send_back": {"ground": "place", "reason": "不在我县"},
    "dispute": {"reason": "请指定"},
    "take_back": {"reason": "由我局办理"},
    "designate": {"reason": "指定"},
    "assign": {"reason": "请核查", "weight": "complex"},
    "note_assignment": {"due": "2027-06-30"},
    "report_back": {"text": "已经核查"},
    "refer": {"department": "health", "text": "属于医疗质量"},
    "decide": {"outcome": "established", "finding": "属实"},
    "conclude": {"outcome": "established", "finding": "属实"},
    "reply": {"text": "属实"},
    "reopen": {"reason": "有新的线索"},
    "reopen_ticket": {"text": "不满意"},
    "supervise_ticket": {"text": "还是不满意"},
}
VERBS = (
    *(verb for verb in states.moves() if verb != "transfer"),
    *(verb for verb in life("handover").moves if verb != "escalate"),
    *life("assignment").moves,
    *life("ticket").moves,
)
"""What people do to a case; its handing on and an escalation follow from it."""
TO = frozenset({"offer", "designate", "assign", "note_assignment"})
STEP = st.tuples(
    st.sampled_from([*VERBS, "file", "add_to_report", "urge", "rate", "withdraw", "sweep"]),
    st.sampled_from(STAFF),
    st.sampled_from(AUTHORITIES),
    st.integers(0, 6),
    st.integers(0, 2),
)


def take(office: Office, case: Case, step: tuple[str, str, str, int, int], day: str) -> None:
    """One step; a refusal is as good as a deed."""
    verb, who, authority, _, which = step
    if which:  # twice in three times somebody who may: else lives would end in refusals
        leads = verb in {"open_case", "not_open", "extend", "supervise_ticket"}
        county = "leader" if leads else "officer"
        who = {"YB-621021": county, "YB-621002": "neighbour", "YB-621000": "city"}.get(case.authority, who)
    told = office.session.scalars(select(FiledReport).where(FiledReport.case_id == case.id)).all()
    if not told and verb != "unmerge":  # merged: its tellers are elsewhere
        return
    one = told[which % len(told)] if told else None
    words: dict[str, object] = dict(WORDS.get(verb, {}))
    if verb == "sweep":
        sweep(office.session, rules=RULES, now=moment(day))
    elif verb == "file":
        make = report if case.side == "citizen" else complaint
        # Another act makes another case, which may be merged.
        codes = {"citizen": ("F14",), "enterprise": ("X29",)}[case.side]
        if who == "officer":
            office.file(make(account=f"teller-{which}", at=day, codes=codes, text="又是另外一件事。"))
        else:
            office.file(make(account=f"teller-{which}", at=day))
    elif one is not None and verb in {"add_to_report", "urge", "withdraw"}:
        office.told(verb, one, day, *(["补充"] if verb == "add_to_report" else []))
    elif one is not None and verb == "rate":
        office.told(verb, one, day, 4)
    else:
        words |= {"authority": authority} if verb in TO else {}
        of_one = {"ask", "split", *life("ticket").moves}
        words |= {"report_id": one.id} if one is not None and verb in of_one else {}
        others = office.session.scalars(select(Case.id).where(Case.id != case.id).order_by(Case.id)).all()
        words |= {"into": others[which % len(others)] if others else case.id} if verb == "merge" else {}
        office.do(verb, case, who, day, **words)


def check(office: Office) -> None:
    """The invariants, over every case of the ledger."""
    office.session.flush()
    for case in office.session.scalars(select(Case)):
        clocks = list(office.session.scalars(select(Clock).where(Clock.case_id == case.id)))
        running = [clock.due_on for clock in clocks if clock.state == "running"]
        standing = [clock for clock in clocks if clock.state in STANDING]
        assert by_code(case.authority).code not in case.routing["excluded"]
        assert case.next_due == min(running, default=None)
        assert (case.closed_at is None) == bool(standing) == (case.state != "closed")
        tickets = {one.clock_id for one in of_case(office.session, case.id) if one.state != "closed"}
        assert tickets == {clock.id for clock in standing if clock.kind == HOTLINE}
        if standing:
            assert {clock.kind for clock in standing} - {HOTLINE}, "a ticket alone keeps no case"
        for clock in clocks:
            lasting = [span for span in clock.spans if span["until"] is None]
            assert len(lasting) == (clock.state == "suspended"), "who stands still has one open span, and nobody else"
            assert {span["reason"] for span in clock.spans} <= set(RULES.law.kind(clock.kind).exclude)
        if (asked := handovers.standing(office.session, case.id)) is not None:
            assert case.authority in {asked.giver, asked.taker}, "whoever has it stays responsible"
            assert asked.clock_id in {one.id for one in clocks if one.state == "running"}, "nobody may let it lie"
            assert asked.superior not in case.routing["excluded"]
        if (owed := handovers.owed(office.session, case.id)) is not None:
            assert owed.clock_id in {one.id for one in clocks if one.state == "running"}
        reports = office.session.scalars(select(FiledReport).where(FiledReport.case_id == case.id)).all()
        assert bool(reports) == (case.outcome != "merged"), "what is merged is empty, and nothing else is"


def snapshot(office: Office) -> tuple[object, ...]:
    """All that an act may change, as the ledger holds it."""
    rows = office.session.execute(
        select(Case.id, Case.state, Case.authority, Case.outcome, Case.handler_id, Case.next_due).order_by(Case.id)
    ).all()
    clocks = select(Clock.id, Clock.state, Clock.due_on, Clock.extended, Clock.spans).order_by(Clock.id)
    written = [office.session.scalar(select(func.count()).select_from(one)) for one in (Event, Notice)]
    return rows, office.session.execute(clocks).all(), written


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(side=st.booleans(), hotline=st.booleans(), steps=st.lists(STEP, min_size=8, max_size=30))
def test_an_open_case_has_one_authority_and_a_running_clock(
    database: Database, vault: Vault, side: bool, hotline: bool, steps: list[tuple[str, str, str, int, int]]
) -> None:
    """And the queue's date is the earliest of its clocks, no accused authority ever holds it, refusals change nothing."""
    with database.writing() as session:
        office = Office(session, vault)
        day = date(2026, 9, 1)
        told = (report if side else complaint)(at=day.isoformat())
        case = office.case(office.file(by_hotline(told) if hotline else told))
        for step in steps:
            day += timedelta(days=step[3])
            before = snapshot(office)
            try:
                take(office, case, step, day.isoformat())
            except DeskError:
                assert snapshot(office) == before
            check(office)
        session.rollback()


PLACES = st.sampled_from(["621021", "621002", "621000", "620000", "110101", "429004", "441900", None])
ORGANS = st.sampled_from(
    [None, "县医保局", "区医保局", "市医保局", "省医疗保障局", "国家医保局", "县医保中心", "市医保经办机构", "西峰区医保局",
     "庆阳市医疗保障局", "检查组", "市场监管局"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    side=st.sampled_from(["citizen", "enterprise"]),
    codes=st.lists(st.sampled_from(list(taxonomy.load())), max_size=4),
    place=PLACES,
    organ=ORGANS,
    institution=st.sampled_from([None, "某医院"]),
)
def test_the_accused_never_handles(
    side: str, codes: list[str], place: str | None, organ: str | None, institution: str | None
) -> None:
    """Promise 3, for every rule: whoever is complained of, and the agency below it, is never competent nor copied."""
    facts = Facts(side=side, codes=tuple(codes), place=place, organ=organ, institution=institution)
    found = route(facts, home="621000")
    assert found.authority.code not in found.excluded
    assert not {copy.code for copy in found.copies} & set(found.excluded)
    assert found.reasons
    assert found.citation
    if side == "enterprise" and organ in {"市医保局", "庆阳市医疗保障局"} and place in {"621021", "621002", "621000"}:
        assert "YB-621000" in found.excluded


@pytest.mark.parametrize("verb", list(states.moves()))
def test_every_clock_of_the_table_is_known_to_the_law(verb: str) -> None:
    """A move that starts or stops a clock without a law would run into the void."""
    move = states.moves()[verb]
    for kinds in move.starts.values():
        assert set(kinds) <= set(RULES.law.kinds)
    assert set(move.stops) - {"*"} <= set(RULES.law.kinds)
    assert move.source | ({move.target} if move.target else set()) <= set(states.table()["states"])


def test_every_error_has_its_sentence() -> None:
    """Whoever adds a refusal writes what people read."""
    from routing import errors
    from routing.wording import phrases, snake

    names = {snake(name) for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, DeskError)}
    assert names == set(phrases()["errors"])


def test_nothing_is_lost_when_the_caller_rolls_back(database: Database, vault: Vault, tmp_path: Path) -> None:
    """A verb commits nothing itself: the edge decides."""
    with database.writing() as session:
        Office(session, vault).file(report())
        session.rollback()
    with database.reading() as session:
        assert session.scalars(select(Case)).all() == []
        assert session.scalars(select(Notice)).all() == []
