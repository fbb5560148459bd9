"""Merging and parting: reversible to the last detail, refused where it must be, and no teller notices."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import select

from intake import queries, remarks, rewards, same
from intake.confidentiality import Vault
from intake.db import Database
from intake.models import Case, Clock, Event, FiledReport, Merging, Notice, Staff, Suggestion
from intake.report import Receipt
from routing import desk, errors
from tests.routing.conftest import RULES, Office, complaint, moment, report

OTHER = {"text": "院里虚开理疗单，没做过的也记账。", "codes": ("F19",)}


def two(office: Office, **later: object) -> tuple[Receipt, Receipt]:
    """Two cases at one office, told by two people on two days."""
    first = office.file(report(at="2026-09-18"))
    return first, office.file(report(account="teller-2", at="2026-09-21", **{**OTHER, **later}))  # type: ignore[arg-type]


def everything(office: Office, case_id: int) -> dict[str, Any]:
    """A case with its clocks and reports, as values that can be compared."""
    office.session.flush()
    office.session.expire_all()
    case = office.session.get_one(Case, case_id)
    columns = [column.key for column in Case.__table__.columns]
    running = office.session.scalars(select(Clock).where(Clock.case_id == case_id).order_by(Clock.id))
    reports = office.session.scalars(
        select(FiledReport.id).where(FiledReport.case_id == case_id).order_by(FiledReport.id)
    )
    clocks = [{column.key: getattr(clock, column.key) for column in Clock.__table__.columns} for clock in running]
    return {**{name: getattr(case, name) for name in columns}, "clocks": clocks, "reports": list(reports)}


def page(office: Office, receipt: Receipt) -> Any:
    """What the teller sees."""
    filed = office.report(receipt)
    return queries.teller_page(office.session, filed.id, viewer=filed, vault=office.vault)


def kinds(office: Office, case_id: int) -> list[str]:
    """The history of a case, in short."""
    return list(office.session.scalars(select(Event.kind).where(Event.case_id == case_id).order_by(Event.id)))


def test_a_merged_case_gives_its_reports_and_points_to_where_they_are(office: Office) -> None:
    """Each report keeps its number, its text and its time of receipt; the empty case is closed as merged."""
    first, second = two(office)
    kept, gone = office.case(first), office.case(second)
    before = office.report(second).received_at
    office.do("merge", gone, "officer", "2026-09-22", into=kept.id, reason="同一件事")
    assert office.case(second).id == kept.id
    assert (gone.state, gone.outcome, gone.next_due) == ("closed", "merged", None)
    assert office.report(second).received_at == before
    assert office.report(second).number == second.case_number
    assert same.standing(office.session, gone.id).target_id == kept.id  # type: ignore[union-attr]
    assert [case.id for case in same.merged_into(office.session, kept.id)] == [gone.id]
    assert kinds(office, gone.id)[-1] == "merged"
    assert kinds(office, kept.id)[-1] == "merged_in"
    assert set(kept.codes) == {"F01", "F19"}


def test_unmerging_restores_both_cases_exactly(office: Office) -> None:
    """Reports, clocks, dates, categories and states are what they were, and the histories tell both acts."""
    first, second = two(office)
    ids = office.case(first).id, office.case(second).id
    before = [everything(office, one) for one in ids]
    office.do("merge", office.case(second), "officer", "2026-09-22", into=ids[0])
    office.do("unmerge", office.session.get_one(Case, ids[1]), "officer", "2026-09-24")
    assert [everything(office, one) for one in ids] == before
    assert kinds(office, ids[1])[-2:] == ["merged", "unmerged"]
    assert kinds(office, ids[0])[-2:] == ["merged_in", "merged_out"]


def test_the_stricter_date_is_kept_and_given_back(office: Office) -> None:
    """The later case had more time: merged with the earlier told one it must hold the earlier date."""
    first, second = two(office)
    kept, gone = office.case(second), office.case(first)
    due = gone.next_due
    assert due is not None
    assert kept.next_due is not None
    later = kept.next_due
    assert due < later
    office.do("merge", gone, "officer", "2026-09-22", into=kept.id)
    assert kept.next_due == due
    office.do("unmerge", gone, "officer", "2026-09-23")
    assert (gone.next_due, kept.next_due) == (due, later)


def test_what_came_since_stays_and_what_was_extended_since_stands(office: Office) -> None:
    """Undoing a merge touches nothing that happened after it for other reasons."""
    first, second = two(office)
    kept, gone = office.case(first), office.case(second)
    office.do("merge", gone, "officer", "2026-09-22", into=kept.id)
    third = office.file(report(account="teller-3", at="2026-09-23"))
    assert office.case(third).id == kept.id
    office.do("extend", kept, "leader", "2026-09-24", reason="情况复杂")
    extended = kept.next_due
    office.do("unmerge", gone, "officer", "2026-09-25")
    assert office.case(third).id == kept.id
    assert kept.next_due == extended


def test_the_first_reporter_is_who_told_first_whenever_his_report_was_merged(office: Office) -> None:
    """An earlier report that is merged late makes its teller the first; undone, the other one is first again."""
    first, second = two(office)
    gone, kept = office.case(first), office.case(second)
    assert rewards.first_reporter(office.session, kept.id).number == second.case_number
    office.do("merge", gone, "officer", "2026-10-09", into=kept.id)
    assert rewards.first_reporter(office.session, kept.id).number == first.case_number
    office.do("unmerge", gone, "officer", "2026-10-10")
    assert rewards.first_reporter(office.session, kept.id).number == second.case_number


def test_of_two_in_one_instant_the_one_filed_first_is_the_first(office: Office) -> None:
    """The order of filing decides only where the clock cannot."""
    first = office.file(report(at="2026-09-18"))
    office.file(report(account="teller-2", at="2026-09-18"))
    assert rewards.first_reporter(office.session, office.case(first).id).number == first.case_number


def test_no_teller_sees_another_by_merging_or_parting(office: Office) -> None:
    """Pages before, during and after are alike: no step, notice, number or date of the other matter."""
    first, second = two(office)
    kept, gone = office.case(first), office.case(second)
    office.do("accept", kept, "officer", "2026-09-22")
    was = [page(office, one) for one in (first, second)]
    notices = office.session.scalars(select(Notice).where(Notice.report_id.is_not(None))).all()
    office.do("merge", gone, "officer", "2026-09-23", into=kept.id)
    now = [page(office, one) for one in (first, second)]
    assert now[0] == was[0]
    assert [step.kind for step in now[1].steps] == [step.kind for step in was[1].steps]
    assert (now[1].number, now[1].due_on, now[1].text) == (was[1].number, was[1].due_on, was[1].text)
    new = [
        one for one in office.session.scalars(select(Notice).where(Notice.report_id.is_not(None))) if one not in notices
    ]
    assert [one.report_id for one in new] == [office.report(second).id], "he hears that his own is accepted, no more"
    assert first.case_number not in new[0].body
    office.do("unmerge", gone, "officer", "2026-09-24")
    assert page(office, first) == was[0]
    assert second.case_number not in str(page(office, first))
    assert first.case_number not in str(page(office, second))


def test_a_teller_goes_on_seeing_his_own_steps(office: Office) -> None:
    """What his case lived through before it was merged, then the life of the case it went to, then his own again."""
    first, second = two(office)
    kept, gone = office.case(first), office.case(second)
    for case in (kept, gone):
        office.do("accept", case, "officer", "2026-09-22")
    office.do("merge", gone, "officer", "2026-09-23", into=kept.id)
    office.do("decide", kept, "officer", "2026-09-28", outcome="established", finding="属实")
    assert [step.kind for step in page(office, second).steps] == ["filed", "accepted", "decided"]
    office.do("unmerge", gone, "officer", "2026-09-29")
    office.do("extend", gone, "leader", "2026-09-30", reason="还要再查")
    assert [step.kind for step in page(office, second).steps] == ["filed", "accepted", "decided", "extended"]
    assert [step.kind for step in page(office, first).steps] == ["filed", "accepted", "decided"]


def test_a_withdrawal_goes_with_its_report(office: Office) -> None:
    """Who took his report back is not written to because his case was merged."""
    first, second = two(office)
    kept, gone = office.case(first), office.case(second)
    office.told("withdraw", office.report(second), "2026-09-22")
    office.do("merge", gone, "officer", "2026-09-23", into=kept.id)
    office.do("accept", kept, "officer", "2026-09-24")
    told = office.session.scalars(select(Notice.report_id).where(Notice.report_id.is_not(None))).all()
    assert told == [office.report(first).id]


def test_merging_and_unmerging_twice_changes_nothing_more(office: Office) -> None:
    """A second click, or a repeated request."""
    first, second = two(office)
    kept, gone = office.case(first), office.case(second)
    for verb, words in (("merge", {"into": kept.id}), ("unmerge", {})):
        office.do(verb, gone, "officer", "2026-09-22", **words)
        once = [everything(office, one.id) for one in (kept, gone)], kinds(office, kept.id), kinds(office, gone.id)
        office.do(verb, gone, "officer", "2026-09-23", **words)
        assert (
            [everything(office, one.id) for one in (kept, gone)],
            kinds(office, kept.id),
            kinds(office, gone.id),
        ) == once


def test_chains_come_apart_in_any_order(office: Office) -> None:
    """A into B, B into C: what was taken along comes back to where it was told."""
    first, second = two(office)
    third = office.file(report(account="teller-3", at="2026-09-21", codes=("F14",), text="用面包车到村里拉老人住院。"))
    a, b, c = (office.case(one) for one in (third, second, first))
    before = [everything(office, one.id) for one in (a, b, c)]
    office.do("merge", a, "officer", "2026-09-22", into=b.id)
    office.do("merge", b, "officer", "2026-09-22", into=c.id)
    assert {office.case(one).id for one in (first, second, third)} == {c.id}
    office.do("unmerge", b, "officer", "2026-09-23")
    office.do("unmerge", a, "officer", "2026-09-23")
    assert [everything(office, one.id) for one in (a, b, c)] == before


@pytest.mark.parametrize(
    ("who", "refusal"),
    [("neighbour", errors.NotYours), ("colleague", errors.Conflicted), ("supervisor", errors.WrongRole)],
)
def test_who_may_not_handle_may_not_merge(office: Office, who: str, refusal: type[errors.DeskError]) -> None:
    """Another authority, an interest of his own, another role."""
    first, second = two(office)
    with pytest.raises(refusal):
        office.do("merge", office.case(second), who, "2026-09-22", into=office.case(first).id)


def test_what_never_becomes_one_case_is_refused_with_a_sentence(office: Office) -> None:
    """Itself, the other side, another office, a decided case, an accepted one into one that is not."""
    first, second = two(office)
    kept, gone = office.case(first), office.case(second)
    other_side = office.case(office.file(complaint(organ="庆城县市监局", codes=("X13",))))
    elsewhere = office.case(office.file(report(account="far", place="621002", institution="西峰区康乐医院")))
    for into, refusal in (
        (gone.id, errors.SameCase),
        (other_side.id, errors.OtherSide),
        (elsewhere.id, errors.OtherOffice),
        (999, errors.CaseNotFound),
    ):
        with pytest.raises(refusal) as told:
            office.do("merge", gone, "officer", "2026-09-22", into=into)
        assert "{" not in told.value.sentence
    office.do("accept", gone, "officer", "2026-09-22")
    with pytest.raises(errors.FurtherAlong, match=gone.number):
        office.do("merge", gone, "officer", "2026-09-22", into=kept.id)
    office.do("decide", gone, "officer", "2026-09-23", outcome="established", finding="属实")
    with pytest.raises(errors.NotNow):
        office.do("merge", kept, "officer", "2026-09-23", into=gone.id)


def test_a_merged_case_is_not_merged_again_elsewhere(office: Office) -> None:
    """First it has to be taken back."""
    first, second = two(office)
    third = office.file(report(account="teller-3", at="2026-09-21", codes=("F14",), text="用面包车到村里拉老人住院。"))
    gone = office.case(second)
    office.do("merge", gone, "officer", "2026-09-22", into=office.case(first).id)
    with pytest.raises(errors.MergedElsewhere, match=office.case(first).number):
        office.do("merge", gone, "officer", "2026-09-22", into=office.case(third).id)
    with pytest.raises(errors.NotMerged):
        office.do("unmerge", office.case(third), "officer", "2026-09-22")


def test_why_cases_are_merged_is_kept_beside_the_history(office: Office) -> None:
    """Events are never erased, so they hold no words that staff wrote."""
    first, second = two(office)
    gone, kept = office.case(second), office.case(first)
    office.do("merge", gone, "officer", "2026-09-22", into=kept.id, reason="同一件事")
    office.do("unmerge", gone, "officer", "2026-09-23", reason="弄错了")
    for case in (gone, kept):
        assert set(remarks.of_events(office.session, case.id).values()) >= {"同一件事", "弄错了"}
        told = office.session.scalars(select(Event.data).where(Event.case_id == case.id)).all()
        assert "同一件事" not in str(told)


def test_a_report_is_split_off_into_a_case_of_its_own(office: Office) -> None:
    """With its own number, and dates from its own receipt; the rest stays as it is."""
    first = office.file(report(at="2026-09-18"))
    second = office.file(report(account="teller-2", at="2026-09-21"))
    case = office.case(first)
    assert office.case(second).id == case.id
    due = case.next_due
    opened = office.do("split", case, "officer", "2026-09-22", report_id=office.report(second).id, reason="不是一回事")
    assert office.case(second).id == opened.id != case.id
    assert opened.number == second.case_number
    assert opened.next_due == second.due_on
    assert case.next_due == due
    assert kinds(office, opened.id) == ["split_from"]
    assert kinds(office, case.id)[-1] == "split_off"
    with pytest.raises(errors.NothingToSplit):
        office.do("split", case, "officer", "2026-09-22", report_id=office.report(first).id)


def test_the_first_report_can_be_split_off_too(office: Office) -> None:
    """The case keeps its number; the report that once bore it gets a case under a number of its own."""
    first = office.file(report(at="2026-09-18"))
    office.file(report(account="teller-2", at="2026-09-21"))
    case = office.case(first)
    opened = office.do("split", case, "officer", "2026-09-22", report_id=office.report(first).id)
    assert opened.number != case.number == first.case_number
    assert office.report(first).number == first.case_number


def test_a_case_of_several_people_waits_for_a_person_to_say_so(office: Office) -> None:
    """DOMAIN.md §5.6: a merge across persons is confirmed by one; one click either way, each with its event."""
    first = office.file(report(at="2026-09-18"))
    second = office.file(report(account="teller-2", at="2026-09-21"))
    third = office.file(report(account="teller-3", at="2026-09-21"))
    case = office.case(first)
    waiting = office.session.scalars(select(Suggestion).order_by(Suggestion.id)).all()
    assert [(one.decision, one.state) for one in waiting] == [("attached", "open")] * 2
    office.do("confirm", case, "officer", "2026-09-22", suggestion=waiting[0].id)
    office.do("confirm", case, "officer", "2026-09-22", suggestion=waiting[0].id)
    assert office.case(second).id == case.id
    assert kinds(office, case.id).count("match_confirmed") == 1
    office.do("refuse", case, "officer", "2026-09-22", suggestion=waiting[1].id)
    assert office.case(third).id != case.id
    assert [one.state for one in waiting] == ["confirmed", "refused"]


def test_an_own_addition_waits_for_nobody(office: Office) -> None:
    """The same person telling again is no merge."""
    office.file(report(at="2026-09-18"))
    office.file(report(at="2026-09-19"))
    assert office.session.scalars(select(Suggestion)).all() == []


def test_a_doubtful_pair_is_merged_or_put_away(office: Office) -> None:
    """Suggested: two cases until a person says that they are one; refused, it does not come up again."""
    first = office.file(report(at="2026-09-18"))
    vague = report(account="teller-2", at="2026-09-21", institution=None)
    second, third = office.file(vague), office.file(report(account="teller-3", at="2026-09-22", institution=None))
    pairs = office.session.scalars(select(Suggestion).order_by(Suggestion.id)).all()
    assert [one.decision for one in pairs] == ["suggested"] * len(pairs)
    office.do("confirm", office.case(second), "officer", "2026-09-22", suggestion=pairs[0].id)
    assert office.case(second).id == office.case(first).id
    assert len(office.session.scalars(select(Merging)).all()) == 1
    rest = [one for one in pairs if one.state == "open"]
    for one in rest:
        office.do("refuse", office.case(third), "officer", "2026-09-22", suggestion=one.id)
    assert office.case(third).id != office.case(first).id
    assert {one.state for one in pairs} == {"confirmed", "refused"}


def test_two_officers_who_merge_crosswise_neither_block_nor_lose(database: Database, vault: Vault) -> None:
    """A into B and B into A at once: one wins, the other is refused in a sentence, and no report is lost."""
    with database.transaction() as session:
        office = Office(session, vault)
        numbers = [office.case(one).id for one in two(office)]
        who = office.staff("officer").id
    outcomes: list[str] = []

    def act(source: int, target: int) -> None:
        try:
            with database.transaction() as session:
                officer = session.get_one(Staff, who)
                now = moment("2026-09-22")
                desk.merge(session, source, officer, into=target, rules=RULES, vault=vault, now=now)
            outcomes.append("done")
        except errors.DeskError as refused:
            outcomes.append(type(refused).__name__)

    threads = [threading.Thread(target=act, args=pair) for pair in (numbers, numbers[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["NotNow", "done"]
    with database.reading() as session:
        assert len(set(session.scalars(select(FiledReport.case_id)))) == 1
