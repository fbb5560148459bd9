"""Reads: everybody sees what he may, nobody learns who told or that others did."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from intake import audit, evidence, filing, letters, outbox, queries, receipts, statistics, viewing
from intake.errors import NotAllowed, NotFound
from intake.evidence import Stored
from intake.models import Case, FiledReport, Rating, Staff
from tests.intake.conftest import COMPLAINT, NOW, REPORT, TEXT, Ledger, by

AN_HOUR = timedelta(hours=1)


def _numbers(session: Session, viewer: Staff, **how: object) -> list[str]:
    return [row.number for row in queries.queue(session, viewer=viewer, **how).rows]  # type: ignore[arg-type]


@pytest.fixture
def county(ledger: Ledger) -> FiledReport:
    return ledger.file(REPORT)


@pytest.mark.parametrize(
    ("role", "authority", "sees"),
    [
        ("officer", "YB-621021", True),
        ("officer", "YB-621000", False),  # the city's officer handles the city's cases
        ("officer", "YB-621022", False),
        ("leader", "YB-621021", True),
        ("leader", "YB-621000", True),  # the city's leader sees its counties
        ("leader", "YB-620000", True),
        ("leader", "YB-000000", True),
        ("leader", "YB-621022", False),
        ("leader", "YB-621100", False),  # another city of the province
        ("leader", "SJ-621000", False),  # another kind of authority
        ("supervisor", "YB-621000", True),
        ("supervisor", "YB-621100", False),
        ("administrator", "YB-621021", False),
    ],
)
def test_who_sees_a_case_of_a_county(
    ledger: Ledger, county: FiledReport, role: str, authority: str, sees: bool
) -> None:
    """Officers their own authority, leaders and supervisors their region, administrators nothing."""
    viewer = ledger.hire("viewer", role, authority)
    with ledger.database.reading() as session:
        if role == "administrator":
            with pytest.raises(NotAllowed):
                queries.queue(session, viewer=viewer)
        else:
            assert _numbers(session, viewer) == ([county.number] if sees else [])
        if sees:
            assert queries.case_page(session, county.case_id, viewer=viewer).case.id == county.case_id
        else:
            with pytest.raises(NotAllowed):
                queries.case_page(session, county.case_id, viewer=viewer)
            with pytest.raises(NotAllowed):
                viewing.report_for(session, county.id, viewer=viewer)


@pytest.mark.parametrize("interest", ["康宁医院", "益民大药房\n庆阳市康宁医院有限公司", "康宁医院东区"])
def test_whoever_has_an_interest_sees_nothing_of_it(ledger: Ledger, county: FiledReport, interest: str) -> None:
    """Neither in the queue, nor the page, nor the count."""
    viewer = ledger.hire("viewer", interests=interest)
    with ledger.database.reading() as session:
        assert queries.queue(session, viewer=viewer).total == 0
        with pytest.raises(NotAllowed):
            queries.case_page(session, county.case_id, viewer=viewer)


def test_an_interest_counts_also_for_a_name_in_a_later_report(ledger: Ledger, county: FiledReport) -> None:
    """The case bears one name, a report in it another."""
    viewer = ledger.hire("viewer", interests="安和医院")
    with ledger.database.transaction() as session:
        session.get_one(FiledReport, county.id).institution = "安和医院"
    with ledger.database.reading() as session, pytest.raises(NotAllowed):
        queries.case_page(session, county.case_id, viewer=viewer)


def test_who_left_sees_nothing(ledger: Ledger, county: FiledReport) -> None:
    """An account that was closed opens nothing."""
    viewer = ledger.hire("viewer")
    viewer.active = False
    with ledger.database.reading() as session:
        with pytest.raises(NotAllowed):
            queries.queue(session, viewer=viewer)
        with pytest.raises(NotAllowed):
            queries.case_page(session, county.case_id, viewer=viewer)


def test_the_queue_has_first_what_is_due_first(ledger: Ledger) -> None:
    """By date, what has none last; by pages; closed cases apart."""
    filed = [ledger.file(by(name, institution=f"{name}医院")) for name in "甲乙丙丁"]
    viewer = ledger.hire("viewer")
    with ledger.database.transaction() as session:
        for report, due in zip(filed, (date(2026, 12, 9), date(2026, 12, 1), None, date(2026, 12, 5)), strict=True):
            session.get_one(Case, report.case_id).next_due = due
    ledger.close_case(filed[3])
    with ledger.database.reading() as session:
        assert _numbers(session, viewer) == [filed[1].number, filed[0].number, filed[2].number]
        assert _numbers(session, viewer, limit=1, offset=1) == [filed[0].number]
        assert queries.queue(session, viewer=viewer, limit=1).total == 3
        assert _numbers(session, viewer, closed=True) == [filed[3].number]


def test_the_queue_is_searched_by_number_name_and_words(ledger: Ledger) -> None:
    """Also by a later report's own number, and a percent sign is only a sign."""
    first, other = ledger.file(REPORT), ledger.file(COMPLAINT)
    later = ledger.file(by("bob"))
    viewer = ledger.hire("viewer")
    with ledger.database.reading() as session:
        for search in (first.number, later.number, later.number.replace("-", ""), "康宁", "空床"):
            assert _numbers(session, viewer, search=search) == [first.number]
        assert _numbers(session, viewer, search="市监局") == [other.number]
        assert _numbers(session, viewer, side="enterprise") == [other.number]
        assert _numbers(session, viewer, search="%") == []
        assert len(_numbers(session, viewer, search="  ")) == 2
        row = queries.queue(session, viewer=viewer, search="康宁").rows[0]
        assert (row.reports, row.codes, row.institution) == (2, ("F03",), "康宁医院")


def test_a_case_page_holds_everything_but_who_told(ledger: Ledger, county: FiledReport) -> None:
    """Reports, clocks, history, letters and files; the redacted copy only."""
    later = ledger.file(by("bob"))
    stored = Stored("a" * 64, "b" * 64, "image/jpeg", 5, "王小明.jpg")
    with ledger.database.transaction() as session:
        evidence.record(session, stored, NOW)
        report = session.get_one(FiledReport, county.id)
        names = {stored.digest: stored.name}
        filing.use_evidence(session, report, (stored.digest,), vault=ledger.vault, now=NOW, names=names)
        letters.append(
            session,
            report,
            text="我是王小明",
            redacted="我是王**",
            kind="note",
            from_teller=True,
            vault=ledger.vault,
            now=NOW,
        )
        session.add(Rating(report_id=county.id, stars=4, comment="好", at=NOW))
    with ledger.database.reading() as session:
        page = queries.case_page(session, county.case_id, viewer=ledger.hire("viewer"))
        assert [report.number for report in page.reports] == [county.number, later.number]
        assert [report.mode for report in page.reports] == ["confidential"] * 2
        assert page.reports[0].rating is not None
        assert [letter.text for letter in page.letters] == ["我是王**"]
        assert [(file.digest, file.name) for file in page.files] == [("a" * 64, "")]
        assert page.may_act
        assert "王小明" not in repr(page)
        assert "anna" not in repr(page)


def test_a_supervisor_looks_on(ledger: Ledger, county: FiledReport) -> None:
    """No letters, no files, no acts."""
    viewer = ledger.hire("viewer", "supervisor", "YB-621000")
    stored = Stored("a" * 64, "b" * 64, "image/jpeg", 5)
    with ledger.database.transaction() as session:
        evidence.record(session, stored, NOW)
        report = session.get_one(FiledReport, county.id)
        filing.use_evidence(session, report, (stored.digest,), vault=ledger.vault, now=NOW)
        letters.append(
            session, report, text="问", redacted="问", kind="question", from_teller=False, vault=ledger.vault, now=NOW
        )
    with ledger.database.reading() as session:
        page = queries.case_page(session, county.case_id, viewer=viewer)
        assert (page.letters, page.files, page.may_act) == ((), (), False)
        with pytest.raises(NotAllowed):
            viewing.case_for(session, county.case_id, viewer=viewer, acting=True)
        with pytest.raises(NotAllowed):
            letters.of_report(session, county.id, viewer=viewer, vault=ledger.vault)
        with pytest.raises(NotAllowed):
            queries.file_of(session, county.id, stored.digest, viewer=viewer)
        assert queries.file_of(session, county.id, stored.digest, viewer=report).size == 5


def test_a_teller_sees_his_own_report_whole(ledger: Ledger) -> None:
    """His words, his letters in full, his files by name, what happened, never who did it."""
    code = receipts.new_query_code()
    filed = ledger.file(REPORT, code=code)
    stored = Stored("a" * 64, "b" * 64, "image/jpeg", 5)
    with ledger.database.transaction() as session:
        evidence.record(session, stored, NOW)
        report = session.get_one(FiledReport, filed.id)
        filing.use_evidence(session, report, (stored.digest,), vault=ledger.vault, now=NOW, names={"a" * 64: "床.jpg"})
        letters.append(
            session,
            report,
            text="几号床?",
            redacted="几号床?",
            kind="question",
            from_teller=False,
            vault=ledger.vault,
            now=NOW,
        )
        letters.append(
            session,
            report,
            text="3床,王小明",
            redacted="*床,王**",
            kind="supplement",
            from_teller=True,
            vault=ledger.vault,
            now=NOW,
        )
        audit.append(session, filed.case_id, "accepted", "staff:7", {}, NOW + AN_HOUR)
        outbox.put(session, key="k", body="已受理", now=NOW, report_id=filed.id)
    with ledger.database.reading() as session:
        viewer = queries.report_by_code(session, receipts.query_hash(ledger.vault, code))
        assert viewer is not None
        page = queries.teller_page(session, filed.id, viewer=viewer, vault=ledger.vault)
        assert (page.text, page.number, page.due_on) == (TEXT, filed.number, date(2026, 12, 11))
        assert [letter.text for letter in page.letters] == ["几号床?", "3床,王小明"]
        assert [step.kind for step in page.steps] == ["filed", "accepted"]
        assert [body for _, body in page.notices] == ["已受理"]
        assert [file.name for file in page.files] == ["床.jpg"]
        assert "staff:7" not in repr(page)


def test_no_teller_learns_of_another(ledger: Ledger, county: FiledReport) -> None:
    """What a teller sees is the same, whether others told the matter or not."""
    with ledger.database.reading() as session:
        alone = queries.teller_page(session, county.id, viewer=county, vault=ledger.vault)
    bob = ledger.file(by("bob", received_at=NOW + AN_HOUR))
    with ledger.database.transaction() as session:
        audit.append(session, county.case_id, "asked", "staff:7", {"report_id": bob.id}, NOW + AN_HOUR)
        audit.append(session, county.case_id, "joined", "system", {"decision": "attached"}, NOW + AN_HOUR)
    with ledger.database.reading() as session:
        assert queries.teller_page(session, county.id, viewer=county, vault=ledger.vault) == alone
        page = queries.teller_page(session, bob.id, viewer=bob, vault=ledger.vault)
        assert county.number not in repr(page)
        assert [step.kind for step in page.steps] == ["filed", "asked"]
        for read in (
            lambda: queries.teller_page(session, county.id, viewer=bob, vault=ledger.vault),
            lambda: letters.of_report(session, county.id, viewer=bob, vault=ledger.vault),
            lambda: queries.file_of(session, county.id, "a" * 64, viewer=bob),
        ):
            with pytest.raises(NotAllowed):
                read()


def test_what_is_not_there_is_not_found(ledger: Ledger) -> None:
    """An unknown number is an error of its own."""
    viewer = ledger.hire("viewer")
    with ledger.database.reading() as session:
        with pytest.raises(NotFound):
            queries.case_page(session, 99, viewer=viewer)
        with pytest.raises(NotFound):
            viewing.report_for(session, 99, viewer=viewer)


def test_staff_see_their_own_notices(ledger: Ledger) -> None:
    """Newest first; read ones leave the unseen; nobody marks another's."""
    wang, li = ledger.hire("wang"), ledger.hire("li")
    with ledger.database.transaction() as session:
        for key in ("one", "two"):
            outbox.put(session, key=key, body=key, now=NOW, staff_id=wang.id)
    with ledger.database.transaction() as session:
        two, one = queries.notices_for(session, viewer=wang)
        assert (two.body, one.body) == ("two", "one")
        assert queries.notices_for(session, viewer=li) == ()
        queries.mark_seen(session, [one.id], viewer=li, now=NOW)
        queries.mark_seen(session, [two.id], viewer=wang, now=NOW)
        assert queries.notices_for(session, viewer=wang, unseen=True) == (one,)


def test_figures_count_only_what_the_viewer_may_see(ledger: Ledger) -> None:
    """Opened, closed, overdue, rated; by state, side and code."""
    first = ledger.file(REPORT)
    ledger.file(by("bob"))
    ledger.file(COMPLAINT)
    ledger.file(replace(REPORT, institution="安和医院", place="621022"), authority="YB-621022")
    with ledger.database.transaction() as session:
        session.get_one(Case, first.case_id).next_due = date(2026, 11, 1)
        session.add(Rating(report_id=first.id, stars=4, comment="", at=NOW))
    span = {"since": NOW - AN_HOUR, "until": NOW + AN_HOUR, "today": date(2026, 11, 20)}
    with ledger.database.reading() as session:
        county = statistics.counts(session, viewer=ledger.hire("viewer"), **span)  # type: ignore[arg-type]
        city = statistics.counts(session, viewer=ledger.hire("boss", "leader", "YB-621000"), **span)  # type: ignore[arg-type]
        assert (county.opened, county.reports, county.open_now, county.overdue, county.closed) == (2, 3, 2, 1, 0)
        assert (county.by_side, county.by_code) == ({"citizen": 1, "enterprise": 1}, {"F03": 1, "X01": 1})
        assert (county.ratings, county.mean_stars) == (1, 4.0)
        assert city.opened == 3
        with pytest.raises(NotAllowed):
            statistics.counts(session, viewer=ledger.hire("root", "administrator"), **span)  # type: ignore[arg-type]
