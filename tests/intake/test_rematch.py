"""Matching the history again: suggestions only, once each, resumable, and silent about what people have decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake import filing, matching, numbers, receipts, rematch
from intake.matching import sought_of
from intake.models import Case, FiledReport, MatchKey, Rematching, Suggestion
from intake.report import Claim, Report
from tests.intake.conftest import NOW, REPORT, Ledger, by

HOUSES = ("康宁医院", "桃源医院", "仁济医院", "同心医院", "安泰医院", "德善医院")


def apart(ledger: Ledger, institution: str, *accounts: str) -> None:
    """The same told by each, in a case for each, as before anything was matched."""
    with ledger.database.transaction() as session:
        for account in accounts:
            _bare(ledger, session, _case(), by(account, institution=institution))


def run(ledger: Ledger, stretches: int = 99, most: int = rematch.AT_ONCE) -> int:
    """So many stretches of a run; suggestions so far."""
    with ledger.database.transaction() as session:
        number = rematch.begin(session, since=None, now=NOW).id
    for _ in range(stretches):
        with ledger.database.transaction() as session:
            if not rematch.go_on(session, number, now=NOW, most=most).more:
                break
    with ledger.database.reading() as session:
        return session.scalar(select(func.count(Suggestion.id))) or 0


def test_what_lies_apart_is_suggested_and_nothing_is_merged(ledger: Ledger) -> None:
    """Cases stay as they are: only people merge what is old."""
    for house in HOUSES:
        apart(ledger, house, f"{house} one", f"{house} two")
    assert run(ledger) == len(HOUSES)
    with ledger.database.reading() as session:
        assert session.scalar(select(func.count(func.distinct(FiledReport.case_id)))) == 2 * len(HOUSES)
        made = session.scalars(select(Suggestion)).all()
        assert {(one.decision, one.source, one.state) for one in made} == {("suggested", "rematch", "open")}
        assert all(one.report_id == one.other_id + 1 for one in made)


def test_running_again_suggests_nothing_again(ledger: Ledger) -> None:
    """Also not what a person has refused since."""
    apart(ledger, "康宁医院", "one", "two")
    assert run(ledger) == 1
    with ledger.database.transaction() as session:
        for one in session.scalars(select(Suggestion)):
            one.state = "refused"
    assert run(ledger) == 1
    apart(ledger, "康宁医院", "three")
    before = run(ledger)
    assert before >= 2, "a new report is compared in a new run"
    assert run(ledger) == before


def test_a_run_that_was_stopped_goes_on_where_it_stopped(ledger: Ledger) -> None:
    """The cursor stands in the ledger; nothing is looked at twice, nothing left out."""
    for house in HOUSES:
        apart(ledger, house, f"{house} one", f"{house} two")
    assert run(ledger, stretches=1, most=5) < len(HOUSES)
    assert run(ledger) == len(HOUSES)
    with ledger.database.reading() as session:
        only = session.scalars(select(Rematching)).one()
        assert (only.looked, only.found, only.finished_at is None) == (2 * len(HOUSES), len(HOUSES), False)


def test_since_leaves_out_what_came_before(ledger: Ledger) -> None:
    """Older reports are compared with, but not looked at themselves."""
    apart(ledger, "康宁医院", "one", "two")
    with ledger.database.transaction() as session:
        number = rematch.begin(session, since=NOW + timedelta(days=1), now=NOW).id
        done = rematch.go_on(session, number, now=NOW)
    assert (done.looked, done.more) == (0, False)


def test_a_hot_institutions_old_report_is_found_among_hundreds_of_later_ones(ledger: Ledger) -> None:
    """By its quarter and by its wording: the newest reports under one name do not hide it."""
    words = "后院锅炉房改的病房,腕带尾号九五二七,人都在村里打麻将。"
    with ledger.database.transaction() as session:
        case = _case()
        first = _bare(ledger, session, case, replace(REPORT, text=words, redacted=words, period=None))
        for number in range(300):
            text = f"第{number}个病人,床位空着,天天记账,医生不查房,编号{number * 7}。"
            _bare(ledger, session, case, by(f"teller {number}", text=text, redacted=text, period=None))
    again = by("late", text=words, redacted="锅炉房改成的病房里没人,腕带尾号九五二七那个在打麻将。", period=None)
    match = ledger.match(again)
    assert match.report_id == first
    assert match.decision == "attached"


def test_a_misheard_category_does_not_hide_a_report_of_its_quarter(ledger: Ledger) -> None:
    """The quarter of an institution is a key of its own."""
    ledger.file(REPORT)
    match = ledger.match(by("bob", claims=(Claim("F20", 0.6),)))
    assert match.report_id is not None


def test_keys_hold_what_a_filed_report_is_found_by_again(ledger: Ledger) -> None:
    """A report keyed anew from its row has the keys with which it was filed."""
    filed = ledger.file(REPORT)
    with ledger.database.reading() as session:
        kept = set(session.scalars(select(MatchKey.key).where(MatchKey.report_id == filed.id)))
        row = session.execute(matching.COMPARED, {"ids": [filed.id]}).one()
    assert kept == set(matching.sought_again(row).stored_keys) == set(sought_of(REPORT, ledger.vault).stored_keys)


def _case() -> Case:
    return filing.new_case(REPORT, authority="YB-621021", routing={"rule": "place"}, now=NOW)


def _bare(ledger: Ledger, session: Session, case: Case, told: Report) -> int:
    rows = filing.rows_of(
        told,
        numbers.give(session, [numbers.key_of(told)])[0],
        vault=ledger.vault,
        case=case,
        query_code=receipts.new_query_code(),
        due_on=NOW.date(),
        derivation="",
        now=NOW,
    )
    filing.write(session, [rows])
    return rows.report_id
