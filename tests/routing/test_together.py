"""Promise of imports: many reports filed at once end as if each had been filed before the next one came."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from intake import matching
from intake.confidentiality import Vault
from intake.db import Database
from intake.filing import text_of
from intake.identity import revealed
from intake.models import Case, Clock, Event, FiledReport, Identity, MatchKey, Notice
from intake.report import Period, Report
from routing import desk
from routing.desk import Draft, Filed
from tests.bench.reports import report as varied
from tests.routing.conftest import HOME, RULES, complaint, moment, report

NOW = moment("2026-09-21")
PLACES = ("621021", "621002", "621000", None)
NAMES = ("庆城县桃源康复医院", "桃源康复医院", "庆阳市安康大药房", "庆阳安康大药房", None)
TEXTS = (
    "三楼康复科的病人都不在医院，床是空的，医保照样天天扣钱。",
    "三楼的床都空着，人早就回家了，医保还在天天扣钱。",
    "刷医保卡给现金，一千块给七百五，老板自己说的。",
    "拿医保卡换米面油，店里天天有人这样。",
)


def invented(seed: int, number: int) -> list[Report]:
    """Reports of few institutions by few people: many tell the same, some the same twice."""
    dice = random.Random(seed)
    made: list[Report] = []
    for _ in range(number):
        if made and dice.random() < 0.2:
            made.append(dice.choice(made))
            continue
        account, place, at = f"teller-{dice.randrange(12)}", dice.choice(PLACES), f"2026-09-{dice.randrange(10, 19)}"
        if dice.random() < 0.2:
            organ = dice.choice(("庆城县医疗保障局", "庆城县市场监督管理局"))
            made.append(complaint(account=account, organ=organ, at=at))
            continue
        text, codes = dice.choice(TEXTS), dice.choice((("F01",), ("F08",), ("F01", "F08"), ()))
        one = report(text, codes=codes, institution=dice.choice(NAMES), place=place, account=account, at=at)
        day = one.received_at.date().replace(day=dice.randrange(1, 10))
        teller = replace(one.teller, phone=dice.choice(("13800000001", "13800000002", None)), name="王秀英")
        made.append(replace(one, period=dice.choice((None, Period(day, day))), teller=teller))
    return made


def one_by_one(session: Session, reports: Sequence[Report], vault: Vault) -> None:
    """As people tell them."""
    for one in reports:
        desk.file_report(session, one, rules=RULES, vault=vault, home=HOME, now=NOW)
        session.flush()


def at_once(session: Session, reports: Sequence[Report], vault: Vault) -> None:
    """As an import files them."""
    filed_at_once(session, reports, vault)


def filed_at_once(session: Session, reports: Sequence[Report], vault: Vault, **how: Any) -> list[Filed]:
    drafts: list[Draft] = [desk.draft(one, vault=vault, home=HOME) for one in reports]
    return desk.file_drafts(session, drafts, rules=RULES, vault=vault, now=NOW, **how)


def ledger_of(session: Session, vault: Vault) -> list[Any]:
    """All that was written, with names in place of the numbers that the database gives."""
    session.flush()
    session.expire_all()
    cases = {one.id: one for one in session.scalars(select(Case))}
    reports = list(session.scalars(select(FiledReport).order_by(FiledReport.id)))
    order = {one.id: at for at, one in enumerate(reports)}
    return list(_lines(session, vault, cases, reports, order))


def _lines(
    session: Session, vault: Vault, cases: dict[int, Case], reports: list[FiledReport], order: dict[int, int]
) -> Iterator[Any]:
    left_out = {"id", "case_id", "identity_id", "query_hash", "sealed_text", "digest", "match"}
    for one in reports:
        match = one.match | {
            "case_id": cases[one.match["case_id"]].number if one.match.get("case_id") else None,
            "report_id": order.get(one.match.get("report_id") or 0),
        }
        columns = {name: value for name, value in _columns(one).items() if name not in left_out}
        yield "report", cases[one.case_id].number, columns, match, text_of(one, vault), revealed(session, one.id, vault)
        identity = session.get_one(Identity, one.identity_id)
        yield "identity", identity.mode, identity.account_hash, identity.phone_hash
        yield "keys", set(session.scalars(select(MatchKey.key).where(MatchKey.report_id == one.id)))
    for case in sorted(cases.values(), key=lambda one: one.number):
        yield "case", {name: value for name, value in _columns(case).items() if name != "id"}
        clocks = session.scalars(select(Clock).where(Clock.case_id == case.id).order_by(Clock.id))
        yield "clocks", [(one.kind, one.starts_on, one.due_on, one.wake_on, one.derivation) for one in clocks]
        events = session.scalars(select(Event).where(Event.case_id == case.id).order_by(Event.id))
        yield "events", [(one.actor, one.kind, order.get(one.data.get("report_id", 0))) for one in events]
    notices = session.scalars(select(Notice).order_by(Notice.id))
    yield "notices", sorted((one.body, one.staff_id or 0, order.get(one.report_id or 0, -1)) for one in notices)


def _columns(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}


@pytest.mark.parametrize("seed", range(4))
def test_many_at_once_end_as_if_one_came_after_the_other(session: Session, vault: Vault, seed: int):
    """Decisions, cases, dates, clocks, keys, events and notices are the same, over what was there before."""
    reports = invented(seed, 70)
    found = []
    for file in (one_by_one, at_once):
        part = session.begin_nested()
        one_by_one(session, reports[:15], vault)
        file(session, reports[15:], vault)
        found.append(ledger_of(session, vault))
        part.rollback()
        session.expunge_all()
    assert found[0] == found[1]
    decisions = {line[3]["decision"] for line in found[0] if line[0] == "report"}
    assert {"new", "attached"} < decisions  # the invented reports do repeat each other


def test_a_report_of_the_batch_can_bring_in_candidates_that_were_not_looked_at_before(
    session: Session, vault: Vault, monkeypatch: pytest.MonkeyPatch
):
    """Where more resemble it than are compared, the order among them changes with what came before it in the batch."""
    monkeypatch.setattr(matching, "MOST_CANDIDATES", 3)
    reports = [varied(number, "621021") for number in range(120)]
    found = []
    for file in (one_by_one, at_once):
        part = session.begin_nested()
        one_by_one(session, reports[:60], vault)
        file(session, reports[60:], vault)
        found.append(ledger_of(session, vault))
        part.rollback()
        session.expunge_all()
    assert found[0] == found[1]


def test_a_case_of_the_same_batch_is_joined_where_the_accused_may_not_handle_it(session: Session, vault: Vault):
    """Later complaints add the offices that may not handle the case, also before it was written."""
    first = report()
    again = report(account="teller-2", codes=("F01", "F02"))
    filed_at_once(session, [first, again], vault)
    (case,) = session.scalars(select(Case))
    assert case.codes == ["F01", "F02"]
    assert [one.kind for one in session.scalars(select(Event).order_by(Event.id))] == [
        "opened", "filed", "filed", "attached",
    ]  # fmt: skip


def test_whoever_told_before_in_the_same_batch_keeps_his_date(session: Session, vault: Vault):
    """The same account hears the date that it holds already."""
    filed = filed_at_once(session, [report(at="2026-09-14"), report(at="2026-09-18")], vault)
    receipts = [desk.receipt_of(session, one) for one in filed]
    assert receipts[1].already_told
    assert receipts[1].due_on == receipts[0].due_on


def test_without_codes_no_report_waits_for_a_slow_hash_and_none_is_opened(database: Database, vault: Vault):
    """What stands in the place of the code is no hash of anything."""
    with database.transaction() as session:
        filed = filed_at_once(session, [report(), report(account="teller-2")], vault, codes=False)
        assert [one.code for one in filed] == [None, None]
        kept = list(session.scalars(select(FiledReport.query_hash)))
    assert len(set(kept)) == 2
    assert all(one.startswith("-") for one in kept)
