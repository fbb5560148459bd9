"""Random lives of transfers: whoever does whatever in whatever order, nothing is forgotten and nothing takes its place."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from intake import crime
from intake.confidentiality import Vault
from intake.db import Database
from intake.models import Case, Clock, CrimeTransfer, Event, FiledReport
from routing.errors import DeskError
from routing.lives import life
from routing.sweep import sweep
from tests.routing.conftest import RULES, Office, moment, report
from tests.routing.criming import WHOLE
from tests.routing.rewarding import hired

WHO = ("officer", "leader", "clerk", "mayor", "colleague", "supervisor", "neighbour")
TOLD = life("crime").table["case"]
IDLE = {*TOLD["unhurried"], *TOLD["ended"]}
NEXT = {
    "none": ("name_team", "officer"),
    "team": ("report_crime", "clerk"),
    "reported": ("approve_crime", "leader"),
    "approved": ("pack_crime", "officer"),
    "packed": ("send_crime", "officer"),
    "sent": ("police_declines", "officer"),
    "not_filed": ("ask_reconsider", "officer"),
    "reconsidering": ("police_upholds", "officer"),
    "upheld": ("ask_supervision", "officer"),
    "supervising": ("police_files", "officer"),
    "filed": ("hand_goods", "officer"),
    "with_police": ("receive_back", "officer"),
}
"""What usually comes next and who does it: else lives would end in refusals."""
OF_CASE = {
    "accepted": "police",
    "supplementing": "accept",
    "decided": "reply",
    "replied": "close",
    "closed": "take_back",
}
"""What usually comes next for the case meanwhile."""
CASE: dict[str, dict[str, Any]] = {
    "accept": {},
    "decline": {"reason": "no_clue", "text": "线索不足。"},
    "ask": {"question": "请补充时间。"},
    "transfer": {"authority": "YB-621000", "reason": "管辖。"},
    "extend": {"reason": "复杂。"},
    "reply": {"text": "已依法办理。"},
    "close": {},
}
OFTEN = 3
STEP = st.tuples(
    st.sampled_from([*life("crime").moves, *CASE, "established", "police", "sweep", "withdraw", "name_team"]),
    st.sampled_from(WHO),
    st.integers(0, 5),
    st.integers(0, OFTEN),
    st.integers(0, 2),
)


def take(office: Office, case: Case, step: tuple[str, str, int, int, int], day: date) -> None:
    """One step; a refusal is as good as a deed."""
    verb, who, _, usual, n = step
    transfer = crime.open_of(office.session, case.id)
    if usual == OFTEN:
        verb, who = OF_CASE[case.state], "officer"
    elif usual:
        verb, who = NEXT[transfer.state if transfer else "none"]
    text = {"text": "理由写在这里。"}
    pair = {"first": office.staff("officer").id, "second": office.staff(("clerk", "leader", "colleague")[n]).id}
    words: dict[str, dict[str, Any]] = {
        "name_team": {**pair, **text},
        "report_crime": {**text, "yuan": ("", "2,000", "41150")[n]},
        "approve_crime": {},
        "pack_crime": {"papers": WHOLE if n else {**WHOLE, "goods": "none"}, "organ": "庆城县公安局"},
        "send_crime": {"organ": "庆城县公安局", "receipt": f"{n}号", "signed": f"{day}T08:{n}0"},
        "police_passes": {"organ": "庆阳市公安局", "on": day.isoformat()},
        "police_files": {"on": "" if n else day.isoformat()},
        "hand_goods": {"receipt": f"{n}号"},
    }
    if verb == "sweep":
        sweep(office.session, rules=RULES, now=moment(day.isoformat()))
    elif verb == "withdraw":
        told = office.session.scalars(select(FiledReport).where(FiledReport.case_id == case.id)).first()
        assert told is not None
        office.told("withdraw", told, day.isoformat())
    elif verb in {"established", "police"}:
        office.do("decide", case, who, day.isoformat(), outcome=verb, finding="查明。")
    elif verb in CASE:
        one = office.session.scalars(select(FiledReport.id).where(FiledReport.case_id == case.id)).first()
        office.do(verb, case, who, day.isoformat(), **CASE[verb], **({"report_id": one} if verb == "ask" else {}))
    else:
        office.do(verb, case, who, day.isoformat(), **words.get(verb, text))


def check(office: Office, case: Case) -> None:
    """The promises, over the case and every transfer of it."""
    office.session.flush()
    running = list(office.session.scalars(select(Clock).where(Clock.case_id == case.id, Clock.state == "running")))
    own = [clock for clock in running if clock.kind in crime.CLOCKS]
    every = crime.of_case(office.session, case.id)
    open_now = [one for one in every if one.ended_at is None]
    assert len(open_now) <= 1
    assert case.next_due == min((clock.due_on for clock in running), default=None)
    assert (case.closed_at is None) == bool(running), "an open case waits for something, a closed one for nothing"
    waits = [one for one in open_now if one.state not in IDLE]
    assert len(own) == len(waits), "exactly one period runs while somebody is waited for, and else none"
    if own:
        assert case.closed_at is None
    for one in every:
        assert one.first_id != one.second_id
        assert one.decider_id not in {one.first_id, one.second_id}
        assert (one.received_at is None) or (one.decided_at is not None and one.papers)
    if case.outcome == "police":
        assert open_now, "what was decided as transferred is with the police, or on its way to them"
        assert open_now[0].received_at is not None
    _no_way_round(office, case, every)


def _no_way_round(office: Office, case: Case, every: list[CrimeTransfer]) -> None:
    """No other outcome was decided between the beginning of a transfer and its end."""
    decided = office.session.scalars(select(Event).where(Event.case_id == case.id, Event.kind == "decided"))
    for event in decided:
        during = [one for one in every if one.found_at < event.at and (one.ended_at is None or event.at < one.ended_at)]
        assert not during or event.data["outcome"] == "police"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=25, max_size=60))
def test_no_order_of_acts_forgets_a_transfer(
    database: Database, vault: Vault, steps: list[tuple[str, str, int, int, int]]
) -> None:
    """One open transfer at most, one period of it while it waits, no penalty in its place, no case closed over it."""
    with database.writing() as session:
        office = Office(session, vault)
        hired(office)
        day = date(2025, 11, 3)
        case = office.case(office.file(report(at=day.isoformat())))
        office.do("accept", case, "officer", day.isoformat())
        for step in steps:
            day += timedelta(days=1 + step[2])
            point = session.begin_nested()
            try:
                take(office, case, step, day)
                point.commit()
            except DeskError:
                point.rollback()
                session.expire_all()
            check(office, case)
        session.rollback()
